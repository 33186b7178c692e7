/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pensieve.c - bandwidths as cooked for Pensieve (Mao, Netravali, Alizadeh, SIGCOMM 2017) and much work on video since: two
 * numbers a line, seconds and Mbit/s, parted by a tab or a blank.  A bandwidth holds until the next line.
 */
#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

int trace_read_pensieve(struct flow *f, struct err *e)
{
    struct sheet s;
    double time_s = 0, before_s = 0, mbps;
    flow_column(f, "capacity", "bit/s");
    int rc = sheet_open(&s, f->path, &f->sha, ' ', '#', e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        if (s.n_field != 2) {
            rc = ERR_AT(e, f->path, s.lines.line, 1,
                        "found %d fields, wanted two parted by a blank: seconds and Mbit/s", s.n_field);
            break;
        }
        before_s = time_s;
        rc = sheet_number(&s, 0, "seconds", &time_s, e);
        rc = rc ? rc : sheet_number(&s, 1, "Mbit/s", &mbps, e);
        if (rc == 0 && f->n_read > 0 && time_s <= before_s) {
            rc = sheet_fault(&s, 0, "a time after that of the row before", e);
        }
        rc = rc ? rc : flow_row(f, time_s, &(double){mbps * 1e6}, e);
    }
    sheet_close(&s);
    f->end_s = time_s + (time_s - before_s);
    return rc;
}
