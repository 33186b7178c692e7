/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * run.h - one replication as a stepper.  run_next goes on until the policy must be asked or told something; run_answer
 * takes the plan.  Whoever calls the two is a driver: the built-in loop (drive.h), a socket, a learning environment.
 *
 * A run is a pure function of (scenario, policy parameters and answers, seed, replication).  It knows no file, no thread
 * and no metric: what happens is appended to a buffer of transitions, and full buffers are handed on.
 */
#ifndef SIM_RUN_RUN_H
#define SIM_RUN_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <tiersim/policy.h>

#include "sim/model/scenario.h"
#include "sim/run/transition.h"

struct blobs;
struct guard_saved;
struct tallies;
struct err;
struct run;
struct text_service;
struct infer_service;

struct run_spec {
    const struct scenario *scenario;
    const struct policy_spec *spec; /* which candidates the policy is given */
    const struct ts_policy *policy; /* what it is told: flags, needs, cols, triggers; its functions are the driver's */
    const struct ts_policy *over;   /* the same of the policy of the slow controllers; NULL: the scenario has none */
    uint32_t replication;
    uint64_t seed, tie_seed;
    bool queued; /* serve FIFO stations by queues even where departures could be computed ahead: same transitions */
    /* Takes n transitions; called with full buffers and at the end. */
    void (*full)(void *ctx, const struct transition *t, size_t n);
    void *ctx;
    /* State in and out of the policy (its load and save): NULL: it starts with what the scenario gives, and nothing is kept. */
    const struct blobs *state_in;
    struct blobs *state_out;
    struct tallies *own;             /* what the policy reports of itself is added there; NULL: nobody looks */
    double call_limit_s;             /* of processor time, that a call of the policy may take; 0: any (guard.h) */
    const struct guard_saved *saved; /* NULL: nothing is to be waited for when the policy crashes */
    const struct text_service *text; /* whom the policy may ask; NULL: nobody */
    const struct infer_service *infer; /* who runs its network; NULL: nobody */
    _Atomic uint64_t *progress; /* jobs released are added to it now and then; NULL: nobody looks */
};

enum run_next { RUN_ENDED = 0, RUN_QUESTION = 1, RUN_OUTCOME = 2, RUN_SETTING = 3 }; /* < 0: an error */

enum run_verdict { RUN_FINISHED, RUN_SATURATED };

struct run_counts {
    double window_from_s, window_to_s, end_s;
    uint64_t n_released, n_event, n_question, n_transition;
    size_t n_event_live, n_event_dead, rows_used;
    enum run_verdict verdict;
};

int run_create(struct run **out, const struct run_spec *spec, struct err *e);
void run_free(struct run *r);

/* How many controllers there are, or blocks of an ideal one, view->ctl is below; each has a state of the policy.  Those with a
 * clock of their own: all blocks; controllers that are not ideal share the first. */
uint32_t run_controllers(const struct run *r);
uint32_t run_clocks(const struct run *r);
/* Controllers from this number on are slow ones, which have the policy `over`. */
uint32_t run_fast(const struct run *r);
/* After RUN_SETTING: the parameter in that row has this value for this controller from now on. */
struct run_setting {
    uint32_t ctl, param;
    double value;
};
struct run_setting run_setting(const struct run *r);
/* The k-th that controller ctl is over, as host->below. */
int run_below(const struct run *r, uint32_t ctl, uint32_t k, uint32_t *below, uint32_t *node);
/* The view is there from the start, for a policy's init. */
const struct ts_view *run_view(struct run *r, uint32_t ctl);
/* What is asked or told is borrowed until the next call.  Each question is followed by run_answer. */
int run_next(struct run *r, const struct ts_view **v, const struct ts_ask **a, const struct ts_outcome **o,
             struct err *e);
/* 0, or -ERR_POLICY if the plan is illegal (see sim/policy/check.h). */
int run_answer(struct run *r, const struct ts_plan *p, struct err *e);

/*
 * The period of a clock of the policy from now on, s; 0: none.  Ticks are at multiples of the period from when it is set or last
 * changed; they end when nothing else is going to happen.
 */
void run_set_clock(struct run *r, uint32_t clock, double period_s);

/* Speed and power of a core of a place at a level; < 0 if it has no such level. */
int run_level(const struct run *r, uint32_t place, uint32_t level, double *speed_flops, double *power_w);

/* For the host services of a driver.  Draw j of the question being asked, in (0,1). */
double run_policy_uniform(struct run *r, uint32_t j);
/* Rate that a further flow would get now and sum of latencies between two nodes; < 0 if there is no way. */
int run_path(struct run *r, uint32_t from_node, uint32_t to_node, double *rate_bps, double *delay_s);

struct run_counts run_counts(const struct run *r);
/* Where the simulated time stands, for err_bug_context. */
const double *run_clock(const struct run *r);

#endif
