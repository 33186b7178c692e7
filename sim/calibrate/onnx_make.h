/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onnx_make.h - small ONNX models, made from nothing: a graph of inputs, weights, nodes and outputs, as the bytes of a file.
 *
 * The graph is the message that protobuf-c packs (sim/io/onnx/onnx.proto; IR version 8, operator set 17), its parts lie in an
 * arena.  Errors stick: after the first nothing more is put, and onnx_made_end tells.
 */
#ifndef SIM_CALIBRATE_ONNX_MAKE_H
#define SIM_CALIBRATE_ONNX_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/io/onnx/onnx.pb-c.h"

struct err;

struct onnx_made {
    struct arena a;
    Onnx__GraphProto *graph; /* NULL: empty so far */
    uint64_t draws;          /* of weights so far */
};

enum { ONNX_MAX_DIM = 4 };
struct onnx_shape {
    uint32_t n_dim;
    int64_t dim[ONNX_MAX_DIM];
};
#define ONNX_SHAPE(...)                                                                                                \
    ((struct onnx_shape){.n_dim = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = {__VA_ARGS__}})

/* All zero is an empty graph.  type: enum ort_type.  What is put is returned, to be filled further; NULL: out of memory. */
Onnx__ValueInfoProto *onnx_put_input(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
Onnx__ValueInfoProto *onnx_put_output(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
/* A weight of which only the shape is known. */
Onnx__TensorProto *onnx_put_tensor(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
/* Weights of small numbers, never the same twice in a row; integers from 1 to 100. */
void onnx_put_weight(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
/* Weights of type ORT_F32 that are these, row by row; copied. */
void onnx_put_floats(struct onnx_made *o, const char *name, struct onnx_shape shape, const float *value);
/* A single number as a weight: a scale or a zero point. */
void onnx_put_scalar(struct onnx_made *o, const char *name, int type, double value);
/* A node with one output; `inputs` are separated by blanks.  Attributes of it follow. */
Onnx__NodeProto *onnx_put_node(struct onnx_made *o, const char *op, const char *inputs, const char *output);
Onnx__AttributeProto *onnx_put_ints(struct onnx_made *o, const char *attribute, uint32_t n, const int64_t *value);
Onnx__AttributeProto *onnx_put_int(struct onnx_made *o, const char *attribute, int64_t value);
/* The bytes of the file, to be freed; the graph is given up.  ERR_MEMORY. */
int onnx_made_end(struct onnx_made *o, void **bytes, size_t *n, struct err *e);

#endif
