/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * llm - prefill goes to the shortest queue, decode to the most free cache; each round of decoding a task whose place
 * has nearly none left moves to the place with the most (after Splitwise, Patel et al., ISCA 2024).  Where nothing is known of
 * caches, decode goes to the shortest queue but that where the prefill was.
 */
#include "toys.h"

enum { PREFILL = 0 };
static const double few_blocks = 16;

static ts_id extreme(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, unsigned col,
                     double sign)
{
    ts_id best = TS_NONE;
    double best_x = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        double x = sign * ts_known(v, col, ts_candidate(a, t, k));
        if (x < best_x) {
            best = ts_candidate(a, t, k);
            best_x = x;
        }
    }
    return best;
}

/* Of the places other than that of the data. */
static ts_id elsewhere(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    const ts_id data_at = t->n_edge > 0 ? a->edge[t->edge].at : TS_NONE;
    ts_id best = data_at;
    double best_n = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        const ts_id place = ts_candidate(a, t, k);
        if (place != data_at && ts_known(v, TS_QUEUED, place) < best_n) {
            best = place;
            best_n = ts_known(v, TS_QUEUED, place);
        }
    }
    return best;
}

/* Rounds: only what must move is answered. */
static int next_round(const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        ts_id roomy = extreme(v, a, t, TS_KV_FREE, -1);
        if (ts_known(v, TS_KV_FREE, t->at) < few_blocks && roomy != t->at) {
            struct ts_step *s = &p->step[p->n++];
            s->verb = TS_MIGRATE;
            s->task = i;
            s->place = roomy;
        }
    }
    return 0;
}

static int toy_llm_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                          struct ts_plan *p)
{
    (void)st;
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return h->fail(h->ctx, "no room for %u steps", a->n_task);
    }
    if (a->why == TS_ROUND) {
        return next_round(v, a, p);
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        p->step[i].verb = TS_PLACE;
        p->step[i].task = i;
        p->step[i].place = t->step == PREFILL ? extreme(v, a, t, TS_QUEUED, 1) : extreme(v, a, t, TS_KV_FREE, -1);
        p->step[i].place = p->step[i].place == TS_NONE ? elsewhere(v, a, t) : p->step[i].place;
    }
    p->n = a->n_task;
    return 0;
}

const struct ts_policy toy_llm = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_llm",
    .about = "prefill and decode apart (Patel et al. 2024)",
    .cols = 1u << TS_QUEUED | 1u << TS_KV_FREE,
    .triggers = 1u << TS_ROUND,
    .decide = toy_llm_decide,
};
