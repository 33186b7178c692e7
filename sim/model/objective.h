/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * objective.h - what a scenario is after, as one number: the loss of its jobs.  Rewards, the metric `objective` and the
 * bounds on it are all made by objective_loss.
 *
 *     loss = latency: w L/L0 + energy: w E/E0 + cost: w C/C0 + miss: w [missed] + privacy: w [exposed]
 *
 * L is the latency, E the energy above idle with what was in vain, C the price of the links; missed is a job that ends late or
 * without a result, exposed a sensitive one that leaves its node.  The reward of a job is its loss, negative; the metric is the
 * mean loss of the cohort.  (Latency and energy over reference scales and a price of a miss: the usual cost of offloading, as
 * in Mao et al., "Dynamic computation offloading for mobile-edge computing with energy harvesting devices", IEEE JSAC 34(12),
 * 2016.)
 *
 * A job without a result is charged for its latency the time that it was there, but no less than `unfinished`, or where that
 * is not stated its deadline, or without one ten times L0: giving up is no way to be quick.  Where there is no objective, no less
 * than its deadline.
 *
 * The loss is linear, so that of many jobs is that of their sums.
 */
#ifndef SIM_MODEL_OBJECTIVE_H
#define SIM_MODEL_OBJECTIVE_H

#include <math.h>
#include <stdbool.h>

struct objective {
    bool given;       /* else all that follows is 0 */
    const char *text; /* the formula, such as "latency/100 ms + 0.2 energy/1 J + miss" */
    double per_s, per_j, per_usd, per_miss, per_exposure; /* a weight over its scale; >= 0 */
    double unfinished_s;  /* NAN: not stated */
    double no_deadline_s; /* 10 L0 */
};

/* Of one job, or summed over some. */
struct objective_sums {
    double latency_s; /* of jobs without a result what objective_charged_s gives */
    double energy_j, cost, missed, exposed;
};

static inline double objective_loss(const struct objective *o, struct objective_sums x)
{
    return o->per_s * x.latency_s + o->per_j * x.energy_j + o->per_usd * x.cost + o->per_miss * x.missed +
           o->per_exposure * x.exposed;
}

/* The least that a job without a result is charged for its latency, s; deadline_s after the release, INFINITY = none. */
static inline double objective_unfinished_s(const struct objective *o, double deadline_s)
{
    if (!o->given) {
        return isfinite(deadline_s) ? deadline_s : 0;
    }
    return o->unfinished_s >= 0 ? o->unfinished_s : isfinite(deadline_s) ? deadline_s : o->no_deadline_s;
}

/* What it is charged if it was there for lived_s. */
static inline double objective_charged_s(const struct objective *o, double deadline_s, double lived_s)
{
    return fmax(lived_s, objective_unfinished_s(o, deadline_s));
}

#endif
