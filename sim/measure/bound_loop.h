/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bound_loop.h - bounds for closed loops (docs/bounds.md).  Which jobs are released in the window depends on the policy, but not
 * which could be: those whose user has thought long enough by its end.
 */
#ifndef SIM_MEASURE_BOUND_LOOP_H
#define SIM_MEASURE_BOUND_LOOP_H

#include "sim/measure/bound.h"

/* A job that could be released, at released_s at the earliest. */
struct loop_job {
    uint32_t source;
    double released_s, latency_s, energy_j, floor_j, work_s; /* work_s: of all places as one machine */
    double charged_s[2], loss[2]; /* latency or what it is charged instead, and loss: with any, with all carried out */
    bool hopeless;
};

/* Fill in n jobs of a class; free with bound_loop_free.  NULL: memory is out. */
struct bound_loop *bound_loop_new(const struct loop_job *job, size_t n);
void bound_loop_free(struct bound_loop *l);

/*
 * The least mean latency of a policy that carries out all jobs, all of closed loops of n_user users, of a window from 0 to to_s:
 * each user waits when not thinking.  0 if nothing follows; NAN: memory is out.  Sorts job.
 */
double bound_loops_latency_s(struct loop_job *job, size_t n, uint64_t n_user, double to_s);

#endif
