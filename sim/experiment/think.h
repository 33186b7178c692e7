/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * think.h - how long a policy thinks on this machine, for `think: measured`.  It is measured once, before the first
 * replication, and then is a constant of the scenario that is stored with the results, so that they can be had again
 * anywhere.
 *
 * With `uncertainty: sampled` it is measured on the systems as they are written: what deciding takes hangs on how many places there
 * are, and not on how fast these are.
 */
#ifndef SIM_EXPERIMENT_THINK_H
#define SIM_EXPERIMENT_THINK_H

#include "sim/policy/set.h"
#include "sim/model/scenario.h"

struct err;

/*
 * Where the time is to be measured, ask the policy in the first jobs of replication 0, as if it thought in no time, and put
 * the median of what decide took into the policy's entry and the scenario's text.  ERR_INPUT: it would ask a language model that
 * is not part of the program; errors of drive().
 */
int think_measure(struct scenario *s, const struct policy_set *set, struct err *e);

#endif
