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
/* -ERR_MEMORY: there is no memory, or no room for more names. */
int loops_finish(const struct loops_fold *f, struct tallies *out);
void loops_clear(struct loops_fold *f);

#endif
