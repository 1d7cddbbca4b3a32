#!/usr/bin/env bash
# What action.yml runs: fixer with the inputs, which come through the environment, one argument a line.
set -euo pipefail

lines() { # name of a variable: its lines that are not empty become the array `found`
  found=()
  while IFS= read -r line; do
    if [ -n "$line" ]; then found+=("$line"); fi
  done <<<"${!1:-}"
}

fixer="${RUNNER_TEMP}/fixer/bin/fixer"
lines FIXER_PATHS
paths=("${found[@]}")
lines FIXER_ARGUMENTS
arguments=("${found[@]}")

case "$1" in
check)
  if [ ${#paths[@]} -eq 0 ]; then paths=(.); fi
  status=0
  "$fixer" check "${arguments[@]}" --format github -- "${paths[@]}" || status=$?
  if [ "${FIXER_SARIF:-false}" = true ] && [ "$status" -lt 2 ]; then
    "$fixer" check "${arguments[@]}" --exit-zero --format sarif --output "${RUNNER_TEMP}/fixer.sarif" -- "${paths[@]}"
    echo "sarif=${RUNNER_TEMP}/fixer.sarif" >>"$GITHUB_OUTPUT"
  fi
  if [ "$status" -eq 1 ] && [ "${FIXER_FAIL:-true}" != true ]; then status=0; fi
  exit "$status"
  ;;
pr)
  lines FIXER_PR_ARGUMENTS
  "$fixer" pr "${arguments[@]}" "${found[@]}" -- "${paths[@]}"
  ;;
*)
  echo "run.sh: check or pr, not $1" >&2
  exit 2
  ;;
esac
