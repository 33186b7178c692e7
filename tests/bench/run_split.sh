#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_split.sh BUILD - what a network of 60 layers costs that is cut between a phone and a server, two services a job, as a
# multiple of as many services of jobs with one task.
. "$(dirname "$0")/figure.sh"
jobs=400000

# chain LAYERS: work of 3 GFLOP and data that shrink from layer to layer, so that the best cut lies within.
chain() {
    awk -v n="$1" 'BEGIN {
        print "tiersim: 1\nname: chain\nnodes:"
        print "  phone: {tier: end, count: 100, attach: server, processors: {cpu: {cores: 1, speed: 5 GFLOP/s}}}"
        print "  server: {tier: edge, processors: {gpu: {cores: 64, speed: 100 GFLOP/s}}}"
        print "links: {wifi: {from: phone, to: server, per: phone, capacity: 20 Mbit/s}}"
        print "workloads:\n  photo:\n    at: phone\n    arrivals: {poisson: {rate: 1 /s}}\n    input: 4 MB"
        if (n == 1) print "    work: 3 GFLOP\n    output: 1 kB"
        else print "    tasks:"
        for (i = 1; n > 1 && i <= n; i++) {
            after = i > 1 ? sprintf(", after: {l%d: %d B}", i - 1, 4e6 * exp(-9.75 * (i - 1) / n) + 20000) : ""
            printf "      l%d: {work: %g MFLOP%s%s}\n", i, 3000 / n, after, (i == n ? ", output: 1 kB" : "")
        }
        print "experiment: {policies: [local], jobs: 1}" }' >"$work/chain_$1.yaml"
}

scenarios=$work
chain 60
chain 1
run_jobs chain_60.yaml $jobs --policy neurosurgeon
cut_s=$cpu_s
run_jobs chain_1.yaml $((2 * jobs)) --policy nearest_edge
figure split "$(awk "BEGIN { print $cut_s / $cpu_s }")" times
