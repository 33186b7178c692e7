/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * targets.h - what a learner chooses among: a few targets that mean the same at every question.  By tier, a target stands
 * for the place of that tier with the earliest estimated finish; by place, target k is candidate k.  What a learner saw of a
 * target (how much slower it was than estimated) goes by target, too.
 */
#ifndef POLICIES_TARGETS_H
#define POLICIES_TARGETS_H

#include <stdbool.h>

#include "policies/pick.h"

enum { TARGETS_BY_TIER = 4, TARGETS_MOST = 16 };

#define TARGETS_COLS  (PICK_FINISH_COLS | 1u << TS_TIER)
#define TARGETS_NEEDS PICK_FINISH_NEEDS

struct targets {
    uint32_t n, there;           /* bit j: target j can be chosen */
    uint32_t cand[TARGETS_MOST]; /* of those that are there, like finish_s */
    double finish_s[TARGETS_MOST];
};

/* Targets of a learner with so many places, 0: by tier. */
static inline uint32_t targets_count(double places)
{
    return places > 0 ? (uint32_t)places : TARGETS_BY_TIER;
}

static inline void targets_find(struct targets *g, double places, const struct ts_view *v, const struct ts_ask *a,
                                const struct ts_task *t)
{
    g->n = targets_count(places);
    g->there = 0;
    for (uint32_t k = 0; k < t->n_cand && (places == 0 || k < g->n); k++) {
        ts_id place = ts_candidate(a, t, k);
        if (!ts_up(v, place)) {
            continue;
        }
        double tier = ts_known(v, TS_TIER, place);
        uint32_t j = places > 0 ? k : tier >= 0 && tier < TARGETS_BY_TIER - 1 ? (uint32_t)tier : TARGETS_BY_TIER - 1;
        double finish_s = pick_rank(pick_finish_s(v, a, t, k));
        if (!(g->there >> j & 1) || finish_s < g->finish_s[j]) {
            g->there |= 1u << j;
            g->cand[j] = k;
            g->finish_s[j] = finish_s;
        }
    }
}

/* "end" or "place 3", into buf[16]. */
static inline const char *targets_name(double places, uint32_t j, char *buf)
{
    static const char *const tier[TARGETS_BY_TIER] = {"end", "edge", "cloud", "other"};
    const bool is_place = places > 0;
    const char *from = is_place ? "place " : tier[j < TARGETS_BY_TIER ? j : TARGETS_BY_TIER - 1];
    uint32_t n = 0;
    while (from[n]) {
        buf[n] = from[n];
        n++;
    }
    if (is_place) {
        if (j >= 10) {
            buf[n++] = '1';
        }
        buf[n++] = (char)('0' + j % 10);
    }
    buf[n] = '\0';
    return buf;
}

#endif
