/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - traces in columns: the binary form that `tiersim import` writes and that runs map read-only, so that neither
 * depends on how long the trace is.  docs/traces.md describes the bytes.
 *
 * Every number is covered by a digest, and a file is read through once before it is mapped: what was cut short, altered or
 * goes back in time is told, not simulated.  It must not be changed while a run has it.
 */
#ifndef SIM_IO_TRACE_STORE_H
#define SIM_IO_TRACE_STORE_H

#include <stdbool.h>

#include "sim/base/arena.h"
#include "sim/base/series.h"
#include "sim/io/trace/flow.h"

struct err;

/* Where a file comes from; in the file as lines "key value". */
struct store_origin {
    const char *kind, *source, *sha256, *program; /* sha256: of the source; program: that wrote it */
};

/* One that is being written: each column into a file of its own, put together at the end. */
struct store_writer;
/* path must outlive it. */
int store_create(struct store_writer **out, const char *path, struct err *e);
/* `keep` of a flow; ctx is the writer. */
int store_keep(void *ctx, const struct flow *f, double time_s, const double *value, struct err *e);
/* After flow_end: the whole file under its name, or nothing.  The source is f->path. */
int store_finish(struct store_writer *w, const struct flow *f, const struct store_origin *from, struct err *e);
void store_free(struct store_writer *w);

/* Does the file at path start as one of ours does? */
bool store_is(const char *path);
/* Checks it and maps it; arena, series and *from (unless NULL) then hold what is in it. */
int store_map(struct arena *a, const char *path, const struct series **out, struct store_origin *from, struct err *e);

#endif
