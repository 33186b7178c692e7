#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_factory.sh BUILD - the main job, scenarios/factory.yaml under ten policies, by the clock on two threads.
. "$(dirname "$0")/figure.sh"
timed "$build/tiersim" run "$scenarios/factory.yaml" --threads 2 --quiet --output "$work/out.h5"
figure factory "$wall_s" s
