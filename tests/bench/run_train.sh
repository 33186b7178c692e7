#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_train.sh BUILD - q_learning on two servers from a scenario file: decisions, each with its update, per second of processor
# time of the whole process.
. "$(dirname "$0")/figure.sh"
episodes=20
timed "$build/tiersim" train "$here/train.yaml" --policy q_learning --episodes $episodes --replications 0 --threads 1 --quiet \
    --output "$work/table.h5"
figure train "$(awk "BEGIN { print $episodes * 100000 / $cpu_s }")" decisions/s
