#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fit.sh BUILD - generators fitted to the shipped traces are scenarios: they are included and run; wrong requests are refused.
set -u
t=$PWD/$1/tiersim
root=$PWD
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
"$t" fit azure_llm "$root/traces/assistant.csv" --input "prompt_tokens=4 B" --work "prompt_tokens=1 GFLOP" --under workloads.chat >chat.yaml ||
    fail "the arrivals are not fitted"
"$t" fit throughput "$root/traces/wan.csv" --under links.wan >wan.yaml || fail "the link is not fitted"
"$t" fit throughput "$root/traces/uplink.csv" --under links.cell >cell.yaml || fail "the cell is not fitted"
grep -q '^    # onoff     \*' chat.yaml || { cat chat.yaml; fail "the assistant's arrivals are made by ON/OFF, and not told so"; }
grep -q '^    # log_ar1   \*' wan.yaml || { cat wan.yaml; fail "the WAN is made by log-AR(1), and not told so"; }
cat >a.yaml <<'END'
tiersim: 1
name: fitted
include: [chat.yaml, wan.yaml, cell.yaml]
nodes:
  phone: {tier: end, count: 3, attach: mast}
  mast: {tier: edge, processors: {cpu: {cores: 8, speed: 1 TFLOP/s}}}
  core: {tier: cloud, processors: {cpu: {cores: 99, speed: 1 TFLOP/s}}}
links:
  cell: {from: phone, to: mast, per: mast, sharing: fair}
  wan: {from: mast, to: core, per: core}
workloads:
  chat: {at: phone}
experiment: {policies: [jsq, cloud], duration: 100 s}
END
expect 0 "wrote results/fitted.h5" "$t" run a.yaml
expect 0 "arrivals: {poisson: " "$t" fit azure_llm "$root/traces/assistant.csv" --as poisson
expect 0 "capacity: {markov: {s1:" "$t" fit throughput "$root/traces/wan.csv" --as markov2 --step 5s
expect 2 "wanted KIND FILE" "$t" fit azure_llm
expect 2 "found the kind nosuch" "$t" fit nosuch a.yaml
expect 2 "--as: found gauss, wanted one of poisson" "$t" fit azure_llm "$root/traces/assistant.csv" --as gauss
expect 2 "found the column words" "$t" fit azure_llm "$root/traces/assistant.csv" --input words=4B
expect 2 "found tokens" "$t" fit azure_llm "$root/traces/assistant.csv" --input tokens
expect 2 "wanted a trace of arrivals" "$t" fit throughput "$root/traces/wan.csv" --input capacity=4B
expect 2 "choose another step" "$t" fit throughput "$root/traces/wan.csv" --step 100s
expect 2 "No such file" "$t" fit throughput missing.csv
exit 0
