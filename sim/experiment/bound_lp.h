/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bound_lp.h - a lower bound on what few jobs count at best, by a linear program over shares of jobs at places in slots of time
 * (docs/bounds.md, the linear program).  GLPK finds prices of the slots; the bound is worked out from these anew, and
 * holds for any prices, so that no tolerance of a solver enters it.
 */
#ifndef SIM_EXPERIMENT_BOUND_LP_H
#define SIM_EXPERIMENT_BOUND_LP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/err.h"

/* A job at a place. */
struct lp_choice {
    uint32_t place;   /* row of lp_case.units */
    double in_s;      /* its service begins no sooner after the release */
    double out_s;     /* its result comes no sooner after the service */
    double latency_s; /* alone */
    double work_s;    /* of one unit */
    double rest;      /* what it counts besides latency and a miss */
};

struct lp_job {
    double released_s, allowed_s; /* allowed after the release, INFINITY = any */
    double without;               /* what it counts without a result; INFINITY: it must have one */
    uint32_t first, n_choice;     /* in lp_case.choice */
};

struct lp_case {
    uint32_t n_job, n_place;
    const struct lp_job *job;
    const struct lp_choice *choice;
    const double *units; /* [n_place] that work at a time */
    double per_s, per_miss, per_rest; /* weights */
};

/*
 * The least sum of what the jobs count, or a lower bound on it; NAN if the program would be too large.  -ERR_MEMORY.  Safe from
 * several threads: they take turns.
 */
int bound_lp(const struct lp_case *c, double *bound, struct err *e);

#endif
