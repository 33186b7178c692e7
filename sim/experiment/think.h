/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * think.h - how long a policy thinks on this machine, for `think: measured`.  It is measured once, before the first
 * replication, and then is a constant of the scenario that is stored with the results, so that they can be had again
 * anywhere.
 */
#ifndef SIM_EXPERIMENT_THINK_H
#define SIM_EXPERIMENT_THINK_H

#include "sim/policy/set.h"
#include "sim/model/scenario.h"

struct err;

/*
 * Where the time is to be measured, ask the policy in the first jobs of replication 0, as if it thought in no time, and put
 * the median of what decide took into the policy's entry and the scenario's text.
 */
int think_measure(struct scenario *s, const struct policy_set *set, struct err *e);

#endif
