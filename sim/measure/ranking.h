/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ranking.h - policies in the order of the scenario's objective, each with the rank that its intervals show.
 *
 * The rank is one more than the number of policies that are shown to be better: their paired difference excludes 0.  The
 * intervals of all pairs hold together at the level (Bonferroni), so it does not matter that it is the data that say which
 * pair is looked at.  Policies that are not told apart may share a rank; nobody wins without an interval (SEMANTICS 7, 10).
 * References stand in the order, too, but have no rank and take none from others.
 */
#ifndef SIM_MEASURE_RANKING_H
#define SIM_MEASURE_RANKING_H

#include "sim/measure/analysis.h"

struct ranked {
    uint32_t policy;
    uint32_t rank;                /* from 1; 0: none may be given */
    struct stats_interval mean;   /* of the objective, by itself at the level */
    struct difference to_first;   /* from the first of the order that is no reference; of that one itself 0 */
};

/*
 * Of n policies into out[n], lowest mean first, those without a steady state last.  Returns the place of the first that is no
 * reference, or n.
 */
uint32_t ranking(const struct replications *policy, uint32_t n, double level, struct ranked *out);

#endif
