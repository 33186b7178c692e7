#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_start.sh BUILD - a small scenario from start to end, by the clock.
. "$(dirname "$0")/figure.sh"
run_jobs mm1.yaml 1000
figure start "$(awk "BEGIN { print $wall_s * 1000 }")" ms
