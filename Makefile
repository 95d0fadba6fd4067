# The commands of this repository. `make setup` installs what is missing; everything else works offline.

SWIFT ?= swift

BENCH_PYTHON = .local/bench/bin/python

.PHONY: bench bench-setup help setup build release test compatibility simulate demo demo-zones chaos format lint check mutants clean

help:
	@sed -n 's/^## \(.*\)/\1/p' $(MAKEFILE_LIST)

## make setup    install the packages that are missing, and the clients for compatibility tests
setup:
	scripts/setup.sh

## make build    build everything for development
build:
	$(SWIFT) build --build-tests

## make release  build the programs as they are shipped, in .build/release
release:
	$(SWIFT) build -c release --product apus
	$(SWIFT) build -c release --product apus-fault-clock
	$(SWIFT) build -c release --product apus-fault-disk
	$(SWIFT) build -c release --product apus-source-address

## make test     build and run all tests, the last of them with real clients
test: setup
	$(SWIFT) test --disable-xctest
	$(SWIFT) build --product apus
	$(SWIFT) build --product apus-source-address
	scripts/compatibility.sh
	scripts/simulate.sh

## make simulate  whole clusters in virtual time: SIMULATE_SEEDS=1..10000 goes on where it was stopped
simulate:
	SIMULATE_SEEDS=$${SIMULATE_SEEDS:-1..10000} scripts/simulate.sh

## make compatibility    run real clients and Kafka's tools against the broker
compatibility:
	$(SWIFT) build --product apus
	$(SWIFT) build --product apus-source-address
	scripts/compatibility.sh

## make demo     start a cluster of three nodes on this machine and show what it survives
demo: setup release
	.build/release/apus demo

## make chaos    run every scenario of chaos/ and write a page about each into .local/chaos, about ten minutes
chaos: setup release
	@for scenario in chaos/*.yaml; do \
		.build/release/apus chaos run $$scenario --report .local/chaos || failed=1; \
	done; test -z "$$failed"

## make demo-zones  start three zones of two nodes and show the loss of a zone
demo-zones: setup release
	.build/release/apus demo-zones

## make format   rewrite the sources in the one format
format:
	scripts/format.sh

## make lint     check the format alone
lint:
	scripts/format.sh --check

## make check    everything that can be checked without a cluster
check:
	scripts/soundness.sh

## make mutants  search for deliberate bugs with the simulator, about half an hour
mutants:
	scripts/mutants.py --write-table

## make bench-setup  the Python environment of the benchmarks, in .local
bench-setup:
	test -x $(BENCH_PYTHON) || python3 -m venv .local/bench
	.local/bench/bin/pip install --quiet confluent-kafka

## make bench    measure a cluster beside a real Kafka, about ten minutes
bench: bench-setup release
	$(BENCH_PYTHON) Benchmarks/bench.py

## make clean    remove what was built
clean:
	rm -rf .build
