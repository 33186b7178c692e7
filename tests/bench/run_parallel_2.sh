#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_parallel_2.sh BUILD - speed-up of 16 replications by a second thread, by the clock.
. "$(dirname "$0")/figure.sh"
for threads in 1 2; do
    timed "$build/tiersim" run "$scenarios/edge.yaml" --jobs 200000 --replications 16 --threads $threads --quiet --output "$work/out.h5"
    eval "wall_$threads=$wall_s"
done
figure parallel_2 "$(per_s $wall_1 $wall_2)" x
