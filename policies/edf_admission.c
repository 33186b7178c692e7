/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edf_admission - a job is let in only where it is expected to meet its deadline.  The place is that of minimum
 * completion time; if even there the estimated finish plus `slack` lies behind the deadline, the job is rejected at
 * once and costs nobody anything.  A job without a deadline is always let in.
 *
 * It belongs to stations that serve the earliest deadline first (`discipline: edf`): that order is optimal on one
 * processor while the deadlines can be met and collapses under overload, which the test at the door prevents.  The work
 * ahead counts as a whole, whatever its deadlines, so the test errs against urgent jobs.
 *
 * Sources: Liu, Layland, J. ACM 20 (1973) 46-61 (EDF); Ramamritham, Stankovic, IEEE Software 1(3) (1984) 65-75 (a job
 * is guaranteed on arrival, elsewhere if not here, or refused).
 */
#include "policies/builtin.h"
#include "policies/pick.h"

struct edf_admission {
    double slack_s;
};

static const struct ts_param edf_param[] = {
    {.key = "slack",
     .unit = "s",
     .about = "time to spare that the estimated finish must leave",
     .dflt = 0,
     .min = 0,
     .max = 3600,
     .offset = offsetof(struct edf_admission, slack_s)},
    {0},
};

PICK_INLINE ts_id edf_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           const struct ts_task *t)
{
    (void)h;
    const struct edf_admission *edf = st;
    uint32_t best = pick_soonest(v, a, t);
    if (best == TS_NONE) {
        return TS_NONE;
    }
    double finish_s = v->now_s + pick_rank(pick_finish_s(v, a, t, best));
    return finish_s + edf->slack_s <= t->deadline_s ? ts_candidate(a, t, best) : TS_NONE;
}

static int edf_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    return pick_each(edf_pick, st, h, v, a, p);
}

const struct ts_policy policy_edf_admission = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "edf_admission",
    .about = "as mct, but a job that would miss its deadline is rejected (Ramamritham, Stankovic 1984)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .state_size = sizeof(struct edf_admission),
    .param_size = sizeof(struct ts_param),
    .param = edf_param,
    .decide = edf_decide,
};
