/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bounds.h - the bounds of measure/bound.h for the replications of an experiment: the jobs of each, found once for all policies
 * of a kind.  About 100 bytes for each job of a cohort while one is worked on, by each thread; 16 kB a replication and kind stay.
 */
#ifndef SIM_EXPERIMENT_BOUNDS_H
#define SIM_EXPERIMENT_BOUNDS_H

#include "sim/measure/bound.h"

/*
 * Of one replication: out[0] holds for policies that send each task once, out[1], which is no higher, for those that may send
 * replicas, too (TS_TAKES_BACK); only those wanted are found.  What a policy is measured by does not depend on its rivals.
 * ERR_INPUT where its jobs depend on the policy (closed loops), ERR_MEMORY; bounds_clear of both in any case.
 */
int bounds_find(struct bounds out[2], const struct scenario *s, uint32_t replication, uint64_t tie_seed,
                const bool wanted[2], struct err *e);

#endif
