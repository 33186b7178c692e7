/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ideal.h - the jobs of a replication as somebody who knows all could have them: when and where each is released, its true
 * demands, and for each place that it may go to how long it would take there with nobody else about, and what it would use.
 *
 * No job of a run can do better at a place than that.  Transfers have the capacity to themselves from the earliest instant
 * on, and one that starts later ends no earlier, so putting off is no way around.  Latencies are those drawn for the job, or with
 * races the least of these and those drawn for any replica; one that varies over time counts as its least value.  In a batch
 * a job takes at least as long as alone, but its energy may be shared by all that fit.
 *
 * The releases are found by a run that rejects every job.  They are those of every policy, unless a loop is closed: then each job
 * of a user comes as early as it can under any, and what is told of it holds whenever it is released.
 */
#ifndef SIM_RUN_IDEAL_H
#define SIM_RUN_IDEAL_H

#include "sim/run/run.h"

/* One place at one of its speeds, whatever else happens there. */
struct ideal_choice {
    uint32_t place; /* the same several times in a row, if it has levels */
    double in_s, run_s, out_s; /* getting the input there, service, getting the result back */
    double run_j, net_j, cost; /* above idle; run_j: at best */
    bool exposed;
};

struct ideal_job {
    uint64_t number;
    uint32_t source, workload, node;
    uint32_t access;    /* channel by which its node is reached, or ROW_NONE: it is its own site */
    bool measured;
    bool whole;         /* it has several tasks: one choice, of place ROW_NONE, which is no worse than any placement of them */
    double released_s, deadline_s; /* absolute; INFINITY = none */
    double work_flop;   /* at the place where it is least: places may differ where it is given in seconds */
    double input_bits, output_bits;
    double access_s;    /* latency of the access channel on the way out */
    uint32_t n_choice;
    const struct ideal_choice *choice; /* [n_choice] in the order of the candidates; borrowed */
};

/*
 * Call take for each job released until the window is closed.  races: tasks may have replicas (TS_TAKES_BACK).  Of spec the
 * policy, its parameters, full and ctx do not count.  Whatever take returns that is not 0 ends it and comes back.  Errors:
 * those of run_create and run_next; ERR_INPUT where which jobs there are depends on the policy.
 */
int ideal_jobs(const struct run_spec *spec, bool races, int (*take)(void *ctx, const struct ideal_job *j), void *ctx,
               struct run_counts *counts, struct err *e);

#endif
