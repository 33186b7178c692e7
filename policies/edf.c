/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edf - the tasks that wait are placed in order of their deadlines, each where it is finished first; those without a
 * deadline come last, in order of their release.  What edf_admission does at the door and `discipline: edf` at a place,
 * this does over the pool of all places, and it refuses nobody.
 *
 * Sources: Liu, Layland, J. ACM 20 (1973) 46-61; Stankovic, Spuri, Ramamritham, Buttazzo, Deadline Scheduling for
 * Real-Time Systems (1998).  Ties: the earlier release, the lower task, the lower candidate.
 */
#include "policies/batch.h"
#include "policies/builtin.h"

static const struct ts_param edf_param[] = {BATCH_PARAMS, {0}};

/* Ordered by (deadline, release, row). */
static int comes_before(const struct problem *q, uint32_t i, uint32_t j)
{
    const struct ts_task *a = ts_task_at(q->ask, i), *b = ts_task_at(q->ask, j);
    if (a->deadline_s != b->deadline_s) {
        return a->deadline_s < b->deadline_s;
    }
    return a->released_s != b->released_s ? a->released_s < b->released_s : i < j;
}

static int edf_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    (void)st;
    uint32_t *order = scratch_take(q->scratch, q->n_task, sizeof *order);
    if (!order) {
        return q->host->fail(q->host->ctx, "out of memory to order %u tasks", q->n_task);
    }
    for (uint32_t i = 0; i < q->n_task; i++) { /* insertion: the pool comes nearly in order of release */
        uint32_t k = i;
        for (; k > 0 && comes_before(q, i, order[k - 1]); k--) {
            order[k] = order[k - 1];
        }
        order[k] = i;
    }
    for (uint32_t k = 0; k < q->n_task; k++) {
        struct stint best = batch_best(q, plan, order[k]);
        if (best.option != TS_NONE) {
            batch_assign(q, plan, order[k], best);
        }
    }
    return 0;
}

static int edf_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                       struct ts_plan *p)
{
    return batch_decide(edf_rule, st, h, v, a, p);
}

const struct ts_policy policy_edf = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "edf",
    .about = "of all that wait, the task with the earliest deadline goes first (Liu, Layland 1973)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct batch),
    .param_size = sizeof(struct ts_param),
    .param = edf_param,
    .decide = edf_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
