/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oracle_least_work - the place to which the least true work is assigned, in seconds of the whole pool; ties at random.  A
 * reference beside `least_work`, which has means of the class: it says what knowing the demands would be worth to this rule.
 *
 * Source: rule Least-Work-Left of Harchol-Balter, Crovella, Murta, J. Parallel Distrib. Comput. 59 (1999) 204-228.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

PICK_INLINE double true_work_s(const void *st, const struct ts_view *v, ts_id place)
{
    (void)st;
    return ts_known(v, TS_WORK_S, place);
}

PICK_INLINE ts_id oracle_least_work_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                         const struct ts_task *t)
{
    return pick_least(true_work_s, st, h, v, a, t);
}

static int oracle_least_work_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                    struct ts_plan *p)
{
    return pick_each(oracle_least_work_pick, st, h, v, a, p);
}

const struct ts_policy policy_oracle_least_work = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "oracle_least_work",
    .about = "least_work with the true demands of every task (Harchol-Balter et al. 1999): a reference",
    .flags = TS_CLAIRVOYANT,
    .cols = 1u << TS_UP | 1u << TS_WORK_S,
    .decide = oracle_least_work_decide,
};
