/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/rows.h"

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

int trace_rows_keep(void *ctx, const struct flow *f, double time_s, const double *value, struct err *e)
{
    struct trace_rows *r = ctx;
    if (r->n == r->room) {
        size_t room = r->room ? 2 * r->room : 1024;
        bool grown = grow(&r->time_s, room);
        for (size_t c = 0; c < f->n_column; c++) {
            grown = grown && grow(&r->value[c], room);
        }
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "no memory for a trace of more than %zu rows", r->n);
        }
        r->room = room;
    }
    r->time_s[r->n] = time_s;
    for (size_t c = 0; c < f->n_column; c++) {
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

double trace_sum_on(double sum, bool points, const double *time_s, double next_s, const double *value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double until_s = i + 1 < n ? time_s[i + 1] : next_s;
        sum += value[i] * (points ? 1 : until_s - time_s[i]);
    }
    return sum;
}

static double *copy(struct arena *a, const double *column, size_t n)
{
    double *to = ARENA_NEW(a, n, double);
    return to ? memcpy(to, column, n * sizeof *to) : NULL;
}

int trace_rows_to_series(const struct trace_rows *r, const struct flow *f, struct arena *a, const struct series **out,
                         struct err *e)
{
    size_t n_column = f->n_column;
    struct series *s = ARENA_NEW(a, 1, struct series);
    const double **value = ARENA_NEW(a, n_column, const double *);
    const char **name = ARENA_NEW(a, n_column, const char *), **unit = ARENA_NEW(a, n_column, const char *);
    double *mean = ARENA_NEW(a, n_column, double), *time_s = copy(a, r->time_s, r->n);
    for (size_t c = 0; c < n_column && !a->failed; c++) {
        value[c] = copy(a, r->value[c], r->n);
        name[c] = arena_copy(a, f->column_of[c].name);
        unit[c] = arena_copy(a, f->column_of[c].unit);
        mean[c] = trace_sum_on(0, f->points, r->time_s, f->span_s, r->value[c], r->n) /
                  (f->points ? (double)r->n : f->span_s);
    }
    if (a->failed) {
        return ERR_SET(e, ERR_MEMORY, "no memory for a trace of %zu rows", r->n);
    }
    *s = (struct series){r->n, n_column, time_s, value, name, mean, f->span_s, unit, f->points};
    *out = s;
    return 0;
}
