/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnn.h - a neural network as plain tables: its layers in an order in which data go from lower to higher ones, the tensors
 * between them, and what each layer costs.  What is always the same (constants, shapes) is no layer.
 *
 * Counting.  A multiplication with its addition is one mac and two flop; all other arithmetic counts as the operator
 * defines it, an elementwise operation as one flop per element.  What is not known is NAN, never 0.
 *
 * Cuts.  Cut k lies between layer k - 1 and layer k: over it go the tensors that are there by then and are read later on, or
 * are results.  Cut 0 carries the inputs, cut n_layer the results.  A cut is single if one tensor goes over it.  Cuts in
 * the order of the layers are not all there are: any set of layers that is closed under predecessors is one, and dnn_reach
 * gives what goes over its border.
 *
 * Exits are in the order of the flop that they need, and layers in that of the exits: first all that the first needs, then what
 * the second needs beside that, and so on.
 */
#ifndef SIM_MODEL_DNN_H
#define SIM_MODEL_DNN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"

enum { DNN_DIMS = 8 };
#define DNN_NONE UINT32_MAX

struct dnn_tensor {
    const char *name;
    const char *type; /* "float32" */
    bool known;       /* its shape */
    uint32_t n_dim;
    int64_t dim[DNN_DIMS];
    double bytes;     /* NAN if the shape is not known */
    bool input, result; /* of the model */
    bool parameter;     /* weights and other constants */
    bool leaves;        /* an exit behind which there is more: jobs that go on have no use for it as a result */
    uint32_t maker;     /* layer, or DNN_NONE for inputs and parameters */
    uint32_t last;      /* the last layer that reads it; n_layer of a result, unless it leaves; DNN_NONE: nobody */
};

struct dnn_layer {
    const char *name, *op;
    uint32_t n_in, n_out;
    const uint32_t *in, *out; /* tensors; in: parameters, too */
    double mac, flop;
    double read_bytes, written_bytes;
    double parameters, parameter_bytes; /* those that no earlier layer has */
    bool unknown; /* an operator that is not known here */
    uint32_t stage; /* the first exit that needs it; n_exit: none */
};

/* A result that the model declares to be good enough for some inputs. */
struct dnn_exit {
    const char *name;
    uint32_t tensor;
    double share;    /* of the inputs, the easiest for which it is, as far as declared; else NAN */
    double accuracy; /* of this result, as far as declared; else NAN */
    double flop;     /* of all that it needs */
};

struct dnn {
    const char *name;
    uint32_t n_layer, n_tensor, n_exit;
    struct dnn_layer *layer;
    struct dnn_tensor *tensor;
    struct dnn_exit *exit;
    uint32_t *cut_tensors; /* [n_layer + 1] how many tensors go over cut k */
    double *cut_bytes;     /* [n_layer + 1] their bytes */
};

struct dnn_sum {
    double mac, flop, parameters, parameter_bytes, read_bytes, written_bytes;
    uint32_t n_unknown, n_single; /* layers that are not known; single cuts between layers */
};

/*
 * Bring exits and layers into their order and fill `last`, the cuts, stages, what leaves, and the flop of exits, all else being
 * there: layers in any order in which data go from lower to higher ones.  -ERR_MEMORY, or 0.
 */
int dnn_finish(struct dnn *d, struct arena *a);
/* Sums over the layers; flop of layers that are known alone. */
struct dnn_sum dnn_sum(const struct dnn *d);
/* The tensors that go over cut k, in their order: the first `room` of them into tensor; how many there are. */
uint32_t dnn_cut(const struct dnn *d, uint32_t k, uint32_t *tensor, uint32_t room);
/* Which layers tensor t needs: need[n_layer]. */
void dnn_reach(const struct dnn *d, uint32_t t, bool *need);
/* "1x3x224x224", "?" or "scalar" into buf[n]; returns buf. */
const char *dnn_shape(const struct dnn_tensor *t, char *buf, size_t n);

#endif
