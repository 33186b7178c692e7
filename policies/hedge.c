/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hedge - a task goes to the place that would finish it first, and, if there is no result after `factor` times what that would
 * take, to the one that would be second as well; the first result counts.  Of what is estimated well that is none of the tasks, of
 * what is not the tail.  Tasks of graphs, and those with no second place, go to the first alone.
 *
 * Source: hedged requests of Dean, Barroso, "The Tail at Scale", Comm. ACM 56(2) (2013) 74-80, by estimates for the task instead of
 * a percentile of its class.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

struct hedge {
    double factor;
};

static const struct ts_param hedge_param[] = {
    {.key = "factor",
     .about = "of the estimated time to finish, to wait for the result before the second is sent",
     .dflt = 2,
     .min = 0,
     .max = 1000,
     .offset = offsetof(struct hedge, factor)},
    {0},
};

/* The candidate that would finish second, the lower of equals; TS_NONE: there is none. */
static uint32_t second(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, uint32_t first)
{
    uint32_t best = TS_NONE;
    double best_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        const double finish_s = ts_up(v, ts_candidate(a, t, k)) ? pick_rank(pick_finish_s(v, a, t, k)) : INFINITY;
        if (k != first && finish_s < best_s) {
            best = k;
            best_s = finish_s;
        }
    }
    return best;
}

static int hedge_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    const struct hedge *hedge = st;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        const uint32_t first = pick_soonest(v, a, t), other = t->n_edge || first == TS_NONE ? TS_NONE : second(v, a, t, first);
        const uint32_t room = other == TS_NONE ? p->n + 1 : 2 * a->n_task;
        if (room > p->cap && h->more(h->ctx, p, room) < 0) {
            return h->fail(h->ctx, "no room for a plan of %u steps", room);
        }
        struct ts_step *step = &p->step[p->n++];
        step->verb = first == TS_NONE ? TS_REJECT : TS_PLACE;
        step->task = i;
        step->place = first == TS_NONE ? TS_NONE : ts_candidate(a, t, first);
        const double wait_s = first == TS_NONE ? NAN : hedge->factor * pick_finish_s(v, a, t, first);
        if (other != TS_NONE && isfinite(wait_s)) {
            p->step[p->n++] = (struct ts_step){.verb = TS_PLACE, .task = i, .replica = 1, .place = ts_candidate(a, t, other),
                                               .not_before_s = v->now_s + wait_s};
        }
    }
    return 0;
}

const struct ts_policy policy_hedge = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "hedge",
    .about = "the earliest estimated finish, and the second if there is no result in time (Dean, Barroso 2013)",
    .flags = TS_TAKES_BACK,
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .state_size = sizeof(struct hedge),
    .param_size = sizeof(struct ts_param),
    .param = hedge_param,
    .decide = hedge_decide,
};
