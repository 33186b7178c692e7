/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fcc.c - web measurements of the FCC's Measuring Broadband America (curr_webget.csv): unit_id, dtime, target, ...,
 * bytes_sec.  As usual with these (Pensieve's traces), the measurements of one unit and target are laid end to end, each
 * for five seconds, though hours lie between them.
 */
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

#define STEP_S 5

enum { UNIT, TARGET, RATE, N };

/* "404 http://edition.cnn.com" */
static bool is_chosen(const struct sheet *s, const int *field, const char *column)
{
    const char *unit = s->field[field[UNIT]], *target = s->field[field[TARGET]];
    size_t n = strlen(unit);
    return strncmp(column, unit, n) == 0 && column[n] == ' ' && strcmp(column + n + 1, target) == 0;
}

int trace_read_fcc(struct flow *f, struct err *e)
{
    static const char *const heading[N] = {"unit_id", "target", "bytes_sec"};
    struct sheet s;
    int field[N];
    double time_s = 0;
    flow_column(f, "capacity", "bit/s");
    int rc = sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, heading, N, field, e);
    if (rc == 0 && !f->column) {
        rc = ERR_AT(e, f->path, 0, 0, "found no column, wanted unit_id and target, as in 404 http://cnn.com");
    }
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        double bytes_s;
        rc = 0;
        if (is_chosen(&s, field, f->column)) {
            rc = sheet_number(&s, field[RATE], heading[RATE], &bytes_s, e);
            rc = rc ? rc : flow_row(f, time_s, &(double){bytes_s * 8}, e);
            time_s += STEP_S;
        }
    }
    if (rc == 0 && f->n_read == 0) {
        rc = ERR_AT(e, f->path, 0, 0,
                    "found no row of column '%.80s', wanted unit_id and target, as in 404 http://cnn.com", f->column);
    }
    f->end_s = time_s;
    sheet_close(&s);
    return rc;
}
