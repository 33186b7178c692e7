/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onnx.h - from an ONNX file to the tables of a neural network: shapes are worked out from those of the inputs, operators
 * whose inputs are always the same are no layers, and what a layer costs is counted (sim/model/dnn.h).
 *
 * A node with graphs of its own is one layer.  Of an If counts the dearer branch; how often a Loop or a Scan goes round is
 * not known, and neither is its cost.
 */
#ifndef SIM_IO_ONNX_ONNX_H
#define SIM_IO_ONNX_ONNX_H

#include <stdbool.h>
#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/model/dnn.h"

/* A shape that the user gives to an input, or the size of a dimension that goes by a name. */
struct onnx_given {
    const char *name;
    uint32_t n_dim; /* 0: a dimension of size dim[0] */
    int64_t dim[DNN_DIMS];
};

/* "1x3x224x224", or the size of a dimension, into n_dim and dim: 1 to 8 whole numbers from 1 up to 2^40.  0, or -1: it is none. */
int onnx_parse_given(const char *text, bool shape, struct onnx_given *g);

struct onnx_request {
    const char *path;
    uint32_t n_given, n_exit;
    const struct onnx_given *given;
    /*
     * Beside those of the file's metadata `exits`, a list with commas: TENSOR or TENSOR=SHARE:ACCURACY, such as easy=0.4:0.95, the
     * share of inputs that it is good enough for and how often it is right; either may be left out.
     */
    const char *const *exit;
};

/*
 * 0, and *d in the arena; or ERR_INPUT: what cannot be opened or is no model, a node that contradicts its inputs, a dimension
 * of an input that is left open.  The first dimension of an input may be, and one that is named
 * batch: it is 1 then.
 */
int onnx_read(const struct onnx_request *q, struct arena *a, struct dnn **d, struct err *e);

#endif
