/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * power_of_d - d different candidates are drawn, all alike, and the task joins the shortest queue among them; of equal
 * ones the first drawn, which is any of them at random.  d = 1 is `random`, d = n is `jsq`.
 *
 * Sources: Vvedenskaya, Dobrushin, Karpelevich, Problems of Information Transmission 32 (1996) 15-27; Mitzenmacher,
 * IEEE Trans. Parallel Distrib. Syst. 12 (2001) 1094-1104.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

enum { D_MAX = 64 };

struct power_of_d {
    double d;
};

static const struct ts_param power_of_d_param[] = {
    {.key = "d",
     .about = "candidates drawn",
     .dflt = 2,
     .min = 1,
     .max = D_MAX,
     .offset = offsetof(struct power_of_d, d),
     .flags = TS_WHOLE},
    {0},
};

/* A number below n that is not among drawn[n_drawn], which is kept in order. */
static inline uint32_t draw_another(const struct ts_host *h, uint32_t n, uint32_t *drawn, uint32_t n_drawn)
{
    uint32_t x = pick_index(h, n - n_drawn), i = 0;
    while (i < n_drawn && drawn[i] <= x) {
        x++;
        i++;
    }
    for (uint32_t j = n_drawn; j > i; j--) {
        drawn[j] = drawn[j - 1];
    }
    drawn[i] = x;
    return x;
}

PICK_INLINE ts_id power_of_d_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                  const struct ts_task *t)
{
    const struct power_of_d *pod = st;
    uint32_t drawn[D_MAX], n = pick_count_up(v, a, t), d = (uint32_t)pod->d;
    ts_id best = TS_NONE;
    double shortest = INFINITY;
    for (uint32_t i = 0; i < d && i < n; i++) {
        uint32_t x = draw_another(h, n, drawn, i);
        ts_id place = n == t->n_cand ? ts_candidate(a, t, x) : pick_nth_up(v, a, t, x);
        double queue = pick_rank(pick_queue(v, place));
        if (queue < shortest) {
            best = place;
            shortest = queue;
        }
    }
    return best;
}

static int power_of_d_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    return pick_each(power_of_d_pick, st, h, v, a, p);
}

const struct ts_policy policy_power_of_d = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "power_of_d",
    .about = "the shortest of d queues drawn at random (Mitzenmacher 2001)",
    .cols = 1u << TS_UP | 1u << TS_BUSY | 1u << TS_QUEUED,
    .state_size = sizeof(struct power_of_d),
    .param_size = sizeof(struct ts_param),
    .param = power_of_d_param,
    .decide = power_of_d_decide,
};
