/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/flow.h"

#include <math.h>
#include <stdio.h>

#include "sim/base/err.h"
#include "sim/io/trace/sort.h"

void flow_column(struct flow *f, const char *name, const char *unit)
{
    CHECK(f->n_column < TRACE_COLUMNS);
    struct trace_column *c = &f->column_of[f->n_column++];
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->unit, sizeof c->unit, "%s", unit);
}

static void count_drop(struct flow *f, int line, const char *why)
{
    uint32_t i = 0;
    while (i < f->n_drop && f->drop[i].why != why) {
        i++;
    }
    if (i == f->n_drop) {
        CHECK(f->n_drop < TRACE_REASONS);
        f->drop[f->n_drop++] = (struct trace_drop){.why = why, .line = line};
    }
    f->drop[i].n++;
}

void flow_drop(struct flow *f, int line, const char *why)
{
    f->n_read++;
    count_drop(f, line, why);
}

static uint64_t max_rows(const struct flow *f)
{
    return f->max_rows > 0 ? f->max_rows : TRACE_ROWS_MAX;
}

static int too_many(const struct flow *f, struct err *e)
{
    const char *wanted = f->max_rows > 0 ? "a trace that `tiersim import` wrote, which may be longer"
                                         : "a part of them by --from and --to";
    return ERR_AT(e, f->path, 0, 0, "found more than %llu rows, wanted %s", (unsigned long long)max_rows(f), wanted);
}

/* In order of time: the window, and on to whoever keeps it. */
static int deliver(void *ctx, double time_s, const double *value, struct err *e)
{
    struct flow *f = ctx;
    if (!f->started) {
        f->started = true;
        f->start_s = time_s;
    }
    if (time_s - f->start_s < f->from_s || (f->to_s > 0 && time_s - f->start_s >= f->to_s)) {
        f->past = f->to_s > 0 && time_s - f->start_s >= f->to_s;
        count_drop(f, 0, "outside --from and --to");
        return 0;
    }
    if (f->n_kept == 0) {
        f->first_s = time_s;
    } else if (f->points ? time_s < f->last_s : time_s <= f->last_s) {
        return ERR_AT(e, f->path, 0, 0, "found row %llu at %.9g s, wanted it after %.9g s, the time of the row before",
                      (unsigned long long)f->n_read, time_s, f->last_s);
    }
    if (f->n_kept == max_rows(f)) {
        return too_many(f, e);
    }
    f->last_s = time_s;
    f->n_kept++;
    return f->keep(f->ctx, f, time_s - f->first_s, value, e);
}

int flow_row(struct flow *f, double time_s, const double *value, struct err *e)
{
    f->n_read++;
    if (!f->unordered) {
        return deliver(f, time_s, value, e);
    }
    if (f->max_rows > 0 && f->n_read > f->max_rows) {
        return too_many(f, e); /* told before they are sorted */
    }
    if (!f->sort) {
        int rc = sort_create(&f->sort, f->n_column, SORT_RUN_BYTES, e);
        if (rc < 0) {
            return rc;
        }
    }
    return sort_add(f->sort, time_s, value, e);
}

int flow_end(struct flow *f, struct err *e)
{
    int rc = f->sort ? sort_deliver(f->sort, deliver, f, e) : 0;
    if (rc == 0 && f->n_kept < 2) {
        rc = ERR_AT(e, f->path, 0, 0, "found %llu row%s%s, wanted at least two", (unsigned long long)f->n_kept,
                    f->n_kept == 1 ? "" : "s", f->n_read > f->n_kept ? " to keep" : "");
    }
    double last_s = f->last_s - f->first_s;
    if (rc == 0 && f->points && !(last_s > 0)) {
        rc = ERR_AT(e, f->path, 0, 0, "found all rows at one time, wanted some after the first");
    }
    /* Of points: one more mean interval, so that the cycle has the rate of the file. */
    double end_s = f->to_s > 0 ? fmin(f->end_s, f->start_s + f->to_s) : f->end_s;
    f->span_s = f->points ? last_s * ((double)f->n_kept / ((double)f->n_kept - 1)) : end_s - f->first_s;
    if (rc == 0 && !(f->span_s <= TRACE_SPAN_S)) {
        rc = ERR_AT(e, f->path, 0, 0, "found a trace of %g s, wanted at most %g s", f->span_s, TRACE_SPAN_S);
    }
    return rc;
}

void flow_clear(struct flow *f)
{
    sort_free(f->sort);
    f->sort = NULL;
}
