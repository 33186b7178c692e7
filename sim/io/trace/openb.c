/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * openb.c - pods of Alibaba's GPU cluster of 2023 (Weng et al., "Beware of fragmentation", USENIX ATC 2023): created at a
 * time, gone at another, with what they asked for.  How long they ran counts from when they were scheduled, or created
 * where that is empty.
 */
#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { CPU, MEMORY, N_GPU, GPU_MILLI, CREATED, DELETED, SCHEDULED, N };

static const char *const heading[N] = {"cpu_milli",     "memory_mib",    "num_gpu",       "gpu_milli",
                                       "creation_time", "deletion_time", "scheduled_time"};

static int add_pod(struct flow *f, const struct sheet *s, const int *field, double *before_s, struct err *e)
{
    double x[N] = {0};
    int rc = 0;
    for (int i = 0; i < N && rc == 0; i++) {
        if (i < DELETED || s->field[field[i]][0]) {
            rc = sheet_number(s, field[i], heading[i], &x[i], e);
        }
    }
    if (rc < 0) {
        return rc;
    }
    if (x[CREATED] < *before_s) {
        return sheet_goes_back(s, field[CREATED], e);
    }
    *before_s = x[CREATED];
    double from_s = s->field[field[SCHEDULED]][0] ? x[SCHEDULED] : x[CREATED];
    if (!s->field[field[DELETED]][0]) {
        flow_drop(f, s->lines.line, "no deletion_time");
    } else if (x[DELETED] < from_s) {
        flow_drop(f, s->lines.line, "deleted before it was scheduled");
    } else {
        rc = flow_row(
            f, x[CREATED],
            (const double[]){x[DELETED] - from_s, x[CPU] / 1000, x[MEMORY] * 1048576, x[N_GPU] * x[GPU_MILLI] / 1000},
            e);
    }
    return rc;
}

int trace_read_openb(struct flow *f, struct err *e)
{
    struct sheet s;
    int field[N];
    double before_s = 0;
    flow_column(f, "duration", "s");
    flow_column(f, "cpu", "cores");
    flow_column(f, "memory", "byte");
    flow_column(f, "gpu", "GPUs");
    int rc = sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, heading, N, field, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = add_pod(f, &s, field, &before_s, e);
    }
    sheet_close(&s);
    return rc;
}
