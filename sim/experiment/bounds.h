/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bounds.h - the bounds of measure/bound.h for the replications of an experiment: the jobs of each, found once and common to
 * all policies.  About 100 bytes for each job of a cohort while one is worked on, by each thread; 16 kB a replication stay.
 */
#ifndef SIM_EXPERIMENT_BOUNDS_H
#define SIM_EXPERIMENT_BOUNDS_H

#include "sim/measure/bound.h"

/* Of one replication; races: of policies that may send replicas, too.  ERR_INPUT where its jobs depend on the policy (closed
 * loops), ERR_MEMORY; bounds_clear in any case. */
int bounds_find(struct bounds *out, const struct scenario *s, uint32_t replication, uint64_t tie_seed, bool races,
                struct err *e);

#endif
