/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph.h - an ONNX file as it is written: nodes, constants and the shapes that it declares.  Of weights nothing is kept but
 * their shapes; only constants of a few numbers, which may be shapes, are read.  Source: onnx.ai/onnx/repo-docs/IR.html;
 * the messages are those of onnx.proto.
 *
 * All of it lies in an arena, names are texts in it.  Sizes are bounded before anything is taken.
 */
#ifndef SIM_IO_ONNX_GRAPH_H
#define SIM_IO_ONNX_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/model/dnn.h"

enum {
    ONNX_NODES = 200000, /* of a graph */
    ONNX_LINKS = 100000, /* inputs or outputs of a node */
    ONNX_NUMBERS = 4096, /* of a constant that is read */
};
/* More elements than this has no tensor of anybody's. */
#define ONNX_ELEMENTS 0x1p50

/* Element types are numbered as in onnx.proto. */
enum onnx_type {
    ONNX_FLOAT = 1, ONNX_UINT8, ONNX_INT8, ONNX_UINT16, ONNX_INT16, ONNX_INT32, ONNX_INT64, ONNX_STRING, ONNX_BOOL,
    ONNX_FLOAT16, ONNX_DOUBLE, ONNX_UINT32, ONNX_UINT64, ONNX_COMPLEX64, ONNX_COMPLEX128, ONNX_BFLOAT16
};
/* Bytes of an element, NAN if they are not known; "float32". */
double onnx_type_bytes(int type);
const char *onnx_type_name(int type);

/* A tensor, as far as it is known. */
struct onnx_value {
    const char *name;
    int type;
    int n_dim;             /* -1: nothing is known of its shape */
    int64_t dim[DNN_DIMS]; /* -1: not known */
    const char *symbol[DNN_DIMS]; /* the name that stands in the place of a number, or NULL */
    bool constant;         /* always the same */
    bool counted;          /* among the parameters of a layer */
    uint32_t n_number;
    const double *number;  /* [n_number] all its elements, or NULL */
    uint32_t row;          /* what its user numbers it */
};

struct onnx_graph;

struct onnx_attribute {
    const char *name, *text;
    int64_t whole;
    double number;
    uint32_t n_whole, n_number, n_graph;
    const int64_t *wholes;
    const double *numbers;
    struct onnx_value *tensor; /* or NULL */
    struct onnx_graph **graph; /* [n_graph] */
};

struct onnx_node {
    const char *op, *domain, *name;
    uint32_t n_in, n_out, n_attribute;
    const char **in, **out; /* "": left out */
    struct onnx_attribute *attribute;
};

struct onnx_graph {
    const char *name;
    uint32_t n_node, n_constant, n_input, n_output, n_known;
    struct onnx_node *node;
    struct onnx_value *constant, *input, *output;
    struct onnx_value *known; /* tensors between nodes whose shape is declared */
};

struct onnx_model {
    const char *producer, *exits; /* exits: as the file's metadata `exits` say them (onnx.h); or NULL */
    int64_t opset;
    struct onnx_graph *graph;
};

/*
 * Read what lies in the n bytes, which must outlive nothing: all that is kept is copied.  ERR_INPUT says where it is malformed;
 * ERR_MEMORY.
 */
int onnx_graph_read(struct onnx_model *m, const uint8_t *bytes, size_t n, const char *path, struct arena *a, struct err *e);
const struct onnx_attribute *onnx_attribute(const struct onnx_node *n, const char *name);

#endif
