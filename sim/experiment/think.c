/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/think.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "sim/base/dist.h"
#include "sim/base/err.h"
#include "sim/experiment/services.h"
#include "sim/io/experiment_write.h"
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

static int check_inside(const struct scenario *s, const struct policy_spec *spec, const struct ts_policy *policy,
                        const struct ts_policy *over, struct err *e)
{
    return policy_asks(policy, over) && text_is_outside(s, spec)
               ? ERR_SET(e, ERR_INPUT,
                         "policy %s: found think: measured, and it asks outside, wanted a time: what an answer takes is charged "
                         "by its language model, and asking 2000 times to measure the rest would be paid for, too",
                         spec->label)
               : 0;
}

static int measure_one(struct scenario *s, const struct services *services, struct policy_spec *spec,
                       const struct ts_policy *policy, const struct ts_policy *over, struct err *e)
{
    struct services_session session;
    struct timing timing = {.took_s = calloc(QUESTIONS, sizeof(double))};
    const struct drive_watch watch = {.took = take, .clock_s = clock_s, .ctx = &timing};
    struct run_spec run = {.scenario = s, .spec = spec, .policy = policy, .over = over, .seed = s->experiment.seed,
                           .full = forget};
    services_begin(&session, services, &run);
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
    services_end(&session, NULL, e);
    free(timing.took_s);
    return rc;
}

int think_measure(struct scenario *s, const struct policy_set *set, struct err *e)
{
    struct services services = {0};
    bool opened = false;
    int rc = 0;
    for (uint32_t i = 0; i < s->experiment.n_policy && !rc; i++) {
        struct policy_spec *spec = &s->experiment.policy[i];
        if (spec->control.measure_think) {
            const struct ts_policy *policy = policy_set_find(set, spec->policy, s->file, spec->line, spec->column, e);
            const struct ts_policy *over = NULL;
            rc = policy ? policy_set_find_over(set, spec, s->file, &over, e) : -(int)e->code;
            rc = rc ? rc : check_inside(s, spec, policy, over, e);
            rc = rc || opened ? rc : services_open(&services, s, NULL, e);
            opened = true;
            rc = rc ? rc : measure_one(s, &services, spec, policy, over, e);
        }
    }
    rc = rc || !opened ? rc : experiment_write(s, e);
    services_close(&services);
    return rc;
}
