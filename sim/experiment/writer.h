/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * writer.h - the thread that makes all HDF5 calls of an experiment.  Others hand it work; it takes it in order.
 */
#ifndef SIM_EXPERIMENT_WRITER_H
#define SIM_EXPERIMENT_WRITER_H

#include "sim/io/results.h"
#include "sim/measure/record.h"
#include "sim/measure/rows.h"

struct err;
struct writer;

/* Start the thread and begin the file; errors of results_begin come back from here.  room: blocks of rows in flight. */
int writer_start(struct writer **w, const char *path, const struct scenario *s, uint32_t room, struct err *e);
/* Hand over a block (copied; waits for room) or a record (taken, cleared when it is kept).  Errors show in the end. */
void writer_rows(struct writer *w, uint32_t policy, uint32_t replication, const struct row_block *b);
void writer_record(struct writer *w, struct record *rec);
/* Wait until all is done, then commit with p (NULL: abort), end the thread, free w.  path: room for the file's path. */
int writer_finish(struct writer *w, const struct provenance *p, char *path, size_t n, struct err *e);

#endif
