/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hungarian - tasks that wait are matched with cores, one to one, so that the sum of their finish times is least
 * (matched.h).
 *
 * Sources: Kuhn, Naval Research Logistics Quarterly 2 (1955) 83-97; Munkres, J. SIAM 5 (1957) 32-38; for offloading in
 * slots, Mach, Becvar, IEEE Commun. Surv. Tutor. 19 (2017) 1628-1656.  Ties: matching.h.
 */
#include "policies/builtin.h"
#include "policies/matched.h"
#include "policies/matching.h"

static const struct ts_param hungarian_param[] = {BATCH_PARAMS, {0}};

static int hungarian_solve(const void *how, const double *cost, uint32_t n_row, uint32_t n_col, uint32_t *col_of,
                           struct scratch *s)
{
    (void)how;
    return matching_least(cost, n_row, n_col, col_of, s);
}

static int hungarian_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    return matched_plan(q, plan, q->n_task, hungarian_solve, st);
}

static int hungarian_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            struct ts_plan *p)
{
    return batch_decide(hungarian_rule, st, h, v, a, p);
}

const struct ts_policy policy_hungarian = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "hungarian",
    .about = "tasks that wait are matched with cores for the least sum of finish times (Kuhn 1955)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct batch),
    .param_size = sizeof(struct ts_param),
    .param = hungarian_param,
    .decide = hungarian_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
