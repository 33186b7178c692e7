/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ridge.h - the linear models of linucb and thompson, one an arm: A = I + sum of x x', b = sum of r x, theta = A^-1 b.
 *
 * With a discount g the past fades with every reward that comes, whichever arm it is of: A <- g A + (1 - g) I, b <- g b, so
 * that an arm that was left alone becomes uncertain again and is tried.  The inverse follows by Sherman-Morrison, O(d^2); the
 * (1 - g) I of d rewards is added to it one direction at a time, d (1 - g) at each reward.
 */
#ifndef POLICIES_RIDGE_H
#define POLICIES_RIDGE_H

#include <stddef.h>

#include "policies/context.h"
#include "policies/decisions.h"

struct ridge_arm {
    double a[CONTEXT_D][CONTEXT_D], inverse[CONTEXT_D][CONTEXT_D], b[CONTEXT_D], theta[CONTEXT_D];
};

struct ridge_decision {
    struct decision head;
    double x[CONTEXT_D];
    uint32_t arm, pad;
};

struct ridge {
    /* parameters */
    double arms, scale_s, discount, width, lost;
    struct ridge_arm arm[CONTEXT_ARMS];
    struct ridge_arm *before; /* when a merge began, or NULL */
    double n_reward;          /* over all runs */
    struct decisions waiting;
};

extern const char *const ridge_arms_word[];

/* Rows of a parameter table; `width` has its meaning and default by policy. */
#define RIDGE_PARAM(width_key, width_about, width_dflt)                                                                \
    {                                                                                                                  \
        .key = "arms", .about = "a model for all candidates, for each tier, or for each of the first 16 candidates",   \
        .dflt = CONTEXT_TIER, .min = 0, .max = CONTEXT_CANDIDATE, .offset = offsetof(struct ridge, arms),              \
        .flags = TS_WHOLE | TS_FIXED, .word = ridge_arms_word                                                          \
    },                                                                                                                 \
        {.key = "scale", .unit = "s", .about = "unit of the times that the models see", .dflt = 1, .min = 1e-9,        \
         .max = 1e6, .offset = offsetof(struct ridge, scale_s), .flags = TS_FIXED},                                    \
        {.key = "discount", .about = "what the past counts after another reward; below 1 it follows drift", .dflt = 1, \
         .min = 0.5, .max = 1, .offset = offsetof(struct ridge, discount)},                                            \
        {.key = (width_key), .about = (width_about), .dflt = (width_dflt), .min = 0, .max = 1e6,                       \
         .offset = offsetof(struct ridge, width)},                                                                     \
        {.key = "lost", .about = "what a job without a result costs where the scenario has no objective", .dflt = 10,  \
         .min = 0, .max = 1e9, .offset = offsetof(struct ridge, lost), .flags = TS_FIXED},                             \
    {                                                                                                                  \
        0                                                                                                              \
    }

/* Of the policies' tables. */
int ridge_init(void *st, const struct ts_host *h, const struct ts_view *v);
int ridge_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o);
int ridge_save(void *st, const struct ts_host *h);
int ridge_load(void *st, const struct ts_host *h);
int ridge_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n);
void ridge_clear(void *st);

/* x' M x */
static inline double ridge_form(const double m[][CONTEXT_D], const double x[CONTEXT_D])
{
    double sum = 0;
    for (int i = 0; i < CONTEXT_D; i++) {
        double row = 0;
        for (int j = 0; j < CONTEXT_D; j++) {
            row += m[i][j] * x[j];
        }
        sum += row * x[i];
    }
    return sum;
}

/* The score of a candidate with vector x by the model of its arm. */
typedef double ridge_score(const struct ridge *r, uint32_t arm, const double x[CONTEXT_D], const void *ctx);

/* Place task i on the candidate of the greatest score, and wait for its reward. */
PICK_INLINE int ridge_place(struct ridge *r, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            uint32_t i, struct ts_step *step, ridge_score *score, const void *ctx)
{
    const struct ts_task *t = ts_task_at(a, i);
    struct ridge_decision best = {.arm = TS_NONE};
    double most = -INFINITY;
    step->task = i;
    step->verb = TS_REJECT;
    step->place = TS_NONE;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        double x[CONTEXT_D];
        if (!ts_up(v, ts_candidate(a, t, k))) {
            continue;
        }
        context_of(r->scale_s, v, a, t, k, x);
        uint32_t arm = context_arm(r->arms, v, a, t, k);
        double s = score(r, arm, x, ctx);
        if (s > most || best.arm == TS_NONE) {
            most = s;
            best.arm = arm;
            memcpy(best.x, x, sizeof x);
            step->verb = TS_PLACE;
            step->place = ts_candidate(a, t, k);
        }
    }
    if (best.arm == TS_NONE || h->frozen) {
        return 0;
    }
    struct ridge_decision *d = (struct ridge_decision *)decisions_next(&r->waiting, sizeof *d, v->now_s);
    if (!d) {
        return h->fail(h->ctx, "out of memory for decisions that wait for their reward");
    }
    d->arm = best.arm;
    memcpy(d->x, best.x, sizeof d->x);
    step->tag = d->head.tag;
    return 0;
}

#endif
