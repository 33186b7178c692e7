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
 * is told at once; of several breaches the first is kept.  64 bytes a job present, 48 a resource.
 */
#ifndef SIM_MEASURE_AUDIT_H
#define SIM_MEASURE_AUDIT_H

#include "sim/measure/usage.h"

struct audit_job {
    double released_s, joined_s;
    double input_bits, output_bits;
    uint64_t number;
    uint32_t source, at;
    bool present, served; /* served: left a place, so it carries its output now */
    uint8_t pad[14];
};

struct audit_resource {
    struct sum stay_s;
    struct sum amount; /* stints, unit-seconds; bits joined less bits left undone */
    uint64_t n_stay;
};

struct audit {
    const struct resources *r;
    uint32_t n_job;         /* rows there are */
    struct audit_job *job;  /* [n_job] */
    struct audit_resource *resource; /* [n_resource + 1]: the last is nowhere, where nobody brings anything */
    struct sum system_s;
    uint64_t n_released, n_ended, n_closed;
    double last_s;
    bool broken;
    char text[256]; /* which identity, where, both values */
};

int audit_init(struct audit *a, const struct resources *r, struct err *e);
/* Make room for rows below n_row. */
int audit_reserve(struct audit *a, uint32_t n_row, struct err *e);
/* Records of any kind but TR_WINDOW, on rows that there is room for. */
void audit_fold(struct audit *a, const struct transition *t, size_t n);
/* Compare: u at end_s, ledger_j the energy of all jobs.  True if all holds; else text says what does not. */
bool audit_verdict(struct audit *a, const struct usage_fold *u, const struct usage_mark *end, double ledger_j);
void audit_clear(struct audit *a);

#endif
