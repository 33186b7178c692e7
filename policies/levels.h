/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * levels.h - a task at a speed level of its place (DVFS).  Estimates are of the usual speed, level 0; at another a service
 * takes so much longer, or less, as the speeds say, and draws that level's power for so long.
 */
#ifndef POLICIES_LEVELS_H
#define POLICIES_LEVELS_H

#include <math.h>
#include <tiersim/policy.h>

struct level_run {
    double run_s, run_j;
};

/* Levels that the place has beside the usual one; TS_LEVEL must be among the policy's cols. */
static inline uint32_t level_count(const struct ts_view *v, ts_id place)
{
    double n = ts_known(v, TS_LEVEL, place);
    return n > 0 ? (uint32_t)n : 0;
}

/* At a level, what takes run_s and run_j at the usual speed; infinitely long if the place has no such level. */
static inline struct level_run level_run(const struct ts_host *h, ts_id place, uint32_t level, double run_s, double run_j)
{
    double usual_flops, usual_w, speed_flops, power_w;
    if (level == 0) {
        return (struct level_run){run_s, run_j};
    }
    if (h->level(h->ctx, place, 0, &usual_flops, &usual_w) < 0 || h->level(h->ctx, place, level, &speed_flops, &power_w) < 0) {
        return (struct level_run){INFINITY, 0};
    }
    double stretched_s = run_s * (usual_flops / speed_flops);
    return (struct level_run){stretched_s, usual_w > 0 ? run_j / run_s * (power_w / usual_w) * stretched_s : power_w * stretched_s};
}

#endif
