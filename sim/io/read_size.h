/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_size.h - sizes of jobs as they are written: a quantity, a distribution, or so much for each unit of a column of the
 * trace of the arrivals, reader.workload_trace.
 */
#ifndef SIM_IO_READ_SIZE_H
#define SIM_IO_READ_SIZE_H

#include "sim/io/read.h"

extern const struct table size_table;
#define SIZE_WANTED ", a distribution, or {linear: {COLUMN: VALUE}}"

/* `read` of a key of some dimension; the field is a struct size_spec. */
int read_size(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#endif
