/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * droo_slot.h - the slot problem of DROO: in a slot of length 1 an access point first sends energy to its devices for a
 * time a; then each device either computes with what it got, or sends its data to the access point for a time tau_i of
 * its own.  Wanted are the mode of each device, a and the tau_i, so that the weighted rate of computation
 *
 *     sum over local ones of  w_i local_i a^(1/3)  +  sum over the others of  w_i scale tau_i log(1 + snr_i a / tau_i)
 *
 * is largest while a + sum tau_i <= 1.  local_i is the local rate, snr_i the ratio of signal to noise that a device
 * would have if it harvested (or sent) all the time.
 *
 * With given modes the problem is concave.  If lambda is what more time would be worth, each device that sends does
 * so at a ratio s_i with log(1 + s) - s / (1 + s) = lambda / (w scale), solved by Lambert's W; then tau_i = snr_i a /
 * s_i, the sum of all times gives a, and a search in one dimension finds the lambda at which more harvesting is worth
 * just as much.  The modes are found among the prefixes of the devices in order of w h (a device that gains more by
 * sending sends first), or by trying all.
 *
 * Source: Huang, Bi, Zhang, IEEE Trans. Mobile Comput. 19 (2020) 2581-2593, arXiv 1808.01977 (DROO), which learns the
 * modes; Bi, Zhang, IEEE Trans. Wireless Commun. 17 (2018) 4177-4190, whose problem it is, and who search by bisection.
 */
#ifndef POLICIES_DROO_SLOT_H
#define POLICIES_DROO_SLOT_H

#include <float.h>
#include <math.h>
#include <stdint.h>

#include "policies/lambert.h"

enum { DROO_MAX = 64, DROO_EXACT_MAX = 12 }; /* devices; of these all 4096 modes are tried */

struct droo_device {
    double weight, local_bps, snr;
};

struct droo_slot {
    double scale_bps; /* bandwidth / (overhead log 2) */
    uint32_t n;
    struct droo_device device[DROO_MAX];
};

/* One bit a device, the lowest for the first: 1 sends, 0 computes. */
typedef uint64_t droo_mode;

struct droo_answer {
    droo_mode mode;
    double a, tau[DROO_MAX]; /* tau is 0 of those that compute */
    double rate_bps;         /* weighted sum */
};

/* The paper's device: gain h of its channel, W transmitted by the access point, .7 of it harvested, 100 cycles a bit, 1e-26
 * J s^2 a cycle, noise of 1e-10 W; and its bandwidth of 2 MHz with an overhead of 1.1. */
static inline struct droo_device droo_published_device(double weight, double h)
{
    const double harvested_w = .7 * 3, noise_w = 1e-10, cycles_per_bit = 100, kappa = 1e-26;
    double cube_root = ts_math_exp(ts_math_log(harvested_w * h / kappa) / 3);
    return (struct droo_device){weight, cube_root / cycles_per_bit, harvested_w * h * h / noise_w};
}

#define DROO_PUBLISHED_SCALE_BPS (2e6 / (1.1 * 0.69314718055994531))

static inline int droo_sends(droo_mode mode, uint32_t i)
{
    return (int)(mode >> i & 1);
}

/* The s at which log(1 + s) - s / (1 + s) = c. */
static inline double droo_ratio(double c)
{
    double y = lambert_above(-ts_math_expm1(-c));
    return y / (1 - y);
}

/* At a price lambda of time: fills a and tau, and returns what more harvesting would be worth, less lambda. */
static inline double droo_try(const struct droo_slot *p, double lambda, struct droo_answer *out)
{
    double sending = 0, local = 0, worth = 0;
    for (uint32_t i = 0; i < p->n; i++) {
        const struct droo_device *d = &p->device[i];
        out->tau[i] = 0;
        if (!droo_sends(out->mode, i)) {
            local += d->weight * d->local_bps;
            continue;
        }
        double s = droo_ratio(lambda / (d->weight * p->scale_bps));
        out->tau[i] = d->snr / s; /* per unit of a */
        sending += out->tau[i];
        worth += d->weight * p->scale_bps * d->snr / (1 + s);
    }
    out->a = 1 / (1 + sending);
    for (uint32_t i = 0; i < p->n; i++) {
        out->tau[i] *= out->a;
    }
    double root = ts_math_exp(ts_math_log(out->a) / 3);
    return worth + local * root / (3 * out->a) - lambda;
}

