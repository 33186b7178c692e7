#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# profile.sh BUILD - layers of a model on the terminal and as JSON; what is asked wrongly, and files that are no models.
set -u
t=$PWD/$1/tiersim
models=$PWD/tests/fuzz/corpus/onnx
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
expect 0 "0 cuts between layers" "$t" profile "$models/branch"
expect 0 '"operator": "Softmax"' "$t" profile --json "$models/transformer"
expect 0 "exit   g0: after" "$t" profile --exit g0 "$models/transformer"
expect 2 "found the exit nosuch" "$t" profile --exit nosuch "$models/transformer"
expect 2 "input x0: found a shape of 2 dimensions, wanted 3" "$t" profile --shape x0=2x8 "$models/transformer"
expect 2 "found no dimension z, wanted one of those" "$t" profile --dim z=4 "$models/transformer"
for shape in x0 x0= =1x2 x0=1x x0=1xx2 x0=-1 x0=0 x0=1x1x1x1x1x1x1x1x1; do
    expect 2 "--shape: found" "$t" profile --shape $shape "$models/transformer"
done
expect 2 "--dim: found 2x3, wanted a whole number" "$t" profile --dim n=2x3 "$models/transformer"
expect 2 "wanted MODEL.onnx" "$t" profile
expect 2 "cannot be opened" "$t" profile nosuch.onnx
expect 2 "wanted a file" "$t" profile .
: >empty.onnx
expect 2 "found an empty file, wanted an ONNX model" "$t" profile empty.onnx
head -c 700 "$models/transformer" >cut.onnx
expect 2 "cut.onnx: found the end within ModelProto.graph at byte 9, wanted its 1134 bytes" "$t" profile cut.onnx
# The tasks of a model are a scenario's: chain and graph run.
for form in chain graph; do
    "$t" profile --tasks=$form --under workloads.model "$models/transformer" >model.yaml || fail "no tasks of a $form"
    cat >run.yaml <<'END'
tiersim: 1
name: layers
include: [model.yaml]
nodes:
  phone: {tier: end, count: 2, attach: mast, processors: {cpu: {speed: 1 MFLOP/s}}}
  mast: {tier: edge, processors: {cpu: {cores: 8, speed: 10 MFLOP/s}}}
links:
  cell: {from: phone, to: mast, per: mast, capacity: 1 Mbit/s}
workloads:
  model: {at: phone, arrivals: {poisson: {rate: 1 /s}}}
experiment: {policies: [heft, mct], duration: 100 s}
END
    expect 0 "wrote results/layers.h5" "$t" run run.yaml
done
expect 2 "--tasks: found tree, wanted chain or graph" "$t" profile --tasks=tree "$models/transformer"
expect 2 "--on: found 4GB/s" "$t" profile --tasks --on "gpu=4GB/s,4GB/s" "$models/transformer"
expect 2 "whose cost is not known" "$t" profile --tasks "$models/operators"
# Exits are tasks that jobs leave at; what comes behind them waits for them.
for form in chain graph; do
    expect 0 "B, leaves: 0.4, accuracy: 0.95}" "$t" profile --tasks=$form --exit g0=0.4:0.95 "$models/transformer"
    expect 0 "B, leaves: 0}" "$t" profile --tasks=$form --exit g0 "$models/transformer"
done
expect 0 "Mflop, for 40 % of the inputs, right in 95 %" "$t" profile --exit g0=0.4:0.95 "$models/transformer"
for share in 2 x 0.1:2 0.1:0.2:0.3; do
    expect 2 "found the exit g0=$share, wanted TENSOR=SHARE:ACCURACY" "$t" profile --exit g0=$share "$models/transformer"
done
# A part of a model: what comes before it is the input.
expect 2 "found the task nosuch1, wanted one of those that are printed" "$t" profile --tasks=graph --from nosuch1 "$models/transformer"
# What several tasks read is one tensor.
expect 0 "after: {layernormalization1: {data: 64 B, tensor: layernormalization1}}" "$t" profile --tasks=graph "$models/transformer"
expect 0 "after: {input: {data: 64 B, tensor: input}, matmul6: 64 B}" "$t" profile --tasks=graph "$models/transformer"
