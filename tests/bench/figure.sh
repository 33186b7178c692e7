# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# figure.sh - for the run_*.sh of this folder: times the program as a user runs it.  Sourced with bash.
#
# cpu_s COMMAND... sets cpu_s to the processor time of the whole process, start and writing included.
set -eu
build=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
scenarios=$here/../../scenarios
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
TIMEFORMAT='%U %S %R'

timed() {
    { time "$@" >/dev/null 2>"$work/err" || { cat "$work/err" >&2; exit 1; }; } 2>"$work/time"
    read -r user system wall <"$work/time"
    cpu_s=$(awk "BEGIN { print $user + $system }")
    wall_s=$wall
}

# run_jobs SCENARIO JOBS [OPTION...]: one run on one thread.
run_jobs() {
    local scenario=$1 jobs=$2
    shift 2
    timed "$build/tiersim" run "$scenarios/$scenario" --jobs "$jobs" --threads 1 --quiet --output "$work/out.h5" "$@"
}

# edge_scale N: options that make scenarios/edge.yaml (N = 1000) have N devices.
edge_scale() {
    awk -v n="$1" 'BEGIN {
        printf "--set=nodes.device.count=%d ", n
        printf "--set=nodes.edge.processors.cpu.speed=%gGFLOP/s ", 100 * n / 1000
        printf "--set=nodes.cloud.processors.cpu.speed=%gGFLOP/s ", 62.5 * n / 1000
        printf "--set=links.cell.capacity=%gMbit/s", 100 * n / 1000 }'
}

figure() { awk -v name="$1" -v value="$2" -v unit="$3" 'BEGIN { printf "bench: %s %.4g %s\n", name, value, unit }'; }
per_s() { awk "BEGIN { print $1 / $2 }"; }
