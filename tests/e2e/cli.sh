#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# cli.sh BUILD - the program's manners: help, exit statuses, one file for any number of threads, silence in a pipe.
set -u
t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
cat >a.yaml <<'END'
tiersim: 1
name: small
about: two devices and a server
nodes:
  device: {tier: end, count: 2, attach: server, processors: {cpu: {cores: 1, speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 3 W}}
  server: {tier: edge, processors: {cpu: {cores: 2, speed: 4 GFLOP/s}}, power: {idle: 10 W, busy: 40 W}}
links:
  wifi: {from: device, to: server, per: server, capacity: 100 Mbit/s, latency: 2 ms, energy: 10 nJ/bit}
workloads:
  frame: {at: device, arrivals: {poisson: {rate: 5 /s}}, input: 10 kB, work: {exponential: {mean: 0.1 GFLOP}}, output: 1 kB, deadline: 200 ms}
experiment: {policies: [local, nearest_edge, mct], replications: 3, seed: 1, warm_up: 2 s, duration: 20 s, compare_to: local}
END

expect 0 "Usage: tiersim VERB" "$t" --help
expect 0 "tiersim " "$t" --version
expect 2 "Usage: tiersim VERB" "$t"
expect 2 "there is no verb fly" "$t" fly
for verb in run export info policies plot fit verify; do
    expect 0 "Usage: tiersim $verb" "$t" $verb --help
    expect 2 "unrecognized option" "$t" $verb --nonsense
done
expect 2 "wanted a scenario file" "$t" run
expect 2 "No such file" "$t" run missing.yaml
expect 2 "wanted a whole number from 1" "$t" run a.yaml --replications 0
expect 2 "wanted a time" "$t" run a.yaml --duration 10
expect 2 "found nosuch" "$t" run a.yaml --policy nosuch
expect 1 "there is no folder" "$t" run a.yaml --output no/where.h5
expect 2 "missing.h5: the file cannot be opened: No such file or directory" "$t" info missing.h5

expect 0 "wrote results/small.h5" "$t" run a.yaml
[ -f results/small.h5 ] || fail "results/small.h5 is not there"
expect 0 "Paired differences to local" "$t" info results/small.h5
expect 0 "name: small" "$t" info --scenario results/small.h5
expect 0 "verified: 9 of 9 replications run again" "$t" verify results/small.h5
expect 2 "No such file" "$t" verify missing.h5
expect 2 "a.yaml: cannot open the file as HDF5" "$t" info a.yaml
expect 2 "wanted a whole one that Tiersim wrote" "$t" info a.yaml
head -c 3000 results/small.h5 >cut.h5
expect 2 "wanted a whole one that Tiersim wrote" "$t" plot latency cut.h5
expect 2 "cannot be resumed" "$t" run a.yaml --resume --seed 9
expect 0 "wrote results/small.h5" "$t" run a.yaml --resume
expect 0 "tiersim run a.yaml" "$t" info --provenance results/small.h5
"$t" run a.yaml --quiet --threads 1 --output one.h5 >out 2>&1 || { cat out; fail "--quiet: failed"; }
[ -s out ] && { cat out; fail "--quiet printed something"; }
"$t" run a.yaml --quiet --threads 2 --output two.h5 || fail "--threads 2: failed"
h5diff --exclude-path /provenance one.h5 two.h5 >out 2>&1 && [ ! -s out ] || { cat out; fail "one thread and two give different files"; }
"$t" run a.yaml --seed 2 --quiet --output other.h5 && h5diff -q --exclude-path /provenance one.h5 other.h5 && fail "the seed changes nothing"
"$t" run a.yaml --policy mct --replications 2 --duration 5s --json --output json.h5 >out 2>err || fail "--json: failed"
[ -s err ] && { cat err; fail "progress in a pipe"; }
python3 -c 'import json,sys; d = json.load(open("out")); assert [p["policy"] for p in d["policies"]] == ["mct"] and d["replications"] == 2 and d["duration"] == 5' 2>err ||
    { command -v python3 >/dev/null && { cat err; fail "--json is not right"; }; }
"$t" run a.yaml --quiet --policy local --replications 1 --tasks --log log.csv --output tasks.h5 || fail "--tasks: failed"
expect 0 "wrote 6 tables" "$t" export tasks.h5
"$t" run a.yaml --quiet --policy local --replications 1 --tasks --threads 1 --output again.h5 || fail "--tasks again: failed"
h5diff --exclude-path /provenance tasks.h5 again.h5 >out 2>&1 && [ ! -s out ] || { cat out; fail "two runs give different rows"; }
rows=$(($(wc -l <tasks_tasks.csv) - 1))
[ "$rows" -gt 100 ] || fail "tasks_tasks.csv has $rows rows"
head -n 1 tasks_summary.csv | grep -q 'latency_mean \[s\]' || fail "no units in tasks_summary.csv"
[ "$(wc -l <log.csv)" -gt "$rows" ] || fail "the event log is too short"
"$t" run a.yaml --explain-job 17 >out 2>&1 || { cat out; fail "--explain-job: failed"; }
[ "$(grep -c '^Job 17 under \(local\|nearest_edge\|mct\): frame number 17, released at' out)" = 3 ] || { cat out; fail "--explain-job: wanted the story under three policies"; }
[ "$(grep -o 'released at .*' out | sort -u | wc -l)" = 1 ] || { cat out; fail "--explain-job: the job is another under another policy"; }
"$t" run a.yaml --policy mct --explain-job 17 >out 2>&1 || { cat out; fail "--explain-job --policy mct: failed"; }
[ "$(grep -c '^Job 17 under' out)" = 1 ] && grep -q '^Job 17 under mct' out || { cat out; fail "--explain-job --policy mct: wanted its story alone"; }
expect 2 "--explain-job 100000: found only" "$t" run a.yaml --explain-job 100000
"$t" run a.yaml --set experiment.warm_up=auto --json --quiet --output auto.h5 >out 2>err || { cat err; fail "warm_up: auto: failed"; }
printf 'TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.0,10,20\n2024-05-10 00:00:01.0,30,40\n2024-05-10 00:00:02.5,5,6\n' >q.csv
"$t" run a.yaml --set 'workloads.frame.arrivals={trace: {file: q.csv, format: azure_llm, start: first}}' --output given.h5 >given || fail "a given trace: failed"
grep -q '^Paired differences to local .*, given this trace$' given || { cat given; fail "the tables of a given trace are not headed so"; }
grep -q '^mct .* given this trace$' given || { cat given; fail "a winner is called over a given trace"; }
if command -v python3 >/dev/null; then
    python3 -c 'import json; d = json.load(open("out")); assert d["warm_up_found"] and 0 <= d["warm_up"] <= 10 and d["unsteady"] == ""' 2>err || { cat err; fail "the warm-up that was found is not in the JSON"; }
fi
expect 2 "found processor 1023, to which nothing can be held here" "$t" calibrate --pin 1023 -o pinned.h5
[ "$("$t" policies | wc -l)" -ge 14 ] || fail "policies does not list those that there are"
"$t" info one.h5 >/dev/full 2>out && fail "a full disk behind stdout went unseen"
exit 0
