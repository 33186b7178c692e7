/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gavel.c - training jobs of Gavel (Narayanan et al., "Heterogeneity-aware cluster scheduling policies for deep learning
 * workloads", OSDI 2020): job_type, command, argument, needs_data, total_steps, arrival s, GPUs, parted by tabs, without a
 * header.  How long a step takes is a matter of the job type and the accelerator.
 */
#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

int trace_read_gavel(struct flow *f, struct err *e)
{
    enum { STEPS = 4, ARRIVAL, GPUS, N };
    struct sheet s;
    double before_s = 0;
    flow_column(f, "steps", "steps");
    flow_column(f, "gpus", "GPUs");
    int rc = sheet_open(&s, f->path, &f->sha, '\t', 0, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        double time_s, value[2];
        if (s.n_field != N) {
            rc = ERR_AT(
                e, f->path, s.lines.line, 1,
                "found %d fields, wanted 7 parted by tabs: job_type, command, argument, needs_data, total_steps, "
                "arrival, GPUs",
                s.n_field);
            break;
        }
        rc = sheet_number(&s, STEPS, "total_steps", &value[0], e);
        rc = rc ? rc : sheet_number(&s, ARRIVAL, "the arrival", &time_s, e);
        rc = rc ? rc : sheet_number(&s, GPUS, "the number of GPUs", &value[1], e);
        if (rc == 0 && time_s < before_s) {
            rc = sheet_goes_back(&s, ARRIVAL, e);
        }
        before_s = rc == 0 ? time_s : 0;
        rc = rc ? rc : flow_row(f, time_s, value, e);
    }
    sheet_close(&s);
    return rc;
}
