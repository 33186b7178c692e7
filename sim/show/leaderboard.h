/* SPDX-License-Identifier: GPL-3.0-or-later */
/* leaderboard.h - the policies in the order of the scenario's objective; see measure/ranking.h for what a rank says. */
#ifndef SIM_SHOW_LEADERBOARD_H
#define SIM_SHOW_LEADERBOARD_H

#include "sim/io/results.h"
#include "sim/measure/ranking.h"
#include "sim/show/table.h"

/*
 * Of the policies of r into the arena: [r->n_policy], lowest objective first; NULL if there is no objective, or no memory.
 * *first: see ranking().
 */
const struct ranked *leaderboard_of(const struct result *r, struct arena *a, uint32_t *first);
/* Nothing if the scenario has no objective. */
void leaderboard_print(const struct result *r, FILE *out, struct paper paper);

#endif
