/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * energy_greedy - of the places that are expected to finish before the deadline, the one that takes the least energy:
 * computing above idle and sending.  If none is expected to, the one that finishes first.  A job without a deadline
 * goes where it takes the least energy; of places that take the same, to the one that finishes first.
 *
 * Source: energy-minimal offloading under a deadline, Zhang, Wen, Guan, Kilper, Luo, Wu, IEEE Trans. Wireless Commun.
 * 12 (2013) 4569-4581, as a greedy rule over places.  The margin is ours.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

struct energy_greedy {
    double margin_s;
};

static const struct ts_param energy_greedy_param[] = {
    {.key = "margin",
     .unit = "s",
     .about = "time to spare that the estimated finish must leave",
     .dflt = 0,
     .min = 0,
     .max = 3600,
     .offset = offsetof(struct energy_greedy, margin_s)},
    {0},
};

PICK_INLINE ts_id energy_greedy_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                     const struct ts_task *t)
{
    (void)h;
    const struct energy_greedy *greedy = st;
    ts_id best = TS_NONE;
    double best_j = INFINITY, best_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double finish_s = ts_up(v, place) ? pick_rank(pick_finish_s(v, a, t, k)) : INFINITY;
        if (finish_s == INFINITY || v->now_s + finish_s + greedy->margin_s > t->deadline_s) {
            continue;
        }
        double energy_j = pick_rank(ts_estimate(a, t, k, TS_RUN_J) + ts_estimate(a, t, k, TS_NET_J));
        if (energy_j < best_j || (energy_j == best_j && finish_s < best_s)) {
            best = place;
            best_j = energy_j;
            best_s = finish_s;
        }
    }
    return best != TS_NONE ? best : pick_first(v, a, t);
}

static int energy_greedy_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                struct ts_plan *p)
{
    return pick_each(energy_greedy_pick, st, h, v, a, p);
}

const struct ts_policy policy_energy_greedy = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "energy_greedy",
    .about = "the least energy among the places expected to meet the deadline (Zhang et al. 2013)",
    .needs = PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J,
    .cols = PICK_FINISH_COLS,
    .state_size = sizeof(struct energy_greedy),
    .param_size = sizeof(struct ts_param),
    .param = energy_greedy_param,
    .decide = energy_greedy_decide,
};
