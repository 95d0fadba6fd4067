#!/usr/bin/env bash
# Whole clusters in virtual time, with the program as it is shipped.
#
# As part of `make test`: the seeds that found something, fixed ones, and fresh ones until SIMULATE_SECONDS (300) are over:
# other ones for each commit, and the same wherever that is tested.
# Seeds whose findings are open are named in Tests/Simulation/open.txt. With SIMULATE_SEEDS=A..B: exactly those; what is
# done is remembered in .local/simulation, and failures are kept there in lines of JSON. SIMULATE_JOBS (2) processes work
# at a time.
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
    "$apus" simulate --seed $seed $options >.local/simulation/last-run.txt || {
        cat .local/simulation/last-run.txt
        echo "seed $seed, which found: $found" >&2
        exit 1
    }
done <Tests/Simulation/seeds.txt
left() { echo $((seconds - (SECONDS - began))); }

# Fixed seeds, but for those whose findings are open.
half=$(($(left) / 2)) first=1 last=420
sweep() {
    local rest=$((half - (SECONDS - began)))
    [ "$1" -gt "$2" ] || [ "$rest" -le 0 ] || "$apus" simulate --seeds "$1..$2" --jobs "$jobs" --seconds "$rest" \
        --failures .local/simulation/failures.jsonl
}
while IFS='|' read -r seed _; do
    [[ $seed =~ ^[0-9] ]] && [ "$seed" -le "$last" ] || continue
    sweep "$first" $((seed - 1))
    first=$((seed + 1))
done <Tests/Simulation/open.txt
sweep "$first" "$last"

# Fresh ones. While findings are open a broken promise here is told and kept, and does not end the tests.
[ "$(left)" -gt 0 ] || exit 0
fresh=(--fresh)
if commit=$(git rev-parse HEAD 2>/dev/null); then
    first=$((16#${commit:0:10}))
    fresh=(--seeds "$first..$((first + 999999))")
fi
if ! "$apus" simulate "${fresh[@]}" --jobs "$jobs" --seconds "$(left)" --failures .local/simulation/failures.jsonl; then
    grep -q '^[0-9]' Tests/Simulation/open.txt || exit 1
    echo "fresh seeds broke promises; they are in .local/simulation/failures.jsonl" >&2
fi
