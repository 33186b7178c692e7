/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * least_work - the place with the least estimated work left, in seconds of the whole pool; ties at random.  It looks at
 * neither the task's own service time nor at links.  The work is what the controller estimates, not the truth.
 *
 * Source: rule Least-Work-Left of Harchol-Balter, Crovella, Murta, J. Parallel Distrib. Comput. 59 (1999) 204-228.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

PICK_INLINE double work_left_s(const void *st, const struct ts_view *v, ts_id place)
{
    (void)st;
    return ts_known(v, TS_WORK_S, place);
}

PICK_INLINE ts_id least_work_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                  const struct ts_task *t)
{
    return pick_least(work_left_s, st, h, v, a, t);
}

static int least_work_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    return pick_each(least_work_pick, st, h, v, a, p);
}

const struct ts_policy policy_least_work = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "least_work",
    .about = "the least estimated work left, ties at random (Harchol-Balter et al. 1999)",
    .cols = 1u << TS_UP | 1u << TS_WORK_S,
    .decide = least_work_decide,
};
