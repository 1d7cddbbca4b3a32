#!/usr/bin/env bash
# Called by action.yml: runs fixer with the inputs, which come from the environment, one argument per line.
set -euo pipefail

lines() { # stores the non-empty lines of the variable with that name in the array `found`
  found=()
  while IFS= read -r line; do
    if [ -n "$line" ]; then found+=("$line"); fi
  done <<<"${!1:-}"
}

fixer=("${RUNNER_TEMP}/fixer/bin/python" -I -m fixer) # -I: no module from the checkout or from PYTHONPATH
lines FIXER_PATHS
paths=("${found[@]}")
lines FIXER_ARGUMENTS
arguments=("${found[@]}")

case "$1" in
check)
  if [ ${#paths[@]} -eq 0 ]; then paths=(.); fi
  status=0
  "${fixer[@]}" check "${arguments[@]}" --format github -- "${paths[@]}" || status=$?
  if [ "${FIXER_SARIF:-false}" = true ] && [ "$status" -lt 2 ]; then
    "${fixer[@]}" check "${arguments[@]}" --exit-zero --format sarif --output "${RUNNER_TEMP}/fixer.sarif" -- "${paths[@]}"
    echo "sarif=${RUNNER_TEMP}/fixer.sarif" >>"$GITHUB_OUTPUT"
  fi
  if [ "$status" -eq 1 ] && [ "${FIXER_FAIL:-true}" != true ]; then status=0; fi
  exit "$status"
  ;;
pr)
  lines FIXER_PR_ARGUMENTS
  "${fixer[@]}" pr "${arguments[@]}" "${found[@]}" -- "${paths[@]}"
  ;;
*)
  echo "run.sh: the argument must be check or pr, not $1" >&2
  exit 2
  ;;
esac
