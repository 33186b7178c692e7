/* SPDX-License-Identifier: GPL-3.0-or-later */
/* throughput.c - our own format of links: a CSV whose header names quantities and units. */
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/sheet.h"
#include "sim/io/trace/rows.h"

struct heading {
    const char *text, *name;
    double unit;   /* SI per unit */
    bool division; /* divide by it instead: exact where the unit is 1/1000 */
};

static const struct heading headings[] = {
    {"time_s", "time", 1, false},           {"time_ms", "time", 1000, true},
    {"capacity_bps", "capacity", 1, false}, {"capacity_kbps", "capacity", 1e3, false},
    {"capacity_mbps", "capacity", 1e6, false}, {"capacity_gbps", "capacity", 1e9, false},
    {"latency_s", "latency", 1, false},     {"latency_ms", "latency", 1000, true},
};

static const struct heading *heading_of(const char *text)
{
    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++) {
        if (strcmp(headings[i].text, text) == 0) {
            return &headings[i];
        }
    }
    return NULL;
}

static int read_headings(struct sheet *s, struct trace_rows *r, const struct heading **found, struct err *e)
{
    static const char wanted[] = "time_UNIT (s, ms), then capacity_UNIT (bps, kbps, mbps, gbps) and/or latency_UNIT (s, ms)";
    for (size_t i = 0; i < s->n_header; i++) {
        const struct heading *h = i < TRACE_COLUMNS ? heading_of(s->header[i]) : NULL;
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || (h && h->name == found[k]->name);
        }
        if (!h || again || (i == 0) != (strcmp(h->name, "time") == 0)) {
            return ERR_AT(e, s->path, s->line, sheet_column(s, (int)i), "found the heading '%.40s', wanted %s",
                          s->header[i], wanted);
        }
        found[i] = h;
        if (i > 0) {
            r->name[r->n_column++] = h->name;
        }
    }
    if (r->n_column == 0) {
        return ERR_AT(e, s->path, s->line, 1, "found the heading '%.40s' alone, wanted %s", s->header[0], wanted);
    }
    return 0;
}

static int read_row(struct sheet *s, struct trace_rows *r, const struct heading *const *heading, double *first_s,
                    struct err *e)
{
    double x[TRACE_COLUMNS + 1];
    for (int i = 0; i < s->n_field; i++) {
        int rc = sheet_number(s, i, s->header[i], &x[i], e);
        if (rc != 0) {
            return rc;
        }
        x[i] = heading[i]->division ? x[i] / heading[i]->unit : x[i] * heading[i]->unit;
    }
    if (r->n == 0) {
        *first_s = x[0];
    } else if (!(x[0] - *first_s > r->time_s[r->n - 1])) {
        return ERR_AT(e, s->path, s->line, 1, "found the time '%.40s', wanted one after that of the row before", s->field[0]);
    }
    return trace_rows_add(r, x[0] - *first_s, x + 1, e);
}

int trace_read_throughput(struct trace_rows *r, const char *path, const char *column, struct err *e)
{
    struct sheet s;
    const struct heading *heading[TRACE_COLUMNS];
    double first_s = 0;
    (void)column;
    int rc = sheet_open(&s, path, true, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : read_headings(&s, r, heading, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_row(&s, r, heading, &first_s, e);
    }
    sheet_close(&s);
    if (r->n >= 2) {
        r->span_s = r->time_s[r->n - 1] + (r->time_s[r->n - 1] - r->time_s[r->n - 2]);
    }
    return rc;
}
