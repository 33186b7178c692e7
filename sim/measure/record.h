/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.h - what a replication leaves behind: plain numbers and sketches, owned by the record.
 *
 * A class is a workload.  A member is one place of a pool or one instance of a link; members have rows of their own where
 * there are few (measure_options.member_max), all others are summed over their pool or link.
 */
#ifndef SIM_MEASURE_RECORD_H
#define SIM_MEASURE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/sketch.h"
#include "sim/base/tally.h"
#include "sim/measure/metric.h"

struct text_entry; /* an answer of a language model: sim/io/text/book.h */

enum { N_SEGMENT = 64 };

/* The quantiles of the latency that results give. */
enum { N_QUANTILE = 5 };
extern const double record_quantile[N_QUANTILE];

/* Excursions above each of them, in one replication. */
struct excursions {
    uint64_t n[N_QUANTILE];
};

enum record_status {
    RECORD_EMPTY, /* not run yet */
    RECORD_OK,
    RECORD_SATURATED, /* ended at max_in_flight: a verdict */
    RECORD_BROKEN,    /* an identity of the audit does not hold: see text */
    RECORD_FAILED,    /* an error ended it: see text */
};

/*
 * Sums over one class's part of one segment of the cohort; they add up over segments, classes and replications.  A
 * segment is 1/64 of the window by time of release, or with experiment.jobs by number of release.
 */
struct cohort {
    uint64_t n_job, n_finished, n_late; /* finished: done or late */
    uint64_t n_decision;                /* placements and rejections */
    uint64_t n_end[16];                 /* by enum ts_end */
    uint64_t n_open_late;               /* open, and the deadline has passed */
    uint64_t n_sensitive, n_exposed;    /* exposed: a private task was placed off its node */
    double latency_s, decide_s, upload_s, queue_s, compute_s, download_s, other_s; /* sums over finished jobs */
    double latency2_s2;
    double useful_j, waste_j, bits, cost; /* sums over all jobs */
    double in_system;                     /* sum of the jobs present when one is released */
    uint64_t n_graded;                    /* jobs whose result has an accuracy */
    double accuracy;                      /* sum over them */
};

/* What a resource, or all of its kind together, did in the window. */
struct usage {
    double busy_s;    /* unit-seconds busy; of a channel: time that it carried or held something */
    double held_s;    /* integral of customers present */
    double bits;      /* carried (channels) */
    double dynamic_j; /* above idle */
    double idle_j;    /* of channels; that of a pool is its node's, see group_energy */
    uint64_t n_served; /* customers that left */
};

struct energy {
    double dynamic_j, idle_j;
};

/* What was asked of a language model. */
struct text_counts {
    uint64_t n_asked;
    uint64_t n_came[8]; /* by enum ts_saying */
    double think_s, think_max_s, tokens_in, tokens_out; /* sums, and the longest */
};

struct record {
    uint32_t policy, replication;
    enum record_status status;
    char text[256]; /* why it is broken or failed */
    uint64_t digest;
    uint64_t n_transition, n_event, n_event_dead, n_question, n_tie;
    double window_from_s, window_to_s, end_s; /* w, h, d */
    uint32_t n_class, n_group, n_pool, n_link, n_tier;
    double metric[N_METRIC];          /* all classes together */
    double (*class_metric)[N_METRIC]; /* [n_class]; NAN where a metric is not of a class */
    struct cohort *cohort;            /* [N_SEGMENT][n_class] */
    struct sketch *latency;           /* [N_SEGMENT][n_class], s; jobs without a result at +inf */
    struct excursions *excursions;    /* [n_class], of the class's own quantiles */
    struct excursions all_excursions; /* of those of all classes together: the sum over classes */
    struct usage *pool;               /* [n_pool], all members of the group together */
    struct usage *channel;            /* [2 * n_link]: 2 * link + direction, all instances together */
    struct energy *group_energy;      /* [n_group], of the window */
    struct energy *tier_energy;       /* [n_tier + 1], of the window; row n_tier: links */
    /* Members: rows first .. first + count, or first = UINT32_MAX where there are too many. */
    uint32_t n_place_member, n_channel_member;
    uint32_t *pool_first_member;    /* [n_pool]: into place_member */
    uint32_t *link_first_member;    /* [n_link]: into channel_member, there 2 * instance + direction */
    struct usage *place_member;     /* [n_place_member] */
    struct usage *channel_member;   /* [n_channel_member] */
    struct tallies own;             /* what the policy reported of itself */
    struct text_counts *asked;      /* NULL: nobody was asked */
    const struct text_entry **told; /* [n_told] the answers of those outside, by their hashes; they belong to who asked */
    size_t n_told;
    double wall_s;                  /* not part of the result: provenance */
};

/* Frees what the record holds and leaves it zeroed. */
void record_clear(struct record *r);

/* a += b, all sums of it. */
void cohort_add(struct cohort *a, const struct cohort *b);

#endif
