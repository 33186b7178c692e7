/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * min_min - of all tasks that wait, the one that can be finished first goes where it is finished first, over and over.
 * Short tasks go first: good for the mean, while a long one may be left to the end.
 *
 * Sources: Ibarra, Kim, J. ACM 24 (1977) 280-289 (algorithm D); Maheswaran, Ali, Siegel, Hensgen, Freund, J. Parallel
 * Distrib. Comput. 59 (1999) 107-131 (batch mode).  Ties: the lower task, the lower candidate.
 */
#include "policies/batch.h"
#include "policies/builtin.h"

static const struct ts_param min_min_param[] = {BATCH_PARAMS, {0}};

static int min_min_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    (void)st;
    return batch_by_finish(q, plan, 0);
}

static int min_min_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    return batch_decide(min_min_rule, st, h, v, a, p);
}

const struct ts_policy policy_min_min = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "min_min",
    .about = "of all that wait, the task that can be finished first goes first (Ibarra, Kim 1977)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct batch),
    .param_size = sizeof(struct ts_param),
    .param = min_min_param,
    .decide = min_min_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
