#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plot.sh BUILD - figures of a result file: both formats, data and script beside them, the same bytes twice, and a clear
# word where gnuplot is missing.
set -u
root=$PWD
t=$PWD/$1/tiersim sample=$PWD/$1/tests/unit/test_results
[ -x "$sample" ] || { echo "the sample's writer is not built"; exit 77; }
./deps.sh plot || { echo "gnuplot cannot be installed here"; exit 77; }
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "$*"; exit 1; }
mkdir results && "$sample" write results/factory.h5 || fail "no sample"
for figure in latency miss energy; do
    "$t" plot $figure results/factory.h5 >out 2>&1 || { cat out; fail "plot $figure: failed"; }
    grep -q "drew results/factory_$figure.svg and results/factory_$figure.png" out || { cat out; fail "plot $figure: said something else"; }
    [ "$(wc -l <out)" = 1 ] || { cat out; fail "plot $figure: gnuplot complained"; }
    grep -q '</svg>' results/factory_$figure.svg || fail "factory_$figure.svg is not whole"
    head -c 8 results/factory_$figure.png | od -An -tx1 | grep -q '89 50 4e 47 0d 0a 1a 0a' || fail "factory_$figure.png is no PNG"
    [ "$(wc -c <results/factory_$figure.png)" -gt 20000 ] || fail "factory_$figure.png is nearly empty"
    for name in local nearest_edge edf_admission factory; do
        grep -q "$name" results/factory_$figure.svg || fail "factory_$figure.svg does not name $name"
    done
    cp results/factory_$figure.svg first.svg
    (cd results && gnuplot factory_$figure.gp) || fail "factory_$figure.gp does not run alone"
    cmp first.svg results/factory_$figure.svg || fail "factory_$figure.svg differs the second time"
done
# Headings have room, whatever they say: 8 pixels for each of the 150 letters of the lower one.
for figure in latency miss energy; do
    sed -i "s/^subheading = .*/subheading = '$(printf '%0150d' 0)'/" results/factory_$figure.gp
    (cd results && gnuplot factory_$figure.gp) || fail "factory_$figure.gp does not run with another heading"
    wide=$(sed -n 's/.*viewBox="0 0 \([0-9]*\) .*/\1/p' results/factory_$figure.svg | head -n 1)
    [ "$wide" -ge 1200 ] || fail "factory_$figure.svg is $wide pixels wide, wanted room for the heading"
done
mkdir other && "$t" plot latency --output other results/factory.h5 >out 2>&1 && [ -f other/factory_latency.png ] || { cat out; fail "--output"; }
mkdir empty && PATH=$dir/empty "$t" plot latency results/factory.h5 >out 2>&1
[ $? = 1 ] && grep -q "gnuplot is not there: install it" out || { cat out; fail "a missing gnuplot is not told"; }
# The shipped calibration was made with one thread and two.
profile=$(ls "$root"/scenarios/profiles/*.h5 | head -n 1)
"$t" plot calibration "$profile" --output other >out 2>&1 && [ "$(wc -l <out)" = 1 ] || { cat out; fail "plot calibration"; }
drawn=other/$(basename "$profile" .h5)_calibration
for name in gemm conv_int8 threads batches 'whole models'; do
    grep -q ">$name<" "$drawn.svg" || fail "$drawn.svg has no panel $name"
done
[ "$(wc -c <"$drawn.png")" -gt 20000 ] || fail "$drawn.png is nearly empty"
# A figure that is refused leaves nothing behind.
cat >few.yaml <<'END'
tiersim: 1
name: few
nodes: {box: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}
workloads: {job: {at: box, arrivals: {poisson: {rate: 1 /s}}, work: 1 GFLOP}}
experiment: {policies: [local], replications: 1, jobs: 10}
END
"$t" run few.yaml --quiet --output few.h5 || fail "run few.yaml"
"$t" plot energy few.h5 --output other >out 2>&1
[ $? = 2 ] && grep -q "there is nothing to draw: the scenario gives no power" out || { cat out; fail "plot energy: no power, and it is fine"; }
ls other/few_* >/dev/null 2>&1 && { ls other; fail "a figure that is refused leaves files"; }
"$t" plot sculpture results/factory.h5 >out 2>&1; [ $? = 2 ] && grep -q "found sculpture, wanted a figure" out || { cat out; fail "wrong figure"; }
exit 0
