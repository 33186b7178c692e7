/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * swf.c - the Standard Workload Format of parallel batch jobs (Chapin et al., JSSPP 1999; Feitelson, Tsafrir, Krakov, JPDC 74,
 * 2014): 18 numbers parted by blanks, -1 where one is not known; lines that start with ; are comments.  Processors are those
 * that were allocated, or asked for where that is not known.
 */
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { SUBMIT = 1, RUN = 3, ALLOCATED = 4, ASKED = 7, N = 18 };

static const struct {
    int field;
    const char *what;
} needed[] = {
    {SUBMIT, "the submit time"},
    {RUN, "the run time"},
    {ALLOCATED, "allocated processors"},
    {ASKED, "requested processors"},
};

/* A number, or -1. */
static int get(const struct sheet *s, int field, const char *what, double *x, struct err *e)
{
    if (strcmp(s->field[field], "-1") == 0) {
        *x = -1;
        return 0;
    }
    return sheet_number(s, field, what, x, e);
}

static int add_job(struct flow *f, const struct sheet *s, double *before_s, struct err *e)
{
    double x[N] = {0};
    int rc = 0;
    if (s->n_field != N) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1, "found %d fields, wanted 18 parted by blanks", s->n_field);
    }
    for (size_t i = 0; i < sizeof needed / sizeof needed[0] && rc == 0; i++) {
        rc = get(s, needed[i].field, needed[i].what, &x[needed[i].field], e);
    }
    if (rc < 0) {
        return rc;
    }
    double processors = x[ALLOCATED] > 0 ? x[ALLOCATED] : x[ASKED];
    if (x[SUBMIT] < 0) {
        flow_drop(f, s->lines.line, "no submit time");
        return 0;
    }
    if (x[SUBMIT] < *before_s) {
        return sheet_goes_back(s, SUBMIT, e);
    }
    *before_s = x[SUBMIT];
    if (x[RUN] < 0) {
        flow_drop(f, s->lines.line, "no run time");
    } else if (processors <= 0) {
        flow_drop(f, s->lines.line, "no processors");
    } else {
        rc = flow_row(f, x[SUBMIT], (const double[]){x[RUN], processors}, e);
    }
    return rc;
}

int trace_read_swf(struct flow *f, struct err *e)
{
    struct sheet s;
    double before_s = 0;
    flow_column(f, "duration", "s");
    flow_column(f, "processors", "processors");
    int rc = sheet_open(&s, f->path, &f->sha, ' ', ';', e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = add_job(f, &s, &before_s, e);
    }
    sheet_close(&s);
    return rc;
}
