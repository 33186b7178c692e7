/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * warm_up.h - where the warm-up of an experiment ends, from records whose window began at time 0 (SEMANTICS 7.9).
 *
 * MSER-5 (stats.h) of each policy over its 64 segments, whose means are taken over all replications, of two series: the
 * mean latency of the jobs released in a segment, and the mean number that they met in the system.  One cut serves all
 * policies, the largest.
 *
 * MSER's least value often lies in the second half of a series that is steady, as few batches are left there: in 9 % of
 * series of independent normal values, and the largest cut of 20 such series does so in 82 % of trials.  So the cut is the
 * best of the first half, and a policy has no steady state if its best is beyond and its second half still has a trend
 * (z > 3).
 */
#ifndef SIM_MEASURE_WARM_UP_H
#define SIM_MEASURE_WARM_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/measure/record.h"

struct warm_up {
    uint32_t n_segment; /* of N_SEGMENT, to be cut off at the front; at most half */
    uint32_t unsteady;  /* row of the first policy that has no steady state, or UINT32_MAX */
};

/* record[n_policy][n_replication]; broken and failed ones are left out.  out->n_segment is 0 where no job was released. */
void warm_up_find(const struct record *record, uint32_t n_policy, uint32_t n_replication, struct warm_up *out);

#endif
