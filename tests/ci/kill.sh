#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill.sh BUILD [KILLS] - a run that is killed leaves a file that opens, and --resume makes of it the file of an undisturbed run.
#
# First KILLS (50) kills, each run killed up to three times: every second run after fixed delays spread over the time that a
# run takes, the others as soon as one replication more than before is kept; then a kill at each of the system calls by which a result gets to the disk, one by one (strace).
set -u
build=$(cd "$1" && pwd) kills=${2:-50}
cd "$(dirname "$0")/../.." || exit 1
./deps.sh trace >/dev/null
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
cat >s.yaml <<'END'
tiersim: 1
name: short
nodes:
  device: {tier: end, count: 20, attach: server, processors: {cpu: {speed: 1 GFLOP/s}}}
  server: {tier: edge, processors: {cpu: {cores: 2, speed: 20 GFLOP/s}}}
links: {wifi: {from: device, to: server, per: server, capacity: 100 Mbit/s, latency: 2 ms}}
workloads:
  frame: {at: device, arrivals: {poisson: {rate: 5 /s}}, input: 10 kB, work: {exponential: {mean: 0.1 GFLOP}}, deadline: 200 ms}
experiment: {policies: [local, nearest_edge, mct], replications: 4, duration: 400 s}
END
run=("$build/tiersim" run s.yaml --quiet --tasks --threads 2)
brief=("$build/tiersim" run s.yaml --quiet --tasks --threads 1 --replications 1 --duration 2s --output k.h5)
fail() { echo "$*"; ls -la . k.h5.parts 2>/dev/null; exit 1; }
now() { date +%s%N; }

"${run[@]}" --output whole.h5 || fail "the undisturbed run failed"
from=$(now); "${run[@]}" --output timed.h5; whole_ns=$(($(now) - from)); rm timed.h5

# What is there after a kill: nothing, or a file that opens; all its finished replications are those of the undisturbed run.
look() {
    [ -f k.h5 ] || return 0
    "$build/tiersim" info k.h5 >out 2>&1 || { cat out; fail "$1: the file does not open"; }
}
complete() {
    "${run[@]}" --output k.h5 --resume >out 2>&1 || { cat out; fail "$1: --resume failed"; }
    h5diff --exclude-path /provenance whole.h5 k.h5 >out 2>&1 && [ ! -s out ] || { cat out; fail "$1: another result"; }
    [ ! -e k.h5.parts ] || fail "$1: something was left behind"
}

# Wait for one part more than there are, or for the end of process $1.
kept_more() {
    local had=$(ls k.h5.parts/*.part | wc -l)
    while kill -0 "$1" && [ "$(ls k.h5.parts/*.part | wc -l)" -le "$had" ]; do sleep 0.005; done
}
resumed=0 indexed=0
for ((i = 0; i < kills; i++)); do
    rm -rf k.h5 k.h5.parts
    # Golden-ratio steps fill the interval evenly, whatever their number.
    for ((again = 0; again <= i % 3; again++)); do
        delay=$(awk -v i="$((3 * i + again))" -v t="$whole_ns" 'BEGIN { x = i * 0.618033988749895; printf "%.6f", (x - int(x)) * t / 1e9 }')
        "${run[@]}" --output k.h5 --resume & pid=$!
        if ((i % 2)); then kept_more $pid; else sleep "$delay"; fi
        kill -9 $pid 2>/dev/null
        wait $pid 2>/dev/null
        look "kill $i after $delay s"
        [ -f k.h5 ] && indexed=$((indexed + 1))
    done 2>/dev/null
    complete "kill $i after $delay s"
    "$build/tiersim" info --provenance k.h5 | grep -q ^resumed && resumed=$((resumed + 1))
done
echo "$kills runs killed: $resumed went on from finished replications, $indexed looks at a file"
[ "$resumed" -ge $((kills / 4)) ] || fail "too few kills left anything to go on from: the runs are too short"

strace -o /dev/null true 2>/dev/null || { echo "strace does not work here"; exit 77; }
total=0
for call in mkdir openat pwrite64 ftruncate write fsync rename unlink rmdir; do
    for ((n = 1; ; n += n < 40 ? 1 : n / 8)); do
        rm -rf k.h5 k.h5.parts
        strace -f -o /dev/null -e "trace=$call" -e inject="$call:signal=KILL:when=$n" \
            "${brief[@]}" 2>/dev/null
        rc=$?
        look "kill at $call $n"
        "${brief[@]}" --resume >out 2>&1 || { cat out; fail "kill at $call $n: --resume failed"; }
        [ -f brief.h5 ] || cp k.h5 brief.h5
        h5diff --exclude-path /provenance brief.h5 k.h5 >out 2>&1 && [ ! -s out ] || { cat out; fail "kill at $call $n: another result"; }
        total=$((total + 1))
        [ "$rc" = 0 ] && break # there is no n-th call
    done
done 2>/dev/null
echo "$total kills at system calls"
