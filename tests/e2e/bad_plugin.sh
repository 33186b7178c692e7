#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bad_plugin.sh BUILD - a plug-in that crashes, never comes back, ends the process or writes where it may not: the run ends
# with status 2 and one line that names the policy, the call and the question; what was finished before can be resumed.
set -u
top=$PWD t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "$*"; exit 1; }
case $1 in
*asan* | *tsan*) echo "sanitizers make something else of such signals"; exit 77 ;;
esac
cat >bad.c <<'END'
#include <stdlib.h>
#include <string.h>
#include <tiersim/policy.h>

struct state {
    double n;
};

/* NOLINTBEGIN: all of this is wrong on purpose */
static volatile int zero;
static int *volatile nowhere;

static int fine(const struct ts_ask *a, struct ts_plan *p)
{
    return ts_answer_place(p, a->cand[0]);
}
static __attribute__((noinline)) int recurse(volatile char *up)
{
    volatile char here[4096];
    here[0] = up ? up[0] : 1;
    return recurse(here) + here[0];
}

#define DECIDE(tag, body)                                                                                              \
    static int decide_##tag(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,        \
                            struct ts_plan *p)                                                                         \
    {                                                                                                                  \
        (void)st, (void)h, (void)v;                                                                                    \
        if (a->id < 3) {                                                                                               \
            return fine(a, p);                                                                                         \
        }                                                                                                              \
        body                                                                                                           \
        return fine(a, p);                                                                                             \
    }
#define POLICY(tag)                                                                                                    \
    static const struct ts_policy tag = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = #tag, .about = "x",  \
                                         .state_size = sizeof(struct state), .decide = decide_##tag, .cols = 1u << TS_BUSY};
#define BAD(tag, body) DECIDE(tag, body) POLICY(tag)

BAD(segv, { *nowhere = 1; })
BAD(overflow, { p->n = (uint32_t)recurse(0); })
BAD(divide, { p->n = (uint32_t)((int)a->id / zero); })
BAD(aborts, { abort(); })
BAD(trap, { __builtin_trap(); })
BAD(loops, {
    for (;;) {
        zero = 0;
    }
})
BAD(exits, { exit(0); })
BAD(state_behind, { ((struct state *)st)[1].n = 1; })
BAD(state_before, { ((struct state *)st)[-1].n = 1; })
BAD(plan_behind, { p->step[p->cap].verb = TS_PLACE; })
BAD(plan_moved, {
    static struct ts_step own[4];
    p->step = own;
})
BAD(plan_room, { p->cap *= 2; })
BAD(uncounted, { p->step[1].verb = TS_PLACE; })
BAD(view_busy, { ((double *)v->col[TS_BUSY])[0] = 0.5; })
BAD(view_clock, { ((struct ts_view *)v)->now_s += 1; })
BAD(task_deadline, { ((struct ts_task *)a->task)->deadline_s = 0; })

static int init_crash(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)st, (void)h, (void)v;
    *nowhere = 1;
    return 0;
}
static int ended_crash(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v, (void)o;
    *nowhere = 1;
    return 0;
}
static int ended_writes(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)h, (void)v, (void)o;
    memset((char *)st + sizeof(struct state), 0, 4);
    return 0;
}
static void clear_crash(void *st)
{
    (void)st;
    *nowhere = 1;
}
DECIDE(ok, {})
#define AROUND(tag, member, call)                                                                                      \
    static const struct ts_policy tag = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = #tag, .about = "x",  \
                                         .state_size = sizeof(struct state), .decide = decide_ok, .member = call};
AROUND(bad_init, init, init_crash)
AROUND(bad_ended, ended, ended_crash)
AROUND(far_ended, ended, ended_writes)
AROUND(bad_clear, clear, clear_crash)
/* Fine in the first replication of this process, then not. */
static int n_init;
static int init_second(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)st, (void)h, (void)v;
    if (n_init++ == 2) {
        *nowhere = 1;
    }
    return 0;
}
AROUND(third, init, init_second)
/* NOLINTEND */
TS_PLUGIN(&segv, &overflow, &divide, &aborts, &trap, &loops, &exits, &state_behind, &state_before, &plan_behind, &plan_moved,
          &plan_room, &uncounted, &view_busy, &view_clock, &task_deadline, &bad_init, &bad_ended, &far_ended, &bad_clear,
          &third);
