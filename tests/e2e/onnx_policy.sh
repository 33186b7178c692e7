#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# onnx_policy.sh BUILD - networks of policies as far as they go without ONNX Runtime: a scenario that names one is read, what was
# learned becomes a file, and without a runtime the program says what to do.  tests/ci/onnx_policy.sh runs them.
set -u
root=$PWD t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
sed "/compare_to/d" "$root/scenarios/first.yaml" >first.yaml
train="$t train first.yaml --episodes 2 --jobs 200 --replications 0 --policy actor_critic"
set_policies() { printf 'experiment.policies=[%s]' "$1"; }

# What was learned as a file; the same bytes at any number of threads and when it is gone on with.
expect 0 "wrote linear.h5" $train -o linear.h5 --onnx linear.onnx
expect 0 "score  MatMul" "$t" profile linear.onnx
hidden="$(set_policies '{actor_critic: {hidden: 5}}')"
expect 0 "wrote hidden.h5" $train -o hidden.h5 --onnx hidden.onnx --threads 2 --set "$hidden"
expect 0 "Softsign" "$t" profile hidden.onnx
# Its work by kinds: 2 (6 x 5 + 5) flop; inputs, weights and outputs of 24 + 120 + 20 and 20 + 20 + 4 bytes.  It is a time to decide.
expect 2 "found no --tasks" "$t" profile hidden.onnx --operators
expect 0 "gemm: {count: 2, flop: 7e-05 MFLOP, bytes: 0.208 kB}" "$t" profile hidden.onnx --tasks --most 1 --operators
work=$(sed -n 's/.*{work: \(.*}}\), output.*/\1/p' out)
expect 0 "first.yaml: fine" "$t" check first.yaml --set "$(set_policies "mct: {at: edge, think: {work: $work}}")"
expect 0 "wrote hidden.h5" $train -o hidden.h5 --onnx again.onnx --threads 1 --set "$hidden" --resume
cmp hidden.onnx again.onnx || fail "a training that is gone on with gives another network"
# Who has no network, or no place for it, hears so before all episodes are over: a table is written after some of them.
expect 2 "policy q_learning has learned no neural network" "$t" train first.yaml --episodes 2 --batch 1 --jobs 50 --replications 0 \
    --policy q_learning -o q.h5 --onnx q.onnx
[ ! -e q.onnx ] || fail "a network of q_learning was written"
[ ! -e q.h5 ] || fail "all episodes were run for a network that there is not"
expect 1 "there is no folder" $train -o nowhere.h5 --onnx no/where.onnx
[ ! -e nowhere.h5 ] || fail "all episodes were run for a network without a place"
expect 0 "wrote q.h5" "$t" train first.yaml --episodes 2 --jobs 50 --replications 0 --policy q_learning -o q.h5
expect 2 "policy q_learning has learned no neural network" "$t" train first.yaml --episodes 2 --jobs 50 --replications 0 \
    --policy q_learning -o q.h5 --resume --onnx q.onnx
expect 2 "found ./both.h5 for the table and for the network, wanted two files" $train -o both.h5 --onnx ./both.h5
[ ! -e both.h5 ] || fail "a table was trained that its network would have taken the place of"
expect 0 "wrote linear.h5 and linear.onnx: 2 episodes" $train -o linear.h5 --onnx linear.onnx

# A policy that runs no network is given none.
expect 2 "actor_critic: found the network" "$t" run first.yaml --quick --policy actor_critic=hidden.onnx
expect 2 "which it does not run" "$t" run first.yaml --quick --policy mct=hidden.onnx
expect 2 "experiment.policies[0]: mct: found the network" "$t" check first.yaml --set "$(set_policies '{mct: {network: hidden.onnx}}')"

# A scenario that names a network is read, and run where there is a runtime.
named="$(set_policies 'local, {onnx: {network: hidden.onnx, label: net}}')"
expect 0 "first.yaml: fine" "$t" check first.yaml --set "$named"
export TIERSIM_ORT_LIB=$dir/absent.so
expect 1 "TIERSIM_ORT_LIB: found $dir/absent.so, which cannot be loaded" "$t" run first.yaml --set "$named"
expect 1 "wanted the library of ONNX Runtime" "$t" run first.yaml --policy onnx=hidden.onnx
expect 0 "wrote results/first.h5" "$t" run first.yaml --quick --policy local --set "$named"
expect 2 "found none, wanted \`network: FILE.onnx\` among its keys" "$t" run first.yaml --policy onnx
expect 2 "there is no network nothing.onnx" "$t" run first.yaml --policy onnx=nothing.onnx
expect 2 "wanted a whole number from 0 to 1" "$t" check first.yaml --set "$(set_policies '{onnx: {network: hidden.onnx, features: {slack: 2}}}')"
# The run that finds a warm-up, a story and a measured time want it as well.
expect 1 "TIERSIM_ORT_LIB" "$t" run first.yaml --set "$named" --explain-job 3
expect 1 "TIERSIM_ORT_LIB" "$t" run first.yaml --set "$(set_policies '{onnx: {network: hidden.onnx, think: measured}}')"
