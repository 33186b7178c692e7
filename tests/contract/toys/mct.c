/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mct - one task, the place that finishes it first, with a margin for leaving the node of the job. */
#include "toys.h"

#include <stddef.h>

struct toy_mct_state {
    double margin_s;
};

static const struct ts_param toy_mct_param[] = {
    {.key = "margin",
     .unit = "s",
     .about = "gain needed to leave the node of the job",
     .dflt = 0,
     .min = 0,
     .max = 3600,
     .offset = offsetof(struct toy_mct_state, margin_s)},
    {0},
};

static int toy_mct_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                          struct ts_plan *p)
{
    const struct toy_mct_state *mct = (const struct toy_mct_state *)st;
    const struct ts_task *t = ts_task_at(a, 0);
    ts_id best = TS_NONE;
    double best_s = INFINITY;
    if (a->n_task != 1) {
        return h->fail(h->ctx, "%u tasks, wanted 1", a->n_task);
    }
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double start_s = fmax(ts_estimate(a, t, k, TS_IN_S), ts_known(v, TS_WORK_S, place));
        double finish_s = start_s + ts_estimate(a, t, k, TS_RUN_S) + ts_estimate(a, t, k, TS_OUT_S);
        if (ts_known(v, TS_NODE, place) != t->origin) {
            finish_s += mct->margin_s;
        }
        if (ts_up(v, place) && finish_s < best_s) {
            best = place;
            best_s = finish_s;
        }
    }
    return best == TS_NONE ? ts_answer_reject(p) : ts_answer_place(p, best);
}

const struct ts_policy toy_mct = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_mct",
    .about = "earliest estimated finish (Maheswaran et al. 1999)",
    .needs = 1u << TS_IN_S | 1u << TS_RUN_S | 1u << TS_OUT_S,
    .cols = 1u << TS_UP | 1u << TS_NODE | 1u << TS_WORK_S,
    .state_size = sizeof(struct toy_mct_state),
    .param_size = sizeof(struct ts_param),
    .param = toy_mct_param,
    .decide = toy_mct_decide,
};
