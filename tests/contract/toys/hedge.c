/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hedge - the task goes to the best place, and to the second best too if it is not done by `factor` times its estimate
 * (Dean, Barroso, The Tail at Scale, Comm. ACM 56(2) (2013) 74-80).
 */
#include "toys.h"

#include <stddef.h>

struct toy_hedge_state {
    double factor;
    uint64_t n_won[2]; /* results delivered by replica 0 and by replica 1 */
};

static const struct ts_param toy_hedge_param[] = {
    {.key = "factor",
     .about = "estimates to wait before the second replica",
     .dflt = 2,
     .min = 1,
     .max = 100,
     .offset = offsetof(struct toy_hedge_state, factor)},
    {0},
};

static int toy_hedge_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            struct ts_plan *p)
{
    const struct toy_hedge_state *hedge = (const struct toy_hedge_state *)st;
    const struct ts_task *t = ts_task_at(a, 0);
    uint32_t first = TS_NONE, second = TS_NONE;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        double s = ts_estimate(a, t, k, TS_RUN_S);
        if (first == TS_NONE || s < ts_estimate(a, t, first, TS_RUN_S)) {
            second = first;
            first = k;
        } else if (second == TS_NONE || s < ts_estimate(a, t, second, TS_RUN_S)) {
            second = k;
        }
    }
    if (first == TS_NONE) {
        return ts_answer_reject(p);
    }
    ts_answer_place(p, ts_candidate(a, t, first));
    if (second != TS_NONE) {
        if (p->cap < 2 && h->more(h->ctx, p, 2) < 0) {
            return h->fail(h->ctx, "no room for two steps");
        }
        p->step[1].verb = TS_PLACE;
        p->step[1].place = ts_candidate(a, t, second);
        p->step[1].replica = 1;
        p->step[1].not_before_s = v->now_s + hedge->factor * ts_estimate(a, t, first, TS_RUN_S);
        p->n = 2;
    }
    return 0;
}

static int toy_hedge_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)h, (void)v;
    struct toy_hedge_state *hedge = (struct toy_hedge_state *)st;
    if (o->end == TS_DONE && o->replica < 2) {
        hedge->n_won[o->replica]++;
    }
    return 0;
}

const struct ts_policy toy_hedge = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_hedge",
    .about = "a second replica for what takes long (Dean, Barroso 2013)",
    .flags = TS_TAKES_BACK,
    .needs = 1u << TS_RUN_S,
    .state_size = sizeof(struct toy_hedge_state),
    .param_size = sizeof(struct ts_param),
    .param = toy_hedge_param,
    .decide = toy_hedge_decide,
    .ended = toy_hedge_ended,
};
