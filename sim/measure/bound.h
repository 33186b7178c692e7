/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bound.h - what no policy can beat, whatever it knows: bounds on the mean latency, the misses, the energy and the objective of a
 * replication's cohort, from its own jobs and draws.  Each is a relaxation; docs/bounds.md has the proofs.
 *
 *   alone        each job at the best place for it, with nobody else about
 *   work         all places together as one machine: least work left first; how much is late whatever is done
 *   access       the same of each link by which alone its jobs reach a processor
 *   loops        of closed loops, whose jobs the policy times: the jobs that take least of all that could come; what the users'
 *                thinking leaves of their time (sim/measure/bound_loop.h)
 *   program      of few jobs, a linear program (sim/experiment/bound_lp.h), by bounds_raise
 *
 * Two sets: `all` for policies that carry out every job of theirs (some may be open when the run ends), where the best of the
 * four holds; `any` for those that also reject or lose jobs, where a job may count what one without a result is
 * charged (SEMANTICS 7.11), and only the first and the last hold.  Energy is of the jobs that are finished, so it is a
 * function of their number.  Values are means over the cohort; they are lowered by what the clock's rounding can do.
 */
#ifndef SIM_MEASURE_BOUND_H
#define SIM_MEASURE_BOUND_H

#include "sim/base/err.h"
#include "sim/measure/record.h"
#include "sim/model/scenario.h"

/* A place where a job can be done, as sim/run/ideal.h tells it. */
struct bound_choice {
    double latency_s, energy_j, cost, exposed;
    double in_s, out_s; /* of the latency before and after the service */
    double floor_j;     /* what a service that is broken off may have used, at least: 0, or less where power falls */
};

enum { BOUND_STEPS = 1024 };

struct bound_values {
    double latency_s, miss, loss;
};

/*
 * Of a closed loop, whose jobs the policy times: the jobs that could be released before the window closes, and the least sums
 * over n of them.  NULL: the class is none.
 */
struct bound_loop {
    uint64_t n_could, n_hopeless;
    double *latency_s[2], *loss[2]; /* [n_could + 1] of n jobs: with any, with all carried out */
    double *energy_j;               /* the same; NULL where a service may take power away */
};

struct bound_class {
    uint64_t n_job;
    struct bound_loop *loop;
    struct bound_values all, any;
    double energy_j[BOUND_STEPS + 1]; /* sum of the least energies of the n_job i/BOUND_STEPS jobs that take least */
};

/* Of one replication. */
struct bounds {
    uint32_t n_class;
    double end_s; /* when the run ends at the latest */
    double loops_latency_s; /* mean over all jobs, all of closed loops and carried out, that nobody can beat; 0 else */
    struct bound_class *class; /* [n_class + 1], the last of all classes together */
    double optimum; /* see sim/experiment/exhaust.h; NAN: not known */
};

/* Jobs that a pool's full batch does at a time, if each took as long as alone. */
double bound_batch_units(const struct pool *pool);

struct bound_jobs;

int bound_jobs_start(struct bound_jobs **out, const struct scenario *s, struct err *e);
/*
 * The next job of the cohort.  access: the channel of which access_bits/capacity is surely needed before any service, from
 * access_s after the release on, or ROW_NONE.
 */
struct bound_job {
    uint32_t class, access, source;
    bool loop; /* of a closed loop, released so early that it may come at any later time */
    double released_s, deadline_s; /* absolute */
    double work_flop, access_bits, access_s;
    uint32_t n_choice;
    const struct bound_choice *choice;
};
int bound_jobs_add(struct bound_jobs *b, const struct bound_job *j, struct err *e);
/* The window, and when the run ends at the latest; INFINITY: when all is done. */
struct bound_span {
    double from_s, to_s, end_s;
};
/* From all of them into out; bounds_clear in any case. */
int bound_jobs_finish(struct bound_jobs *b, struct bound_span span, struct bounds *out, struct err *e);
void bound_jobs_free(struct bound_jobs *b);
void bounds_clear(struct bounds *b);

/* Further sums over all jobs that hold; what is NAN or lower than known is passed over. */
void bounds_raise(struct bounds *b, struct bound_values all, struct bound_values any);

/* Fill the bound metrics of a finished record; NAN where the record is not of the whole cohort.  0, or ERR_MEMORY. */
int bounds_fill(const struct bounds *b, struct record *r, struct err *e);

#endif
