#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plugin.sh BUILD - policies from shared objects: the built-in rule gives the same digest as a plug-in, what new-policy
# writes compiles and passes its own test, and an object that is no plug-in is refused with its reason.
set -u
top=$PWD t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "$*"; exit 1; }
build() { gcc -shared -fPIC -O2 -ffp-contract=off -I"$top" -I"$top/include" "$@" || fail "gcc $*"; }

# The table of mct under the name $1, in ABI $2.
twin() {
    cat <<END
#include "policies/mct.c"
static struct ts_policy twin;
__attribute__((constructor)) static void make(void)
{
    twin = policy_mct;
    twin.name = "$1";
    twin.abi = $2;
}
TS_PLUGIN(&twin);
END
}
twin twin TS_ABI >twin.c && build -o twin.so twin.c
"$t" run "$top/scenarios/edge.yaml" --jobs 20000 --quiet --policy mct --policy ./twin.so:twin --output a.h5 || fail "run"
"$t" export a.h5 >/dev/null || fail "export"
digests() { awk -F, '$1 != "policy" && $1 !~ /^#/ { print $4 }' "$1"; }
[ "$(digests a_summary.csv | sort -u | wc -l)" = 1 ] || { cat a_summary.csv; fail "mct and its twin differ"; }
"$t" info a.h5 --json >/dev/null 2>&1
"$t" policies --plugin=twin.so | grep -q '^twin ' || fail "policies does not list it"

# An object that makes tiny numbers zero where it is loaded changes nothing.
build -ffast-math -o fast.so twin.c
"$t" run "$top/scenarios/edge.yaml" --jobs 20000 --quiet --plugin fast.so --policy mct --output b.h5 || fail "run beside fast.so"
"$t" export b.h5 >/dev/null || fail "export"
[ "$(digests b_summary.csv)" = "$(digests a_summary.csv | head -n 1)" ] || fail "a plug-in changed the results of another policy"

# What a policy reports of itself: questions 0, 1, .. 9 without, 10 .. 29 in the window, their mean is 19.5; and twice that.
cat >reports.c <<'END'
#include <tiersim/policy.h>
static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)v;
    if (h->metric(h->ctx, "number", (double)a->id) < 0 || h->metric(h->ctx, "twice", 2.0 * (double)a->id) < 0) {
        return -1;
    }
    return ts_answer_place(p, a->cand[0]);
}
static int decide_badly(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)v;
    return a->id < 5 ? ts_answer_place(p, a->cand[0]) : h->metric(h->ctx, a->id % 2 ? "Number" : "number", NAN);
}
static const struct ts_policy reports = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "reports", .about = "x",
                                         .decide = decide};
static const struct ts_policy nameless = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "nameless", .about = "x",
                                          .decide = decide_badly};
TS_PLUGIN(&reports, &nameless);
END
build -o reports.so reports.c
cat >queue.yaml <<'END'
tiersim: 1
name: queue
nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}
workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}}
experiment: {policies: [reports, mct], warm_up: 10 s, duration: 20 s, replications: 2}
END
"$t" run queue.yaml --plugin reports.so --output r.h5 >out || { cat out; fail "run reports"; }
grep -A4 'What policies report of themselves' out | tr -s ' ' | grep -q '^reports number 19.50 ±0' || { cat out; fail "no number"; }
"$t" info --json r.h5 | tr -d ' \n' | grep -q '"twice":{"estimate":39.0' || { "$t" info r.h5 --json; fail "no number in JSON"; }
"$t" verify --plugin reports.so r.h5 >out 2>&1 || { cat out; fail "verify"; }
"$t" run queue.yaml --plugin reports.so --policy nameless --quiet --output n.h5 >out 2>&1
[ $? = 2 ] || fail "nameless: not refused"
grep -q "policy nameless: a metric called 'Number', wanted at most 39 letters of \[a-z0-9_\], not policy, replication or loop_\.\." out ||
    { cat out; fail "nameless"; }

# One that learns, and one that decides by slots of its own clock, from shared objects.
both() { # POLICY, further sources of it ..
    local policy=$1; shift
    cat >"$policy.c" <<END
#include "policies/$policy.c"
static struct ts_policy twin;
__attribute__((constructor)) static void make(void)
{
    twin = policy_$policy;
    twin.name = "twin";
}
TS_PLUGIN(&twin);
END
    build -o "$policy.so" "$policy.c" "$@" -lm
    "$t" run "$top/scenarios/edge.yaml" --jobs 20000 --quiet --policy "$policy" --policy "./$policy.so:twin" --output c.h5 ||
        fail "run $policy"
    "$t" export c.h5 >/dev/null || fail "export"
    [ "$(digests c_summary.csv | sort -u | wc -l)" = 1 ] || { cat c_summary.csv; fail "$policy and its twin differ"; }
}
both q_learning "$top/policies/tabular.c"
both min_min "$top"/policies/{batch,timetable,problem,task_graph}.c

refused() { # OBJECT, what is said
    "$t" policies --plugin "$1" >out 2>&1
    [ $? = 2 ] || fail "$1: not refused"
    grep -qxF "tiersim: $2" out || { cat out; fail "wanted: $2"; }
}
echo text >text.so
: >empty.c && build -o empty.so empty.c
twin mct TS_ABI >taken.c && build -o taken.so taken.c
twin twin 99 >abi.c && build -o abi.so abi.c
refused gone.so "gone.so: the file cannot be opened: No such file or directory"
refused "$dir" "$dir: found a folder, wanted a file"
refused text.so "text.so: found a file that cannot be loaded (./text.so: file too short), wanted a shared object of policies"
refused empty.so "empty.so: found no policies, wanted a shared object in which TS_PLUGIN(&policy) stands"
refused taken.so "taken.so: two policies are called mct"
refused abi.so "abi.so: a policy of ABI 99, wanted ABI 1: compile it against this program's tiersim/policy.h"

"$t" new-policy mine >/dev/null || fail "new-policy"
make -s -C mine TIERSIM="$t" check >out 2>&1 || { cat out; fail "the new policy fails its test"; }
"$t" new-policy mine >out 2>&1 && fail "new-policy wrote over a folder"
"$t" new-policy Mine >out 2>&1 && fail "new-policy took a bad name"
exit 0
