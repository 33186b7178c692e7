/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * droo - devices share one channel in slots; which of them send and which compute is chosen together, so that the
 * weighted rate of computation is largest (droo_slot.h).
 *
 * What is the paper's: the slot problem, its solver, and modes found exactly (up to 12 devices) or greedily in order
 * of w h, which is what its neural network learns to imitate.  What is mapping: devices here do not live on the
 * energy that an access point sends, so energy bounds no frequency: a device that computes does so at its fastest level,
 * and that is its local rate; the channel is the one that would carry what its way does.  The times a and tau are not
 * imposed: transfers share links as the scenario says; with `sharing: fifo` they take turns, as in the paper.  Weights are
 * priorities, 1 unless set.
 *
 * Source: Huang, Bi, Zhang, IEEE Trans. Mobile Comput. 19 (2020) 2581-2593.
 */
#include "policies/builtin.h"
#include "policies/droo_slot.h"
#include "policies/slot.h"

_Static_assert((int)SLOT_DEVICES <= (int)DROO_MAX, "all devices of a slot fit into its problem");

static const struct ts_param droo_param[] = {
    SLOT_PARAMS("greedy by weight and channel; or all modes, for up to 12 devices in a slot"),
    {0},
};

/* The level at which the device computes fastest; of equal ones the lower. */
static inline struct slot_device droo_fastest(const struct ts_host *h, const struct ts_view *v, const struct slot_device *d)
{
    struct slot_device best = *d;
    for (uint32_t level = 1, n = level_count(v, d->place); level <= n; level++) {
        struct slot_device x = slot_at_level(h, d, (uint16_t)level);
        best = x.run_s < best.run_s ? x : best;
    }
    return best;
}

static inline struct slot_modes droo_modes(void *st, const struct ts_host *h, const struct ts_view *v, struct slot_device *d,
                                           uint32_t n)
{
    const struct slot_channel *channel = st;
    struct droo_slot p = {.scale_bps = channel->bandwidth_hz / (channel->overhead * 0.69314718055994531), .n = n};
    struct droo_answer best;
    for (uint32_t i = 0; i < n; i++) {
        d[i] = droo_fastest(h, v, &d[i]);
        double snr = slot_snr(&d[i], channel);
        p.device[i] = (struct droo_device){d[i].weight, slot_local_bps(&d[i]), snr};
    }
    if (channel->search == SLOT_EXACT && n <= DROO_EXACT_MAX) {
        droo_exact(&p, &best);
    } else {
        droo_greedy(&p, &best);
    }
    return (struct slot_modes){.send = best.mode};
}

static int droo_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                       struct ts_plan *p)
{
    return slot_decide(droo_modes, st, h, v, a, p);
}

const struct ts_policy policy_droo = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "droo",
    .about = "DROO: who computes and who sends in a slot, greedily or exactly (Huang, Bi, Zhang 2020)",
    .needs = SLOT_NEEDS,
    .cols = SLOT_COLS,
    .triggers = 1u << TS_TICK,
    .state_size = sizeof(struct slot_channel),
    .param_size = sizeof(struct ts_param),
    .param = droo_param,
    .decide = droo_decide,
    .tick = SLOT_TICK,
};
