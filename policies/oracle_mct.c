/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oracle_mct - minimum completion time with the truth: each task's own work and output, and with them the true work
 * assigned to each place, where `mct` has means of the class.  A reference that says what better estimates would be worth to
 * this rule, not a bound: a heuristic that knows all is still a heuristic.
 *
 * Source: rule MCT of Maheswaran, Ali, Siegel, Hensgen, Freund, J. Parallel Distrib. Comput. 59 (1999) 107-131.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

PICK_INLINE ts_id oracle_mct_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                  const struct ts_task *t)
{
    (void)st, (void)h;
    ts_id best = TS_NONE;
    double best_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double finish_s = ts_up(v, place) ? pick_rank(pick_finish_s(v, a, t, k)) : INFINITY;
        if (finish_s < best_s) {
            best = place;
            best_s = finish_s;
        }
    }
    return best;
}

static int oracle_mct_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    return pick_each(oracle_mct_pick, st, h, v, a, p);
}

const struct ts_policy policy_oracle_mct = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "oracle_mct",
    .about = "mct with the true demands of every task (Maheswaran et al. 1999): a reference",
    .flags = TS_CLAIRVOYANT,
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .decide = oracle_mct_decide,
};
