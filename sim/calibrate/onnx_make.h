/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onnx_make.h - small ONNX models, written from nothing: a graph of inputs, weights, nodes and outputs, as the bytes of a file.
 *
 * The format is Protocol Buffers: a message is a row of fields, each a number, a kind and a value; a message within a message
 * is written aside and then copied with its length in front.  Field numbers are those of onnx.proto (ONNX 1.12, IR version 8,
 * operator set 17).  Errors stick: after the first nothing more is written, and onnx_made_end tells.
 */
#ifndef SIM_CALIBRATE_ONNX_MAKE_H
#define SIM_CALIBRATE_ONNX_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct wire {
    uint8_t *byte;
    size_t n, room;
    bool failed; /* out of memory */
};

struct onnx_made {
    struct wire graph, node; /* node: the one under way */
    bool in_node;
    uint64_t draws; /* of weights so far */
};

enum { ONNX_MAX_DIM = 4 };
struct onnx_shape {
    uint32_t n_dim;
    int64_t dim[ONNX_MAX_DIM];
};
#define ONNX_SHAPE(...)                                                                                                \
    ((struct onnx_shape){.n_dim = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t), .dim = {__VA_ARGS__}})

/* All zero is an empty graph.  type: enum ort_type. */
void onnx_put_input(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
void onnx_put_output(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
/* Weights of small numbers, never the same twice in a row; integers from 1 to 100. */
void onnx_put_weight(struct onnx_made *o, const char *name, int type, struct onnx_shape shape);
/* A single number as a weight: a scale or a zero point. */
void onnx_put_scalar(struct onnx_made *o, const char *name, int type, double value);
/* A node with one output; `inputs` are separated by blanks.  Attributes of it follow. */
void onnx_put_node(struct onnx_made *o, const char *op, const char *inputs, const char *output);
void onnx_put_ints(struct onnx_made *o, const char *attribute, uint32_t n, const int64_t *value);
void onnx_put_int(struct onnx_made *o, const char *attribute, int64_t value);
/* The bytes of the file, to be freed; the graph is given up.  ERR_MEMORY. */
int onnx_made_end(struct onnx_made *o, void **bytes, size_t *n, struct err *e);

#endif
