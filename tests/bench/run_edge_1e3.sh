#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_edge_1e3.sh BUILD - the edge workload with 10^3 devices from a scenario file: tasks per second of processor time.
. "$(dirname "$0")/figure.sh"
jobs=2000000
run_jobs edge.yaml $jobs $(edge_scale 1000)
figure edge_1e3 "$(per_s $jobs $cpu_s)" tasks/s
