/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lydroo - devices share one channel in slots; which of them send and which compute is chosen together, so that much
 * data is done while queues of data stay stable and no device spends more than its allowance on average
 * (lydroo_slot.h).
 *
 * What is the paper's: the slot problem and its solver, the virtual queue of energy with its factor, V, the frequency as
 * a part of it, and that a device which does better to do nothing in a slot keeps its data for the next.  What is
 * mapping: the queue of data is what a device has in the slot and what its own processor still has to do; it computes at
 * one of its speed levels, the best by the objective, for as long as there is data, and sends at its power, or does
 * neither; the channel is the one that would carry what its way does, at the power that the estimated energy of sending
 * means.  The shares of the slot are not imposed: transfers share links as the scenario says; with `sharing: fifo` they
 * take turns, as in the paper.  Modes are found exactly or greedily; the paper learns them.  Weights are priorities, 1
 * unless set.  The paper allows .08 W.
 *
 * Source: Bi, Huang, Wang, Zhang, IEEE Trans. Wireless Commun. 20 (2021) 7519-7537.
 */
#include "policies/builtin.h"
#include "policies/lydroo_slot.h"
#include "policies/memo.h"
#include "policies/slot.h"

_Static_assert((int)SLOT_DEVICES <= (int)LYDROO_MAX, "all devices of a slot fit into its problem");

enum { SPENT, SPENT_AT_S, SPENT_WIDTH };

struct lydroo {
    struct slot_channel channel;
    double v, allowance_w, factor;
    struct memo spent; /* by device: its virtual queue of energy, as of when */
};

static const struct ts_param lydroo_param[] = {
    SLOT_PARAMS("greedy by gain and time; or all modes, for up to 12 devices in a slot"),
    {.key = "v",
     .about = "weight of data done against queues, Mbit",
     .dflt = 20,
     .min = 0,
     .max = 1e12,
     .offset = offsetof(struct lydroo, v)},
    {.key = "allowance",
     .unit = "W",
     .about = "mean power that a device may spend",
     .dflt = 1,
     .min = 0,
     .max = 1e9,
     .offset = offsetof(struct lydroo, allowance_w)},
    {.key = "factor",
     .about = "of energy beyond the allowance, Mbit/J",
     .dflt = 1000,
     .min = 0,
     .max = 1e12,
     .offset = offsetof(struct lydroo, factor)},
    {0},
};

/* The device's virtual queue of energy, brought up to now. */
static inline double *lydroo_spent(struct lydroo *l, const struct ts_view *v, ts_id node)
{
    double *row = memo_row(&l->spent, node, SPENT_WIDTH);
    if (row) {
        double left = row[SPENT] - l->factor * l->allowance_w * (v->now_s - row[SPENT_AT_S]);
        row[SPENT] = left > 0 ? left : 0;
        row[SPENT_AT_S] = v->now_s;
    }
    return row;
}

/* In units of the power that the device sends at, so that all send at 1 at most. */
static inline struct lydroo_device lydroo_map(const struct lydroo *l, const struct ts_view *v, const struct slot_device *d,
                                              double spent)
{
    double power_w = d->send_s > 0 && d->send_j > 0 && d->send_s < INFINITY ? d->send_j / d->send_s : 1;
    double bps = slot_local_bps(d);
    double backlog_s = slot_known(ts_known(v, TS_WORK_S, d->place) * ts_known(v, TS_UNITS, d->place));
    double local_w = d->run_s > 0 ? d->run_j / d->run_s : 0;
    return (struct lydroo_device){.weight = d->weight,
                                  .queue_mbit = (d->in_bits + bps * backlog_s) * 1e-6,
                                  .energy_queue = spent * power_w,
                                  .gain_per_w = slot_snr(d, &l->channel),
                                  .cycles_per_mbit = 1e6 / bps, /* its speed is 1 */
                                  .f_max_hz = 1,
                                  .kappa = local_w / power_w,
                                  .fixed = 1};
}

/* Device i of the problem, at the level where computing is worth most, of such the one that takes least; d is set to it. */
static inline void lydroo_add(const struct lydroo *l, struct lydroo_slot *p, uint32_t i, const struct ts_host *h,
                              const struct ts_view *v, struct slot_device *d, double spent)
{
    const struct slot_device usual = *d;
    struct lydroo_device best = p->device[i] = lydroo_map(l, v, &usual, spent);
    struct lydroo_use use = lydroo_compute(p, i);
    for (uint32_t level = 1, n = level_count(v, usual.place); level <= n; level++) {
        struct slot_device at = slot_at_level(h, &usual, (uint16_t)level);
        p->device[i] = lydroo_map(l, v, &at, spent);
        p->device[i].queue_mbit = best.queue_mbit;
        struct lydroo_use other = lydroo_compute(p, i);
        double more = lydroo_value(p, i, other) - lydroo_value(p, i, use);
        if (more > 0 || (more == 0 && other.energy_j < use.energy_j)) {
            best = p->device[i];
            use = other;
            *d = at;
        }
    }
    p->device[i] = best;
}

static inline struct slot_modes lydroo_modes(void *st, const struct ts_host *h, const struct ts_view *v,
                                             struct slot_device *d, uint32_t n)
{
    struct lydroo *l = st;
    struct lydroo_slot p = {.v = l->v,
                            .slot_s = l->channel.slot_s,
                            .rate_mbps = l->channel.bandwidth_hz / l->channel.overhead * 1e-6,
                            .p_max_w = 1,
                            .n = n};
    struct lydroo_answer best;
    for (uint32_t i = 0; i < n; i++) {
        const double *row = lydroo_spent(l, v, d[i].node);
        lydroo_add(l, &p, i, h, v, &d[i], row ? row[SPENT] : 0);
    }
    if (l->channel.search == SLOT_EXACT && n <= LYDROO_EXACT_MAX) {
        lydroo_exact(&p, &best);
    } else {
        lydroo_greedy(&p, &best);
    }
    struct slot_modes modes = {.send = best.mode};
    for (uint32_t i = 0; i < n; i++) {
        double *row = lydroo_spent(l, v, d[i].node);
        if (best.use[i].mbit <= 0) {
            modes.wait |= (uint64_t)1 << i;
        } else if (row) {
            row[SPENT] += l->factor * (best.mode >> i & 1 ? d[i].send_j : d[i].run_j);
        }
    }
    return modes;
}

static int lydroo_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    const struct lydroo *l = st;
    int rc = slot_decide(lydroo_modes, st, h, v, a, p);
    return memo_check(&l->spent, h, rc);
}

static void lydroo_clear(void *st)
{
    struct lydroo *l = st;
    memo_clear(&l->spent);
}

const struct ts_policy policy_lydroo = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "lydroo",
    .about = "LyDROO: as droo, with queues of data and of energy kept stable (Bi, Huang, Wang, Zhang 2021)",
    .needs = SLOT_NEEDS,
    .cols = SLOT_COLS,
    .triggers = 1u << TS_TICK,
    .state_size = sizeof(struct lydroo),
    .param_size = sizeof(struct ts_param),
    .param = lydroo_param,
    .decide = lydroo_decide,
    .clear = lydroo_clear,
    .tick = SLOT_TICK,
};
