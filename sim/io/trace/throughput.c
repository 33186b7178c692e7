/* SPDX-License-Identifier: GPL-3.0-or-later */
/* throughput.c - our own format of links: a CSV whose header names quantities and units. */
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

struct heading {
    const char *text, *name, *si;
    double unit;   /* SI per unit */
    bool division; /* divide by it instead: exact where the unit is 1/1000 */
};

static const struct heading headings[] = {
    {"time_s", "time", "s", 1, false},
    {"time_ms", "time", "s", 1000, true},
    {"capacity_bps", "capacity", "bit/s", 1, false},
    {"capacity_kbps", "capacity", "bit/s", 1e3, false},
    {"capacity_mbps", "capacity", "bit/s", 1e6, false},
    {"capacity_gbps", "capacity", "bit/s", 1e9, false},
    {"latency_s", "latency", "s", 1, false},
    {"latency_ms", "latency", "s", 1000, true},
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

static int read_headings(struct sheet *s, struct flow *f, const struct heading **found, struct err *e)
{
    static const char wanted[] =
        "time_UNIT (s, ms), then capacity_UNIT (bps, kbps, mbps, gbps) and/or latency_UNIT (s, ms)";
    for (size_t i = 0; i < s->n_header; i++) {
        const struct heading *h = i < TRACE_COLUMNS ? heading_of(s->header[i]) : NULL;
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || (h && h->name == found[k]->name);
        }
        if (!h || again || (i == 0) != (strcmp(h->name, "time") == 0)) {
            return ERR_AT(e, s->lines.path, s->lines.line, sheet_column(s, (int)i),
                          "found the heading '%.40s', wanted %s", s->header[i], wanted);
        }
        found[i] = h;
        if (i > 0) {
            flow_column(f, h->name, h->si);
        }
    }
    if (f->n_column == 0) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1, "found the heading '%.40s' alone, wanted %s", s->header[0],
                      wanted);
    }
    return 0;
}

/* Times of the two rows before, from the first row on. */
struct clock {
    double first_s, before_s, last_s;
};

static int read_row(struct sheet *s, struct flow *f, const struct heading *const *heading, struct clock *t,
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
    if (f->n_read == 0) {
        t->first_s = x[0];
    } else if (!(x[0] - t->first_s > t->last_s)) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1,
                      "found the time '%.40s', wanted one after that of the row before", s->field[0]);
    }
    t->before_s = t->last_s;
    t->last_s = x[0] - t->first_s;
    return flow_row(f, t->last_s, x + 1, e);
}

int trace_read_throughput(struct flow *f, struct err *e)
{
    struct sheet s;
    const struct heading *heading[TRACE_COLUMNS];
    struct clock t = {0};
    int rc = sheet_open(&s, f->path, &f->sha, ',', '#', e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : read_headings(&s, f, heading, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_row(&s, f, heading, &t, e);
    }
    sheet_close(&s);
    f->end_s = t.last_s + (t.last_s - t.before_s);
    return rc;
}
