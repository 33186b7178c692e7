#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_plugin.sh BUILD - what a policy costs from a shared object, as a multiple of the same one built in, on the edge workload
# under mct.  `plugin` is processor time of whole runs: the least of several, in turn with those of the other, so that what else
# the machine does meets both.  `plugin_instructions` is what the processor, or valgrind in its place, counts: the same on a busy
# machine; no figure where neither can.
. "$(dirname "$0")/figure.sh"
jobs=1000000 counted_jobs=100000 rounds=5
top=$here/../..
cat >"$work/twin.c" <<'END'
#include "policies/mct.c"
static struct ts_policy twin;
__attribute__((constructor)) static void make(void)
{
    twin = policy_mct;
    twin.name = "twin";
}
TS_PLUGIN(&twin);
END
gcc -shared -fPIC -O2 -ffp-contract=off -I"$top" -I"$top/include" -o "$work/twin.so" "$work/twin.c"
built_in="--policy mct" shared="--policy twin --plugin $work/twin.so"
least() { awk -v a="${1:-$2}" -v b="$2" 'BEGIN { print (a + 0 < b + 0 ? a : b) }'; }

built_in_s='' shared_s=''
for ((i = 0; i < rounds; i++)); do
    # shellcheck disable=SC2086
    run_jobs edge.yaml $jobs $built_in
    built_in_s=$(least "$built_in_s" "$cpu_s")
    # shellcheck disable=SC2086
    run_jobs edge.yaml $jobs $shared
    shared_s=$(least "$shared_s" "$cpu_s")
done
figure plugin "$(per_s "$shared_s" "$built_in_s")" times

# instructions OPTION...: of a run, or nothing.
instructions() {
    local run=("$build/tiersim" run "$scenarios/edge.yaml" --jobs $counted_jobs --threads 1 --quiet --output "$work/out.h5" "$@") n
    n=$(perf stat -x, -e instructions:u "${run[@]}" 2>&1 >/dev/null | sed -n 's/^\([0-9][0-9]*\),.*instructions.*/\1/p')
    [ -n "$n" ] || n=$(valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null "${run[@]}" 2>&1 >/dev/null |
        sed -n 's/.*I *refs: *\([0-9,]*\).*/\1/p' | tr -d ,)
    echo "$n"
}
# shellcheck disable=SC2086
built_in_n=$(instructions $built_in) shared_n=$(instructions $shared)
[ -z "$built_in_n" ] || figure plugin_instructions "$(per_s "$shared_n" "$built_in_n")" times
