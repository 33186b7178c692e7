/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mct - minimum completion time.  A task goes to the place that would finish it first: max(input there, work there) +
 * service + result back.  It leaves the node of its job only for a gain above `margin`; ties go to the lower candidate.
 *
 * Source: rule MCT of Maheswaran, Ali, Siegel, Hensgen, Freund, J. Parallel Distrib. Comput. 59 (1999) 107-131.  The
 * margin is ours; margin = 0 is the published rule.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

struct mct {
    double margin_s;
};

static const struct ts_param mct_param[] = {
    {.key = "margin",
     .unit = "s",
     .about = "gain needed to leave the node of the job",
     .dflt = 0,
     .min = 0,
     .max = 3600,
     .offset = offsetof(struct mct, margin_s)},
    {0},
};

PICK_INLINE ts_id mct_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           const struct ts_task *t)
{
    (void)h;
    const struct mct *mct = st;
    ts_id best = TS_NONE;
    double best_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        if (!ts_up(v, place)) {
            continue;
        }
        double finish_s = pick_rank(pick_finish_s(v, a, t, k));
        if (ts_known(v, TS_NODE, place) != t->origin) {
            finish_s += mct->margin_s;
        }
        if (finish_s < best_s) {
            best = place;
            best_s = finish_s;
        }
    }
    return best;
}

static int mct_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    return pick_each(mct_pick, st, h, v, a, p);
}

const struct ts_policy policy_mct = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "mct",
    .about = "the place with the earliest estimated finish (Maheswaran et al. 1999)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS | 1u << TS_NODE,
    .state_size = sizeof(struct mct),
    .param_size = sizeof(struct ts_param),
    .param = mct_param,
    .decide = mct_decide,
};
