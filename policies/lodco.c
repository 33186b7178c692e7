/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lodco - an energy-harvesting device decides for itself, by LODCO's rule (lodco_slot.h): it computes a task at the
 * speed level where that is cheapest, sends it to the place where that is, or drops it, whichever is least of
 * -b energy + v time.
 *
 * What is the paper's: the rule, the frequency as a part of it, the offset of the battery, that a task takes at most
 * `energy.most` and at least `energy.least` out of it, that a way too slow for the deadline is none, the penalty for a
 * drop, and that nothing is harvested above the offset.  What is mapping: frequencies are the levels of the device, of
 * which the best is found by trying all (where power goes with the cube of the speed, one of the two next to the
 * closed form of the paper); energy is the estimate for the device (computing above idle, or sending at the power that it
 * has) and time the estimated finish; the battery is a virtual queue kept here, filled at a constant rate as time goes,
 * unless the view knows one.
 *
 * Source: Mao, Zhang, Letaief, IEEE J. Sel. Areas Commun. 34 (2016) 3590-3605.  `v`, penalty and least energy of the
 * paper are 1e-5, 2 ms and .02 mJ.
 */
#include "policies/builtin.h"
#include "policies/levels.h"
#include "policies/lodco_slot.h"
#include "policies/memo.h"
#include "policies/pick.h"

enum { LEVEL_J, LEVEL_AT_S, LEVEL_KNOWN, LEVEL_WIDTH };

struct lodco {
    double v, least_j, most_j, harvest_w, penalty_s, charge;
    struct memo battery; /* by device */
};

static const struct ts_param lodco_param[] = {
    {.key = "v",
     .about = "weight of time against energy, J^2/s",
     .dflt = 10,
     .min = 0,
     .max = 1e12,
     .offset = offsetof(struct lodco, v)},
    {.key = "energy.least",
     .unit = "J",
     .about = "least that a task takes out of the battery",
     .dflt = 0.1,
     .min = 1e-9,
     .max = 1e9,
     .offset = offsetof(struct lodco, least_j),
     .flags = TS_FIXED},
    {.key = "energy.most",
     .unit = "J",
     .about = "most that a task may take out of it",
     .dflt = 100,
     .min = 1e-9,
     .max = 1e9,
     .offset = offsetof(struct lodco, most_j),
     .flags = TS_FIXED},
    {.key = "harvest",
     .unit = "W",
     .about = "mean power that is harvested",
     .dflt = 1,
     .min = 0,
     .max = 1e9,
     .offset = offsetof(struct lodco, harvest_w),
     .flags = TS_FIXED},
    {.key = "penalty",
     .unit = "s",
     .about = "what a dropped task counts",
     .dflt = 10,
     .min = 0,
     .max = 1e9,
     .offset = offsetof(struct lodco, penalty_s)},
    {.key = "charge",
     .about = "level at first, as a share of the offset",
     .dflt = 1,
     .min = 0,
     .max = 1,
     .offset = offsetof(struct lodco, charge),
     .flags = TS_FIXED},
    {0},
};

/* The battery of the task's device, brought up to now. */
static inline double *lodco_battery(struct lodco *l, const struct ts_view *v, const struct ts_task *t, ts_id own,
                                    double offset_j)
{
    double *battery = memo_row(&l->battery, t->origin, LEVEL_WIDTH);
    if (!battery) {
        return 0;
    }
    double measured_j = own == TS_NONE ? NAN : ts_known(v, TS_BATTERY_J, own);
    if (!isnan(measured_j)) {
        battery[LEVEL_J] = measured_j;
    } else if (battery[LEVEL_KNOWN] == 0) {
        battery[LEVEL_J] = l->charge * offset_j;
    } else if (battery[LEVEL_J] < offset_j) {
        double full_j = battery[LEVEL_J] + l->harvest_w * (v->now_s - battery[LEVEL_AT_S]);
        battery[LEVEL_J] = full_j < offset_j ? full_j : offset_j;
    }
    battery[LEVEL_KNOWN] = 1;
    battery[LEVEL_AT_S] = v->now_s;
    return battery;
}

