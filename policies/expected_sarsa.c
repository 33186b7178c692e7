/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expected_sarsa - the successor is worth the mean over what may be done there, exploring included: sarsa without the chance
 * of one choice.  State, actions, discount and delayed rewards: tabular.h.
 *
 * Source: van Seijen, van Hasselt, Whiteson, Wiering, IEEE ADPRL (2009) 177-184.
 */
#include "policies/builtin.h"
#include "policies/tabular.h"

static inline double expected_sarsa_successor(const struct tabular *q, const struct tabular_decision *d, uint32_t table)
{
    double explore = tabular_explore(q), sum = 0;
    for (uint32_t a = 0; a < q->n_action; a++) {
        sum += d->next_there >> a & 1 ? tabular_value(q, table, &d->next, a) : 0;
    }
    double best = tabular_value(q, table, &d->next, tabular_best(q, &d->next, d->next_there));
    return (1 - explore) * best + explore * sum / __builtin_popcount(d->next_there);
}

static int expected_sarsa_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)v;
    return tabular_init(st, h, 1);
}

static int expected_sarsa_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                     struct ts_plan *p)
{
    return tabular_decide(st, h, v, a, p, expected_sarsa_successor);
}

static int expected_sarsa_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)v;
    return tabular_ended(st, h, o, expected_sarsa_successor);
}

const struct ts_policy policy_expected_sarsa = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "expected_sarsa",
    .about = "as sarsa, with the mean over the next choice (van Seijen et al. 2009)",
    .needs = TABULAR_NEEDS,
    .cols = TABULAR_COLS,
    .state_size = sizeof(struct tabular),
    .param_size = sizeof(struct ts_param),
    .param = tabular_param,
    .init = expected_sarsa_init,
    .decide = expected_sarsa_decide,
    .ended = expected_sarsa_ended,
    .save = tabular_save,
    .load = tabular_load,
    .clear = tabular_clear,
    .merge = tabular_merge,
};
