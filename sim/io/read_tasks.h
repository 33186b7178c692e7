/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_tasks.h - `tasks` of a workload: the graph that each of its jobs is. */
#ifndef SIM_IO_READ_TASKS_H
#define SIM_IO_READ_TASKS_H

#include "sim/io/read.h"

/* `read` of the keys `privacy`, whose field is an enum privacy; their words, and how they are read. */
int read_privacy(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
extern const struct key privacy_name;
#define PRIVACY_WANTED "none, soft or hard"

/* What stands under the name of a task. */
extern const struct key task_item;

/*
 * `read` of the key; the field is the graph of a struct workload, whose name, output and runs_on are there: they hold for tasks
 * that do not say their own.
 */
int read_tasks(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

/* `read` of the key `loops` of a workload, after its graph: {NAME: [TASK, ...], NAME: {tasks: [TASK, ...], from: INSTANT}, ...}. */
int read_loops(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);
/* What stands under the name of a loop. */
extern const struct key loop_item;

#endif
