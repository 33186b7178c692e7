/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bitbrains.c - virtual machines of Bitbrains (Shen, van Beek, Iosup, "Statistical characterization of business-critical
 * workloads hosted in cloud datacenters", CCGrid 2015): every five minutes what a machine used, in columns parted by ";".
 * A row becomes the work that arrives at its stamp and lasts until the next one: cycles, and bytes read, written, received
 * and sent.  The heading says that stamps are ms; they are seconds.  A KB is 1024 bytes.
 */
#include "sim/base/err.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { STAMP, USAGE, MEMORY, DISK_READ, DISK_WRITE, RECEIVED, SENT, N };

static const char *const heading[N] = {
    "Timestamp [ms]",
    "CPU usage [MHZ]",
    "Memory usage [KB]",
    "Disk read throughput [KB/s]",
    "Disk write throughput [KB/s]",
    "Network received throughput [KB/s]",
    "Network transmitted throughput [KB/s]",
};

static int add_interval(struct flow *f, const double *x, double lasts_s, struct err *e)
{
    return flow_row(f, x[STAMP],
                    (const double[]){lasts_s, x[USAGE] * 1e6 * lasts_s, x[MEMORY] * 1024, x[DISK_READ] * 1024 * lasts_s,
                                     x[DISK_WRITE] * 1024 * lasts_s, x[RECEIVED] * 1024 * lasts_s,
                                     x[SENT] * 1024 * lasts_s},
                    e);
}

int trace_read_bitbrains(struct flow *f, struct err *e)
{
    struct sheet s;
    int field[N];
    double before[N] = {0}, now[N], lasts_s = 0;
    bool first = true;
    flow_column(f, "duration", "s");
    flow_column(f, "cycles", "cycles");
    flow_column(f, "memory", "byte");
    flow_column(f, "disk_read", "byte");
    flow_column(f, "disk_write", "byte");
    flow_column(f, "received", "byte");
    flow_column(f, "sent", "byte");
    int rc = sheet_open(&s, f->path, &f->sha, ';', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, heading, N, field, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = 0;
        for (int i = 0; i < N && rc == 0; i++) {
            rc = sheet_number(&s, field[i], heading[i], &now[i], e);
        }
        if (rc == 0 && !first && now[STAMP] < before[STAMP]) {
            rc = sheet_goes_back(&s, field[STAMP], e);
        } else if (rc == 0 && !first && now[STAMP] == before[STAMP]) {
            flow_drop(f, s.lines.line, "the stamp of the row before");
            continue;
        } else if (rc == 0 && !first) {
            lasts_s = now[STAMP] - before[STAMP];
            rc = add_interval(f, before, lasts_s, e);
        }
        for (int i = 0; i < N && rc == 0; i++) {
            before[i] = now[i];
        }
        first = false;
    }
    /* The last lasts as long as the one before it. */
    rc = rc == 0 && !first ? add_interval(f, before, lasts_s, e) : rc;
    sheet_close(&s);
    return rc;
}
