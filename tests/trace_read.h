/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace_read.h - traces of any kind as series, for tests: from a file, or from a text. */
#ifndef TESTS_TRACE_READ_H
#define TESTS_TRACE_READ_H

#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/trace/rows.h"
#include "sim/io/trace/trace.h"

/* What a kind makes of f->path, with f's column, second file and window; f is left as it ended. */
static inline const struct series *read_flow(struct arena *a, struct flow *f, const char *kind)
{
    struct trace_rows rows = {0};
    struct err e = {0};
    const struct series *s = NULL;
    char text[2048];
    f->keep = trace_rows_keep;
    f->ctx = &rows;
    if (trace_flow(f, trace_kind_find(kind), &e) != 0 || trace_rows_to_series(&rows, f, a, &s, &e) != 0) {
        fail_msg("%s", err_text(&e, text, sizeof text));
    }
    flow_clear(f);
    trace_rows_clear(&rows);
    return s;
}

static inline const struct series *read_file(struct arena *a, const char *path, const char *kind, const char *column)
{
    struct flow f = {.path = path, .column = column};
    return read_flow(a, &f, kind);
}

/* A file with that text, at path[] (a template of mkstemp). */
static inline void make_file(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(close(fd), 0);
}

/* The flow has its own path set. */
static inline const struct series *read_text_flow(struct arena *a, struct flow *f, const char *text, const char *kind)
{
    char path[] = "/tmp/test_trace_XXXXXX";
    make_file(path, text);
    f->path = path;
    const struct series *s = read_flow(a, f, kind);
    f->path = NULL;
    assert_int_equal(unlink(path), 0);
    return s;
}

static inline const struct series *read_text(struct arena *a, const char *text, const char *kind, const char *column)
{
    struct flow f = {.column = column};
    return read_text_flow(a, &f, text, kind);
}

/* A file below $TIERSIM_DATA. */
static inline const struct series *read_published(struct arena *a, const char *name, const char *kind,
                                                  const char *column)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("TIERSIM_DATA"), name);
    return read_file(a, path, kind, column);
}

static inline void assert_column(const struct series *s, const char *name, const double *want)
{
    int c = series_column(s, name);
    assert_true(c >= 0);
    for (size_t i = 0; i < s->n_row; i++) {
        assert_near(s->value[c][i], want[i], 1e-15, 0);
    }
}

static inline void assert_times(const struct series *s, size_t n, const double *want, double span_s)
{
    assert_int_equal(s->n_row, n);
    for (size_t i = 0; i < n; i++) {
        assert_near(s->time_s[i], want[i], 0, 0);
    }
    assert_near(s->span_s, span_s, 1e-15, 0);
}

#endif
