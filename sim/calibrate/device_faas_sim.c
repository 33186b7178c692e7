/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device_faas_sim.c - a row for each device and function: times are loc + log-normal(ln scale, shape), of mean
 * loc + scale exp(shape^2 / 2), and single runs scatter so; of how many they are is not told.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/calibrate/device_table.h"
#include "sim/io/trace/sheet.h"

enum { DEVICE, FUNCTION, SHAPE, LOC, SCALE, N_FIELD };

static const char *const field_name[N_FIELD] = {"device", "function", "lognorm_shape", "lognorm_loc_s", "lognorm_scale_s"};

/* The one number that may be below 0. */
static int read_shift(const struct sheet *s, int i, double *x, struct err *e)
{
    char *end;
    *x = strtod_l(s->field[i], &end, s->plain);
    return end > s->field[i] && !*end && isfinite(*x) ? 0 : sheet_fault(s, i, "lognorm_loc_s: a number", e);
}

static int read_row(struct device_table *t, const struct sheet *s, const int *field, struct err *e)
{
    double x[N_FIELD] = {0};
    int rc = 0;
    for (int i = SHAPE; i < N_FIELD && rc == 0; i++) {
        rc = i == LOC ? read_shift(s, field[i], &x[i], e) : sheet_number(s, field[i], field_name[i], &x[i], e);
    }
    if (rc == 0 && x[SHAPE] > 10) {
        rc = sheet_fault(s, field[SHAPE], "a shape up to 10", e);
    }
    const double tail_s = x[SCALE] * exp(x[SHAPE] * x[SHAPE] / 2), mean_s = x[LOC] + tail_s;
    if (rc == 0 && !(mean_s > 0)) {
        rc = sheet_fault(s, field[LOC], "a time above 0 with the scale", e);
    }
    struct device_row *row = rc == 0 ? device_table_row(t, s->field[field[DEVICE]], "cpu", e) : NULL;
    if (rc == 0 && !row) {
        return -ERR_MEMORY;
    }
    const double sd_s = tail_s * sqrt(expm1(x[SHAPE] * x[SHAPE]));
    return rc ? rc : device_row_add(t, row, (struct device_function){s->field[field[FUNCTION]], mean_s, 0, sd_s / mean_s}, e);
}

int device_read_faas_sim(struct device_table *t, struct err *e)
{
    struct sheet s;
    int field[N_FIELD];
    int rc = sheet_open(&s, t->path, NULL, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, field_name, N_FIELD, field, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_row(t, &s, field, e);
    }
    sheet_close(&s);
    return rc;
}
