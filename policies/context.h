/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * context.h - what bandits and approximators know of a candidate, as a vector: 1, time to get the input there, work waiting
 * there (none where a core is free), service, time back, tasks per core.  Times are in units of `scale`, so that a reward that
 * is a latency is nearly linear in it; what is unknown or beyond CONTEXT_MOST is CONTEXT_MOST.
 */
#ifndef POLICIES_CONTEXT_H
#define POLICIES_CONTEXT_H

#include "policies/pick.h"

enum { CONTEXT_D = 6, CONTEXT_ARMS = 16, CONTEXT_TIERS = 4 };
static const double CONTEXT_MOST = 100;

#define CONTEXT_COLS  (PICK_FINISH_COLS | 1u << TS_TIER)
#define CONTEXT_NEEDS PICK_FINISH_NEEDS

/* Which candidates one model is for: all, those of a tier, or the k-th. */
enum context_arms { CONTEXT_ALL, CONTEXT_TIER, CONTEXT_CANDIDATE };

static inline double context_clip(double x)
{
    return x < CONTEXT_MOST ? x : CONTEXT_MOST; /* false for NAN */
}

static inline void context_of(double scale_s, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t,
                              uint32_t k, double x[CONTEXT_D])
{
    ts_id place = ts_candidate(a, t, k);
    double units = ts_known(v, TS_UNITS, place), queue = pick_queue(v, place);
    x[0] = 1;
    x[1] = context_clip(ts_estimate(a, t, k, TS_IN_S) / scale_s);
    x[2] = queue < units ? 0 : context_clip(ts_known(v, TS_WORK_S, place) / scale_s);
    x[3] = context_clip(ts_estimate(a, t, k, TS_RUN_S) / scale_s);
    x[4] = context_clip(ts_estimate(a, t, k, TS_OUT_S) / scale_s);
    x[5] = context_clip(queue / units);
}

static inline uint32_t context_arm(double arms, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t,
                                   uint32_t k)
{
    if (arms == CONTEXT_ALL) {
        return 0;
    }
    if (arms == CONTEXT_CANDIDATE) {
        return k < CONTEXT_ARMS ? k : CONTEXT_ARMS - 1;
    }
    double tier = ts_known(v, TS_TIER, ts_candidate(a, t, k));
    return tier >= 0 && tier < CONTEXT_TIERS - 1 ? (uint32_t)tier : CONTEXT_TIERS - 1;
}

static inline double context_dot(const double a[CONTEXT_D], const double b[CONTEXT_D])
{
    double sum = 0;
    for (int i = 0; i < CONTEXT_D; i++) {
        sum += a[i] * b[i];
    }
    return sum;
}

#endif
