/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lydroo_slot.h - the slot problem of LyDROO: devices with a queue of data Q and a virtual queue of energy Y (what
 * was used beyond its allowance) compute in a slot, or send in turns over one channel, so that
 *
 *     sum of  (Q_i + V w_i) data_i - Y_i energy_i
 *
 * is largest: the drift-plus-penalty bound of "as much weighted data as possible, with all queues stable".  Data in
 * Mbit, energy in J, as in the paper, since V stands beside Q.
 *
 * A device that computes does so at f = min(sqrt(a / (3 phi kappa Y)), phi Q, f_max) with a = Q + V w.  One that
 * sends gains G = max over p of (a rate(p) - Y p) for a unit of time until its queue is empty, at the power p that
 * waterfilling gives; time beyond that lets it send the same data at less power, and is worth (Y / g)(1 + (y - 1)
 * e^y), where y is log(1 + g p). So at a price lambda of time each has a share of its own, by Lambert's W, and a
 * bisection finds the lambda at which the shares fill the slot.
 *
 * Source: Bi, Huang, Wang, Zhang, IEEE Trans. Wireless Commun. 20 (2021) 7519-7537, arXiv 2010.01370 (LyDROO), which
 * learns the modes.
 */
#ifndef POLICIES_LYDROO_SLOT_H
#define POLICIES_LYDROO_SLOT_H

#include <math.h>
#include <stdint.h>

#include "policies/lambert.h"

enum { LYDROO_MAX = 64, LYDROO_EXACT_MAX = 12 }; /* devices; of these all modes are tried */

struct lydroo_device {
    double weight, queue_mbit, energy_queue;
    double gain_per_w;                      /* ratio of signal to noise at 1 W */
    double cycles_per_mbit, f_max_hz, kappa; /* kappa f^3 is its power, W */
    int fixed;                               /* 1: it computes at f_max while there is data, sends at p_max, or does neither */
};

struct lydroo_slot {
    double v, slot_s, rate_mbps, p_max_w; /* rate_mbps: bandwidth / overhead, the rate at a ratio of 1 */
    uint32_t n;
    struct lydroo_device device[LYDROO_MAX];
};

/* The paper's: 2 MHz, overhead 1.1, .1 W; 100 cycles a bit, 300 MHz, 1e-26; noise of -174 dBm/Hz. */
static const struct lydroo_slot lydroo_published = {.v = 20, .slot_s = 1, .rate_mbps = 2 / 1.1, .p_max_w = .1};

static inline struct lydroo_device lydroo_published_device(double weight, double queue_mbit, double energy_queue, double h)
{
    const double noise_w = 2e6 * 3.98107170553497e-21;
    return (struct lydroo_device){weight, queue_mbit, energy_queue, h / noise_w, 100e6, 300e6, 1e-26, 0};
}

struct lydroo_use {
    double share, mbit, energy_j; /* share: of the slot, for sending */
};

struct lydroo_answer {
    uint64_t mode; /* a bit a device, the lowest for the first: 1 sends */
    struct lydroo_use use[LYDROO_MAX];
    double value;
};

#define LYDROO_LOG2 0.69314718055994531

static inline double lydroo_worth(const struct lydroo_slot *p, uint32_t i)
{
    return p->device[i].queue_mbit + p->v * p->device[i].weight;
}

static inline double lydroo_value(const struct lydroo_slot *p, uint32_t i, struct lydroo_use use)
{
    return lydroo_worth(p, i) * use.mbit - p->device[i].energy_queue * use.energy_j;
}

