/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/rows.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

static bool grow(double **column, size_t room)
{
    double *more = reallocarray(*column, room, sizeof **column);
    if (more) {
        *column = more;
    }
    return more != NULL;
}

int trace_rows_add(struct trace_rows *r, double time_s, const double *value, struct err *e)
{
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 1024;
        bool grown = grow(&r->time_s, room);
        for (size_t c = 0; c < r->n_column; c++) {
            grown = grown && grow(&r->value[c], room);
        }
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "no memory for a trace of more than %zu rows", r->n);
        }
        r->room = room;
    }
    r->time_s[r->n] = time_s;
    for (size_t c = 0; c < r->n_column; c++) {
        r->value[c][r->n] = value[c];
    }
    r->n++;
    return 0;
}

void trace_rows_clear(struct trace_rows *r)
{
    free(r->time_s);
    for (size_t c = 0; c < TRACE_COLUMNS; c++) {
        free(r->value[c]);
    }
    *r = (struct trace_rows){0};
}

static double mean_of(const struct trace_rows *r, size_t c, bool points)
{
    double sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        double until_s = i + 1 < r->n ? r->time_s[i + 1] : r->span_s;
        sum += r->value[c][i] * (points ? 1 : until_s - r->time_s[i]);
    }
    return sum / (points ? (double)r->n : r->span_s);
}

static double *copy(struct arena *a, const double *column, size_t n)
{
    double *to = ARENA_NEW(a, n, double);
    return to ? memcpy(to, column, n * sizeof *to) : NULL;
}

int trace_rows_to_series(const struct trace_rows *r, struct arena *a, bool points, const struct series **out,
                         struct err *e)
{
    struct series *s = ARENA_NEW(a, 1, struct series);
    const double **value = ARENA_NEW(a, r->n_column, const double *);
    const char **name = ARENA_NEW(a, r->n_column, const char *);
    double *mean = ARENA_NEW(a, r->n_column, double), *time_s = copy(a, r->time_s, r->n);
    if (a->failed) {
        return ERR_SET(e, ERR_MEMORY, "no memory for a trace of %zu rows", r->n);
    }
    for (size_t c = 0; c < r->n_column; c++) {
        value[c] = copy(a, r->value[c], r->n);
        name[c] = r->name[c];
        mean[c] = mean_of(r, c, points);
    }
    if (a->failed) {
        return ERR_SET(e, ERR_MEMORY, "no memory for a trace of %zu rows", r->n);
    }
    *s = (struct series){r->n, r->n_column, time_s, value, name, mean, r->span_s};
    *out = s;
    return 0;
}
