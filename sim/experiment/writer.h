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
struct guard_saved;
struct writer;

/*
 * Start the thread and begin the file; errors of results_begin come back from here.  ahead: records, and
 * blocks of rows, that may wait to be written.
 */
int writer_start(struct writer **w, const char *path, const struct scenario *s, const struct results_options *o,
                 uint32_t ahead, struct err *e);
/* Whether an earlier process has kept this replication, as results_kept. */
enum record_status writer_kept(const struct writer *w, uint32_t policy, uint32_t replication, const char **text);
/* How many records have been handed over, and are on disk. */
const struct guard_saved *writer_saved(const struct writer *w);
/* And what language models answered then, as results_told; before anything is handed over. */
const struct text_entry *writer_told(const struct writer *w, size_t *n);
/* Hand over a block (copied; waits for room) or a record (taken, cleared when it is kept).  Errors show in the end. */
void writer_rows(struct writer *w, uint32_t policy, uint32_t replication, const struct row_block *b);
void writer_record(struct writer *w, struct record *rec);
/*
 * Wait until all is done, then commit with p (NULL: leave what is finished), end the thread, free w.  path: room for the
 * file's path.
 */
int writer_finish(struct writer *w, const struct provenance *p, char *path, size_t n, struct err *e);

#endif
