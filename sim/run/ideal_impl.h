/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ideal_impl.h - what ideal.c and ideal_graph.c share. */
#ifndef SIM_RUN_IDEAL_IMPL_H
#define SIM_RUN_IDEAL_IMPL_H

#include "sim/run/ideal.h"
#include "sim/run/steps.h"

/* What does not depend on the job. */
struct ideal {
    struct run *r;
    double *least_s; /* [2 * n_link] least latency of a direction */
    struct ideal_choice *choice;
    bool races;      /* it may have replicas */
    bool timeless;   /* the job may be released at any time, so that bits over what varies take none */
    /* Of a job of several tasks: when the result of a task may be there, by its candidates in the question; what a join gets. */
    double *done_s;  /* [candidates of all its tasks] */
    double *came_s;  /* [most tasks of a graph] */
    bool *needed;    /* the same: it is surely done before the job ends */
    struct ts_step *step; /* [tasks of all workloads] all rejected */
};

/* Of a message of the job, or part of one, over a channel, s. */
double ideal_latency_s(const struct ideal *d, const struct job *j, uint32_t channel, bool back);
/* When bits that may start at t_s are through, if they have the channel to themselves. */
double ideal_through_s(const struct ideal *d, uint32_t channel, double t_s, double bits);

/* The best of all placements of the job in the row, about all of whose tasks is asked: false if it can be done nowhere. */
bool ideal_graph(struct ideal *d, const struct ts_ask *a, uint32_t row, struct ideal_choice *out, double *work_flop);

#endif
