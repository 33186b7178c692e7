#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_edge_1e6_rss.sh BUILD - memory of a run with a million devices.
. "$(dirname "$0")/figure.sh"
run_jobs edge.yaml 1000000 $(edge_scale 1000000)
figure edge_1e6_rss "$("$build/tiersim" info --provenance "$work/out.h5" | sed -n "s/^peak_memory_mib[: ]*//p")" MiB
