#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# verify.sh BUILD - the long proofs: theory and laws again, with many more replications and jobs than in make check; and
# 2000 runs killed.
cd "$(dirname "$0")/.." || exit 1
export TS_LONG=1
set -- "$1" $(for t in tests/theory/test_*.c tests/property/test_*.c tests/contract/test_*.c; do echo "$1/${t%.c}"; done)
tests/ci/kill.sh "$1" 2000 || killed=failed
tests/run.sh "$@" && [ "${killed:-fine}" = fine ]
