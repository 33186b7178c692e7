/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sarsa - the successor is worth what was then done there: the table learns the way it goes, exploring included.  State,
 * actions, discount and delayed rewards: tabular.h.
 *
 * Source: Rummery, Niranjan, CUED/F-INFENG/TR 166 (1994); Sutton, Barto, Reinforcement Learning, 2nd ed. (2018), 6.4.
 */
#include "policies/builtin.h"
#include "policies/tabular.h"

static inline double sarsa_successor(const struct tabular *q, const struct tabular_decision *d, uint32_t table)
{
    return tabular_value(q, table, &d->next, d->next_action);
}

static int sarsa_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)v;
    return tabular_init(st, h, 1);
}

static int sarsa_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                     struct ts_plan *p)
{
    return tabular_decide(st, h, v, a, p, sarsa_successor);
}

static int sarsa_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)v;
    return tabular_ended(st, h, o, sarsa_successor);
}

const struct ts_policy policy_sarsa = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "sarsa",
    .about = "learns a table of action values along its own way (Rummery, Niranjan 1994)",
    .needs = TABULAR_NEEDS,
    .cols = TABULAR_COLS,
    .state_size = sizeof(struct tabular),
    .param_size = sizeof(struct ts_param),
    .param = tabular_param,
    .init = sarsa_init,
    .decide = sarsa_decide,
    .ended = sarsa_ended,
    .save = tabular_save,
    .load = tabular_load,
    .clear = tabular_clear,
    .merge = tabular_merge,
};
