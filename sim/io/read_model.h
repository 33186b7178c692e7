/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_model.h - `model` of a workload: the layers of a neural network as its tasks.  They are those that `tiersim profile
 * --tasks` prints (sim/io/onnx/dnn_tasks.h), laid under the keys that the scenario says of some of them, and read as if they stood
 * there.
 */
#ifndef SIM_IO_READ_MODEL_H
#define SIM_IO_READ_MODEL_H

#include "sim/io/read.h"

extern const struct table model_table;

/* `read` of the key, as read_tasks; fills the workload's input, too, unless it is written. */
int read_model(struct reader *r, const struct key *k, const struct yaml_node *n, void *field);

#endif
