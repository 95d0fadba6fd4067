#!/usr/bin/env bash
# Runs real Kafka clients, and Kafka's own tools where they are there, against the brokers of .build/debug/apus or $APUS.
# Arguments are pytest's. The last line is pytest's: how many passed, failed and were skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-.local/venv/bin/python}
if ! "$python" -c 'import confluent_kafka, kafka, aiokafka, pytest, pytest_timeout' 2>/dev/null; then
    if [ "$python" != .local/venv/bin/python ]; then
        echo "compatibility: $python lacks the clients of scripts/clients.txt" >&2
        exit 1
    fi
    python3 -m venv .local/venv
    .local/venv/bin/pip install --quiet --disable-pip-version-check -r scripts/clients.txt
fi

export APUS=${APUS:-$PWD/.build/debug/apus}
if [ ! -x "$APUS" ]; then
    echo "compatibility: there is no $APUS; build it first" >&2
    exit 1
fi
"$python" -m pytest -q -p no:cacheprovider -W ignore --timeout 180 --tb short --show-capture no \
    Tests/Compatibility "$@" 2> >(grep -v '^%[0-9]|' >&2)
