/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * local - nothing is offloaded: a task runs on the node of its job, on the first of its places that is up.  Where that
 * node has no fitting processor, or none that is up, the task goes to the nearest place: the one its input reaches
 * first.
 *
 * Source: the all-local baseline of the offloading literature (Mach, Becvar, IEEE Commun. Surv. Tutor. 19 (2017)
 * 1628-1656).
 */
#include "policies/builtin.h"
#include "policies/pick.h"

PICK_INLINE ts_id local_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             const struct ts_task *t)
{
    (void)st, (void)h;
    ts_id own = pick_at_node(v, a, t, t->origin);
    return own != TS_NONE ? own : pick_nearest(v, a, t, PICK_ANY_TIER);
}

static int local_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    return pick_each(local_pick, st, h, v, a, p);
}

const struct ts_policy policy_local = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "local",
    .about = "the node of the job; the nearest other place if it has no fitting processor (baseline)",
    .needs = 1u << TS_IN_S,
    .cols = 1u << TS_UP | 1u << TS_NODE,
    .decide = local_decide,
};
