#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_load.sh BUILD - reading a scenario: 10 000 groups, each with a link and a workload of its own (3 MB), by processor time.
. "$(dirname "$0")/figure.sh"
awk 'BEGIN {
    print "tiersim: 1\nname: many\nnodes:"
    for (i = 0; i < 10; i++) printf "  edge%d: {tier: edge, processors: {cpu: {speed: 10 GFLOP/s, cores: 8}}}\n", i
    for (i = 0; i < 9990; i++) {
        printf "  device%d:\n    tier: end\n    count: 10\n    attach: edge%d\n", i, i % 10
        print "    processors:\n      cpu: {speed: 1 GFLOP/s}\n    power: {idle: 1 W, busy: 2 W}"
    }
    print "links:"
    for (i = 0; i < 9990; i++) {
        printf "  cell%d: {from: device%d, to: edge%d, per: edge%d, capacity: 10 Mbit/s, latency: 2 ms}\n", i, i, i % 10, i % 10
    }
    print "workloads:"
    for (i = 0; i < 9990; i++) {
        printf "  job%d: {at: device%d, arrivals: {poisson: {rate: 0.001 /s}}, input: 10 kB, work: 0.1 GFLOP}\n", i, i
    }
    print "experiment: {policies: [local], duration: 1 s}"
}' >"$work/many.yaml"
timed "$build/tiersim" explain --yaml "$work/many.yaml"
figure load_1e4 "$(awk "BEGIN { print $cpu_s * 1000 }")" ms
