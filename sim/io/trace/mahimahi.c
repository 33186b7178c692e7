/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mahimahi.c - packet traces of Mahimahi (Netravali et al., USENIX ATC 2015): each line is the millisecond of an opportunity to
 * deliver 1500 bytes.  They become the mean capacity of each tenth of a second.
 */
#include <math.h>

#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

#define SLOT_MS 100
/* So many empty slots after each other are an hour without a packet: another unit. */
enum { GAP = 36000 };

/* All slots before `slot`: the one with `count` packets, and empty ones. */
static int close_slots(struct flow *f, double *open, double slot, double *count, struct err *e)
{
    int rc = 0;
    for (; *open < slot && rc == 0; ++*open, *count = 0) {
        rc = flow_row(f, *open * SLOT_MS / 1000, &(double){*count * 1500 * 8 * 1000 / SLOT_MS}, e);
    }
    return rc;
}

int trace_read_mahimahi(struct flow *f, struct err *e)
{
    struct sheet s;
    double open = 0, count = 0, before_ms = 0;
    bool first = true;
    flow_column(f, "capacity", "bit/s");
    int rc = sheet_open(&s, f->path, &f->sha, ' ', '#', e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        double ms;
        if (s.n_field != 1) {
            rc = ERR_AT(e, f->path, s.lines.line, 1, "found %d fields, wanted one: a millisecond", s.n_field);
            break;
        }
        rc = sheet_number(&s, 0, "a millisecond", &ms, e);
        if (rc == 0 && ms < before_ms) {
            rc = sheet_goes_back(&s, 0, e);
        }
        if (rc == 0 && !first && ms - before_ms > (double)GAP * SLOT_MS) {
            rc = sheet_fault(&s, 0, "a millisecond at most an hour after the row above", e);
        }
        open = first && rc == 0 ? floor(ms / SLOT_MS) : open;
        first = false;
        before_ms = ms;
        rc = rc ? rc : close_slots(f, &open, floor(ms / SLOT_MS), &count, e);
        count++;
    }
    rc = rc == 0 && !first ? close_slots(f, &open, open + 1, &count, e) : rc;
    f->end_s = open * SLOT_MS / 1000;
    sheet_close(&s);
    return rc;
}
