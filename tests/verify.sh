#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# verify.sh BUILD - the long proofs: theory and laws again, with many more replications and jobs than in make check; 2000
# runs killed; a long trace in little memory; and an hour of fuzzing.
cd "$(dirname "$0")/.." || exit 1
export TS_LONG=1
set -- "$1" $(for t in tests/theory/test_*.c tests/property/test_*.c tests/contract/test_*.c; do echo "$1/${t%.c}"; done)
failed=
tests/ci/kill.sh "$1" 2000 || failed="$failed kill"
tests/long_trace.sh "$1" || failed="$failed long_trace"
tests/ci/fuzz.sh "$1" $((3600 / $(ls tests/fuzz/fuzz_*.c | wc -l))) || failed="$failed fuzz"
tests/run.sh "$@" || failed="$failed run"
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
