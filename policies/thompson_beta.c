/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * thompson_beta - counts for each target (a tier's best place, or a candidate) and workload how often a job sent there ended
 * well, draws a chance of success for each from Beta(1 + well, 1 + not), and takes the target whose draw is greatest.  Well is
 * in time: by the deadline, or within `within` where that is given.  With a discount both counts fade with each outcome, so
 * that it follows drift.
 *
 * A Beta variable is g1 / (g1 + g2) of two gamma ones, which are drawn by Marsaglia, Tsang, ACM TOMS 26 (2000) 363-372; after
 * GAMMA_TRIES refusals, once in 10^10, the mode is taken.
 *
 * Sources: Thompson, Biometrika 25 (1933) 285-294; Chapelle, Li, NIPS 24 (2011) 2249-2257.
 */
#include <stddef.h>
#include <tiersim/math.h>

#include "policies/builtin.h"
#include "policies/decisions.h"
#include "policies/keep.h"
#include "policies/targets.h"

enum { CLASSES = 8, GAMMA_TRIES = 8, COUNTS = CLASSES * TARGETS_MOST };

struct beta_decision {
    struct decision head;
    uint32_t row, pad;
};

struct beta {
    double places, within_s, discount;
    double well[COUNTS], ill[COUNTS]; /* [class][target]; the last class holds the rest */
    double base_well[COUNTS], base_ill[COUNTS]; /* when a merge began */
    struct decisions waiting;
};

static const struct ts_param beta_param[] = {
    {.key = "places", .about = "targets: 0: tiers, each by its best place; N: the first N candidates", .dflt = 0, .min = 0,
     .max = TARGETS_MOST, .offset = offsetof(struct beta, places), .flags = TS_WHOLE | TS_FIXED},
    {.key = "within", .unit = "s", .about = "latency that is good; 0: any that meets the deadline", .dflt = 0, .min = 0,
     .max = 1e6, .offset = offsetof(struct beta, within_s), .flags = TS_FIXED},
    {.key = "discount", .about = "what the past counts after another outcome; below 1 it follows drift", .dflt = 1, .min = 0.5,
     .max = 1, .offset = offsetof(struct beta, discount)},
    {0},
};

/* Gamma of shape 1 or more, scale 1. */
static double draw_gamma(const struct ts_host *h, double shape)
{
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (int i = 0; i < GAMMA_TRIES; i++) {
        double x = ts_math_normal(h->uniform(h->ctx)), root = 1 + c * x, v = root * root * root;
        double u = h->uniform(h->ctx);
        if (root > 0 && ts_math_log(u) < 0.5 * x * x + d - d * v + d * ts_math_log(v)) {
            return d * v;
        }
    }
    return d;
}

static uint32_t row_of(const struct ts_task *t, uint32_t target)
{
    return (t->cls < CLASSES ? t->cls : CLASSES - 1) * TARGETS_MOST + target;
}

static int decide_task(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t i,
                       struct ts_step *step)
{
    struct beta *b = st;
    const struct ts_task *t = ts_task_at(a, i);
    struct targets g;
    double most = -1;
    uint32_t best = 0;
    targets_find(&g, b->places, v, a, t);
    for (uint32_t j = 0; j < g.n; j++) {
        if (g.there >> j & 1) {
            uint32_t row = row_of(t, j);
            double one = 1 + b->well[row], two = 1 + b->ill[row];
            one = h->frozen ? one : draw_gamma(h, one);
            two = h->frozen ? two : draw_gamma(h, two);
            double chance = one / (one + two);
            best = chance > most ? j : best;
            most = chance > most ? chance : most;
        }
    }
    step->task = i;
    step->verb = g.there ? TS_PLACE : TS_REJECT;
    step->place = g.there ? ts_candidate(a, t, g.cand[best]) : TS_NONE;
    if (!g.there || h->frozen) {
        return 0;
    }
    struct beta_decision *d = decisions_next(&b->waiting, sizeof *d, v->now_s);
    if (!d) {
        return h->fail(h->ctx, "out of memory for decisions that wait for their outcome");
    }
    d->row = row_of(t, best);
    step->tag = d->head.tag;
    return 0;
}

static int beta_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    return decisions_each(decide_task, st, h, v, a, p);
}

static int beta_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    struct beta *b = st;
    struct beta_decision *d = decisions_find(&b->waiting, o->tag);
    (void)v;
    if (!d || h->frozen) {
        return 0;
    }
    for (uint32_t k = 0; k < COUNTS && b->discount < 1; k++) {
        b->well[k] *= b->discount;
        b->ill[k] *= b->discount;
    }
    int well = o->end == TS_DONE && (b->within_s == 0 || o->now_s - o->released_s <= b->within_s);
    b->well[d->row] += well;
    b->ill[d->row] += !well;
    d->head.tag = 0;
    return 0;
}

static int beta_save(void *st, const struct ts_host *h)
{
    const struct beta *b = st;
    const double figures[2] = {b->places, b->within_s};
    int rc = keep_put(h, "places_within.f64", figures, 2);
    rc = rc ? rc : keep_put(h, "well.f64", b->well, COUNTS);
    return rc ? rc : keep_put(h, "ill.f64", b->ill, COUNTS);
}

static int beta_load(void *st, const struct ts_host *h)
{
    struct beta *b = st;
    double figures[2];
    int rc = keep_get(h, "places_within.f64", figures, 2);
    rc = rc ? rc : keep_get(h, "well.f64", b->well, COUNTS);
    rc = rc ? rc : keep_get(h, "ill.f64", b->ill, COUNTS);
    if (rc == 0 && (figures[0] != b->places || figures[1] != b->within_s)) {
        rc = h->fail(h->ctx, "it was learned with places %g and within %g s, here they are %g and %g s", figures[0], figures[1],
                     b->places, b->within_s);
    }
    for (uint32_t k = 0; k < COUNTS && rc == 0; k++) {
        if (b->well[k] < 0 || b->ill[k] < 0) {
            rc = h->fail(h->ctx, "what was learned has counts below 0");
        }
    }
    return rc;
}

/* Without discount counts add up; with one they are averaged. */
static int beta_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n)
{
    struct beta *b = st, other = *b;
    double part = b->discount < 1 ? 1.0 / n : 1;
    if (k == 0) {
        memcpy(b->base_well, b->well, sizeof b->well);
        memcpy(b->base_ill, b->ill, sizeof b->ill);
    }
    int rc = beta_load(&other, h);
    for (uint32_t i = 0; i < COUNTS && rc == 0; i++) {
        b->well[i] += part * (other.well[i] - b->base_well[i]);
        b->ill[i] += part * (other.ill[i] - b->base_ill[i]);
    }
    return rc;
}

static void beta_clear(void *st)
{
    struct beta *b = st;
    decisions_clear(&b->waiting);
}

const struct ts_policy policy_thompson_beta = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "thompson_beta",
    .about = "learns how often jobs are in time, draws a chance as likely as it is (Thompson 1933)",
    .needs = TARGETS_NEEDS,
    .cols = TARGETS_COLS,
    .state_size = sizeof(struct beta),
    .param_size = sizeof(struct ts_param),
    .param = beta_param,
    .decide = beta_decide,
    .ended = beta_ended,
    .save = beta_save,
    .load = beta_load,
    .clear = beta_clear,
    .merge = beta_merge,
};
