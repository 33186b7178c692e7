# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# big_trace.sh - for scripts: a long trace in little memory.  Sourced.
#
# big_trace PROGRAM ROWS KIB: makes a CSV of ROWS arrivals with two columns here, imports it and replays the first seconds of
# it, with at most KIB of memory of the process's own (RLIMIT_DATA; what is mapped from a file is not its own, and goes when
# others need the room).
big_trace() {
    awk -v n="$2" 'BEGIN {
        print "time_s,prompt,output"
        for (i = 0; i < n; i++) {
            printf "%d.%03d,%d,%d\n", i / 100, i % 100 * 10, i * 7919 % 8000, i * 104729 % 500
        }
    }' >big.csv || return 1
    cat >big.yaml <<'END'
tiersim: 1
name: big
nodes:
  device: {tier: end, count: 3, processors: {cpu: {cores: 1, speed: 10 GFLOP/s}}}
workloads:
  chat:
    at: device
    arrivals: {trace: {file: big.tst, start: first}}
    input: {linear: {prompt: 4 B}}
    work: {linear: {output: 10 kFLOP, constant: 1 MFLOP}}
    output: 1 kB
experiment: {policies: [local], replications: 1, seed: 1, duration: 10 s}
END
    (ulimit -d "$3" && "$1" import arrivals big.csv && "$1" run big.yaml --threads 1 --output big.h5) >big.log 2>&1 ||
        { cat big.log; return 1; }
    grep -q "rows    $2 read, $2 kept, 0 dropped" big.log || { cat big.log; return 1; }
    rm -f big.csv big.tst
}
