/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trace.h - trace files as series.  docs/traces.md says for each format what is in the file and what it becomes.
 *
 *   throughput  level   columns of header such as time_s,capacity_mbps     our own, of the shipped traces
 *   gophers     level   capacity                                           5Gophers CSV, one row per second
 *   sabre       level   capacity, latency                                  JSON of Sabre
 *   azure_llm   points  prompt_tokens, output_tokens                       Azure LLM inference traces
 */
#ifndef SIM_IO_TRACE_TRACE_H
#define SIM_IO_TRACE_TRACE_H

#include <stdbool.h>

#include "sim/base/arena.h"
#include "sim/base/series.h"

struct err;
struct trace_rows;

struct trace_format {
    const char *name, *about;
    bool points; /* arrivals; else levels */
    /* Fills rows from the file; column as trace_read has it. */
    int (*read)(struct trace_rows *r, const char *path, const char *column, struct err *e);
};

/* Format of that name, or NULL. */
const struct trace_format *trace_format_find(const char *name);
/* All of them; the last has no name. */
const struct trace_format *trace_formats(void);

/*
 * Reads the file at path into a series owned by the arena.  column: for gophers, which of several measurements; NULL if
 * there is no choice.  An error names file, line and column, what was found and what was wanted.
 */
int trace_read(struct arena *a, const char *path, const char *format, const char *column, const struct series **out,
               struct err *e);

#endif
