/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loops.h - the latencies of loops: chains of tasks, from the release of a job (the sensor) or an instant of the first of them, to
 * the result of the last (the actuator) or when it has its data, over jobs of the cohort that get there.  They are handed on under
 * names, loop_NAME for the mean and loop_NAME_p50, _p95, _p99 for quantiles of the replication.
 */
#ifndef SIM_MEASURE_LOOPS_H
#define SIM_MEASURE_LOOPS_H

#include "sim/base/sketch.h"
#include "sim/base/tally.h"
#include "sim/model/scenario.h"

/* What is told of a loop, each under TALLY_LOOP, its name and an ending; of so many in a scenario at most. */
enum { LOOP_VALUES = 4, LOOPS_MAX = (TALLIES_MAX - TALLIES_OF_POLICY) / LOOP_VALUES };
/* [LOOP_VALUES], the first "" for the mean. */
extern const char *const loop_ending[LOOP_VALUES];

struct loop_sum {
    struct sketch latency;
    double sum_s;
    uint64_t n;
};

struct loops_fold {
    const struct scenario *s;
    uint32_t *first;      /* [n_workload + 1]: of a workload's loops in sum */
    struct loop_sum *sum;
};

int loops_init(struct loops_fold *f, const struct scenario *s, struct err *e);
/* A job of the workload has closed that loop of it after so long.  -ERR_MEMORY. */
int loops_add(struct loops_fold *f, uint32_t workload, uint32_t loop, double latency_s);
/* Behind what the policy reported, if anything.  -ERR_MEMORY. */
int loops_finish(const struct loops_fold *f, struct tallies *out);
void loops_clear(struct loops_fold *f);

#endif
