#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_plugin.sh BUILD - what a policy costs from a shared object, as a multiple of the same one built in: processor time of a
# whole run of the edge workload under mct.
. "$(dirname "$0")/figure.sh"
jobs=2000000
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
run_jobs edge.yaml $jobs --policy mct
built_in_s=$cpu_s
run_jobs edge.yaml $jobs --policy twin --plugin "$work/twin.so"
figure plugin "$(awk "BEGIN { print $cpu_s / $built_in_s }")" times