END
gcc -shared -fPIC -O1 -w -I"$top/include" -o bad.so bad.c || fail "gcc"
cat >queue.yaml <<'END'
tiersim: 1
name: queue
nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}
workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}}
experiment: {policies: [mct], duration: 20 s, replications: 1}
END

ends() { # POLICY, how its line goes on
    timeout 120 "$t" run queue.yaml --plugin bad.so --policy "$1" --call-limit 0.4s --threads 1 --quiet --output x.h5 >out 2>&1
    status=$?
    [ $status = 2 ] || { cat out; fail "$1: status $status, wanted 2"; }
    grep -qxF "tiersim: policy $1$2" out || { cat out; fail "$1: wanted: tiersim: policy $1$2"; }
    [ "$(wc -l <out)" = 1 ] || { cat out; fail "$1: more than one line"; }
    rm -rf x.h5 x.h5.parts
}
here="(question 3, arrived, t = 3 s, replication 0)"
ends segv ": decide crashed: it used memory that is not its own, or ran out of stack (SIGSEGV) $here"
ends overflow ": decide crashed: it used memory that is not its own, or ran out of stack (SIGSEGV) $here"
ends divide ": decide crashed: it divided a whole number by 0, or the like (SIGFPE) $here"
ends aborts ": decide gave up: it called abort, or the C library did so for it (SIGABRT) $here"
ends trap ": decide crashed: it ran what is no instruction (SIGILL) $here"
ends loops ": decide did not come back within 0.4 s of processor time $here; --call-limit changes what it may take"
ends exits ": decide called exit $here"
ends bad_init ": init crashed: it used memory that is not its own, or ran out of stack (SIGSEGV) (t = 0 s, replication 0)"
ends bad_ended ": ended crashed: it used memory that is not its own, or ran out of stack (SIGSEGV) (t = 0.1 s, replication 0)"
ends bad_clear ": clear crashed: it used memory that is not its own, or ran out of stack (SIGSEGV) (t = 20 s, replication 0)"
asked=", question 3 (arrived, t = 3 s)"
ends state_behind "$asked: decide wrote outside its state of 8 bytes"
ends state_before "$asked: decide wrote outside its state of 8 bytes"
ends far_ended ": ended wrote outside its state of 8 bytes"
ends plan_behind "$asked: decide wrote behind the 16 steps that there is room for"
ends plan_moved "$asked: decide changed where its plan lies or the room that it has, wanted host->more for that"
ends plan_room "$asked: decide changed where its plan lies or the room that it has, wanted host->more for that"
ends uncounted "$asked: decide filled in step 1 and counted 1 steps"
ends view_busy "$asked: decide changed the view or the question, wanted both left alone"
ends view_clock "$asked: decide changed the view or the question, wanted both left alone"
ends task_deadline "$asked: decide changed the view or the question, wanted both left alone"

# What was finished when it crashed is there to go on from.
"$t" run queue.yaml --plugin bad.so --policy third --replications 4 --threads 1 --quiet --output y.h5 >out 2>&1
[ $? = 2 ] || fail "third: wanted status 2"
grep -q "^tiersim: policy third: init crashed.*replication 2)$" out || { cat out; fail "third: not named"; }
"$t" run queue.yaml --plugin bad.so --policy third --replications 4 --threads 1 --resume --quiet --output y.h5 >out 2>&1 ||
    { cat out; fail "third: cannot be resumed"; }
"$t" info y.h5 | grep -q "2 of 4 replications were there" || { "$t" info y.h5; fail "third: what was finished was lost"; }
exit 0
