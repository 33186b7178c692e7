#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_edge_1e2.sh BUILD - the edge workload with 10^2 devices from a scenario file: tasks per second of processor time.
. "$(dirname "$0")/figure.sh"
jobs=2000000
run_jobs edge.yaml $jobs $(edge_scale 100)
figure edge_1e2 "$(per_s $jobs $cpu_s)" tasks/s
