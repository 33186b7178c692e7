/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * double_q - two tables, of which a coin says which one a decision updates; the best action of the successor is chosen by the
 * one and valued by the other, so that what looked good by chance is not believed.  Decisions go by the sum.  State, actions,
 * discount and delayed rewards: tabular.h.
 *
 * Source: van Hasselt, NIPS 23 (2010) 2613-2621.
 */
#include "policies/builtin.h"
#include "policies/tabular.h"

static inline double double_q_successor(const struct tabular *q, const struct tabular_decision *d, uint32_t table)
{
    uint32_t best = 0;
    double most = -INFINITY;
    for (uint32_t a = 0; a < q->n_action; a++) {
        double x = d->next_there >> a & 1 ? tabular_value(q, table, &d->next, a) : -INFINITY;
        best = x > most ? a : best;
        most = x > most ? x : most;
    }
    return tabular_value(q, 1 - table, &d->next, best);
}

static int double_q_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)v;
    return tabular_init(st, h, 2);
}

static int double_q_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                     struct ts_plan *p)
{
    return tabular_decide(st, h, v, a, p, double_q_successor);
}

static int double_q_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)v;
    return tabular_ended(st, h, o, double_q_successor);
}

const struct ts_policy policy_double_q = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "double_q",
    .about = "q_learning with two tables, without its bias to the lucky (van Hasselt 2010)",
    .needs = TABULAR_NEEDS,
    .cols = TABULAR_COLS,
    .state_size = sizeof(struct tabular),
    .param_size = sizeof(struct ts_param),
    .param = tabular_param,
    .init = double_q_init,
    .decide = double_q_decide,
    .ended = double_q_ended,
    .save = tabular_save,
    .load = tabular_load,
    .clear = tabular_clear,
    .merge = tabular_merge,
};
