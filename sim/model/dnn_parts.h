/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnn_parts.h - the layers of a network taken together where nobody would part them: what is left are the tasks of a job.
 *
 * A layer without macs goes with the one before it if it alone reads what that writes and its own result has as many bytes (a
 * batch norm, an activation): a cut between them would save nothing that a cut behind them does not.  A chain has a border only
 * where a single tensor goes over the cut, and behind exits; a graph has all layers that are left.
 *
 * A part that makes an exit's result ends with it.  What comes behind the exit by the order of exits, but reads nothing that does,
 * waits for it over a gate, an edge of no bytes.
 */
#ifndef SIM_MODEL_DNN_PARTS_H
#define SIM_MODEL_DNN_PARTS_H

#include "sim/model/dnn.h"

enum dnn_form { DNN_CHAIN, DNN_GRAPH };

struct dnn_edge {
    uint32_t from, to; /* parts */
    bool gate;         /* it only waits for the exit that `from` ends with */
    double bytes;
    uint32_t same; /* not 0: edges of equal from and same carry the same tensors */
};

struct dnn_parts {
    uint32_t n;
    uint32_t *of;    /* [n_layer] part of each layer; parts are numbered in the order of their first layers */
    uint32_t *begin; /* [n + 1] where its layers begin in `layer` */
    uint32_t *layer; /* [n_layer] layers by parts, in their order */
    uint32_t *exit;  /* [n] the exit that it ends with, or DNN_NONE */
    bool *is_read;   /* [n] by other parts */
    /* Filled by dnn_join. */
    uint32_t n_edge;
    struct dnn_edge *edge;  /* in order of `to` */
    double *input_bytes;    /* [n] that it reads of what is made elsewhere: the model's inputs, and results of parts before */
    uint32_t *input_same;   /* [n] as `same` of edges, for what parts read of what is made elsewhere */
    uint32_t *exit_same;    /* [n] and for the exit's tensor, where other parts read of this one */
    double *output_bytes;   /* [n] that it makes of the model's results, exits, and what parts behind read */
    double all_input_bytes; /* of all of them, each tensor once */
};

/*
 * most: a chain has at most so many parts, unless it has more exits; of its borders those with the fewest bytes stay, the first of
 * equals.  -ERR_MEMORY, or 0.
 */
int dnn_parts(struct dnn_parts *p, const struct dnn *d, enum dnn_form form, uint32_t most, struct arena *a);
/* What goes between the parts from `first` to `last`, and in and out of them.  -ERR_MEMORY, or 0. */
int dnn_join(struct dnn_parts *p, const struct dnn *d, uint32_t first, uint32_t last, struct arena *a);

#endif
