/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jsq - join the shortest queue: the place with the fewest tasks q, served, waiting or on their way; ties at random.
 * With `speed: 1` queues are told apart by (q + 1) / (cores * speed) instead, the rule for unequal servers.  It looks
 * at no link.
 *
 * Source: Winston, J. Applied Probability 14 (1977) 181-189.
 */
#include "policies/builtin.h"
#include "policies/pick.h"

struct jsq {
    double speed;
};

static const struct ts_param jsq_param[] = {
    {.key = "speed",
     .about = "1: count (tasks + 1) / speed of the place; 0: count tasks",
     .dflt = 0,
     .min = 0,
     .max = 1,
     .offset = offsetof(struct jsq, speed),
     .flags = TS_WHOLE},
    {0},
};

PICK_INLINE double jsq_length(const void *st, const struct ts_view *v, ts_id place)
{
    const struct jsq *jsq = st;
    double queue = pick_queue(v, place);
    if (jsq->speed == 0) {
        return queue;
    }
    return (queue + 1) / (ts_known(v, TS_UNITS, place) * ts_known(v, TS_SPEED, place));
}

PICK_INLINE ts_id jsq_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           const struct ts_task *t)
{
    return pick_least(jsq_length, st, h, v, a, t);
}

static int jsq_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                      struct ts_plan *p)
{
    return pick_each(jsq_pick, st, h, v, a, p);
}

const struct ts_policy policy_jsq = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "jsq",
    .about = "the shortest queue, ties at random (Winston 1977)",
    .cols = 1u << TS_UP | 1u << TS_UNITS | 1u << TS_BUSY | 1u << TS_QUEUED | 1u << TS_SPEED,
    .state_size = sizeof(struct jsq),
    .param_size = sizeof(struct ts_param),
    .param = jsq_param,
    .decide = jsq_decide,
};
