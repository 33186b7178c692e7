/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows.h - rows of a trace kept in memory, to be made a series (sim/base/series.h) when all are there. */
#ifndef SIM_IO_TRACE_ROWS_H
#define SIM_IO_TRACE_ROWS_H

#include <stddef.h>

#include "sim/base/arena.h"
#include "sim/base/series.h"
#include "sim/io/trace/flow.h"

struct err;

/* With eight columns these are 128 MB, and as much again while they grow and are copied. */
enum { TRACE_ROWS_IN_MEMORY = 1800000 };

struct trace_rows {
    size_t n, room;
    double *time_s, *value[TRACE_COLUMNS];
};

/* `keep` of a flow; ctx is a struct trace_rows that was zeroed. */
int trace_rows_keep(void *ctx, const struct flow *f, double time_s, const double *value, struct err *e);
/* Copies them into the arena, with the means. */
int trace_rows_to_series(const struct trace_rows *r, const struct flow *f, struct arena *a, const struct series **out,
                         struct err *e);
void trace_rows_clear(struct trace_rows *r);

/*
 * Sum of a column for its mean, continued over the rows [0, n) whose times are time_s[] and of which the last holds until
 * next_s: over rows for points, else over time.  One order of adding, so that a trace has the same mean wherever it lies.
 */
double trace_sum_on(double sum, bool points, const double *time_s, double next_s, const double *value, size_t n);

#endif
