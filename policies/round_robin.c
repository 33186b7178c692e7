/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * round_robin - candidates in turn.  One counter per state block (a run has one unless the scenario says otherwise)
 * goes up by one for each task, whichever device and class it is of; the task takes candidate number counter mod n, or
 * the next one that is up.  Devices with candidate lists of equal length therefore share one turn.
 *
 * Source: Ephremides, Varaiya, Walrand, IEEE Trans. Automatic Control 25 (1980) 690-693: best for equal queues that
 * cannot be seen.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

struct round_robin {
    uint64_t turn;
};

PICK_INLINE ts_id round_robin_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                   const struct ts_task *t)
{
    (void)h;
    struct round_robin *rr = st;
    uint64_t turn = rr->turn++;
    for (uint32_t i = 0; i < t->n_cand; i++) {
        ts_id place = ts_candidate(a, t, (uint32_t)((turn + i) % t->n_cand));
        if (ts_up(v, place)) {
            return place;
        }
    }
    return TS_NONE;
}

static int round_robin_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                              struct ts_plan *p)
{
    return pick_each(round_robin_pick, st, h, v, a, p);
}

const struct ts_policy policy_round_robin = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "round_robin",
    .about = "the candidates in turn (Ephremides, Varaiya, Walrand 1980)",
    .cols = 1u << TS_UP,
    .state_size = sizeof(struct round_robin),
    .decide = round_robin_decide,
};
