#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# onnx_policy.sh BUILD - networks of policies with a real ONNX Runtime, which it installs: what was learned decides as a network as it
# does as a table, at any number of threads and again; plug-ins run networks, too; what is wrong with a network is said.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
./deps.sh onnx >"$dir/out" 2>&1 || { tail -n 3 "$dir/out" | tr '\n' ' '; echo "ONNX Runtime could not be installed"; exit 77; }
# Where a build finds it: the system's, or that of build/onnx, wherever BUILD is.
[ ! -e build/onnx/libonnxruntime.so ] || export TIERSIM_ORT_LIB=$PWD/build/onnx/libonnxruntime.so
cd "$dir" || exit 1
sed '/compare_to/d' "$root/scenarios/first.yaml" >first.yaml
set_policies() { printf 'experiment.policies=[%s]' "$1"; }
# The digests of all replications of the k-th policy of a result file.
digests() { h5dump -d /digest -s "$2,0" -c "1,2" "$1" | sed -n 's/^ *([0-9],0): //p'; }

# The same choices, of a linear rule and of one with a hidden layer, and so the same digests.
for hidden in 0 7; do
    set -- --set "$(set_policies "{actor_critic: {hidden: $hidden, scale: 0.1 s}}")"
    "$t" train first.yaml --quiet --episodes 8 --jobs 2000 --replications 0 --policy actor_critic "$@" -o ac.h5 --onnx ac.onnx ||
        fail "training with $hidden hidden units failed"
    both=$(set_policies "{actor_critic: {hidden: $hidden, scale: 0.1 s, table: ac.h5, learning: frozen}}, {onnx: {network: ac.onnx, scale: 0.1 s}}")
    "$t" run first.yaml --quiet --jobs 5000 --replications 2 --set "$both" --threads 1 -o one.h5 >out 2>&1 || { cat out; fail "run"; }
    [ -n "$(digests one.h5 0)" ] && [ "$(digests one.h5 0)" = "$(digests one.h5 1)" ] ||
        fail "$hidden hidden units: the table $(digests one.h5 0) and the network $(digests one.h5 1) decide otherwise"
    "$t" run first.yaml --quiet --jobs 5000 --replications 2 --set "$both" --threads 3 -o three.h5
    h5diff --exclude-path /provenance one.h5 three.h5 >out 2>&1 && [ ! -s out ] || { cat out; fail "threads make a difference"; }
    expect 0 "verified: 4 of 4" "$t" verify one.h5
done
h5dump -a /provenance/networks one.h5 | grep -q "ac.onnx sha256 $(sha256sum ac.onnx | cut -d' ' -f1)" || fail "no hash in the provenance"
h5dump -a /provenance/onnx_runtime one.h5 | grep -q libonnxruntime || fail "no runtime in the provenance"
expect 0 "It ended done" "$t" run first.yaml --policy onnx=ac.onnx --jobs 500 --explain-job 3
measured=$(set_policies "{onnx: {network: ac.onnx, at: edge, think: measured}}")
expect 0 "wrote m.h5" "$t" run first.yaml --quick --set "$measured" -o m.h5
expect 0 "verified" "$t" verify m.h5

# The shipped network of the first scenario.
shipped=$(set_policies "mct, onnx: {network: $root/scenarios/networks/first.onnx, scale: 0.05 s}")
expect 0 "fewer misses, more energy" "$t" run first.yaml --set "$shipped" --set experiment.compare_to=mct -o shipped.h5

# What was run is another one now; it is damaged; it takes or gives other numbers, or no numbers.
cp ac.onnx kept.onnx
"$t" train first.yaml --quiet --episodes 1 --jobs 50 --replications 0 --policy actor_critic -o x.h5 --onnx ac.onnx
expect 2 "is not the one that was run" "$t" verify one.h5
head -c 150 kept.onnx >cut.onnx
expect 2 "cut.onnx: ONNX Runtime refuses:" "$t" run first.yaml --policy onnx=cut.onnx
: >empty.onnx
expect 2 "empty.onnx" "$t" run first.yaml --policy onnx=empty.onnx
expect 2 "found input features of 6 numbers a row, wanted one that takes 7" "$t" run first.yaml \
    --set "$(set_policies "{onnx: {network: kept.onnx, features: {tier: true}}}")"
expect 2 "found input features of 6 numbers a row, wanted one that takes" "$t" run first.yaml \
    --set "$(set_policies "{onnx: {network: kept.onnx, input: places, features: {tier: true}}}")"

# A plug-in runs a network by the same function; without the flag it may not.
cat >mine.c <<'END'
#include <tiersim/policy.h>
static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    const float row[12] = {1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    float score[2];
    (void)st, (void)v;
    int rc = h->infer(h->ctx, 0, row, 12, score, 2);
    return rc ? rc : ts_answer_place(p, ts_candidate(a, ts_task_at(a, 0), score[1] > score[0] && ts_task_at(a, 0)->n_cand > 1));
}
static const struct ts_policy pure = {.abi = TS_ABI, .size = sizeof pure, .name = "pure", .about = "a test", .decide = decide};
static const struct ts_policy mine = {
    .abi = TS_ABI, .size = sizeof mine, .name = "mine", .about = "a test", .flags = TS_IMPURE, .decide = decide};
TS_PLUGIN(&mine, &pure);
END
gcc -shared -fPIC -O2 -I"$root/include" -o mine.so mine.c || fail "the plug-in does not compile"
expect 0 "wrote p.h5" "$t" run first.yaml --quick --plugin ./mine.so --policy mine=kept.onnx -o p.h5
expect 0 "verified" "$t" verify p.h5 --plugin ./mine.so
expect 2 "with TS_IMPURE among its flags" "$t" run first.yaml --quick --plugin ./mine.so --policy pure=kept.onnx
echo "networks decide as the tables that they were made of"
