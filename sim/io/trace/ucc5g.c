/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ucc5g.c - 5G measurements of University College Cork (Raca et al., "Beyond throughput, the next generation: a 5G dataset",
 * MMSys 2020): CSV of G-NetTrack with a Timestamp to the second and DL_bitrate, UL_bitrate in kbit/s, "-" where none was
 * measured.  A second that is missing belongs to the row before it; the last row lasts a second.
 */
#include <string.h>
#include <strings.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"
#include "sim/io/trace/stamp.h"

static int find_fields(const struct sheet *s, const struct flow *f, int *field, struct err *e)
{
    const char *rate = !f->column || strcasecmp(f->column, "DL") == 0 ? "DL_bitrate" : "UL_bitrate";
    if (f->column && strcasecmp(f->column, "DL") != 0 && strcasecmp(f->column, "UL") != 0) {
        return ERR_AT(e, f->path, 0, 0, "found column '%.40s', wanted DL or UL", f->column);
    }
    return sheet_fields(s, (const char *const[]){"Timestamp", rate}, 2, field, e);
}

int trace_read_ucc5g(struct flow *f, struct err *e)
{
    enum { STAMP, RATE, N };
    struct sheet s;
    int field[N];
    int64_t first = 0, before = 0;
    flow_column(f, "capacity", "bit/s");
    int rc = sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : find_fields(&s, f, field, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        int64_t now;
        double kbps;
        rc = 0;
        if (!stamp_read(s.field[field[STAMP]], "0000.00.00_00.00.00", &now)) {
            rc = sheet_fault(&s, field[STAMP], "a Timestamp such as 2019.12.14_10.16.30", e);
        } else if (strcmp(s.field[field[RATE]], "-") == 0) {
            flow_drop(f, s.lines.line, "no bitrate");
        } else if ((rc = sheet_number(&s, field[RATE], s.header[field[RATE]], &kbps, e)) < 0) {
            break;
        } else if (before > 0 && now < before) {
            rc = sheet_goes_back(&s, field[STAMP], e);
        } else if (before > 0 && now == before) {
            flow_drop(f, s.lines.line, "the second of the row before");
        } else {
            first = before == 0 ? now : first;
            before = now;
            rc = flow_row(f, (double)(now - first) / 1e9, &(double){kbps * 1e3}, e);
        }
    }
    f->end_s = (double)(before - first) / 1e9 + 1;
    sheet_close(&s);
    return rc;
}
