#!/usr/bin/env bash
# Whole clusters in virtual time, with the program as it is shipped.
#
# As part of `make test`: the seeds that found something, some fixed ones, and fresh ones until SIMULATE_SECONDS (300) are
# over. With SIMULATE_SEEDS=A..B: exactly those; what is done is remembered in .local/simulation, and failures are kept
# there in lines of JSON. SIMULATE_JOBS (2) processes work at a time.
set -euo pipefail
cd "$(dirname "$0")/.."
swift build -c release --product apus
apus=.build/release/apus
jobs=${SIMULATE_JOBS:-2}
seconds=${SIMULATE_SECONDS:-300}
mkdir -p .local/simulation
if [ -n "${SIMULATE_SEEDS:-}" ]; then
    exec "$apus" simulate --seeds "$SIMULATE_SEEDS" --jobs "$jobs" \
        --state ".local/simulation/seeds-$SIMULATE_SEEDS.json" --failures .local/simulation/failures.jsonl
fi

# One seed is one history, in every process.
hash_of() { "$apus" simulate --seed "$1" --events 5000 | sed -n 's/.*hash \([0-9a-f]*\).*/\1/p'; }
for seed in 1 2 3; do
    one=$(hash_of "$seed") two=$(hash_of "$seed")
    [ -n "$one" ] && [ "$one" = "$two" ] || { echo "seed $seed is two histories: $one, $two" >&2; exit 1; }
done

began=$SECONDS
# SEED, then what is taken away from its scenario, then a word on what it found.
while IFS='|' read -r seed options found; do
    [[ $seed =~ ^[0-9] ]] || continue
    # shellcheck disable=SC2086
    "$apus" simulate --seed $seed $options >/tmp/apus-simulate.$$ || {
        cat /tmp/apus-simulate.$$
        echo "seed $seed, which found: $found" >&2
        exit 1
    }
done <Tests/Simulation/seeds.txt
rm -f /tmp/apus-simulate.$$
left=$((seconds - (SECONDS - began)))
[ "$left" -gt 0 ] || exit 0
"$apus" simulate --seeds 1..1000 --jobs "$jobs" --seconds $((left / 2 + 1)) --failures .local/simulation/failures.jsonl
left=$((seconds - (SECONDS - began)))
[ "$left" -gt 0 ] || exit 0
"$apus" simulate --fresh --jobs "$jobs" --seconds "$left" --failures .local/simulation/failures.jsonl
