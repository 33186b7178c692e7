#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# model.sh BUILD - a workload that takes its tasks from a model runs as the one with the tasks that `profile --tasks` prints; results
# know the file.
set -u
t=$PWD/$1/tiersim
networks=$PWD/scenarios/networks models=$PWD/tests/fuzz/corpus/onnx
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
mkdir nets
cp "$networks/exits.onnx" nets/net.onnx
cp "$models/transformer" nets/blocks.onnx
scenario() { # INCLUDE MODEL
    cat <<END
tiersim: 1
name: layers
$1
nodes:
  phone: {tier: end, count: 2, attach: mast, processors: {cpu: {speed: 5 GFLOP/s, bandwidth: 5 GB/s}}}
  mast: {tier: edge, processors: {cpu: {cores: 8, speed: 50 GFLOP/s, bandwidth: 50 GB/s}}}
links:
  cell: {from: phone, to: mast, per: mast, capacity: 50 Mbit/s}
workloads:
  photo:
    at: phone
    arrivals: {poisson: {rate: 1 /s}}
    $2
experiment: {policies: [neurosurgeon, spinn, mct, local], duration: 50 s}
END
}
digest() { h5dump -d /digest "$1" | grep '^ *([0-9]*,'; }
# MODEL, KEYS of model, OPTIONS of profile
same() {
    model=$1 keys=$2; shift 2
    "$t" profile "nets/$model.onnx" --tasks "$@" --under workloads.photo >tasks.yaml || fail "no tasks: $*"
    scenario "include: tasks.yaml" "" >printed.yaml
    scenario "" "model: {file: nets/$model.onnx$keys}" >model.yaml
    expect 0 "wrote printed.h5" "$t" run printed.yaml --out printed.h5
    expect 0 "wrote model.h5" "$t" run model.yaml --out model.h5
    [ "$(digest printed.h5)" = "$(digest model.h5)" ] || fail "model of $model$keys: other results than with printed tasks"
    [ -n "$(digest model.h5)" ] || fail "no digest"
}
same net ""
same net ", most: 4" --most 4
same net ", form: graph, work: operators" --tasks=graph --operators
same net ", from: conv2, upto: exit2" --from conv2 --upto exit2
same net ', exits: ["c1=0.3:0.9", "easy=0.6"], shape: {image: 1x3x64x64}, dim: {batch: 1}' --exit c1=0.3:0.9 --exit easy=0.6 \
    --shape image=1x3x64x64 --dim batch=1
same blocks ", form: graph" --tasks=graph
# What is said of layers is laid over what the model has.
sed 's/conv2: {work: 115.806208 MFLOP/conv2: {work: 1 GFLOP, runs_on: cpu/; s/leaves: 0.5, accuracy: 0.96/leaves: 0.1/' >laid.yaml <<END
$("$t" profile nets/net.onnx --tasks --under workloads.photo)
END
grep -q "work: 1 GFLOP" laid.yaml && grep -q "leaves: 0.1}" laid.yaml || fail "no tasks laid over"
scenario "include: laid.yaml" "input: 20 kB" >printed.yaml
scenario "" "input: 20 kB
    model: {file: nets/net.onnx, layers: {exit1: {leaves: 0.1, accuracy: ~}, conv2: {work: 1 GFLOP, runs_on: cpu}}}" >model.yaml
expect 0 "wrote printed.h5" "$t" run printed.yaml --out printed.h5
expect 0 "wrote model.h5" "$t" run model.yaml --out model.h5
[ "$(digest printed.h5)" = "$(digest model.h5)" ] || fail "layers: other results than with printed tasks"
expect 0 "model.layers.exit1.leaves" "$t" explain model.yaml
# Results name the file, and another one in its place is noticed.
h5dump model.h5 | grep -q "\"nets/net.onnx\"" || fail "no name of the model"
expect 0 "verified" "$t" verify model.h5
sed 's/medium=0.8/medium=0.7/' "$networks/exits.onnx" >nets/net.onnx
expect 2 "is not the one that was run" "$t" verify model.h5
head -c 700 "$networks/exits.onnx" >nets/net.onnx
expect 2 "model.file: nets/net.onnx: found" "$t" check model.yaml
