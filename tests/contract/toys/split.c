/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * split - a chain of layers in two parts: those before the cut on the first candidate (the device), the rest on the
 * last, at the cut of least latency (Kang et al., Neurosurgeon, ASPLOS 2017).
 */
#include "toys.h"

/* Latency with the first `cut` layers on the device; what crosses is the input, or the edge into layer `cut`. */
static double latency_s(const struct ts_ask *a, uint32_t cut, double rate_bps, double delay_s)
{
    double sum = 0;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        sum += ts_estimate(a, t, i < cut ? 0 : t->n_cand - 1, TS_RUN_S);
    }
    if (cut < a->n_task) {
        sum += delay_s + (cut == 0 ? ts_task_at(a, 0)->in_bits : a->edge[cut - 1].bits) / rate_bps;
    }
    return sum;
}

static void put_part(const struct ts_ask *a, struct ts_plan *p, uint32_t from, uint32_t to, int device)
{
    const struct ts_task *t = ts_task_at(a, from);
    struct ts_step *s = &p->step[p->n++];
    s->verb = TS_PLACE;
    s->task = from;
    s->upto = to;
    s->place = ts_candidate(a, t, device ? 0 : t->n_cand - 1);
}

static int toy_split_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            struct ts_plan *p)
{
    (void)st;
    const struct ts_task *t = ts_task_at(a, 0);
    double rate_bps, delay_s, best_s = INFINITY;
    uint32_t best = 0, node = (uint32_t)ts_known(v, TS_NODE, ts_candidate(a, t, t->n_cand - 1));
    if (h->path(h->ctx, t->origin, node, &rate_bps, &delay_s) < 0 || (p->cap < 2 && h->more(h->ctx, p, 2) < 0)) {
        return h->fail(h->ctx, "no way or no room");
    }
    for (uint32_t cut = 0; cut <= a->n_task; cut++) {
        double s = latency_s(a, cut, rate_bps, delay_s);
        if (s < best_s) {
            best = cut;
            best_s = s;
        }
    }
    if (best > 0) {
        put_part(a, p, 0, best - 1, 1);
    }
    if (best < a->n_task) {
        put_part(a, p, best, a->n_task - 1, 0);
    }
    return 0;
}

const struct ts_policy toy_split = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_split",
    .about = "the best of all cuts in two (Kang et al. 2017)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = 1u << TS_RUN_S,
    .cols = 1u << TS_NODE,
    .decide = toy_split_decide,
};
