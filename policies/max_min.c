/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * max_min - of all tasks that wait, the one whose earliest finish is latest goes there, over and over.  Long tasks go
 * first and short ones fill the gaps: good for the makespan where a few are long, bad for the mean.
 *
 * Sources: Ibarra, Kim, J. ACM 24 (1977) 280-289 (algorithm E); Maheswaran, Ali, Siegel, Hensgen, Freund, J. Parallel
 * Distrib. Comput. 59 (1999) 107-131 (batch mode).  Ties: the lower task, the lower candidate.
 */
#include "policies/batch.h"
#include "policies/builtin.h"

static const struct ts_param max_min_param[] = {BATCH_PARAMS, {0}};

static int max_min_rule(void *st, const struct problem *q, struct batch_plan *plan)
{
    (void)st;
    return batch_by_finish(q, plan, 1);
}

static int max_min_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    return batch_decide(max_min_rule, st, h, v, a, p);
}

const struct ts_policy policy_max_min = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "max_min",
    .about = "of all that wait, the task whose earliest finish is latest goes first (Ibarra, Kim 1977)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct batch),
    .param_size = sizeof(struct ts_param),
    .param = max_min_param,
    .decide = max_min_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
