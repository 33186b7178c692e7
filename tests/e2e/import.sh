#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# import.sh BUILD - a trace is imported, described, drawn and run; a run of the imported one is that of the text, to the bit;
# and neither the import nor the run of a long one takes memory for its rows.
set -u
t=$PWD/$1/tiersim traces=$PWD/traces
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/big_trace.sh
. tests/expect.sh
cd "$dir" || exit 1
expect 0 "rows    1000 read, 1000 kept, 0 dropped" "$t" import azure_llm "$traces/assistant.csv"
grep -q "^gaps    CV 1[234]" out || { cat out; fail "no CV of the gaps"; }
grep -q "^prompt_tokens \[tokens\]" out || { cat out; fail "no quantiles"; }
grep -q "^wrote assistant.tst" out || { cat out; fail "not said where it went"; }
expect 0 "600 read, 600 kept" "$t" import throughput "$traces/uplink.csv" --output up.tst
grep -q "below a tenth of the mean: 2 % of them" out || { cat out; fail "no outages"; }
expect 0 "100 kept, 500 dropped" "$t" import throughput "$traces/uplink.csv" --from 100s --to 200s --output part.tst
grep -q "500 outside --from and --to" out || { cat out; fail "no reason"; }
"$t" import --quiet throughput "$traces/wan.csv" >out 2>&1 || fail "--quiet: failed"
[ -s out ] && { cat out; fail "--quiet printed something"; }
cmp -s up.tst part.tst && fail "--from changes nothing"

expect 2 "did you mean azure_llm?" "$t" import azur_llm x
expect 2 "wanted a kind and a file" "$t" import azure_llm
expect 2 "none.csv: the file cannot be opened: No such file or directory" "$t" import azure_llm none.csv
expect 2 "found a folder, wanted a file" "$t" import azure_llm .
expect 2 "wanted a time" "$t" import azure_llm x --from 10
expect 2 "found --to that is not after --from" "$t" import azure_llm x --from 10s --to 5s
expect 2 "has nothing to choose" "$t" import azure_llm "$traces/assistant.csv" --column a
expect 2 "has none" "$t" import azure_llm "$traces/assistant.csv" --with x
expect 1 "cannot be written: No such file or directory" "$t" import azure_llm "$traces/assistant.csv" --output no/x.tst
expect 2 "x.csv:3:1: found '2023-11-16 11:00:00', which is before the row above" sh -c "
    printf 'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 12:00:00,1,1\n2023-11-16 11:00:00,1,1\n' >x.csv
    exec '$t' import azure_llm x.csv"
[ -e x.tst ] && fail "a failed import left a file"
mkfifo pipe
expect 2 "found a pipe, wanted a file" "$t" import azure_llm pipe

cat >a.yaml <<'END'
tiersim: 1
name: a
nodes:
  device: {tier: end, count: 3, attach: server, processors: {cpu: {cores: 1, speed: 1 GFLOP/s}}}
  server: {tier: edge, processors: {cpu: {cores: 2, speed: 4 GFLOP/s}}}
links:
  wifi: {from: device, to: server, per: server, latency: 2 ms, capacity: {trace: {file: UP}}}
workloads:
  chat:
    at: device
    arrivals: {trace: {file: CHAT}}
    input: {linear: {prompt_tokens: 4 B}}
    work: {linear: {output_tokens: 1 MFLOP, constant: 5 MFLOP}}
    output: 1 kB
    deadline: 2 s
experiment: {policies: [mct], replications: 2, seed: 1, duration: 60 s}
END
sed "s|UP}|$traces/uplink.csv, format: throughput}|; s|CHAT}|$traces/assistant.csv, format: azure_llm}|" a.yaml >text.yaml
sed "s|UP}|up.tst}|; s|CHAT}|assistant.tst}|" a.yaml >mapped.yaml
"$t" run text.yaml --quiet --output text.h5 && "$t" run mapped.yaml --quiet --output mapped.h5 || fail "a run failed"
h5diff text.h5 mapped.h5 /digest /digest || fail "a trace that is mapped is another than the text"
expect 2 "mapped.yaml:7:89: links.wifi.capacity.trace.file: assistant.tst: found a trace of arrivals, wanted one of levels over time" \
    sh -c "sed -i 's|up.tst|assistant.tst|' mapped.yaml; exec '$t' run mapped.yaml"

# A file of 3 columns of 2 000 000 rows, 48 MB, in less memory than that.
# A sanitizer's shadow is memory of the program's own.
case $1 in *asan* | *tsan*) limit=unlimited ;; *) limit=36000 ;; esac
big_trace "$t" 2000000 $limit || fail "a long trace takes memory for its rows"

cd - >/dev/null && ./deps.sh plot || { echo "gnuplot cannot be installed here"; exit 77; }
cd "$dir" || exit 1
expect 0 "drew assistant.svg and assistant.png" "$t" import azure_llm "$traces/assistant.csv" --plot
[ "$(wc -c <assistant.png)" -gt 20000 ] || fail "assistant.png is nearly empty"
grep -q "time between arrivals, ms" assistant.svg || fail "no label of the gaps"
mkdir -p sub && expect 0 "drew sub/w.svg and sub/w.png" "$t" import throughput "$traces/wan.csv" --plot --output sub/w.tst
grep -q "capacity, Gbit/s" sub/w.svg || fail "no label of the capacity"
exit 0
