#!/usr/bin/env bash
# Installs what building and testing need, and only what is missing: the C libraries that Package.swift names, a few
# tools, and the Kafka clients of the compatibility tests in .local/venv. Nothing is downloaded when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "setup: $*" >&2; exit 1; }

command -v swift >/dev/null || fail "no swift on the PATH; install Swift 6.2 or later from https://www.swift.org/install"
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
case $version in
[0-5].* | 6.[01]) fail "Swift $version is too old; 6.2 or later is needed" ;;
esac

# The manifest is the one list of C libraries: library("CZlib", pkgConfig: "zlib", package: "zlib1g-dev").
libraries=$(sed -n 's/^ *library(.*package: "\([^"]*\)".*/\1/p' Package.swift)
missing=()
for package in pkg-config python3-venv kcat $libraries; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
    echo "setup: installing ${missing[*]}"
    as_root=
    [ "$(id -u)" -eq 0 ] || as_root=sudo
    $as_root apt-get update -q
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
fi

if ! .local/venv/bin/python -c 'import confluent_kafka, kafka, aiokafka, pytest, pytest_timeout' 2>/dev/null; then
    echo "setup: installing the clients of the compatibility tests into .local/venv"
    python3 -m venv .local/venv
    .local/venv/bin/pip install --quiet --disable-pip-version-check -r scripts/clients.txt
fi
echo "setup: everything is there"
