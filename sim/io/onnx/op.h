/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * op.h - what the operators of ONNX do to shapes, and what they cost: a table with a rule for each.
 * Source: onnx.ai/onnx/operators.
 *
 * A rule is called with the inputs of a node, as far as they are known, and fills the shapes of its outputs and what differs
 * from the usual: mac NAN stands for none, flop NAN for per_element flop for each element of the first output, bytes NAN for
 * all inputs read and all outputs written.  Constants of few numbers are computed, because they may be shapes of others.
 */
#ifndef SIM_IO_ONNX_OP_H
#define SIM_IO_ONNX_OP_H

#include "sim/io/onnx/graph.h"

enum { OP_FINE = 0, OP_UNKNOWN = 1 }; /* UNKNOWN: the shape of an input is not, or depends on what the data are */

struct op_call {
    const struct onnx_node *node;
    const struct onnx_model *model;
    struct arena *a;
    uint32_t n_in, n_out;
    const struct onnx_value *const *in; /* [n_in]; NULL: left out */
    struct onnx_value *const *out;      /* [n_out]; NULL: left out */
    double mac, flop, read_bytes, written_bytes;
    char fault[256]; /* what is wrong with the node, if the rule returns < 0 */
};

struct op {
    const char *name;
    int (*rule)(struct op_call *c);
    double per_element;
    bool view; /* moves no bytes: the same numbers under another shape */
};

/* The operator of a node, or NULL. */
const struct op *op_find(const struct onnx_node *n);

/* For rules. */
#define OP_FAULT(c, ...) op_fault((c), __VA_ARGS__)
int op_fault(struct op_call *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* An input that must be there: NULL, or its value if its shape is known in full. */
const struct onnx_value *op_known(const struct op_call *c, uint32_t i);
bool op_is_known(const struct onnx_value *v);
double op_elements(const struct onnx_value *v);
int64_t op_whole(const struct op_call *c, const char *attribute, int64_t otherwise);
const char *op_text(const struct op_call *c, const char *attribute, const char *otherwise);
/* Wholes of an attribute, or else of input i, at most room: how many; -1: neither is there; -2: they are not known. */
int op_wholes(const struct op_call *c, const char *attribute, uint32_t i, int64_t *to, int room);
/* Shape of output o, of the type of input 0 unless `type` is not 0; OP_FINE, or < 0 if it is too large. */
int op_give(struct op_call *c, uint32_t o, int type, int n_dim, const int64_t *dim);
/* The numbers of output o: room for n of them, or NULL. */
double *op_numbers(struct op_call *c, uint32_t o, uint32_t n);
/* Axis from the end if below 0; -1 if there is none such. */
int op_axis(int64_t axis, int n_dim);
/* The shape that all inputs from `first` are broadcast to: its dimensions, or -1 if they do not fit. */
int op_broadcast(const struct op_call *c, uint32_t first, uint32_t end, int64_t *dim);

/* Rules, by the file that has them: op_dense.c, op_shape.c, op_plain.c. */
int op_conv(struct op_call *c);
int op_conv_integer(struct op_call *c);
int op_qlinear_conv(struct op_call *c);
int op_conv_transpose(struct op_call *c);
int op_pool(struct op_call *c);
int op_global_pool(struct op_call *c);
int op_gemm(struct op_call *c);
int op_matmul(struct op_call *c);
int op_qlinear_matmul(struct op_call *c);
int op_recurrent(struct op_call *c);
int op_lrn(struct op_call *c);

int op_reshape(struct op_call *c);
int op_flatten(struct op_call *c);
int op_transpose(struct op_call *c);
int op_squeeze(struct op_call *c);
int op_unsqueeze(struct op_call *c);
int op_slice(struct op_call *c);
int op_gather(struct op_call *c);
int op_concat(struct op_call *c);
int op_split(struct op_call *c);
int op_expand(struct op_call *c);
int op_tile(struct op_call *c);
int op_pad(struct op_call *c);
int op_shape_of(struct op_call *c);
int op_size(struct op_call *c);
int op_constant(struct op_call *c);
int op_constant_of_shape(struct op_call *c);
int op_range(struct op_call *c);
int op_resize(struct op_call *c);
int op_depth_to_space(struct op_call *c);
int op_space_to_depth(struct op_call *c);

int op_same(struct op_call *c);
int op_cast(struct op_call *c);
int op_each(struct op_call *c);
int op_compare(struct op_call *c);
int op_where(struct op_call *c);
int op_reduce(struct op_call *c);
int op_arg(struct op_call *c);
int op_top_k(struct op_call *c);
int op_layer_norm(struct op_call *c);
int op_quantize(struct op_call *c);

#endif
