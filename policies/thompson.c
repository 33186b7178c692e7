/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * thompson - draws a linear model of the reward for each arm as likely as it is, theta~ from N(A^-1 b, width^2 A^-1), and takes
 * the candidate that is best by these.  With A = L L' a draw is theta + width * L'^-1 z, z standard normal.  Models, features
 * and discount: ridge.h, context.h.
 *
 * Source: Agrawal, Goyal, ICML (2013) 127-135.
 */
#include <tiersim/math.h>

#include "policies/builtin.h"
#include "policies/cholesky.h"
#include "policies/ridge.h"

static const struct ts_param thompson_param[] = {
    RIDGE_PARAM("width", "standard deviations of the models that are drawn", 0.3),
};

/* A model drawn for each arm that a task may need. */
struct thompson_draw {
    double theta[CONTEXT_ARMS][CONTEXT_D];
};

static void draw_arm(const struct ridge_arm *m, double width, const struct ts_host *h, double theta[CONTEXT_D])
{
    double l[CONTEXT_D][CONTEXT_D], z[CONTEXT_D] = {0};
    if (!h->frozen && width > 0 && cholesky_factor(&m->a[0][0], l) == 0) {
        for (int i = 0; i < CONTEXT_D; i++) {
            z[i] = ts_math_normal(h->uniform(h->ctx));
        }
        cholesky_up(l, z);
    }
    for (int i = 0; i < CONTEXT_D; i++) {
        theta[i] = m->theta[i] + width * z[i];
    }
}

static double thompson_score(const struct ridge *r, uint32_t arm, const double x[CONTEXT_D], const void *ctx)
{
    const struct thompson_draw *draw = ctx;
    (void)r;
    return context_dot(draw->theta[arm], x);
}

static int thompson_task(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t i,
                         struct ts_step *step)
{
    struct ridge *r = st;
    const struct ts_task *t = ts_task_at(a, i);
    struct thompson_draw draw;
    uint32_t drawn = 0; /* bit: the arm has its model */
    for (uint32_t k = 0; k < t->n_cand; k++) {
        uint32_t arm = context_arm(r->arms, v, a, t, k);
        if (!(drawn >> arm & 1)) {
            draw_arm(&r->arm[arm], r->width, h, draw.theta[arm]);
            drawn |= 1u << arm;
        }
    }
    return ridge_place(r, h, v, a, i, step, thompson_score, &draw);
}

static int thompson_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    return decisions_each(thompson_task, st, h, v, a, p);
}

const struct ts_policy policy_thompson = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "thompson",
    .about = "learns linear models of the reward, draws one as likely as it is (Agrawal, Goyal 2013)",
    .needs = CONTEXT_NEEDS,
    .cols = CONTEXT_COLS,
    .state_size = sizeof(struct ridge),
    .param_size = sizeof(struct ts_param),
    .param = thompson_param,
    .init = ridge_init,
    .decide = thompson_decide,
    .ended = ridge_ended,
    .save = ridge_save,
    .load = ridge_load,
    .clear = ridge_clear,
    .merge = ridge_merge,
};
