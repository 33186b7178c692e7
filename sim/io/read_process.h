/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_process.h - what varies over time: capacities and latencies of links; and the trace files behind them. */
#ifndef SIM_IO_READ_PROCESS_H
#define SIM_IO_READ_PROCESS_H

#include "sim/io/read.h"

/* `read` of a key; the field is a struct process, of the key's dimension. */
int read_process(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#define CAPACITY_WANTED "a data rate such as 100 Mbit/s (or 12.5 MB/s), unlimited, or a process"
#define LATENCY_WANTED  "a time such as 20 ms, a distribution or a process"

/* What may stand there as a mapping. */
extern const struct table capacity_table, latency_table;
/* And as a scalar. */
extern const struct key capacity_scalar, latency_scalar;

/* A state of a Markov process: {value, stays}, or {rate, stays}. */
extern const struct table markov_state_table, mmpp_state_table;
/* The states of mapping n, whose keys among those of `skip` (may be NULL) are no states. */
int read_states(struct reader *r, const struct yaml_node *n, const struct table *skip, const struct table *state_table,
                struct process *p);

/* A trace file as it is written. */
struct trace_written {
    const char *file, *format, *column;
    double scale;
    unsigned start; /* word of trace_start_word */
};
extern const char *const trace_start_word[];
enum { TRACE_START_RANDOM, TRACE_START_FIRST };
/* `read` of a key; the field is a const char *: a format of levels over time, or of arrivals. */
int read_level_format(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
int read_point_format(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
/* Their names, `word_at` of a key. */
const char *level_format_at(size_t i);
const char *point_format_at(size_t i);
/* The file of mapping n, with arrivals (points) or levels in it; each file is read once. */
int read_trace(struct reader *r, const struct yaml_node *n, const struct trace_written *t, bool points,
               const struct series **series);

#endif
