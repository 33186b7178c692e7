#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# think.sh BUILD - `think: measured`: taken once on this machine, the same for all replications, kept with the result, and gone by
# when that is verified.
set -eu
t=$1/tiersim
export TIERSIM_DATA="$PWD/traces"
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
fail() { echo "think.sh: $1"; exit 1; }
"$t" run --quiet tests/workshop.yaml --set 'experiment.policies=[{mct: {at: edge, think: measured}}]' --replications 3 \
    --duration 5s --output "$out/one.h5"
h5dump -d /scenario "$out/one.h5" >"$out/kept.yaml"
taken=$(sed -n 's/.*think: {measured: \([0-9.e-]*\) s}.*/\1/p' "$out/kept.yaml")
[ -n "$taken" ] || fail "no measured time is kept with the result"
case $taken in 0 | 0.0) fail "the measured time is nothing" ;; esac
# A policy that asks a language model is asked, too, as long as that is part of the program: others would be asked 2000 times.
guided() {
    "$t" run --quiet scenarios/llm_guided.yaml --set 'experiment.policies=[mct, {llm: {use: score, candidates: 4, think: measured}}]' \
        --replications 1 --duration 2s --output "$out/guided.h5" "$@" 2>"$out/said"
}
guided || { cat "$out/said"; fail "the time of a policy that asks the rules cannot be measured"; }
rc=0
guided --set 'language_models.small={backend: http, url: "http://127.0.0.1:9/v1", model: none}' || rc=$?
[ "$rc" = 2 ] && grep -q 'found think: measured, and it asks outside, wanted a time' "$out/said" ||
    { cat "$out/said"; fail "a server is asked for the time that deciding takes"; }
"$t" verify "$out/one.h5" >"$out/verify.txt" || { cat "$out/verify.txt"; fail "what was measured is not gone by"; }
