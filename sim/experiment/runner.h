/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner.h - runs an experiment: every policy under every replication, over all processors, into one result file.
 *
 * The run list is fixed, each item is a pure function, and numbers go to their place in the file by (policy,
 * replication), so the number of threads and the order of completion leave no trace in the results.  One thread of its own
 * makes all calls to HDF5; workers hand it records and blocks of rows, and wait only when it is two blocks a worker behind.
 */
#ifndef SIM_EXPERIMENT_RUNNER_H
#define SIM_EXPERIMENT_RUNNER_H

#include <stdatomic.h>
#include <stdint.h>

#include "sim/experiment/options.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"

struct err;

/* Written by the runner, read by who shows it; all zero at the start. */
struct runner_progress {
    _Atomic uint32_t n_item, n_done;
    _Atomic uint64_t n_job; /* simulated so far, over all items */
    _Atomic int stop;       /* set by who looks on: finish what is under way, keep what is finished */
};

struct runner_outcome {
    char path[4096];               /* of the result file */
    uint32_t n_broken, n_saturated; /* replications whose audit failed; that ended at max_in_flight */
    uint32_t n_missing;            /* not run, because it was stopped */
    uint32_t n_kept;               /* there already, from the process whose run was resumed */
    char broken[512];              /* the first broken one: where and what */
    double wall_s;
    uint64_t n_job;
};

/*
 * Run the experiment of *s (run_options_apply has been called) and write its file.  progress may be NULL.  A failed audit
 * is no error: it is in the outcome.  Errors: those of drive() for the first item in list order that failed, ERR_IO,
 * ERR_MEMORY.  After an error, or when it was stopped, what was finished is kept to be resumed: see results.h.
 */
int experiment_run(const struct scenario *s, const struct policy_set *set, const struct run_options *o,
                   struct runner_progress *progress, struct runner_outcome *out, struct err *e);

#endif
