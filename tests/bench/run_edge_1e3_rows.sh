#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_edge_1e3_rows.sh BUILD - the edge workload with a row per task in the file: tasks per second of processor time, and the cost.
. "$(dirname "$0")/figure.sh"
jobs=2000000
run_jobs edge.yaml $jobs
bare_s=$cpu_s
run_jobs edge.yaml $jobs --tasks
figure edge_1e3_rows "$(per_s $jobs $cpu_s)" tasks/s
figure rows_cost "$(awk "BEGIN { print 100 * ($cpu_s / $bare_s - 1) }")" %
