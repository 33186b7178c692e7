/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * series.h - what a trace file becomes: rows of numbers in columns, with the time of each row.
 *
 * A level series (a link's capacity) holds value[c][i] on [time_s[i], time_s[i+1]), the last row until span_s, after which
 * it starts over: its times go up strictly, and span_s is beyond the last.  A point series (arrivals) has an arrival at each
 * time_s[i]; the cycle is span_s, at or after the last; its times never go back.  Times start at 0; values are SI (bit/s, s)
 * or counts (tokens).
 */
#ifndef SIM_BASE_SERIES_H
#define SIM_BASE_SERIES_H

#include <stdbool.h>
#include <stddef.h>

struct series {
    size_t n_row, n_column;
    const double *time_s;              /* [n_row] */
    const double *const *value;        /* [n_column][n_row] */
    const char *const *name;           /* [n_column], such as "capacity" or "prompt_tokens" */
    const double *mean;                /* [n_column]: over time for a level series, over rows for a point series */
    double span_s;                     /* > 0 */
    const char *const *unit;           /* [n_column], such as "bit/s" or "tokens"; NULL: not known */
    bool points;                       /* else levels */
};

/* Column of that name, or -1. */
int series_column(const struct series *s, const char *name);

#endif
