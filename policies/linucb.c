/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * linucb - the candidate whose reward may be the greatest: theta' x + width * sqrt(x' A^-1 x), a linear model and how far it may
 * be wrong.  Models, features and discount: ridge.h, context.h.
 *
 * Sources: Li, Chu, Langford, Schapire, WWW (2010) 661-670, algorithm 1; with a discount Russac, Vernade, Cappe, NeurIPS (2019).
 */
#include "policies/builtin.h"
#include "policies/ridge.h"

static const struct ts_param linucb_param[] = {
    RIDGE_PARAM("width", "standard deviations that a reward may be better than expected", 1),
};

static double linucb_score(const struct ridge *r, uint32_t arm, const double x[CONTEXT_D], const void *ctx)
{
    const struct ts_host *h = ctx;
    const struct ridge_arm *m = &r->arm[arm];
    double mean = context_dot(m->theta, x);
    return h->frozen ? mean : mean + r->width * sqrt(ridge_form(m->inverse, x));
}

static int linucb_task(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t i,
                       struct ts_step *step)
{
    return ridge_place(st, h, v, a, i, step, linucb_score, h);
}

static int linucb_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    return decisions_each(linucb_task, st, h, v, a, p);
}

const struct ts_policy policy_linucb = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "linucb",
    .about = "learns linear models of the reward, prefers what may be good (Li et al. 2010)",
    .needs = CONTEXT_NEEDS,
    .cols = CONTEXT_COLS,
    .state_size = sizeof(struct ridge),
    .param_size = sizeof(struct ts_param),
    .param = linucb_param,
    .init = ridge_init,
    .decide = linucb_decide,
    .ended = ridge_ended,
    .save = ridge_save,
    .load = ridge_load,
    .clear = ridge_clear,
    .merge = ridge_merge,
};
