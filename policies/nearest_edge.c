/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nearest_edge - everything goes to the edge server that the device is attached to; if that has no fitting place up, to
 * the edge place that the input reaches first; if no edge place is a candidate, to whatever place the input reaches
 * first.
 *
 * Source: cloudlets, Satyanarayanan, Bahl, Caceres, Davies, IEEE Pervasive Computing 8(4) (2009) 14-23.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

enum { TIER_EDGE = 1 };

/* The first edge place of the site, or TS_NONE. */
static inline ts_id attached_edge(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    ts_id place = pick_at_node(v, a, t, t->site);
    return place != TS_NONE && ts_known(v, TS_TIER, place) == TIER_EDGE ? place : TS_NONE;
}

PICK_INLINE ts_id nearest_edge_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                    const struct ts_task *t)
{
    (void)st, (void)h;
    ts_id place = attached_edge(v, a, t);
    if (place == TS_NONE) {
        place = pick_nearest(v, a, t, TIER_EDGE);
    }
    return place != TS_NONE ? place : pick_nearest(v, a, t, PICK_ANY_TIER);
}

static int nearest_edge_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                               struct ts_plan *p)
{
    return pick_each(nearest_edge_pick, st, h, v, a, p);
}

const struct ts_policy policy_nearest_edge = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "nearest_edge",
    .about = "the edge server that the device is attached to, else the nearest (Satyanarayanan et al. 2009)",
    .needs = 1u << TS_IN_S,
    .cols = 1u << TS_UP | 1u << TS_NODE | 1u << TS_TIER,
    .decide = nearest_edge_decide,
};
