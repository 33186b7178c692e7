/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trial.h - what a decision of a policy costs, without the run around it.  It is asked the same questions over and over: a
 * task of one of 10 devices that may stay there or go to 8 edge servers or the cloud, whose queues and estimates differ from
 * question to question.  A policy that puts tasks off is asked about 10 of them at once, one of each device, and its time
 * is divided among them.  Times are of the processor; nothing that is measured here reaches a result.
 */
#ifndef SIM_POLICY_TRIAL_H
#define SIM_POLICY_TRIAL_H

#include <tiersim/policy.h>

enum {
    TRIAL_SAMPLES = 32, /* a power of 2 */
    TRIAL_TASKS = 10,
    TRIAL_CANDIDATES = 10,
    TRIAL_PLACES = TRIAL_TASKS + TRIAL_CANDIDATES - 1
};

struct trial_sample {
    double col[TS_N_COL][TRIAL_PLACES], est[TS_N_EST][TRIAL_TASKS * TRIAL_CANDIDATES];
    const double *col_of[TS_N_COL], *est_of[TS_N_EST];
};

struct trial {
    struct trial_sample sample[TRIAL_SAMPLES];
    struct ts_task task[TRIAL_TASKS];
    ts_id cand[TRIAL_TASKS * TRIAL_CANDIDATES];
    struct ts_view view;
    struct ts_ask ask;
};

/* It holds pointers into itself: it may not move. */
void trial_init(struct trial *t);
/* Make the i-th question the one that is asked, about one task or all of them. */
void trial_turn(struct trial *t, uint64_t i, uint32_t n_task, enum ts_why why);
/* Seconds of the processor since some time. */
double trial_clock_s(void);
/* ns for a task of a policy whose parameters have their defaults, measured for about for_s; NAN if it fails, or asks the
 * world outside. */
double trial_ns(struct trial *t, const struct ts_policy *p, double for_s);

#endif
