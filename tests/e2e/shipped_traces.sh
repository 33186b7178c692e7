#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# shipped_traces.sh BUILD - the generator makes the shipped traces, byte for byte.
set -eu
made=$(mktemp -d); trap 'rm -rf "$made"' EXIT
"$1/traces/make_traces" "$made"
for t in wan uplink assistant; do
    cmp "$made/$t.csv" "traces/$t.csv"
done
