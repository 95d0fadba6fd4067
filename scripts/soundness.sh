#!/usr/bin/env bash
# Everything that can be checked without a cluster: format, rules of the tree, imports, generated code.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
step() { # step NAME COMMAND...
    local name=$1
    shift
    echo "== $name"
    "$@" || { echo "soundness: $name failed" >&2; failed=1; }
}
step "format" scripts/format.sh --check
step "rules of the tree" python3 scripts/tidy.py
step "imports against the manifest" python3 scripts/imports.py
step "mutants" python3 scripts/mutants.py --check
[ ! -d Sources/generate-messages ] || step "generated code" swift run generate-messages --check
[ $failed -eq 0 ] && echo "soundness: all is well"
exit $failed
