/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * measure.h - from transitions to a record.
 *
 * The run hands over full buffers of transitions, in order of time.  Each record goes to the folds (digest, audit, usage,
 * jobs and its rows), which share nothing but the record, so that what one gets wrong another sees.
 *
 * The window opens and closes with TR_WINDOW records.  A run that ends before the closing one closes it with its last
 * record; one that ends before the opening one has an empty cohort.  Nothing is allocated while folding but by doubling
 * for a row number not seen before and by a sketch for an octave not seen before.
 */
#ifndef SIM_MEASURE_MEASURE_H
#define SIM_MEASURE_MEASURE_H

#include "sim/base/err.h"
#include "sim/measure/record.h"
#include "sim/measure/rows.h"
#include "sim/model/scenario.h"
#include "sim/run/transition.h"

struct measure_options {
    uint32_t member_max;         /* groups and links of up to so many members have usage for each; 1000 is usual */
    const struct row_sink *rows; /* NULL: no rows */
};

struct measure {
    struct measure_state *state; /* the folds */
};

/* For one replication of s, which must outlive it.  o may be NULL: members up to 1000, no rows. */
int measure_init(struct measure *m, const struct scenario *s, const struct measure_options *o, struct err *e);
/* The next n records. */
void measure_fold(struct measure *m, const struct transition *t, size_t n);
/*
 * Fill out, once, after the last record: digest, n_transition, n_tie, times, metrics, cohorts, sketches, usage, energy and the
 * verdict of the audit.  The caller has set policy, replication, wall_s, the counts of the run, and status if that is
 * RECORD_SATURATED; the status becomes RECORD_OK, or RECORD_BROKEN with text.  Only memory can fail; out is then
 * as record_clear leaves it.
 */
int measure_finish(struct measure *m, struct record *out, struct err *e);
void measure_clear(struct measure *m);

#endif
