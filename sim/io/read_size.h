/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_size.h - sizes of jobs as they are written: a quantity, a distribution, or so much for each unit of a column of the
 * trace of the arrivals, reader.workload_trace.
 */
#ifndef SIM_IO_READ_SIZE_H
#define SIM_IO_READ_SIZE_H

#include "sim/io/read_dist.h"

extern const struct table size_table;
#define SIZE_WANTED ", a distribution, or {linear: {COLUMN: VALUE}}"
#define SIZE_CHOICE DIST_CHOICE ", linear"

/* A size as the table reads it: one may go on with it as its `more`, and read_size_make then makes the size of mapping n. */
struct size_written {
    int kind; /* the tag */
    struct dist_written dist;
    const struct yaml_node *linear;
};
enum { SIZE_TAGS = 200 }; /* tags of sizes are below */
struct size_written size_written_none(void);
int read_size_make(struct reader *r, const struct size_written *w, const struct yaml_node *n, struct size_spec *size);

/* `read` of a key of some dimension; the field is a struct size_spec. */
int read_size(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

/* Multiply every value by factor > 0. */
void size_scale(struct size_spec *size, double factor);

#endif
