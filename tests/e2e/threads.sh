#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# threads.sh BUILD - the same file for any number of threads, and for a run that keeps a log; rows per job change no number.
set -eu
run="$1/tiersim run --quiet tests/workshop.yaml --replications 3 --duration 5s"
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
export TIERSIM_DATA="$PWD/traces"
same() { h5diff --exclude-path /provenance "$out/$1.h5" "$out/$2.h5"; }
for n in 1 2 3; do
    $run --threads $n --tasks --output "$out/$n.h5"
done
same 1 2
same 1 3
$run --tasks --log "$out/log.csv" --output "$out/log.h5"
same 1 log
[ "$(wc -l <"$out/log.csv")" -gt 10000 ]
$run --output "$out/plain.h5"
h5diff --exclude-path /provenance --exclude-path /tasks "$out/1.h5" "$out/plain.h5"
# So does a policy that asks a language model, here the rules: threads ask the same one.
for n in 1 2 3; do
    "$1/tiersim" run --quiet scenarios/llm_guided.yaml --replications 3 --duration 20s --threads $n --output "$out/llm$n.h5"
done
same llm1 llm2
same llm1 llm3
for n in 1 3; do
    "$1/tiersim" run --quiet scenarios/llm_two_level.yaml --replications 3 --duration 8s --threads $n --output "$out/over$n.h5"
done
same over1 over3
$run --seed 4 --output "$out/other.h5"
if same plain other >/dev/null; then
    echo "another seed, and the same file"
    exit 1
fi

# Controllers that hear over the links, tell of ends, and have a slow one over them.
sed -e '/^experiment:/,$d' scenarios/two_level.yaml >"$out/two.yaml"
cat >>"$out/two.yaml" <<'END'
experiment:
  controller: {at: edge, view: {period: 500 ms, via: links}, know: last, think: {exponential: {mean: 1 ms}}, max_tries: 2}
  policies:
    - mct
    - thompson: {at: region}
    - hedge: {at: region, factor: 1.2, view: {period: 500 ms}}
    - mct: {label: two levels, over: {policy: two_level, at: region, period: 200 ms, view: {period: 100 ms, via: links}, think: 5 ms}}
  replications: 3
  duration: 3 s
END
for n in 1 2 3; do
    "$1/tiersim" run --quiet "$out/two.yaml" --threads $n --output "$out/two$n.h5"
done
same two1 two2
same two1 two3
