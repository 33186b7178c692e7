/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * audit.h - the sample-path identities of SEMANTICS 9, from the jobs' own times: what usage.c counts at the resources is
 * here summed over jobs, by separate code, and compared at the end.
 *
 *   jobs       each is released once, moves from where it is, and ends once; releases = ends + still there
 *   presence   integral of the number present = sojourns of those who left + ages of those still there; of each
 *              resource and of the system
 *   busy time  integral of busy units of a place = sum of the stints served there (not of batch pools, where the stints
 *              are the only account)
 *   bits       what joined a channel = what it carried + what was left of those taken off it
 *   joules     power integrated at the nodes and links = energy of all jobs
 *
 * To 1e-9 relative, plus what the clock's rounding can do to stints that are carried as durations.  A job out of order
 * is told at once; of several breaches the first is kept.  64 bytes a job present, 56 a resource.
 */
#ifndef SIM_MEASURE_AUDIT_H
#define SIM_MEASURE_AUDIT_H

#include "sim/measure/usage.h"

struct audit_job {
    double released_s, joined_s;
    double bits[3]; /* of the input, of the output, and none */
    uint64_t number;
    uint32_t source;
    uint32_t at;     /* resource, ROW_NONE, or AUDIT_GONE */
    uint32_t carries; /* which of bits: 1 from when it left a place */
    uint32_t pad;
};

#define AUDIT_GONE (ROW_NONE - 1) /* nowhere, and for good: the row is free */

/* Sums over jobs since the last audit_settle. */
struct audit_resource {
    double stay_s;
    uint64_t n_stay;
    double amount; /* stints, unit-seconds; bits joined less bits left undone */
};

/* And before it. */
struct audited {
    struct stats_sum stay_s, amount;
};

struct audit {
    const struct resources *r;
    uint32_t n_job;                  /* rows there are */
    struct audit_job *job;           /* [n_job] */
    struct audit_resource *resource; /* [1 + n_resource]: slot 0 is nowhere */
    struct audited *audited;         /* [n_resource] */
    double system_s;
    struct stats_sum audited_system_s;
    uint64_t n_released, n_gone, n_closed; /* gone: ended, or closed at the end of the run */
    double last_s;
    bool broken;
    char text[256]; /* which identity, where, both values */
};

int audit_init(struct audit *a, const struct resources *r, struct err *e);
/* Make room for rows below n_row. */
int audit_reserve(struct audit *a, uint32_t n_row, struct err *e);
/* Records of any kind but TR_WINDOW, on rows that there is room for. */
void audit_fold(struct audit *a, const struct transition *t, size_t n);
/* Add what was summed to the compensated sums; to be called now and then. */
void audit_settle(struct audit *a);
/*
 * Compare with u, which has just been marked at the end: *end; ledger_j is the energy of all jobs.  True if all holds;
 * else text says what does not.
 */
bool audit_verdict(struct audit *a, const struct usage_fold *u, const struct usage_mark *end, double ledger_j);
void audit_clear(struct audit *a);

#endif
