/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lodco - an energy-harvesting device decides for itself, by LODCO's rule (lodco_slot.h): it computes a task, sends
 * it to the place where that is cheapest, or drops it, whichever is least of -b energy + v time.
 *
 * What is the paper's: the rule, the offset of the battery, that a task takes at most `energy.most` and at least
 * `energy.least` out of it, that a way too slow for the deadline is none, the penalty for a drop, and that nothing is
 * harvested above the offset.  What is mapping: energy is the estimate for the device (computing above idle, or
 * sending) and time the estimated finish, instead of a frequency and a power chosen afresh; the battery is a virtual
 * queue kept here, filled at a constant rate as time goes, unless the view knows one.
 *
 * Source: Mao, Zhang, Letaief, IEEE J. Sel. Areas Commun. 34 (2016) 3590-3605.  `v`, penalty and least energy of the
 * paper are 1e-5, 2 ms and .02 mJ.
 */
#include "policies/builtin.h"
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
     .offset = offsetof(struct lodco, least_j)},
    {.key = "energy.most",
     .unit = "J",
     .about = "most that a task may take out of it",
     .dflt = 100,
     .min = 1e-9,
     .max = 1e9,
     .offset = offsetof(struct lodco, most_j)},
    {.key = "harvest",
     .unit = "W",
     .about = "mean power that is harvested",
     .dflt = 1,
     .min = 0,
     .max = 1e9,
     .offset = offsetof(struct lodco, harvest_w)},
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
     .offset = offsetof(struct lodco, charge)},
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

/* Candidate k as a way: none if it takes more than a task may or the battery has, or too long. */
static inline struct lodco_way lodco_way_of(const struct lodco *l, const struct ts_view *v, const struct ts_ask *a,
                                            const struct ts_task *t, uint32_t k, enum ts_est energy, double level_j)
{
    double energy_j = ts_estimate(a, t, k, energy), time_s = pick_finish_s(v, a, t, k);
    energy_j = energy_j < l->least_j ? l->least_j : energy_j;
    int fits = energy_j <= l->most_j && energy_j <= level_j && v->now_s + time_s <= t->deadline_s;
    return fits && ts_up(v, ts_candidate(a, t, k)) ? (struct lodco_way){energy_j, time_s} : lodco_no_way;
}

static inline ts_id lodco_pick(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                               const struct ts_task *t)
{
    (void)h;
    struct lodco *l = st;
    double offset_j = lodco_offset_j(l->most_j, l->v, l->penalty_s, l->least_j);
    ts_id own = pick_at_node(v, a, t, t->origin), server = TS_NONE;
    double *battery = lodco_battery(l, v, t, own, offset_j);
    if (!battery) {
        return TS_NONE;
    }
    double b = battery[LEVEL_J] - offset_j, least = INFINITY;
    struct lodco_way local = lodco_no_way, remote = lodco_no_way;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        if (place == own) {
            local = lodco_way_of(l, v, a, t, k, TS_RUN_J, battery[LEVEL_J]);
            continue;
        }
        struct lodco_way way = lodco_way_of(l, v, a, t, k, TS_NET_J, battery[LEVEL_J]);
        double score = lodco_score(way, b, l->v);
        if (score < least) {
            least = score;
            remote = way;
            server = place;
        }
    }
    enum lodco_mode mode = lodco_choose(local, remote, battery[LEVEL_J], b, l->v, l->penalty_s);
    battery[LEVEL_J] -= mode == LODCO_LOCAL ? local.energy_j : mode == LODCO_REMOTE ? remote.energy_j : 0;
    return mode == LODCO_LOCAL ? own : mode == LODCO_REMOTE ? server : TS_NONE;
}

static int lodco_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    const struct lodco *own = st;
    int rc = pick_each(lodco_pick, st, h, v, a, p);
    return memo_check(&own->battery, h, rc);
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
    .cols = PICK_FINISH_COLS | 1u << TS_NODE | 1u << TS_BATTERY_J,
    .state_size = sizeof(struct lodco),
    .param_size = sizeof(struct ts_param),
    .param = lodco_param,
    .decide = lodco_decide,
    .clear = lodco_clear,
};
