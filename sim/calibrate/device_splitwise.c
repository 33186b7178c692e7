/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device_splitwise.c - a row for each run of a model on some cards of a kind.  MODEL-prefill is the time of one token of the
 * prompt, MODEL-decode of one token that is made, so that work is `{function: {name: MODEL-prefill, times: TOKENS}}`; they
 * scatter over sizes and runs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/device_table.h"
#include "sim/io/trace/sheet.h"

enum { MODEL, HARDWARE, PROMPT, BATCH, PROMPT_TIME, TOKEN_TIME, CARDS, N_FIELD, FUNCTIONS = 1000, NAME_ROOM = 96 };

static const char *const field_name[N_FIELD] = {"model", "hardware", "prompt_size", "batch_size", "prompt_time", "token_time",
                                                "tensor_parallel"};

/* Times of a model on some hardware, added up. */
struct sum {
    char device[NAME_ROOM], function[NAME_ROOM];
    double n, s, s2;
};

static int add(struct sum *sum, int *n, const char *device, const char *model, const char *what, double s)
{
    char function[NAME_ROOM];
    int i = 0;
    snprintf(function, sizeof function, "%.60s-%s", model, what);
    while (i < *n && (strcmp(sum[i].device, device) != 0 || strcmp(sum[i].function, function) != 0)) {
        i++;
    }
    if (i == FUNCTIONS) {
        return -ERR_INPUT;
    }
    if (i == *n) {
        memcpy(sum[i].function, function, sizeof function);
        snprintf(sum[i].device, sizeof sum[i].device, "%s", device);
        ++*n;
    }
    sum[i].n++;
    sum[i].s += s;
    sum[i].s2 += s * s;
    return 0;
}

static int read_row(struct sheet *s, const int *field, double batch, struct sum *sum, int *n, struct err *e)
{
    double x[N_FIELD] = {0};
    char device[NAME_ROOM];
    int rc = 0;
    for (int i = PROMPT; i < N_FIELD && rc == 0; i++) {
        rc = sheet_number(s, field[i], field_name[i], &x[i], e);
        if (rc == 0 && !(x[i] > 0)) {
            rc = sheet_fault(s, field[i], "a number above 0", e);
        }
    }
    if (rc || x[BATCH] != batch) {
        return rc;
    }
    snprintf(device, sizeof device, "%.60s_%.0f", s->field[field[HARDWARE]], x[CARDS]);
    if (add(sum, n, device, s->field[field[MODEL]], "prefill", x[PROMPT_TIME] * 1e-3 / (x[PROMPT] * batch)) ||
        add(sum, n, device, s->field[field[MODEL]], "decode", x[TOKEN_TIME] * 1e-3)) {
        rc = sheet_fault(s, field[MODEL], "fewer models and kinds of hardware", e);
    }
    return rc;
}

static int settle(struct device_table *t, const struct sum *sum, int n_sum, struct err *e)
{
    int rc = 0;
    for (int i = 0; i < n_sum && rc == 0; i++) {
        const double n = sum[i].n, mean = sum[i].s / n;
        const double scatter = n > 1 ? sqrt(fmax(0, sum[i].s2 - n * mean * mean) / (n - 1)) / mean : 0;
        struct device_row *row = device_table_row(t, sum[i].device, "gpu", e);
        const struct device_function f = {sum[i].function, mean, scatter / sqrt(n), scatter};
        rc = row ? device_row_add(t, row, f, e) : -ERR_MEMORY;
    }
    return rc;
}

int device_read_splitwise(struct device_table *t, struct err *e)
{
    struct sheet s;
    int field[N_FIELD], n = 0;
    double batch = 1;
    struct sum *sum = calloc(FUNCTIONS, sizeof *sum);
    if (!sum) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %s", t->path);
    }
    int rc = sheet_open(&s, t->path, NULL, ',', 0, e);
    rc = rc ? rc : device_table_choice(t, &batch, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, field_name, N_FIELD, field, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_row(&s, field, batch, sum, &n, e);
    }
    rc = rc ? rc : settle(t, sum, n, e);
    sheet_close(&s);
    free(sum);
    return rc;
}
