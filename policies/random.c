/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * random - a candidate by lot.  Without weights every candidate is alike.  With weights the tier is drawn first, in
 * proportion to its weight among those that have a candidate that is up, then a candidate of that tier, all alike; a
 * tier of weight 0 is never used.  `weights: {edge: 0.8, cloud: 0.2}` sends a fifth of the tasks to the cloud.
 *
 * Source: rule Random of Harchol-Balter, Crovella, Murta, J. Parallel Distrib. Comput. 59 (1999) 204-228.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

enum { OTHER_TIERS = 3, N_WEIGHT };

struct random {
    double weight[N_WEIGHT]; /* end, edge, cloud, all others together */
};

#define WEIGHT(name, row, what)                                                                                        \
    {                                                                                                                  \
        .key = "weights." name, .about = "share of " what, .dflt = 0, .min = 0, .max = 1e6,                            \
        .offset = offsetof(struct random, weight[(row)])                                                               \
    }

static const struct ts_param random_param[] = {
    WEIGHT("end", 0, "the devices; all weights 0: every candidate alike"),
    WEIGHT("edge", 1, "the edge servers"),
    WEIGHT("cloud", 2, "the cloud"),
    WEIGHT("other", OTHER_TIERS, "the scenario's own tiers together"),
    {0},
};

static inline unsigned weight_row(const struct ts_view *v, ts_id place)
{
    double tier = ts_known(v, TS_TIER, place);
    return tier >= 0 && tier < OTHER_TIERS ? (unsigned)tier : OTHER_TIERS;
}

/*
 * Chance of a candidate of each row, not normalised; returns the sum over the candidates that are up.  Of the usual one
 * candidate of a row nothing is divided.
 */
static inline double chances(const struct random *r, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_task *t, double chance[N_WEIGHT])
{
    double count[N_WEIGHT] = {0}, sum = 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        count[weight_row(v, place)] += ts_up(v, place);
    }
    for (unsigned i = 0; i < N_WEIGHT; i++) {
        chance[i] = r->weight[i];
        if (count[i] > 1) {
            chance[i] /= count[i];
        }
        sum += chance[i] * count[i];
    }
    return sum;
}

/* Any that is up, all alike. */
static inline ts_id pick_any(const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    uint32_t n = pick_count_up(v, a, t);
    if (n == 0) {
        return TS_NONE;
    }
    uint32_t i = pick_index(h, n);
    return n == t->n_cand ? ts_candidate(a, t, i) : pick_nth_up(v, a, t, i);
}

PICK_INLINE ts_id random_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                              const struct ts_task *t)
{
    const struct random *r = st;
    if (r->weight[0] + r->weight[1] + r->weight[2] + r->weight[3] == 0) {
        return pick_any(h, v, a, t);
    }
    double chance[N_WEIGHT], sum = chances(r, v, a, t, chance);
    ts_id last = TS_NONE;
    if (sum == 0) {
        return last;
    }
    double left = h->uniform(h->ctx) * sum;
    for (uint32_t k = 0; k < t->n_cand && left >= 0; k++) {
        ts_id place = ts_candidate(a, t, k);
        double here = ts_up(v, place) ? chance[weight_row(v, place)] : 0;
        if (here > 0) {
            last = place;
            left -= here;
        }
    }
    return last; /* the last of all if rounding left a rest */
}

static int random_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    return pick_each(random_pick, st, h, v, a, p);
}

const struct ts_policy policy_random = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "random",
    .about = "a candidate by lot, or a tier by its weight (Harchol-Balter et al. 1999)",
    .cols = 1u << TS_UP | 1u << TS_TIER,
    .state_size = sizeof(struct random),
    .param_size = sizeof(struct ts_param),
    .param = random_param,
    .decide = random_decide,
};
