/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_shape.h - `shape` of a workload: a graph of tasks that is made by a rule (sim/model/shape.h). */
#ifndef SIM_IO_READ_SHAPE_H
#define SIM_IO_READ_SHAPE_H

#include "sim/io/read.h"

extern const struct table shape_table;

/* `read` of the key, as read_tasks. */
int read_shape(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#endif
