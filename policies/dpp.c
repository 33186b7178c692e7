/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dpp - Lyapunov drift plus penalty: a job goes where
 *
 *     v (energy) + sum over queues of (what is in it) (what the job adds to it)
 *
 * is least.  Queues are the work at the place (s of its pool), the links of the way (the time that input and result
 * would take at the present rates, which counts both as backlog and as addition), and, where a `budget` is set, a
 * virtual queue of energy for each place of a tier: up by what the controller has it spend, down by the budget as
 * time goes.  So the mean energy comes within O(1 / v) of the least that keeps the queues stable, while the queues
 * grow as O(v); and places with a budget spend no more than that on average.  What a job sends costs its own node, if
 * that is a place, and nobody else. Ties go to the place that finishes first.
 *
 * Source: Neely, Stochastic Network Optimization with Application to Communication and Queueing Systems, Morgan and
 * Claypool (2010), chapter 4.  That links count by their times is ours.
 */
#include "policies/builtin.h"
#include "policies/memo.h"
#include "policies/pick.h"

enum { BUDGETS = 3, SPENT_J = 0, SPENT_AT_S, SPENT_WIDTH };

struct dpp {
    double v;
    double budget_w[BUDGETS]; /* end, edge, cloud and above; 0: none */
    struct memo spent;        /* by place: beyond its budget, J, as of when */
};

static const struct ts_param dpp_param[] = {
    {.key = "v",
     .unit = "",
     .about = "weight of energy against queues, s^2/J: more saves energy and lets queues grow",
     .dflt = 0.1,
     .min = 0,
     .max = 1e12,
     .offset = offsetof(struct dpp, v)},
#define BUDGET(name, row)                                                                                            \
    {.key = "budget." #name,                                                                                         \
     .unit = "W",                                                                                                    \
     .about = "mean power above idle that a place of the tier may take; 0: no budget",                               \
     .max = 1e12,                                                                                                    \
     .offset = offsetof(struct dpp, budget_w[row])}
    BUDGET(end, 0),
    BUDGET(edge, 1),
    BUDGET(cloud, 2),
#undef BUDGET
    {0},
};

static inline double dpp_budget_w(const struct dpp *d, const struct ts_view *v, ts_id place)
{
    double tier = ts_known(v, TS_TIER, place);
    return tier >= BUDGETS - 1 ? d->budget_w[BUDGETS - 1] : tier >= 0 ? d->budget_w[(int)tier] : 0;
}

/* Joules that a place has spent beyond its budget; and more_j on top from now on. */
static inline double dpp_spent_j(struct dpp *d, const struct ts_view *v, ts_id place, double more_j)
{
    double budget_w = place == TS_NONE ? 0 : dpp_budget_w(d, v, place);
    double *row = budget_w > 0 ? memo_row(&d->spent, place, SPENT_WIDTH) : 0;
    if (!row) {
        return 0;
    }
    double left_j = row[SPENT_J] - budget_w * (v->now_s - row[SPENT_AT_S]);
    row[SPENT_J] = (left_j > 0 ? left_j : 0) + more_j;
    row[SPENT_AT_S] = v->now_s;
    return row[SPENT_J];
}

/* Work waiting there times the work that the task adds, s of the pool; and the same of its way. */
PICK_INLINE double dpp_drift(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, uint32_t k)
{
    ts_id place = ts_candidate(a, t, k);
    double way_s = ts_estimate(a, t, k, TS_IN_S) + ts_estimate(a, t, k, TS_OUT_S);
    double added_s = ts_estimate(a, t, k, TS_RUN_S) / ts_known(v, TS_UNITS, place);
    return ts_known(v, TS_WORK_S, place) * added_s + way_s * way_s;
}

PICK_INLINE ts_id dpp_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           const struct ts_task *t)
{
    (void)h;
    struct dpp *d = st;
    int budgets = d->budget_w[0] > 0 || d->budget_w[1] > 0 || d->budget_w[2] > 0;
    ts_id own = budgets ? pick_at_node(v, a, t, t->origin) : TS_NONE, best = TS_NONE;
    double own_j = dpp_spent_j(d, v, own, 0), best_index = INFINITY, best_s = INFINITY, best_run_j = 0, best_net_j = 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double finish_s = ts_up(v, place) ? pick_rank(pick_finish_s(v, a, t, k)) : INFINITY;
        if (finish_s == INFINITY) {
            continue;
        }
        double run_j = ts_estimate(a, t, k, TS_RUN_J), net_j = ts_estimate(a, t, k, TS_NET_J);
        double place_j = budgets ? dpp_spent_j(d, v, place, 0) : 0;
        double index = pick_rank(d->v * (run_j + net_j) + dpp_drift(v, a, t, k) + place_j * run_j +
                                 own_j * net_j);
        if (index < best_index || (index == best_index && finish_s < best_s)) {
            best = place;
            best_index = index;
            best_s = finish_s;
            best_run_j = isnan(run_j) ? 0 : run_j;
            best_net_j = isnan(net_j) ? 0 : net_j;
        }
    }
    if (best != TS_NONE && budgets) {
        dpp_spent_j(d, v, best, best_run_j);
        dpp_spent_j(d, v, own, best_net_j);
    }
    return best;
}

static int dpp_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    const struct dpp *own = st;
    int rc = pick_each(dpp_pick, st, h, v, a, p);
    return memo_check(&own->spent, h, rc);
}

static void dpp_clear(void *st)
{
    struct dpp *d = st;
    memo_clear(&d->spent);
}

const struct ts_policy policy_dpp = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "dpp",
    .about = "the least of v times energy and queues, with energy budgets as virtual queues (Neely 2010)",
    .needs = PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J,
    .cols = PICK_FINISH_COLS | 1u << TS_NODE | 1u << TS_TIER,
    .state_size = sizeof(struct dpp),
    .param_size = sizeof(struct ts_param),
    .param = dpp_param,
    .decide = dpp_decide,
    .clear = dpp_clear,
};
