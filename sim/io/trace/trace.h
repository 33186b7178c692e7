/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.h - trace files: the published formats that are known, a file as a series for a scenario, and its import into a
 * file of our own (store.h).  docs/traces.md says for each kind what is in the file and what it becomes.
 *
 * Each kind is one small file beside this one with one reader, which streams rows into a flow (flow.h).
 */
#ifndef SIM_IO_TRACE_TRACE_H
#define SIM_IO_TRACE_TRACE_H

#include <stdbool.h>

#include "sim/base/arena.h"
#include "sim/base/series.h"
#include "sim/io/trace/flow.h"

struct err;

struct trace_kind {
    const char *name, *about;
    const char *source; /* where the format and its data are published */
    const char *choice; /* what `column` picks, or NULL */
    const char *with;   /* what a second file is, or NULL */
    bool points;        /* arrivals; else levels */
    bool unordered;     /* rows of the file need not be in order of time */
    int (*read)(struct flow *f, struct err *e);
};

/* All kinds that can be imported, arrivals first; the last has no name. */
const struct trace_kind *trace_kinds(void);
/* Kind of that name, or NULL; "tiersim" is the binary form, of either sort. */
const struct trace_kind *trace_kind_find(const char *name);
extern const char trace_kind_stored[];

/*
 * Reads the file at path, with arrivals (points) or levels in it, into a series owned by the arena; a file of the binary form
 * is mapped, not read.  column: which of several measurements; NULL if there is no choice.  An error names file, line and
 * column, what was found and what was wanted.
 */
int trace_read(struct arena *a, const char *path, const char *kind, const char *column, bool points,
               const struct series **out, struct err *e);

/*
 * Lets a kind read f->path (set with column, with, window and keep; the rest zeroed) to its end.  Clear the flow also after
 * an error.
 */
int trace_flow(struct flow *f, const struct trace_kind *kind, struct err *e);
/* The same into a file of the binary form at `output`, by `program`; f needs no keep. */
int trace_import(struct flow *f, const struct trace_kind *kind, const char *output, const char *program, struct err *e);

#endif
