/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load_data.h - what data between the tasks of jobs add to the loads of links.  They may take every way between a place of the one
 * task and a place of the other, and must take what lies on all of these ways; between tasks on one node they take none.  Where
 * there are many nodes, not every site is walked from.
 */
#ifndef SIM_MODEL_LOAD_DATA_H
#define SIM_MODEL_LOAD_DATA_H

#include "sim/model/load.h"

/* May jobs of a site go to a core node, as in sim/run/question.c? */
bool load_may_go(const struct scenario *s, const struct policy_spec *policy, uint32_t site, uint32_t core);
/* Onto l->channel, where the rates are known.  Scratch is taken from the arena; if that fails, it says so. */
void load_add_data(struct loads *l, const struct scenario *s, const struct policy_spec *policy, struct arena *scratch);

#endif
