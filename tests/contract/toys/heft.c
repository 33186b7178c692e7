/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * heft - a graph is fixed at release: tasks in order of their upward rank, each where it finishes first, without
 * insertion (Topcuoglu, Hariri, Wu, IEEE Trans. Parallel Distrib. Syst. 13 (2002) 260-274).  The steps come in that
 * order.
 */
#include "toys.h"

enum { MAX_TASK = 64, MAX_PLACE = 16 };

struct heft {
    const struct ts_ask *ask;
    double rate_bps;
    double rank[MAX_TASK], end_s[MAX_TASK], free_s[MAX_PLACE];
    ts_id at[MAX_TASK];
    char placed[MAX_TASK];
};

static double mean_run_s(const struct ts_ask *a, const struct ts_task *t)
{
    double sum = 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        sum += ts_estimate(a, t, k, TS_RUN_S);
    }
    return sum / t->n_cand;
}

/* Upward ranks; a rank is right once those of its successors are, so as many passes as there are tasks are enough. */
static void rank_tasks(struct heft *f)
{
    for (uint32_t pass = 0; pass < f->ask->n_task; pass++) {
        for (uint32_t i = 0; i < f->ask->n_task; i++) {
            double after_s = 0;
            for (uint32_t e = 0; e < f->ask->n_edge; e++) {
                const struct ts_edge *edge = &f->ask->edge[e];
                if (edge->from == i) {
                    after_s = fmax(after_s, edge->bits / f->rate_bps + f->rank[edge->to]);
                }
            }
            f->rank[i] = mean_run_s(f->ask, ts_task_at(f->ask, i)) + after_s;
        }
    }
}

static double data_there_s(const struct heft *f, uint32_t task, ts_id place)
{
    double there_s = 0;
    for (uint32_t e = 0; e < f->ask->n_edge; e++) {
        const struct ts_edge *edge = &f->ask->edge[e];
        if (edge->to == task) {
            double way_s = f->at[edge->from] == place ? 0 : edge->bits / f->rate_bps;
            there_s = fmax(there_s, f->end_s[edge->from] + way_s);
        }
    }
    return there_s;
}

static uint32_t next_task(const struct heft *f)
{
    uint32_t next = TS_NONE;
    for (uint32_t i = 0; i < f->ask->n_task; i++) {
        if (!f->placed[i] && (next == TS_NONE || f->rank[i] > f->rank[next])) {
            next = i;
        }
    }
    return next;
}

static void place_task(struct heft *f, uint32_t i)
{
    const struct ts_task *t = ts_task_at(f->ask, i);
    f->end_s[i] = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(f->ask, t, k);
        double end_s = fmax(f->free_s[place], data_there_s(f, i, place)) + ts_estimate(f->ask, t, k, TS_RUN_S);
        if (end_s < f->end_s[i]) {
            f->end_s[i] = end_s;
            f->at[i] = place;
        }
    }
    f->free_s[f->at[i]] = f->end_s[i];
    f->placed[i] = 1;
}

static int toy_heft_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    (void)st;
    struct heft f = {0};
    double delay_s;
    f.ask = a;
    if (a->n_task > MAX_TASK || v->n_place > MAX_PLACE) {
        return h->fail(h->ctx, "%u tasks on %u places, wanted at most %d on %d", a->n_task, v->n_place, MAX_TASK,
                       MAX_PLACE);
    }
    if (h->path(h->ctx, 0, 1, &f.rate_bps, &delay_s) < 0 || (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0)) {
        return h->fail(h->ctx, "no way or no room");
    }
    rank_tasks(&f);
    while (p->n < a->n_task) {
        uint32_t i = next_task(&f);
        place_task(&f, i);
        struct ts_step *s = &p->step[p->n++];
        s->verb = TS_PLACE;
        s->task = i;
        s->place = f.at[i];
    }
    return 0;
}

const struct ts_policy toy_heft = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_heft",
    .about = "HEFT without insertion (Topcuoglu, Hariri, Wu 2002)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = 1u << TS_RUN_S,
    .decide = toy_heft_decide,
};
