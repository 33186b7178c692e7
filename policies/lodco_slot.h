/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lodco_slot.h - LODCO's decision in one slot: a device with a small battery that harvests energy computes a task
 * itself, sends it to a server, or drops it, whichever is least of
 *
 *     -b energy + V time          (V times the penalty for a drop)
 *
 * where b is the battery's level less an offset theta = (most energy of a task) + V penalty / (least discharge).  So
 * energy is dear while the battery is low, V says how dear, and the level stays below theta + one harvest.  This is
 * drift plus penalty with the battery as its only queue.  The frequency f of the processor and the power p of the
 * transmitter are chosen as well: f in closed form, p by Lambert's W.
 *
 * Source: Mao, Zhang, Letaief, IEEE J. Sel. Areas Commun. 34 (2016) 3590-3605, arXiv 1605.05488, with its constants.
 */
#ifndef POLICIES_LODCO_SLOT_H
#define POLICIES_LODCO_SLOT_H

#include <math.h>

#include "policies/lambert.h"

struct lodco_device {
    double kappa, f_max_hz, cycles;                   /* J s^2 a cycle; of a task */
    double bits, bandwidth_hz, noise_w, p_max_w;
    double e_min_j, e_max_j;                          /* of one discharge */
    double deadline_s, penalty_s, harvest_j;          /* harvest_j: the most of one slot */
};

static const struct lodco_device lodco_published = {
    .kappa = 1e-28, .f_max_hz = 1.5e9, .cycles = 737500, .bits = 1000, .bandwidth_hz = 1e6, .noise_w = 1e-13, .p_max_w = 1,
    .e_min_j = 2e-5, .e_max_j = 2e-3, .deadline_s = 2e-3, .penalty_s = 2e-3, .harvest_j = 4.8e-5};

/* What it takes to do the task in one way; an infinite time if that cannot be. */
struct lodco_way {
    double energy_j, time_s;
};

enum lodco_mode { LODCO_LOCAL, LODCO_REMOTE, LODCO_DROP };

static const struct lodco_way lodco_no_way = {0, (double)INFINITY};

/* Offset of the battery; most_j is the most that one task can take. */
static inline double lodco_offset_j(double most_j, double v, double penalty_s, double e_min_j)
{
    return most_j + v * penalty_s / e_min_j;
}

static inline double lodco_published_offset_j(const struct lodco_device *d, double v)
{
    double local_j = d->kappa * d->cycles * d->f_max_hz * d->f_max_hz, remote_j = d->p_max_w * d->deadline_s;
    double most_j = local_j > remote_j ? local_j : remote_j;
    return lodco_offset_j(most_j < d->e_max_j ? most_j : d->e_max_j, v, d->penalty_s, d->e_min_j);
}

static inline double lodco_clamp(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* The best frequency at shifted level b. */
static inline struct lodco_way lodco_local(const struct lodco_device *d, double b, double v)
{
    double effort = d->kappa * d->cycles, low = sqrt(d->e_min_j / effort), high = sqrt(d->e_max_j / effort);
    low = low > d->cycles / d->deadline_s ? low : d->cycles / d->deadline_s;
    high = high < d->f_max_hz ? high : d->f_max_hz;
    if (low > high) {
        return lodco_no_way;
    }
    double free = b < 0 ? ts_math_exp(ts_math_log(v / (-2 * b * d->kappa)) / 3) : high;
    double f_hz = lodco_clamp(free, low, high);
    return (struct lodco_way){effort * f_hz * f_hz, d->cycles / f_hz};
}

/* The power at which sending the task takes e_j, or 0 if any power takes more: the root above 0 of
 * p = k log(1 + gain p), k = e_j bandwidth / (bits log 2).  In y = log(1 + gain p): (e^y - 1) / y = k gain. */
static inline double lodco_power_of_energy(const struct lodco_device *d, double gain, double e_j)
{
    enum { STEPS = 60 };
    double ratio = gain * e_j * d->bandwidth_hz / (d->bits * 0.69314718055994531);
    if (!(ratio > 1)) {
        return 0;
    }
    double y = 2 * ts_math_log(ratio) + 1; /* above the root, so that Newton's steps on a convex function lead down to it */
    for (int i = 0; i < STEPS; i++) {
        double step = (ts_math_expm1(y) - ratio * y) / (ts_math_exp(y) - ratio);
        y -= step;
        if (!(step > y * 0x1p-50)) {
            break;
        }
    }
    return ts_math_expm1(y) / gain;
}

static inline struct lodco_way lodco_send(const struct lodco_device *d, double gain, double p_w)
{
    double time_s = d->bits * 0.69314718055994531 / (d->bandwidth_hz * ts_math_log(1 + gain * p_w));
    return (struct lodco_way){p_w * time_s, time_s};
}

/* The best power at shifted level b over a channel of power gain h. */
static inline struct lodco_way lodco_remote(const struct lodco_device *d, double b, double v, double h)
{
    double gain = h / d->noise_w;
    double high = lodco_power_of_energy(d, gain, d->e_max_j), low = lodco_power_of_energy(d, gain, d->e_min_j);
    double in_time = ts_math_expm1(d->bits * 0.69314718055994531 / (d->bandwidth_hz * d->deadline_s)) / gain;
    low = low > in_time ? low : in_time;
    high = high < d->p_max_w ? high : d->p_max_w;
    if (!(low <= high)) {
        return lodco_no_way;
    }
    /* (-b p + V) / log(1 + gain p) is least where 1 + (y - 1) e^y = V gain / -b, y = log(1 + gain p). */
    double free = b < 0 ? ts_math_expm1(lambert_above(v * gain / -b)) / gain : high;
    return lodco_send(d, gain, lodco_clamp(free, low, high));
}

/* What a way costs at shifted level b. */
static inline double lodco_score(struct lodco_way way, double b, double v)
{
    return way.time_s < (double)INFINITY ? -b * way.energy_j + v * way.time_s : (double)INFINITY;
}

/* The least of the three; of equal ones the first.  A way that takes more than level_j cannot be. */
static inline enum lodco_mode lodco_choose(struct lodco_way local, struct lodco_way remote, double level_j, double b, double v,
                                           double penalty_s)
{
    double of_local = local.energy_j <= level_j ? lodco_score(local, b, v) : (double)INFINITY;
    double of_remote = remote.energy_j <= level_j ? lodco_score(remote, b, v) : (double)INFINITY;
    double of_drop = v * penalty_s;
    if (of_local <= of_remote) {
        return of_local <= of_drop ? LODCO_LOCAL : LODCO_DROP;
    }
    return of_remote <= of_drop ? LODCO_REMOTE : LODCO_DROP;
}

#endif
