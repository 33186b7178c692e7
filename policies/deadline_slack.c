/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deadline_slack - the slack of a place is the time between the estimated finish there and the deadline.  With `rule:
 * least` a job goes where its slack is least but still `reserve`, as a share of the time it had at release: fast
 * places stay free for jobs that need them (best fit).  With `rule: largest` it goes where its slack is largest.  If
 * no place leaves the reserve, and for a job without a deadline, either is the place that finishes first; ties go to
 * the lower candidate.
 *
 * Source: minimum laxity, Mok, PhD thesis, MIT (1983); Stankovic, Ramamritham, Cheng, IEEE Trans. Comput. 34 (1985)
 * 1130-1143, whose bidding sends a job where its surplus suffices.  The reserve is ours.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

enum { LEAST, LARGEST };

struct deadline_slack {
    double rule, reserve;
};

static const char *const deadline_slack_rule[] = {"least", "largest", 0};

static const struct ts_param deadline_slack_param[] = {
    {.key = "rule",
     .about = "the least slack that leaves the reserve, or the largest",
     .dflt = LEAST,
     .max = LARGEST,
     .offset = offsetof(struct deadline_slack, rule),
     .flags = TS_WHOLE,
     .word = deadline_slack_rule},
    {.key = "reserve",
     .about = "share of the time from release to deadline that must be left",
     .dflt = 0.2,
     .min = 0,
     .max = 1,
     .offset = offsetof(struct deadline_slack, reserve)},
    {0},
};

PICK_INLINE ts_id deadline_slack_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                      const struct ts_task *t)
{
    (void)h;
    const struct deadline_slack *rule = st;
    double latest_s = t->deadline_s - rule->reserve * (t->deadline_s - t->released_s) - v->now_s;
    ts_id best = TS_NONE;
    double best_s = -INFINITY;
    for (uint32_t k = 0; k < t->n_cand && rule->rule == LEAST && t->deadline_s < INFINITY; k++) {
        ts_id place = ts_candidate(a, t, k);
        double finish_s = ts_up(v, place) ? pick_rank(pick_finish_s(v, a, t, k)) : INFINITY;
        if (finish_s <= latest_s && finish_s > best_s) {
            best = place;
            best_s = finish_s;
        }
    }
    return best != TS_NONE ? best : pick_first(v, a, t);
}

static int deadline_slack_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                                 struct ts_plan *p)
{
    return pick_each(deadline_slack_pick, st, h, v, a, p);
}

const struct ts_policy policy_deadline_slack = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "deadline_slack",
    .about = "the least slack to the deadline that leaves a reserve, or the largest slack (Mok 1983)",
    .needs = PICK_FINISH_NEEDS,
    .cols = PICK_FINISH_COLS,
    .state_size = sizeof(struct deadline_slack),
    .param_size = sizeof(struct ts_param),
    .param = deadline_slack_param,
    .decide = deadline_slack_decide,
};
