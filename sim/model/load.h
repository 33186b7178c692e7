/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load.h - what a scenario asks of its processors and links before anybody decides anything: what must come to each, since
 * it can go nowhere else, and what may come at most.  Means over time, as if all jobs were carried out; in SI.
 *
 * The members of a group count as one: a load of 0.9 may still be too much for one of them, but one above 1 is too much for
 * some of them whatever is decided.  A closed loop slows down under load, so it must nothing, and may what it would without
 * any waiting.
 */
#ifndef SIM_MODEL_LOAD_H
#define SIM_MODEL_LOAD_H

#include "sim/model/scenario.h"

struct err;

/* Of a pool of all members of its group, flop/s; or of a direction of all instances of a link, bit/s. */
struct load_use {
    double capacity, must, may;
};

struct load_workload {
    double rate;           /* jobs per second; of a closed loop without any waiting */
    bool closed;
    uint32_t n_pool;       /* where they can run; 0 = nowhere */
    uint32_t best_pool;    /* where the mean job ends first when nothing else runs */
    double unloaded_s;     /* its latency there; INFINITY = nowhere */
    double capacity, must; /* flop/s of all pools where it can run; of all jobs that can run nowhere else */
};

struct loads {
    struct arena arena;
    struct load_use *pool;          /* [n_pool] */
    struct load_use *channel;       /* [n_link][N_DIRECTION] */
    struct load_workload *workload; /* [n_workload] */
    bool *group_runs;               /* [n_group] some job can run there */
    bool *group_reached;            /* [n_group] or a route leads there, or through it, from where jobs are released */
};

/* Under the restrictions of a policy (run_in, edges); NULL: of none.  0, or ERR_MEMORY; loads_clear in both cases. */
int loads_find(struct loads *out, const struct scenario *s, const struct policy_spec *policy, struct err *e);
void loads_clear(struct loads *l);

#endif
