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
"$t" verify "$out/one.h5" >"$out/verify.txt" || { cat "$out/verify.txt"; fail "what was measured is not gone by"; }
