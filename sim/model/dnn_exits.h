/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnn_exits.h - the order of a network with exits (dnn.h).  Files list the layers of an exit's branch anywhere behind what they
 * read, often at the end; but who asks whether to leave there computes them before all that the exit does not need.
 */
#ifndef SIM_MODEL_DNN_EXITS_H
#define SIM_MODEL_DNN_EXITS_H

#include "sim/model/dnn.h"

/*
 * Exits by the flop that they need, layers by the first exit that needs them; fills flop of exits, stages and what leaves.
 * -ERR_MEMORY, or 0.
 */
int dnn_order_exits(struct dnn *d, struct arena *a);

#endif
