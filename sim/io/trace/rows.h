/* SPDX-License-Identifier: GPL-3.0-or-later */
/* rows.h - rows of a trace as its reader finds them, to be made a series (sim/base/series.h) when all are there. */
#ifndef SIM_IO_TRACE_ROWS_H
#define SIM_IO_TRACE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/arena.h"
#include "sim/base/series.h"

struct err;

enum { TRACE_COLUMNS = 4 };

struct trace_rows {
    size_t n, room;
    size_t n_column;                /* set by the reader before the first row */
    const char *name[TRACE_COLUMNS]; /* string constants */
    double *time_s, *value[TRACE_COLUMNS];
    double span_s;                  /* set by the reader at the end */
};

int trace_rows_add(struct trace_rows *r, double time_s, const double *value, struct err *e);
/* Copies them into the arena, with the means; points: over rows, else over time. */
int trace_rows_to_series(const struct trace_rows *r, struct arena *a, bool points, const struct series **out, struct err *e);
void trace_rows_clear(struct trace_rows *r);

/* Readers of one format each: see trace.h. */
int trace_read_throughput(struct trace_rows *r, const char *path, const char *column, struct err *e);
int trace_read_gophers(struct trace_rows *r, const char *path, const char *column, struct err *e);
int trace_read_sabre(struct trace_rows *r, const char *path, const char *column, struct err *e);
int trace_read_azure_llm(struct trace_rows *r, const char *path, const char *column, struct err *e);

#endif
