/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/think.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "sim/base/dist.h"
#include "sim/base/err.h"
#include "sim/io/experiment_write.h"
#include "sim/io/ort/network.h"
#include "sim/run/drive.h"

enum { QUESTIONS = 2000 }; /* the median of so many is within some percent from one measurement to the next */

struct timing {
    double *took_s; /* [QUESTIONS] */
    uint32_t n;
};

static double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void take(void *ctx, double s)
{
    struct timing *timing = ctx;
    if (timing->n < QUESTIONS) {
        timing->took_s[timing->n++] = s;
    }
}

static void forget(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int measure_one(struct scenario *s, const struct networks *networks, struct policy_spec *spec,
                       const struct ts_policy *policy, const struct ts_policy *over, struct err *e)
{
    struct network_session network;
    struct timing timing = {.took_s = calloc(QUESTIONS, sizeof(double))};
    const struct drive_watch watch = {.took = take, .clock_s = clock_s, .ctx = &timing};
    const struct run_spec run = {.scenario = s, .spec = spec, .policy = policy, .over = over,
                                 .seed = s->experiment.seed, .full = forget, .infer = &network.service};
    network_begin(&network, networks, spec);
    struct experiment kept = s->experiment;
    struct run_counts counts;
    int rc = timing.took_s ? dist_constant(&spec->control.think, 0, e)
                           : ERR_SET(e, ERR_MEMORY, "out of memory to time policy %s", spec->label);
    s->experiment.warm_up_s = 0;
    s->experiment.jobs = QUESTIONS;
    s->experiment.duration_s = INFINITY;
    rc = rc ? rc : drive(&run, s->file, &watch, &counts, e);
    s->experiment.warm_up_s = kept.warm_up_s;
    s->experiment.jobs = kept.jobs;
    s->experiment.duration_s = kept.duration_s;
    if (!rc) {
        qsort(timing.took_s, timing.n, sizeof *timing.took_s, by_value);
        rc = dist_constant(&spec->control.think, timing.n ? timing.took_s[timing.n / 2] : 0, e);
        spec->control.measure_think = false;
    }
    network_end(&network);
    free(timing.took_s);
    return rc;
}

int think_measure(struct scenario *s, const struct policy_set *set, struct err *e)
{
    struct networks *networks = NULL;
    int rc = 0;
    for (uint32_t i = 0; i < s->experiment.n_policy && !rc; i++) {
        struct policy_spec *spec = &s->experiment.policy[i];
        if (spec->control.measure_think) {
            const struct ts_policy *policy = policy_set_find(set, spec->policy, s->file, spec->line, spec->column, e);
            const struct ts_policy *over = NULL;
            rc = policy ? policy_set_find_over(set, spec, s->file, &over, e) : -(int)e->code;
            rc = rc || networks ? rc : networks_open(&networks, s, e);
            rc = rc ? rc : measure_one(s, networks, spec, policy, over, e);
        }
    }
    rc = rc || !networks ? rc : experiment_write(s, e);
    networks_close(networks);
    return rc;
}
