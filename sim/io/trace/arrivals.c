/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrivals.c - our own format of arrivals: a CSV whose first column is time_s or time_ms, and whose others are what the
 * scenario's `linear:` names.  A heading may end in a unit in brackets, "duration [s]", which is kept beside the name.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

/* Splits "duration [s]" in place; the parts lie in the sheet's header. */
static int read_heading(struct sheet *s, int i, struct flow *f, struct err *e)
{
    char *name = s->header[i], *open = strstr(name, " ["), *end = name + strlen(name);
    const char *unit = "";
    if (open && end[-1] == ']') {
        *open = end[-1] = 0;
        unit = open + 2;
    }
    if (!name[0] || strlen(name) >= TRACE_NAME || strlen(unit) >= TRACE_NAME) {
        return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i),
                      "found the heading '%.40s', wanted a name of at most %d bytes, and perhaps a unit: duration [s]",
                      name, TRACE_NAME - 1);
    }
    for (uint32_t c = 0; c < f->n_column; c++) {
        if (strcmp(f->column_of[c].name, name) == 0) {
            return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, i),
                          "found a second heading '%.31s', wanted one", name);
        }
    }
    flow_column(f, name, unit);
    return 0;
}

static int read_headings(struct sheet *s, struct flow *f, bool *milliseconds, struct err *e)
{
    *milliseconds = strcmp(s->header[0], "time_ms") == 0;
    if (!*milliseconds && strcmp(s->header[0], "time_s") != 0) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1, "found the heading '%.40s', wanted time_s or time_ms",
                      s->header[0]);
    }
    if (s->n_header > TRACE_COLUMNS + 1) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1, "found %zu columns beside the time, wanted at most %d",
                      s->n_header - 1, TRACE_COLUMNS);
    }
    int rc = 0;
    for (int i = 1; i < (int)s->n_header && rc == 0; i++) {
        rc = read_heading(s, i, f, e);
    }
    return rc;
}

int trace_read_arrivals(struct flow *f, struct err *e)
{
    struct sheet s;
    bool milliseconds = false;
    double x[TRACE_COLUMNS + 1], before = 0;
    int rc = sheet_open(&s, f->path, &f->sha, ',', '#', e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : read_headings(&s, f, &milliseconds, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = 0;
        for (int i = 0; i < s.n_field && rc == 0; i++) {
            rc = sheet_number(&s, i, i == 0 ? s.header[0] : f->column_of[i - 1].name, &x[i], e);
        }
        if (rc == 0 && x[0] < before) {
            rc = sheet_goes_back(&s, 0, e);
        }
        before = x[0];
        rc = rc ? rc : flow_row(f, milliseconds ? x[0] / 1000 : x[0], x + 1, e);
    }
    sheet_close(&s);
    return rc;
}
