/* SPDX-License-Identifier: GPL-3.0-or-later */
/* infer.h - the shapes of all tensors of a graph, and the cost of its nodes. */
#ifndef SIM_IO_ONNX_INFER_H
#define SIM_IO_ONNX_INFER_H

#include "sim/base/names.h"
#include "sim/io/onnx/op.h"

/* What a node costs; bytes NAN: unknown. */
struct onnx_cost {
    double mac, flop, read_bytes, written_bytes;
    double parameters, parameter_bytes; /* that no node before it reads */
    bool unknown;
};

/* Tensors by name; a graph within a node sees those of the graph around it, too. */
struct onnx_scope {
    struct names names;
    struct onnx_value **value; /* [names.n] */
    uint32_t room;
    const struct onnx_scope *outer;
};

struct onnx_value *onnx_find(const struct onnx_scope *s, const char *name);

struct onnx_infer {
    const char *path;
    const struct onnx_model *model;
    struct arena *a;
    struct err *e;
    /* Called for each node that is a layer, in order; not for those of graphs within nodes. */
    int (*layer)(void *to, const struct onnx_node *n, uint32_t number, struct onnx_value **in, struct onnx_value **out,
                 const struct onnx_cost *cost);
    void *to;
};

/* Inputs of the graph are in the scope.  0, or < 0 with the error set. */
int onnx_infer(const struct onnx_infer *x, const struct onnx_graph *g, struct onnx_scope *scope);
/* A value under its name; NULL: no memory. */
struct onnx_value *onnx_add(const struct onnx_infer *x, struct onnx_scope *s, const struct onnx_value *v);
double onnx_bytes(const struct onnx_value *v);

#endif
