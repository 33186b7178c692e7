/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hungarian - tasks that wait are matched with cores, one to one, so that the sum of their finish times is least.  A task
 * is matched with the core it gets next; whom no core is left for waits for the next question.  As many as possible are
 * matched; if there are more tasks than cores, those that finish first.
 *
 * Sources: Kuhn, Naval Research Logistics Quarterly 2 (1955) 83-97; Munkres, J. SIAM 5 (1957) 32-38; for offloading in
 * slots, Mach, Becvar, IEEE Commun. Surv. Tutor. 19 (2017) 1628-1656.  Ties: matching.h.
 */
#include "policies/batch.h"
#include "policies/builtin.h"
#include "policies/matching.h"

static const struct ts_param hungarian_param[] = {BATCH_PARAMS, {0}};

/* The latest of all finishes that are known, or 1 s. */
static double latest_s(const struct problem *q, const struct batch_plan *plan)
{
    double latest = 1;
    for (uint32_t o = 0; o < q->first[q->n_task]; o++) {
        const uint32_t *lane = &q->first_lane[q->option[o].place];
        for (uint32_t l = lane[0]; l < lane[1]; l++) {
            double finish_s = batch_try_on(q, plan, o, l).finish_s;
            latest = finish_s > latest && finish_s < PROBLEM_UNKNOWN_S ? finish_s : latest;
        }
    }
    return latest;
}

/*
 * Columns are the lanes and, as often as there are tasks, the choice to wait.  A finish that is unknown costs more than
 * all known ones together, and to wait more than all those; a lane that the task may not use is another way to wait.
 * cost is [n_task][n_col].
 */
static void fill_costs(const struct problem *q, const struct batch_plan *plan, double *cost, uint32_t n_col)
{
    double many = q->n_task + 1.0, unknown = latest_s(q, plan) * many, wait = unknown * many;
    for (uint32_t i = 0; i < q->n_task; i++) {
        double *row = cost + (size_t)i * n_col;
        for (uint32_t j = 0; j < n_col; j++) {
            row[j] = wait;
        }
        for (uint32_t o = q->first[i]; o < q->first[i + 1]; o++) {
            const uint32_t *lane = &q->first_lane[q->option[o].place];
            for (uint32_t l = lane[0]; l < lane[1]; l++) {
                double finish_s = batch_try_on(q, plan, o, l).finish_s;
                row[l] = finish_s < PROBLEM_UNKNOWN_S ? finish_s : unknown;
            }
        }
    }
}

static uint32_t option_at(const struct problem *q, uint32_t task, uint32_t lane)
{
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        const uint32_t *lanes = &q->first_lane[q->option[o].place];
        if (lane >= lanes[0] && lane < lanes[1]) {
            return o;
        }
    }
    return TS_NONE;
}

static int hungarian_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    (void)st;
    uint32_t n_lane = problem_n_lane(q), n_col = n_lane + q->n_task;
    double *cost = scratch_take(q->scratch, (size_t)q->n_task * n_col, sizeof *cost);
    uint32_t *col_of = scratch_take(q->scratch, q->n_task, sizeof *col_of);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory to match %u tasks with %u cores", q->n_task, n_lane);
    }
    fill_costs(q, plan, cost, n_col);
    if (matching_least(cost, q->n_task, n_col, col_of, q->scratch) < 0) {
        return q->host->fail(q->host->ctx, "out of memory to match %u tasks with %u cores", q->n_task, n_lane);
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        uint32_t o = col_of[i] < n_lane ? option_at(q, i, col_of[i]) : TS_NONE;
        if (o != TS_NONE) {
            batch_assign(q, plan, i, batch_try_on(q, plan, o, col_of[i]));
        }
    }
    return 0;
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
