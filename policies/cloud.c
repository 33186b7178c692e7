/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cloud - everything goes to the cloud: of several cloud places to the one that the input reaches first.  Without a
 * cloud place that is up, the highest-numbered tier that has one takes its part (2 is the cloud, 1 edge, 0 end; the
 * scenario's own tiers come after the cloud, and are asked only when there is no cloud).
 *
 * Source: the all-cloud baseline of the offloading literature (Mach, Becvar, IEEE Commun. Surv. Tutor. 19 (2017)
 * 1628-1656).
 */
#include "policies/builtin.h"
#include "policies/pick.h"

enum { TIER_CLOUD = 2 };

/* The highest tier with a candidate that is up, or PICK_ANY_TIER if none is known. */
static inline int highest_tier(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    int highest = PICK_ANY_TIER;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        double tier = ts_up(v, place) ? ts_known(v, TS_TIER, place) : NAN;
        if (tier > highest) {
            highest = (int)tier;
        }
    }
    return highest;
}

PICK_INLINE ts_id cloud_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_task *t)
{
    (void)st, (void)h;
    ts_id place = pick_nearest(v, a, t, TIER_CLOUD);
    return place != TS_NONE ? place : pick_nearest(v, a, t, highest_tier(v, a, t));
}

static int cloud_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    return pick_each(cloud_pick, st, h, v, a, p);
}

const struct ts_policy policy_cloud = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "cloud",
    .about = "the cloud, or the highest tier that there is (baseline)",
    .needs = 1u << TS_IN_S,
    .cols = 1u << TS_UP | 1u << TS_TIER,
    .decide = cloud_decide,
};
