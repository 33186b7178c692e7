/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * carbon.c - carbon intensity of a grid, g/kWh, as kg/J: a CSV with a time and a value, of OpenDC (timestamp,
 * carbon_intensity; milliseconds since 1970) or of Electricity Maps ("Datetime (UTC)", ..., "Carbon intensity gCO2eq/kWh
 * (Life cycle)").  An hour without a value belongs to the one before it; the last row is as long as the one before.
 */
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"
#include "sim/io/trace/stamp.h"

/* kg/J of 1 g/kWh. */
#define G_PER_KWH 3.6e9

static int find_fields(const struct sheet *s, int *stamp, int *value, struct err *e)
{
    *stamp = sheet_field(s, "timestamp", true);
    *value = sheet_field(s, "carbon_intensity", true);
    for (int i = 0; i < (int)s->n_header; i++) {
        const char *text = s->header[i];
        *stamp = *stamp < 0 && strncmp(text, "Datetime (UTC)", 14) == 0 ? i : *stamp;
        *value = strncmp(text, "Carbon intensity gCO", 20) == 0 && strcasestr(text, "life cycle") ? i : *value;
    }
    return *stamp >= 0 && *value >= 0
               ? 0
               : ERR_AT(
                     e, s->lines.path, s->lines.line, 1,
                     "found no headings timestamp and carbon_intensity, nor those of Electricity Maps, wanted either");
}

/* Milliseconds since 1970, or a date. */
static int read_time(const struct sheet *s, int i, double *time_s, struct err *e)
{
    int64_t ns;
    if (stamp_read(s->field[i], NULL, &ns)) {
        *time_s = (double)(ns / 1000000) / 1000;
        return 0;
    }
    int rc = sheet_number(s, i, "milliseconds since 1970, or a date such as 2022-01-01 00:00:00", time_s, e);
    *time_s /= 1000;
    return rc;
}

int trace_read_carbon(struct flow *f, struct err *e)
{
    struct sheet s;
    int stamp = 0, value = 0;
    double time_s = 0, before_s = 0, g_per_kwh;
    flow_column(f, "carbon_intensity", "kg/J");
    int rc = sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : find_fields(&s, &stamp, &value, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        double now_s;
        if (!s.field[value][0]) {
            flow_drop(f, s.lines.line, "no value");
            rc = 0;
            continue;
        }
        rc = read_time(&s, stamp, &now_s, e);
        rc = rc ? rc : sheet_number(&s, value, s.header[value], &g_per_kwh, e);
        if (rc == 0 && time_s > 0 && now_s <= time_s) {
            rc = sheet_fault(&s, stamp, "a time after that of the row before", e);
        }
        if (rc == 0) {
            before_s = time_s;
            time_s = now_s;
            rc = flow_row(f, time_s, &(double){g_per_kwh / G_PER_KWH}, e);
        }
    }
    sheet_close(&s);
    f->end_s = time_s + (time_s - before_s);
    return rc;
}