/* A way, if it takes no more than a task may and the battery has, and is in time. */
static inline struct lodco_way lodco_way_of(const struct lodco *l, const struct ts_view *v, const struct ts_task *t,
                                            double energy_j, double time_s, double level_j)
{
    energy_j = energy_j < l->least_j ? l->least_j : energy_j;
    int fits = energy_j <= l->most_j && energy_j <= level_j && v->now_s + time_s <= t->deadline_s;
    return fits ? (struct lodco_way){energy_j, time_s} : lodco_no_way;
}

struct lodco_choice {
    struct lodco_way way;
    ts_id place;
    uint16_t level;
    double score;
};

static inline void lodco_keep_better(struct lodco_choice *best, struct lodco_choice x)
{
    if (x.score < best->score) {
        *best = x;
    }
}

/* Candidate k at whichever speed is best; a server's is the usual one. */
static inline void lodco_consider(const struct lodco *l, const struct ts_host *h, const struct ts_view *v,
                                  const struct ts_ask *a, const struct ts_task *t, uint32_t k, double level_j, double b,
                                  int own, struct lodco_choice *best)
{
    ts_id place = ts_candidate(a, t, k);
    double finish_s = pick_finish_s(v, a, t, k), usual_s = ts_estimate(a, t, k, TS_RUN_S);
    double usual_j = ts_estimate(a, t, k, own ? TS_RUN_J : TS_NET_J);
    for (uint32_t i = 0, n = own ? level_count(v, place) : 0; i <= n && ts_up(v, place); i++) {
        struct level_run run = level_run(h, place, i, usual_s, usual_j);
        double time_s = i ? finish_s + (run.run_s - usual_s) : finish_s;
        struct lodco_way way = lodco_way_of(l, v, t, run.run_j, time_s, level_j);
        lodco_keep_better(best, (struct lodco_choice){way, place, (uint16_t)i, lodco_score(way, b, l->v)});
    }
}

static inline struct lodco_choice lodco_pick(struct lodco *l, const struct ts_host *h, const struct ts_view *v,
                                             const struct ts_ask *a, const struct ts_task *t)
{
    const struct lodco_choice none = {lodco_no_way, TS_NONE, 0, INFINITY};
    double offset_j = lodco_offset_j(l->most_j, l->v, l->penalty_s, l->least_j);
    ts_id own = pick_at_node(v, a, t, t->origin);
    double *battery = lodco_battery(l, v, t, own, offset_j);
    if (!battery) {
        return none;
    }
    double level_j = battery[LEVEL_J], b = level_j - offset_j;
    struct lodco_choice local = none, remote = none;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        int here = ts_candidate(a, t, k) == own;
        lodco_consider(l, h, v, a, t, k, level_j, b, here, here ? &local : &remote);
    }
    enum lodco_mode mode = lodco_choose(local.way, remote.way, level_j, b, l->v, l->penalty_s);
    struct lodco_choice x = mode == LODCO_LOCAL ? local : mode == LODCO_REMOTE ? remote : none;
    battery[LEVEL_J] -= x.way.energy_j;
    return x;
}

static int lodco_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    struct lodco *l = st;
    if (pick_begin(h, a, p) < 0) {
        return -1;
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        struct lodco_choice x = lodco_pick(l, h, v, a, ts_task_at(a, i));
        pick_step(p, i, x.place);
        p->step[i].level = x.level;
    }
    return memo_check(&l->battery, h, 0);
}

static void lodco_clear(void *st)
{
    struct lodco *l = st;
    memo_clear(&l->battery);
}

const struct ts_policy policy_lodco = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "lodco",
    .about = "LODCO: compute, send or drop by the level of a harvesting battery (Mao, Zhang, Letaief 2016)",
    .needs = PICK_FINISH_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J,
    .cols = PICK_FINISH_COLS | 1u << TS_NODE | 1u << TS_LEVEL | 1u << TS_BATTERY_J,
    .state_size = sizeof(struct lodco),
    .param_size = sizeof(struct ts_param),
    .param = lodco_param,
    .decide = lodco_decide,
    .clear = lodco_clear,
};