static inline double droo_rate(const struct droo_slot *p, const struct droo_answer *x)
{
    double rate = 0, root = ts_math_exp(ts_math_log(x->a) / 3);
    for (uint32_t i = 0; i < p->n; i++) {
        const struct droo_device *d = &p->device[i];
        rate += d->weight * (!droo_sends(x->mode, i) ? d->local_bps * root
                             : x->tau[i] > 0 ? p->scale_bps * x->tau[i] * ts_math_log(1 + d->snr * x->a / x->tau[i])
                                             : 0);
    }
    return rate;
}

/* A price that is too low, its excess of worth, and half or twice of it that is not. */
struct droo_bracket {
    double low, high, low_excess, high_excess;
};

static inline struct droo_bracket droo_bracket_price(const struct droo_slot *p, struct droo_answer *out)
{
    double price = p->scale_bps, excess = droo_try(p, price, out), factor = excess > 0 ? 2 : .5;
    struct droo_bracket b = {price, price, excess, excess};
    while ((factor > 1) == (excess > 0)) {
        price *= factor;
        excess = droo_try(p, price, out);
        if (excess > 0) {
            b.low = price;
            b.low_excess = excess;
        } else {
            b.high = price;
            b.high_excess = excess;
        }
    }
    return b;
}

/* The best a and tau for out->mode, and their rate.  Weights and snr of those that send are above 0. */
static inline void droo_share(const struct droo_slot *p, struct droo_answer *out)
{
    enum { STEPS = 100 };
    if (!out->mode) {
        droo_try(p, 1, out); /* a = 1 */
        out->rate_bps = droo_rate(p, out);
        return;
    }
    struct droo_bracket b = droo_bracket_price(p, out);
    for (int i = 0, side = 0; i < STEPS; i++) {
        double price = b.high - b.high_excess * (b.high - b.low) / (b.high_excess - b.low_excess);
        double excess = droo_try(p, price, out);
        if (fabs(excess) <= price * 0x1p-44) {
            break;
        }
        if (excess > 0) { /* an end that stays twice is given half its weight (the Illinois rule) */
            b.low = price;
            b.low_excess = excess;
            b.high_excess *= side > 0 ? .5 : 1;
        } else {
            b.high = price;
            b.high_excess = excess;
            b.low_excess *= side < 0 ? .5 : 1;
        }
        side = excess > 0 ? 1 : -1;
    }
    out->rate_bps = droo_rate(p, out);
}

/* The devices by w h, falling; snr is the square of h but for a factor.  Ties by row. */
static inline void droo_order(const struct droo_slot *p, uint32_t *order)
{
    for (uint32_t i = 0; i < p->n; i++) {
        uint32_t at = i;
        double key = p->device[i].weight * sqrt(p->device[i].snr);
        for (; at > 0 && p->device[order[at - 1]].weight * sqrt(p->device[order[at - 1]].snr) < key; at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
}

static inline void droo_keep_better(const struct droo_slot *p, droo_mode mode, struct droo_answer *best)
{
    struct droo_answer x = {.mode = mode};
    droo_share(p, &x);
    if (x.rate_bps > best->rate_bps) {
        *best = x;
    }
}

/* The best of the n + 1 prefixes. */
static inline void droo_greedy(const struct droo_slot *p, struct droo_answer *best)
{
    uint32_t order[DROO_MAX];
    droo_mode mode = 0;
    best->rate_bps = -1;
    droo_order(p, order);
    droo_keep_better(p, mode, best);
    for (uint32_t i = 0; i < p->n; i++) {
        mode |= (droo_mode)1 << order[i];
        droo_keep_better(p, mode, best);
    }
}

/* The best of all 2^n modes; n <= DROO_EXACT_MAX. */
static inline void droo_exact(const struct droo_slot *p, struct droo_answer *best)
{
    best->rate_bps = -1;
    for (droo_mode mode = 0; mode < (droo_mode)1 << p->n; mode++) {
        droo_keep_better(p, mode, best);
    }
}

#endif
