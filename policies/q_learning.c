/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * q_learning - the successor is worth the best that can be done there, whatever is done: the table learns the best way while
 * it explores others.  State, actions, discount and delayed rewards: tabular.h.
 *
 * Source: Watkins, Dayan, Machine Learning 8 (1992) 279-292; in continuous time Bradtke, Duff, NIPS 7 (1994).
 */
#include "policies/builtin.h"
#include "policies/tabular.h"

static inline double q_learning_successor(const struct tabular *q, const struct tabular_decision *d, uint32_t table)
{
    return tabular_value(q, table, &d->next, tabular_best(q, &d->next, d->next_there));
}

static int q_learning_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)v;
    return tabular_init(st, h, 1);
}

static int q_learning_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                     struct ts_plan *p)
{
    return tabular_decide(st, h, v, a, p, q_learning_successor);
}

static int q_learning_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)v;
    return tabular_ended(st, h, o, q_learning_successor);
}

const struct ts_policy policy_q_learning = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "q_learning",
    .about = "learns a table of action values, off its own way (Watkins, Dayan 1992)",
    .needs = TABULAR_NEEDS,
    .cols = TABULAR_COLS,
    .state_size = sizeof(struct tabular),
    .param_size = sizeof(struct ts_param),
    .param = tabular_param,
    .init = q_learning_init,
    .decide = q_learning_decide,
    .ended = q_learning_ended,
    .save = tabular_save,
    .load = tabular_load,
    .clear = tabular_clear,
    .merge = tabular_merge,
};
