#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_mm1.sh BUILD - M/M/1 at 0.9 from a scenario file: customers per second of processor time.
. "$(dirname "$0")/figure.sh"
jobs=5000000
run_jobs mm1.yaml $jobs
figure mm1 "$(awk "BEGIN { print $jobs / $cpu_s / 1e6 }")" Mcustomers/s
