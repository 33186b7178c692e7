/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * my_policy - sends a task where least work waits for it, and keeps it at home as long as that queue is short.
 *
 * A policy sees <tiersim/policy.h> alone, where every name below is explained.  Its numbers lie in its state, one block for
 * each run: it may have no static variable.
 */
#include <stddef.h>
#include <tiersim/policy.h>

struct my_policy {
    double patience_s; /* parameter: as much waiting at home is taken */
};

static const struct ts_param my_policy_param[] = {
    {.key = "patience",
     .unit = "s",
     .about = "waiting at the node of the job that is taken before anything else is looked at",
     .dflt = 0.01,
     .min = 0,
     .max = 3600,
     .offset = offsetof(struct my_policy, patience_s)},
    {0},
};

static int my_policy_decide(void *state, const struct ts_host *host, const struct ts_view *view, const struct ts_ask *ask,
                            struct ts_plan *plan)
{
    const struct my_policy *mine = state;
    const struct ts_task *task = ts_task_at(ask, 0);
    ts_id best = TS_NONE;
    double least_s = INFINITY;
    (void)host;
    for (uint32_t k = 0; k < task->n_cand; k++) {
        ts_id place = ts_candidate(ask, task, k);
        double work_s = ts_known(view, TS_WORK_S, place); /* seconds until it would be idle */
        if (!ts_up(view, place)) {
            continue;
        }
        if (ts_known(view, TS_NODE, place) == task->origin && work_s <= mine->patience_s) {
            return ts_answer_place(plan, place);
        }
        if (work_s < least_s) {
            best = place;
            least_s = work_s;
        }
    }
    return best == TS_NONE ? ts_answer_reject(plan) : ts_answer_place(plan, best);
}

static const struct ts_policy my_policy = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "my_policy",
    .about = "least work, at home while that is little (say here where the rule comes from)",
    .cols = 1u << TS_UP | 1u << TS_NODE | 1u << TS_WORK_S, /* what it reads of places */
    .state_size = sizeof(struct my_policy),
    .param_size = sizeof(struct ts_param),
    .param = my_policy_param,
    .decide = my_policy_decide,
};

TS_PLUGIN(&my_policy);
