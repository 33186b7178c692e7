/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * minmin - arrivals are deferred; when a place becomes free, or the slot ends, the whole pool is placed: of all tasks the one
 * that can be done first goes where it is done first, over and over (Maheswaran et al. 1999).
 */
#include "toys.h"

#include <stddef.h>

struct toy_minmin_state {
    double slot_s;
};

static const struct ts_param toy_minmin_param[] = {
    {.key = "slot",
     .unit = "s",
     .about = "time between decisions if nothing becomes free",
     .dflt = 0.1,
     .min = 0,
     .max = 100,
     .offset = offsetof(struct toy_minmin_state, slot_s)},
    {0},
};

enum { MAX_TASK = 64, MAX_PLACE = 16 };

static int defer_all(const struct ts_ask *a, struct ts_plan *p)
{
    for (uint32_t i = 0; i < a->n_task; i++) {
        p->step[i].verb = TS_DEFER;
        p->step[i].task = i;
    }
    p->n = a->n_task;
    return 0;
}

static void place_next(const struct ts_ask *a, struct ts_plan *p, double *free_s, char *placed)
{
    double best_s = INFINITY;
    uint32_t best_task = 0;
    ts_id best = TS_NONE;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        for (uint32_t k = 0; !placed[i] && k < t->n_cand; k++) {
            double finish_s = free_s[ts_candidate(a, t, k)] + ts_estimate(a, t, k, TS_RUN_S);
            if (finish_s < best_s) {
                best_s = finish_s;
                best_task = i;
                best = ts_candidate(a, t, k);
            }
        }
    }
    placed[best_task] = 1;
    free_s[best] = best_s;
    struct ts_step *s = &p->step[p->n++];
    s->verb = TS_PLACE;
    s->task = best_task;
    s->place = best;
}

static int toy_minmin_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    (void)st;
    double free_s[MAX_PLACE];
    char placed[MAX_TASK] = {0};
    if (a->n_task > MAX_TASK || v->n_place > MAX_PLACE) {
        return h->fail(h->ctx, "%u tasks on %u places, wanted at most %d on %d", a->n_task, v->n_place, MAX_TASK,
                       MAX_PLACE);
    }
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return h->fail(h->ctx, "no room for %u steps", a->n_task);
    }
    if (a->why == TS_ARRIVED) {
        return defer_all(a, p);
    }
    for (ts_id place = 0; place < v->n_place; place++) {
        free_s[place] = ts_known(v, TS_WORK_S, place);
    }
    while (p->n < a->n_task) {
        place_next(a, p, free_s, placed);
    }
    return 0;
}

const struct ts_policy toy_minmin = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_minmin",
    .about = "Min-Min over what waits (Maheswaran et al. 1999)",
    .needs = 1u << TS_RUN_S,
    .cols = 1u << TS_WORK_S,
    .triggers = 1u << TS_FREED | 1u << TS_TICK,
    .state_size = sizeof(struct toy_minmin_state),
    .param_size = sizeof(struct ts_param),
    .param = toy_minmin_param,
    .decide = toy_minmin_decide,
    .tick = "slot",
};
