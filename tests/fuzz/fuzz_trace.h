/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_trace.h - a kind of trace reads a file that was made up.  Whatever it says of it, rows that come out are finite, not
 * negative and in order of time, and an error has words.
 */
#ifndef TESTS_FUZZ_FUZZ_TRACE_H
#define TESTS_FUZZ_FUZZ_TRACE_H

#include <math.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/trace.h"
#include "tests/fuzz/fuzz.h"

/* More rows of a made-up file say nothing new. */
enum { FUZZ_ROWS = 5000 };

static inline int fuzz_keep(void *ctx, const struct flow *f, double time_s, const double *value, struct err *e)
{
    double *before_s = ctx;
    (void)e;
    if (!(time_s >= *before_s) || !(time_s < INFINITY)) {
        abort();
    }
    for (uint32_t c = 0; c < f->n_column; c++) {
        if (!(value[c] >= 0 && value[c] < INFINITY)) {
            abort();
        }
    }
    *before_s = time_s;
    return 0;
}

static inline void fuzz_trace(const struct trace_kind *kind, const char *path, const char *column, const char *with)
{
    double before_s = 0;
    struct err e = {0};
    struct flow f = {.path = path,
                     .column = kind->choice ? column : NULL,
                     .with = kind->with ? with : NULL,
                     .max_rows = FUZZ_ROWS,
                     .keep = fuzz_keep,
                     .ctx = &before_s};
    int rc = trace_flow(&f, kind, &e);
    if (rc < 0 ? !e.text[0] || rc != -(int)e.code : !(f.span_s > 0) || f.n_kept < 2) {
        abort();
    }
    flow_clear(&f);
}

#endif
