/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sort.h - rows in order of time, in constant memory: runs that fit into memory are sorted and written one behind the other
 * into a file without a name, then merged.  Rows of one time stay in the order in which they came.
 */
#ifndef SIM_IO_TRACE_SORT_H
#define SIM_IO_TRACE_SORT_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct sort;

/* For rows in general: 2048 runs are 128 GB of rows. */
enum { SORT_RUNS = 2048, SORT_RUN_BYTES = 64 << 20 };

/*
 * Rows of a time and n_column values; run_bytes: of a run in memory, SORT_RUNS rows at least.  The file lies in $TMPDIR, or
 * /tmp.
 */
int sort_create(struct sort **out, uint32_t n_column, size_t run_bytes, struct err *e);
int sort_add(struct sort *s, double time_s, const double *value, struct err *e);
/* Gives every row to take(), which returns 0, or a negative code that ends it. */
int sort_deliver(struct sort *s, int (*take)(void *ctx, double time_s, const double *value, struct err *e), void *ctx,
                 struct err *e);
void sort_free(struct sort *s);

#endif
