/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_work.h - work as it is written: a size (read_size.h), or the seconds that it takes on each kind of processor, or on
 * those of each group of nodes, perhaps times a factor that is drawn, or operators of neural networks (read_profile.h).
 */
#ifndef SIM_IO_READ_WORK_H
#define SIM_IO_READ_WORK_H

#include "sim/io/read.h"

extern const struct table work_table;
#define WORK_WANTED                                                                                                    \
    "an amount of work such as 12 GFLOP, a distribution, {linear: {COLUMN: VALUE}}, {seconds: {PROCESSOR: TIME}}, or " \
                    "{operators: {KIND: {count, flop, bytes}}}"

/* `read` of a key, where the nodes have been read; the field is a struct size_spec. */
int read_work(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#endif
