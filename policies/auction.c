/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * auction - as hungarian, tasks that wait are matched with cores (matched.h), but by an auction: tasks bid for cores in
 * turn, which cores with an owner each could carry out among themselves.  The sum of finish times is within `epsilon`
 * times the number of tasks of the least that hungarian finds (bidding.h, which has the sources).
 */
#include "policies/bidding.h"
#include "policies/builtin.h"
#include "policies/matched.h"

struct auction {
    struct batch batch;
    double epsilon_s;
};

static const struct ts_param auction_param[] = {
    BATCH_PARAMS,
    {.key = "epsilon",
     .unit = "s",
     .about = "least raise of a bid: what the sum of finishes may lose for each task",
     .dflt = 1e-6,
     .min = 1e-12,
     .max = 3600,
     .offset = offsetof(struct auction, epsilon_s)},
    {0},
};

static int auction_solve(const void *how, const double *cost, uint32_t n_row, uint32_t n_col, uint32_t *col_of,
                         struct scratch *s)
{
    const struct auction *own = how;
    return bidding_least(cost, n_row, n_col, own->epsilon_s, col_of, s);
}

static int auction_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    return matched_plan(q, plan, 1, auction_solve, st);
}

static int auction_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                          struct ts_plan *p)
{
    return batch_decide(auction_rule, st, h, v, a, p);
}

const struct ts_policy policy_auction = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "auction",
    .about = "tasks that wait bid for cores, for nearly the least sum of finish times (Bertsekas 1988)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct auction),
    .param_size = sizeof(struct ts_param),
    .param = auction_param,
    .decide = auction_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
