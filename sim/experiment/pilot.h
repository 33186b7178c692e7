/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pilot.h - the round before the experiment that finds its warm-up where the scenario says `warm_up: auto`.
 *
 * All policies and replications are run once with a window from time 0, on the draws that the experiment will have, with
 * `uncertainty: sampled` on its systems, too; where their segments say that the start has faded (measure/warm_up.h), the window of
 * the experiment begins, as long as the scenario wants it.  So rates and integrals are of exactly that window, at the price of a
 * second round.
 */
#ifndef SIM_EXPERIMENT_PILOT_H
#define SIM_EXPERIMENT_PILOT_H

#include "sim/experiment/runner.h"

/*
 * Fill in warm_up_s and unsteady of the experiment of *s if its warm-up is to be found; nothing else is changed.  Errors:
 * those of experiment_run.
 */
int pilot_find_warm_up(struct scenario *s, const struct policy_set *set, const struct run_options *o,
                       struct runner_progress *progress, struct err *e);

#endif