static inline struct lydroo_use lydroo_compute(const struct lydroo_slot *p, uint32_t i)
{
    const struct lydroo_device *d = &p->device[i];
    double drained_hz = d->cycles_per_mbit * d->queue_mbit / p->slot_s;
    if (d->fixed) {
        double mbps = d->f_max_hz / d->cycles_per_mbit, power_w = d->kappa * d->f_max_hz * d->f_max_hz * d->f_max_hz;
        struct lydroo_use use = {0, mbps * p->slot_s, power_w * p->slot_s};
        if (drained_hz < d->f_max_hz) {
            use = (struct lydroo_use){0, d->queue_mbit, power_w * (d->queue_mbit / mbps)};
        }
        return lydroo_value(p, i, use) > 0 ? use : (struct lydroo_use){0};
    }
    double f_hz = drained_hz < d->f_max_hz ? drained_hz : d->f_max_hz;
    double free_hz = sqrt(lydroo_worth(p, i) / (3 * d->cycles_per_mbit * d->kappa * d->energy_queue)); /* inf at Y = 0 */
    f_hz = free_hz < f_hz ? free_hz : f_hz;
    return (struct lydroo_use){0, f_hz * p->slot_s / d->cycles_per_mbit, d->kappa * f_hz * f_hz * f_hz * p->slot_s};
}

/* A device that sends: power and rate while its queue lasts, what a second of that is worth, and the share of the slot
 * that empties the queue. */
struct lydroo_sender {
    double p_w, mbps, gain, full;
};

static inline struct lydroo_sender lydroo_sender(const struct lydroo_slot *p, uint32_t i)
{
    const struct lydroo_device *d = &p->device[i];
    struct lydroo_sender s = {.p_w = p->p_max_w};
    if (d->energy_queue > 0 && !d->fixed) {
        double free_w = lydroo_worth(p, i) * p->rate_mbps / (LYDROO_LOG2 * d->energy_queue) - 1 / d->gain_per_w;
        s.p_w = free_w < 0 ? 0 : free_w < s.p_w ? free_w : s.p_w;
    }
    s.mbps = p->rate_mbps / LYDROO_LOG2 * ts_math_log(1 + d->gain_per_w * s.p_w);
    s.gain = lydroo_worth(p, i) * s.mbps - d->energy_queue * s.p_w;
    s.full = s.mbps > 0 ? d->queue_mbit / (s.mbps * p->slot_s) : 0;
    return s;
}

/* The share that a sender takes at a price of time. */
static inline double lydroo_share_at(const struct lydroo_slot *p, uint32_t i, const struct lydroo_sender *s, double price)
{
    const struct lydroo_device *d = &p->device[i];
    if (price >= s->gain || s->mbps <= 0) {
        return 0;
    }
    if (d->fixed || d->energy_queue <= 0) {
        return s->full;
    }
    double y = lambert_above(price * d->gain_per_w / d->energy_queue);
    double share = d->queue_mbit * LYDROO_LOG2 / (p->rate_mbps * p->slot_s * y);
    return share > s->full ? share : s->full;
}

/* What is done in a share. */
static inline struct lydroo_use lydroo_send(const struct lydroo_slot *p, uint32_t i, const struct lydroo_sender *s, double share)
{
    const struct lydroo_device *d = &p->device[i];
    double time_s = share * p->slot_s;
    if (share <= s->full || time_s <= 0) {
        return (struct lydroo_use){share, s->mbps * time_s, s->p_w * time_s};
    }
    double p_w = ts_math_expm1(d->queue_mbit * LYDROO_LOG2 / (p->rate_mbps * time_s)) / d->gain_per_w;
    return (struct lydroo_use){share, d->queue_mbit, p_w * time_s};
}

static inline double lydroo_sum_at(const struct lydroo_slot *p, const struct lydroo_sender *s, uint64_t mode, double price)
{
    double sum = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        sum += mode >> i & 1 ? lydroo_share_at(p, i, &s[i], price) : 0;
    }
    return sum;
}

