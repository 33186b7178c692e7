/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/matched.h"

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
 * A finish that is unknown costs more than all known ones together, and to wait more than all those; a lane that the task
 * may not use is another way to wait.  cost is [n_task][n_col].
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

int matched_plan(const struct problem *q, struct batch_plan *plan, uint32_t n_wait, matched_solver *solve, const void *how)
{
    uint32_t n_lane = problem_n_lane(q), n_col = n_lane + n_wait;
    double *cost = scratch_take(q->scratch, (size_t)q->n_task * n_col, sizeof *cost);
    uint32_t *col_of = scratch_take(q->scratch, q->n_task, sizeof *col_of);
    if (!q->scratch->failed) {
        fill_costs(q, plan, cost, n_col);
    }
    if (q->scratch->failed || solve(how, cost, q->n_task, n_col, col_of, q->scratch) < 0) {
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
