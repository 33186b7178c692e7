/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow.h - the way of a row: from a reader, which knows a published format, through sorting (where a file is not in order
 * of time), the window and the count of what is dropped, to whoever keeps it: memory for a scenario (rows.h), a file for
 * `tiersim import` (store.h).  Rows pass one by one; none of it depends on how many there are.
 *
 * Units are SI: s, bit/s, byte, Hz, kg/J; a count has its noun.
 */
#ifndef SIM_IO_TRACE_FLOW_H
#define SIM_IO_TRACE_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/sha256.h"

struct err;
struct sort;

enum { TRACE_COLUMNS = 8, TRACE_REASONS = 8, TRACE_NAME = 32 };

/* What a file can hold.  A row of an arrival is counted in 32 bits. */
#define TRACE_ROWS_MAX (UINT32_MAX - 1)
/* A hundred times the longest run: what is longer has another unit than its header says. */
#define TRACE_SPAN_S (100 * 0x1p25)

struct trace_column {
    char name[TRACE_NAME], unit[TRACE_NAME];
};

/* Rows that were read and are not kept: why, how many, and the line of the first (0: no line). */
struct trace_drop {
    const char *why; /* a string constant */
    uint64_t n;
    int line;
};

struct flow {
    /* Of the caller.  Rows are kept whose time lies in [from_s, to_s), counted from the first row of the file. */
    const char *path;
    const char *column;  /* which of several measurements; NULL: there is no choice */
    const char *with;    /* a second file; NULL: none */
    double from_s, to_s; /* to_s 0: to the end */
    bool points, unordered;
    uint64_t max_rows; /* that are kept; 0: TRACE_ROWS_MAX */
    int (*keep)(void *ctx, const struct flow *f, double time_s, const double *value, struct err *e);
    void *ctx;

    /* Of the reader, before its first row. */
    uint32_t n_column;
    struct trace_column column_of[TRACE_COLUMNS]; /* flow_column */
    /* Of the reader, at the end: when the last level ends, in its own time. */
    double end_s;

    /* Results.  Times are kept from 0 on; span_s is the cycle (series.h). */
    struct sha256 sha; /* of the file */
    uint64_t n_read, n_kept;
    uint32_t n_drop;
    struct trace_drop drop[TRACE_REASONS];
    double span_s;

    struct sort *sort;
    bool started;           /* there was a row */
    bool past;              /* to_s is reached: what is drawn, not read, may stop */
    double start_s;         /* of the first row of the file, in the reader's time */
    double first_s, last_s; /* kept, in the reader's time */
};

/* One more column; names and units have less than TRACE_NAME bytes. */
void flow_column(struct flow *f, const char *name, const char *unit);
/* The next row, value[n_column]; times do not go back unless the flow is unordered.  0 or a negative code. */
int flow_row(struct flow *f, double time_s, const double *value, struct err *e);
/* A row that cannot be used, and why. */
void flow_drop(struct flow *f, int line, const char *why);
/* After the last row: sorts, checks that enough is there, and sets span_s. */
int flow_end(struct flow *f, struct err *e);
void flow_clear(struct flow *f);

#endif
