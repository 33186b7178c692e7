/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jobs.h - the job side of the accounts: where each job's time, energy and bits went, summed over the cohort.
 *
 * Latency.  At every instant of its life a job is in one part:
 *     decide    from the release, or the news of a refusal, until it is placed
 *     upload    from there until it joins the place
 *     compute   at the place: the service it got (the whole stay where that cannot be told apart: PS, batch)
 *     queue     at the place: the rest of the stay
 *     download  from leaving the place for the last time until its end
 *     other     a way that led to a refusal or was lost, and between two places
 * A change of part adds the time since the last change, so the parts add up to the latency within the rounding of the
 * clock; the service is carried as a duration.
 *
 * Energy.  A stint of a unit-seconds at a place costs a times the unit's power above idle, b bits of a channel b times its
 * J/bit.  It is useful if the result is delivered and the attempt was not refused or lost, else waste (SEMANTICS 8.6).
 *
 * Jobs of several tasks.  A part takes over the parts of the latency of its parent, whose end brought it about; the job takes
 * over those of the output that came last.  So its latency is parted along the critical path.  Energy of a part that has done
 * what it was for counts as its job's does; of one that nobody wanted any more it is waste.
 *
 * 96 bytes a job or part present.
 */
#ifndef SIM_MEASURE_JOBS_H
#define SIM_MEASURE_JOBS_H

#include "sim/base/stats.h"
#include "sim/measure/excursion.h"
#include "sim/measure/record.h"
#include "sim/measure/resource.h"
#include "sim/measure/rows.h"
#include "sim/run/transition.h"
#include "tiersim/policy.h"

enum part { PART_DECIDE, PART_UPLOAD, PART_QUEUE, PART_COMPUTE, PART_OTHER, PART_DOWNLOAD, PART_HELD, N_PART };

struct job {
    double released_s, deadline_s;
    double since_s;                 /* it is in its present part since */
    double part_s[PART_DOWNLOAD];   /* download is known at the end only */
    double attempt_j, waste_j;      /* of this attempt; of those lost before */
    union {
        uint32_t origin;            /* of a job */
        uint32_t job;               /* of a part: row of its job */
    };
    uint32_t place;
    uint32_t cell;                  /* of its class and segment, in cohort */
    uint16_t class;
    uint16_t part : 7;              /* PART_QUEUE while at a place */
    uint16_t ended : 1;
    uint16_t exposed : 1;
    uint16_t level : 7;             /* speed of the place; 0: the usual one */
};

_Static_assert(sizeof(struct job) == 96, "documented");

/* What a class is to this fold. */
struct job_class {
    uint32_t first_source;
    uint32_t group_first_node, n_site, first_site; /* site of a node: first_site + (node - group_first_node) mod n_site */
    bool is_private;
};

struct site {
    double latency_s; /* sum over finished jobs of the cohort */
    uint64_t n;
};

struct jobs_fold {
    const struct resources *r;
    const struct row_sink *rows;
    struct row_block *block;     /* NULL without rows */
    uint32_t n_job, n_class, n_site;
    struct job *job;             /* [n_job] */
    struct job_class *class;     /* [n_class] */
    struct site *site;           /* [n_site]: core nodes, then nodes that no link reaches */
    /* The last row of cells is for jobs outside the cohort.  n_finished and n_late are left to jobs_settle. */
    struct cohort *cohort;       /* [N_SEGMENT + 1][n_class] */
    struct sketch *latency;      /* [N_SEGMENT][n_class] */
    struct excursion *excursion; /* [n_class] */
    double *unfinished_s;        /* [n_class] what jobs of the cohort without a result are charged for their latency */
    struct sketch *decide;       /* [n_class], of finished jobs of the cohort; those decided at once are not in it */
    uint64_t (*ended)[TS_N_END]; /* [n_class], ends within the window by enum ts_end */
    bool inside;                 /* the window is open */
    double segment_from, segment_per_s, segment_per_job; /* segment = (time - from) per_s + (n measured) per_job */
    uint64_t n_measured;
    int64_t in_system;
    double ledger_j; /* energy of all jobs that ended since the last jobs_settle, in the cohort or not */
    struct stats_sum settled_ledger_j;
    bool failed; /* a sketch had no memory */
};

int jobs_init(struct jobs_fold *f, const struct resources *r, const struct row_sink *rows, struct err *e);
int jobs_reserve(struct jobs_fold *f, uint32_t n_row, struct err *e);
/* The window opens or closes. */
void jobs_window(struct jobs_fold *f, bool open, double time_s);
/* A record of the kind, on a row that there is room for; TR_CLOSE is as TR_END. */
void jobs_release(struct jobs_fold *f, const struct transition *t);
void jobs_expose(struct jobs_fold *f, const struct transition *t);
void jobs_place(struct jobs_fold *f, const struct transition *t);
void jobs_refuse(struct jobs_fold *f, const struct transition *t);
void jobs_shift(struct jobs_fold *f, const struct transition *t);
void jobs_recall(struct jobs_fold *f, const struct transition *t);
void jobs_grade(struct jobs_fold *f, const struct transition *t);
void jobs_move(struct jobs_fold *f, const struct transition *t);
void jobs_hold(struct jobs_fold *f, const struct transition *t);
void jobs_end(struct jobs_fold *f, const struct transition *t);
/* TR_PART; and the end of a part, by TR_LEAVE or TR_CLOSE. */
void jobs_part(struct jobs_fold *f, const struct transition *t);
void jobs_leave(struct jobs_fold *f, const struct transition *t);
/* Of the job in the row of a record: whether it is of the measured cohort; its workload. */
bool jobs_has(const struct jobs_fold *f, const struct transition *t);
uint32_t jobs_workload(const struct jobs_fold *f, const struct transition *t);
/* Add the ledger to its compensated sum, and fill the counts that follow from others; to be called now and then. */
void jobs_settle(struct jobs_fold *f);
/* Hand out the last block of rows. */
void jobs_flush(struct jobs_fold *f);
void jobs_clear(struct jobs_fold *f);

#endif
