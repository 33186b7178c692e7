/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device_mobile.c - a row for each network, columns DEVICE|CORES|FORMAT|mean and |std in us.  A device's processor is its chosen
 * cores, beside it its gpu; their speed is the flop of all networks over the time of all.  std is that of single runs.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/device_table.h"
#include "sim/io/trace/sheet.h"

static const double s_per_us = 1e-6;

/* A column of times: which processor of which device, where they and their deviations stand. */
struct column {
    char device[64];
    bool gpu;
    int mean, std;
    double flop, time_s;
};

/* Is the heading one of the times to be taken?  Then the column of it. */
static bool take_column(const struct sheet *s, int i, const char *choice, struct column *c)
{
    const char *name = s->header[i], *bar = strchr(name, '|'), *last = bar ? strrchr(name, '|') : NULL;
    char other[128];
    if (!bar || last == bar || strcmp(last, "|mean") != 0 || (size_t)(bar - name) >= sizeof c->device || strlen(name) > 100) {
        return false;
    }
    const size_t n = (size_t)(last - bar - 1);
    const bool gpu = n == strlen("gpu|float") && strncmp(bar + 1, "gpu|float", n) == 0;
    if (!gpu && (strlen(choice) != n || strncmp(bar + 1, choice, n) != 0)) {
        return false;
    }
    snprintf(other, sizeof other, "%.*s|std", (int)(last - name), name);
    *c = (struct column){.gpu = gpu, .mean = i, .std = sheet_field(s, other, false)};
    snprintf(c->device, sizeof c->device, "%.*s", (int)(bar - name), name);
    return c->std >= 0;
}

static int read_row(struct device_table *t, const struct sheet *s, const int *field, struct column *column, int n, struct err *e)
{
    double flop, us, std_us;
    int rc = sheet_number(s, field[1], "FLOPS", &flop, e);
    for (int k = 0; k < n && rc == 0; k++) {
        struct column *c = &column[k];
        if (!*s->field[c->mean]) {
            continue; /* not measured */
        }
        rc = sheet_number(s, c->mean, "a time in us", &us, e);
        rc = rc ? rc : sheet_number(s, c->std, "its deviation in us", &std_us, e);
        if (rc == 0 && !(us > 0)) {
            rc = sheet_fault(s, c->mean, "a time above 0 us", e);
        }
        struct device_row *row = rc == 0 ? device_table_row(t, c->device, c->gpu ? "gpu" : "cpu", e) : NULL;
        if (rc == 0 && !row) {
            rc = -ERR_MEMORY;
        }
        if (rc == 0) {
            c->flop += flop;
            c->time_s += us * s_per_us;
            row->speed_flops = c->flop / c->time_s;
            rc = device_row_add(t, row, (struct device_function){s->field[field[0]], us * s_per_us, 0, std_us / us}, e);
        }
    }
    return rc;
}

int device_read_mobile(struct device_table *t, struct err *e)
{
    static const char *const wanted[] = {"model", "FLOPS"};
    struct sheet s;
    int field[2], n = 0;
    bool chosen = false;
    struct column *column = calloc(SHEET_FIELDS, sizeof *column);
    if (!column) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %s", t->path);
    }
    int rc = sheet_open(&s, t->path, NULL, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, wanted, 2, field, e);
    for (int i = 0; rc == 0 && i < (int)s.n_header; i++) {
        const bool taken = take_column(&s, i, t->choice ? t->choice : "1large|float", &column[n]);
        chosen |= taken && !column[n].gpu;
        n += taken;
    }
    if (rc == 0 && t->choice && !chosen) {
        rc = ERR_SET(e, ERR_INPUT, "--column: found %s, which is of no processor of %s, wanted CORES|FORMAT of one of its columns "
                     "DEVICE|CORES|FORMAT|mean", t->choice, t->path);
    }
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_row(t, &s, field, column, n, e);
    }
    sheet_close(&s);
    free(column);
    return rc;
}
