/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.h - what a replication leaves behind: plain numbers and sketches, owned by the record.
 */
#ifndef SIM_MEASURE_RECORD_H
#define SIM_MEASURE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/sketch.h"
#include "sim/measure/metric.h"

enum { N_SEGMENT = 64 };

enum record_status {
    RECORD_EMPTY,     /* not run yet */
    RECORD_OK,
    RECORD_SATURATED, /* ended at max_in_flight: a verdict */
    RECORD_BROKEN,    /* an identity of the audit does not hold: see text */
    RECORD_FAILED,    /* an error ended it: see text */
};

/* Sums over one workload's part of one segment of the cohort; they add up over segments, workloads and replications. */
struct cohort {
    uint64_t n_job, n_finished, n_late, n_decision;
    uint64_t n_end[16]; /* by enum ts_end */
    uint64_t n_sensitive, n_exposed;
    double latency_s, decide_s, upload_s, queue_s, compute_s, download_s, other_s; /* sums over finished jobs */
    double latency2_s2;
    double energy_j, bits, cost; /* sums over all jobs */
};

struct usage {
    double busy_s;   /* integral of busy units over the window; of a channel: time that it carried something */
    double held_s;   /* integral of customers present */
    double bits;     /* carried in the window (channels) */
    double useful_j, waste_j, idle_j;
    uint64_t n_served;
};

struct record {
    uint32_t policy, replication;
    enum record_status status;
    char text[256]; /* why it is broken or failed */
    uint64_t digest;
    uint64_t n_transition, n_event, n_event_dead, n_question, n_tie;
    double window_from_s, window_to_s, end_s; /* w, h, d */
    uint32_t n_class, n_pool, n_link, n_tier;
    double metric[N_METRIC];        /* all workloads together */
    double (*class_metric)[N_METRIC]; /* [n_class]; NAN where a metric is not of a class */
    struct cohort *cohort;          /* [N_SEGMENT][n_class] */
    struct sketch *latency;         /* [N_SEGMENT][n_class], s; jobs without a result at +inf */
    struct usage *pool;             /* [n_pool], all members of the group together */
    struct usage *channel;          /* [2 * n_link]: link and direction, all instances together */
    struct usage *place_member, *channel_member; /* [n_place], [n_channel] where a group has up to 1000 members; else NULL */
    double (*tier_energy)[2];       /* [n_tier]: J above idle, J idle, in the window; links last tier row = n_tier */
    double wall_s;                  /* not part of the result: provenance */
};

void record_clear(struct record *r);

#endif
