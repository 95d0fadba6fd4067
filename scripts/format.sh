#!/usr/bin/env bash
# Formats the Swift sources; with --check, reports what would change and fails. Generated files are left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
sources() { git ls-files -z --cached --others --exclude-standard -- '*.swift' | grep -zv '/Generated/' ; }
case "${1:-}" in
--check) sources | xargs -0 swift format lint --strict --parallel --configuration .swift-format ;;
"") sources | xargs -0 swift format format --in-place --parallel --configuration .swift-format ;;
*) echo "usage: scripts/format.sh [--check]" >&2; exit 2 ;;
esac
