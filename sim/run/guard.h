/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard.h - what a policy does that no return value tells: its call crashes, never comes back, or ends the process.  Then
 * one line names the policy, the call and the question, finished replications get a moment to reach the disk, and the
 * process ends with status 2.
 *
 * Crashes (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) are seen on a stack of their own, so that endless recursion is, too; the
 * watch over calls that never come back is a timer of the thread's processor time, so waiting costs nothing; exit() is seen by
 * atexit.  What happens outside of a policy's call stays what it was.  A call costs four stores.
 *
 * Signals belong to the process: guard_install is for a program's main; a library leaves it to who uses it.
 */
#ifndef SIM_RUN_GUARD_H
#define SIM_RUN_GUARD_H

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <tiersim/policy.h>

#define GUARD_CALL_LIMIT_S 10.0 /* what one call may take unless said otherwise */
enum { GUARD_STACK = 64 << 10 };

/* Who writes results counts here, so that what was finished when a policy crashed is waited for. */
struct guard_saved {
    _Atomic uint64_t n_handed, n_durable; /* replications */
};

/* One for each replication under way, on the stack of its thread. */
struct guard {
    const char *call; /* "decide", ..; NULL: none is under way */
    const struct ts_ask *ask; /* the question of that call, or NULL */
    const double *now_s;
    const char *policy;
    uint64_t n_call;
    uint32_t replication;
    double limit_s;
    const struct guard_saved *saved;
    /* of guard.c */
    uint64_t seen;
    uint32_t n_tick;
    bool timed;
    timer_t timer;
    stack_t old_stack;
    struct guard *outer;
    char stack[GUARD_STACK];
};

/* Once in a process; again, it does nothing. */
void guard_install(void);
/*
 * Watch over the calls of a policy by this thread until guard_end; policy, call, now_s, replication, limit_s (0: none; of
 * processor time) and saved (NULL: nothing is waited for) are set.  Without guard_install nothing is watched.
 */
void guard_begin(struct guard *g);
void guard_end(struct guard *g);

static inline void guard_enter(struct guard *g, const char *call, const struct ts_ask *ask)
{
    g->ask = ask;
    g->n_call++;
    g->call = call;
}
static inline void guard_leave(struct guard *g)
{
    g->call = NULL;
}

#endif
