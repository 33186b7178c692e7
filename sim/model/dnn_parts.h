/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnn_parts.h - the layers of a network taken together where nobody would part them: what is left are the tasks of a job.
 *
 * A layer without macs goes with the one before it if it alone reads what that writes and its own result has as many bytes (a
 * batch norm, an activation): a cut between them would save nothing that a cut behind them does not.  A chain has a border only
 * where a single tensor goes over the cut; a graph has all layers that are left.
 */
#ifndef SIM_MODEL_DNN_PARTS_H
#define SIM_MODEL_DNN_PARTS_H

#include "sim/model/dnn.h"

enum dnn_form { DNN_CHAIN, DNN_GRAPH };

struct dnn_edge {
    uint32_t from, to; /* parts */
    double bytes;
};

struct dnn_parts {
    uint32_t n, n_edge;
    uint32_t *of;          /* [n_layer] part of each layer; parts are numbered in the order of their first layers */
    uint32_t *first;       /* [n] its first layer */
    struct dnn_edge *edge; /* in order of `to`, then `from` */
    double *input_bytes;   /* [n] of the model's inputs that it reads */
    double *output_bytes;  /* [n] of the model's results that it makes */
};

/*
 * most: a chain has at most so many parts; of its borders those with the fewest bytes stay, the first of equals.
 * -ERR_MEMORY, or 0.
 */
int dnn_parts(struct dnn_parts *p, const struct dnn *d, enum dnn_form form, uint32_t most, struct arena *a);

#endif