/* The shares of those that send, which sum up to 1 at most. */
static inline void lydroo_divide(const struct lydroo_slot *p, const struct lydroo_sender *s, uint64_t mode, double *share)
{
    enum { STEPS = 100 };
    double low = 0, high = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        high = (mode >> i & 1) && s[i].gain > high ? s[i].gain : high;
    }
    if (lydroo_sum_at(p, s, mode, 0) > 1) {
        for (int i = 0; i < STEPS && high - low > high * 0x1p-50; i++) {
            double middle = low + (high - low) / 2;
            if (lydroo_sum_at(p, s, mode, middle) > 1) {
                low = middle;
            } else {
                high = middle;
            }
        }
    } else {
        high = 0;
    }
    /* Where a device's share jumps at the price itself, it gets what the others leave. */
    double rest = 1 - lydroo_sum_at(p, s, mode, high);
    for (uint32_t i = 0; i < p->n; i++) {
        share[i] = mode >> i & 1 ? lydroo_share_at(p, i, &s[i], high) : 0;
        double more = mode >> i & 1 && low < high ? lydroo_share_at(p, i, &s[i], low) - share[i] : 0;
        more = more < rest ? more : rest;
        share[i] += more > 0 ? more : 0;
        rest -= more > 0 ? more : 0;
    }
}

/* The best use of the slot for out->mode, and its value. */
static inline void lydroo_solve(const struct lydroo_slot *p, struct lydroo_answer *out)
{
    struct lydroo_sender sender[LYDROO_MAX];
    double share[LYDROO_MAX];
    for (uint32_t i = 0; i < p->n; i++) {
        sender[i] = lydroo_sender(p, i);
    }
    lydroo_divide(p, sender, out->mode, share);
    out->value = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        out->use[i] = out->mode >> i & 1 ? lydroo_send(p, i, &sender[i], share[i]) : lydroo_compute(p, i);
        out->value += lydroo_value(p, i, out->use[i]);
    }
}

static inline void lydroo_keep_better(const struct lydroo_slot *p, uint64_t mode, struct lydroo_answer *best)
{
    struct lydroo_answer x = {.mode = mode};
    lydroo_solve(p, &x);
    if (x.value > best->value) {
        *best = x;
    }
}

/* What a device would gain by sending alone in the slot, for the share of it that this takes. */
static inline double lydroo_advantage(const struct lydroo_slot *p, uint32_t i)
{
    struct lydroo_sender s = lydroo_sender(p, i);
    double share = s.full < 1 ? s.full : 1;
    double gained = lydroo_value(p, i, lydroo_send(p, i, &s, share)) - lydroo_value(p, i, lydroo_compute(p, i));
    return share > 0 ? gained / share : gained;
}

/* One device after the other changes its mode while that gains. */
static inline void lydroo_improve(const struct lydroo_slot *p, struct lydroo_answer *best)
{
    double last;
    do {
        last = best->value;
        for (uint32_t i = 0; i < p->n; i++) {
            lydroo_keep_better(p, best->mode ^ (uint64_t)1 << i, best);
        }
    } while (best->value > last);
}

/* The best of the n + 1 prefixes of the devices in order of their advantage, ties by row, and what is near it. */
static inline void lydroo_greedy(const struct lydroo_slot *p, struct lydroo_answer *best)
{
    uint32_t order[LYDROO_MAX];
    double advantage[LYDROO_MAX];
    uint64_t mode = 0;
    for (uint32_t i = 0, at; i < p->n; i++) {
        advantage[i] = lydroo_advantage(p, i);
        for (at = i; at > 0 && advantage[order[at - 1]] < advantage[i]; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    best->value = -(double)INFINITY;
    lydroo_keep_better(p, mode, best);
    for (uint32_t i = 0; i < p->n; i++) {
        mode |= (uint64_t)1 << order[i];
        lydroo_keep_better(p, mode, best);
    }
    lydroo_improve(p, best);
}

/* The best of all 2^n modes; n <= LYDROO_EXACT_MAX. */
static inline void lydroo_exact(const struct lydroo_slot *p, struct lydroo_answer *best)
{
    best->value = -(double)INFINITY;
    for (uint64_t mode = 0; mode < (uint64_t)1 << p->n; mode++) {
        lydroo_keep_better(p, mode, best);
    }
}

#endif
