/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/op.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct op table[] = { /* by name */
    {"Abs", op_each, 1, false}, {"Acos", op_each, 1, false}, {"Add", op_each, 1, false}, {"And", op_compare, 1, false},
    {"ArgMax", op_arg, 0, false}, {"ArgMin", op_arg, 0, false}, {"Asin", op_each, 1, false}, {"Atan", op_each, 1, false},
    {"AveragePool", op_pool, 0, false},
    {"BatchNormalization", op_same, 2, false}, /* scale and shift, folded */
    {"Cast", op_cast, 1, false}, {"Ceil", op_each, 1, false}, {"Celu", op_each, 1, false}, {"Clip", op_same, 2, false},
    {"Concat", op_concat, 0, false}, {"Constant", op_constant, 0, true},
    {"ConstantOfShape", op_constant_of_shape, 0, false}, {"Conv", op_conv, 0, false}, {"ConvInteger", op_conv_integer, 0, false},
    {"ConvTranspose", op_conv_transpose, 0, false}, {"Cos", op_each, 1, false}, {"Cosh", op_each, 1, false},
    {"CumSum", op_same, 1, false},
    {"DepthToSpace", op_depth_to_space, 0, false}, {"DequantizeLinear", op_quantize, 2, false}, {"Div", op_each, 1, false},
    {"Dropout", op_same, 0, true},
    {"Elu", op_each, 1, false}, {"Equal", op_compare, 1, false}, {"Erf", op_each, 1, false}, {"Exp", op_each, 1, false},
    {"Expand", op_expand, 0, false},
    {"Flatten", op_flatten, 0, true}, {"Floor", op_each, 1, false},
    {"GRU", op_recurrent, 0, false}, {"Gather", op_gather, 0, false}, {"Gelu", op_each, 8, false}, {"Gemm", op_gemm, 0, false},
    {"GlobalAveragePool", op_global_pool, 0, false}, {"GlobalMaxPool", op_global_pool, 0, false},
    {"Greater", op_compare, 1, false}, {"GreaterOrEqual", op_compare, 1, false}, {"GroupNormalization", op_same, 8, false},
    {"HardSigmoid", op_each, 4, false}, {"HardSwish", op_each, 5, false},
    {"Identity", op_same, 0, true}, {"InstanceNormalization", op_same, 8, false}, {"IsNaN", op_compare, 1, false},
    {"LRN", op_lrn, 0, false}, {"LSTM", op_recurrent, 0, false}, {"LayerNormalization", op_layer_norm, 8, false},
    {"LeakyRelu", op_each, 2, false}, {"Less", op_compare, 1, false}, {"LessOrEqual", op_compare, 1, false},
    {"Log", op_each, 1, false}, {"LogSoftmax", op_same, 5, false}, {"LpNormalization", op_same, 3, false},
    {"MatMul", op_matmul, 0, false}, {"MatMulInteger", op_matmul, 0, false}, {"Max", op_each, 1, false},
    {"MaxPool", op_pool, 0, false}, {"Mean", op_each, 1, false}, {"MeanVarianceNormalization", op_same, 7, false},
    {"Min", op_each, 1, false}, {"Mish", op_each, 4, false}, {"Mod", op_each, 1, false}, {"Mul", op_each, 1, false},
    {"Neg", op_each, 1, false}, {"Not", op_compare, 1, false},
    {"Or", op_compare, 1, false},
    {"PRelu", op_each, 2, false}, {"Pad", op_pad, 0, false}, {"Pow", op_each, 1, false},
    {"QLinearConv", op_qlinear_conv, 0, false}, {"QLinearMatMul", op_qlinear_matmul, 0, false},
    {"QuantizeLinear", op_quantize, 3, false},
    {"RNN", op_recurrent, 0, false}, {"Range", op_range, 0, false}, {"Reciprocal", op_each, 1, false},
    {"ReduceL1", op_reduce, 0, false}, {"ReduceL2", op_reduce, 0, false}, {"ReduceLogSumExp", op_reduce, 0, false},
    {"ReduceMax", op_reduce, 0, false}, {"ReduceMean", op_reduce, 0, false}, {"ReduceMin", op_reduce, 0, false},
    {"ReduceProd", op_reduce, 0, false}, {"ReduceSum", op_reduce, 0, false}, {"ReduceSumSquare", op_reduce, 0, false},
    {"Relu", op_each, 1, false}, {"Reshape", op_reshape, 0, true}, {"Resize", op_resize, 0, false},
    {"Round", op_each, 1, false},
    {"Selu", op_each, 4, false}, {"Shape", op_shape_of, 0, true}, {"Sigmoid", op_each, 4, false}, {"Sign", op_each, 1, false},
    {"Sin", op_each, 1, false}, {"Sinh", op_each, 1, false}, {"Size", op_size, 0, true}, {"Slice", op_slice, 0, false},
    {"Softmax", op_same, 5, false}, /* maximum, difference, exponential, sum, quotient */
    {"Softplus", op_each, 3, false}, {"Softsign", op_each, 3, false}, {"SpaceToDepth", op_space_to_depth, 0, false},
    {"Split", op_split, 0, false}, {"Sqrt", op_each, 1, false}, {"Squeeze", op_squeeze, 0, true}, {"Sub", op_each, 1, false},
    {"Sum", op_each, 1, false}, {"Swish", op_each, 5, false},
    {"Tan", op_each, 1, false}, {"Tanh", op_each, 1, false}, {"ThresholdedRelu", op_each, 1, false},
    {"Tile", op_tile, 0, false}, {"TopK", op_top_k, 0, false}, {"Transpose", op_transpose, 0, false},
    {"Trilu", op_same, 0, false},
    {"Unsqueeze", op_unsqueeze, 0, true}, {"Upsample", op_resize, 0, false},
    {"Where", op_where, 1, false},
    {"Xor", op_compare, 1, false},
};
/* clang-format on */

static int by_name(const void *name, const void *op)
{
    return strcmp(name, ((const struct op *)op)->name);
}

const struct op *op_find(const struct onnx_node *n)
{
    bool ours = !n->domain[0] || strcmp(n->domain, "ai.onnx") == 0;
    return ours ? bsearch(n->op, table, sizeof table / sizeof table[0], sizeof table[0], by_name) : NULL;
}

int op_fault(struct op_call *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(c->fault, sizeof c->fault, fmt, args);
    va_end(args);
    return -ERR_INPUT;
}

bool op_is_known(const struct onnx_value *v)
{
    for (int i = 0; v && i < v->n_dim; i++) {
        if (v->dim[i] < 0) {
            return false;
        }
    }
    return v && v->n_dim >= 0;
}

const struct onnx_value *op_known(const struct op_call *c, uint32_t i)
{
    return i < c->n_in && op_is_known(c->in[i]) ? c->in[i] : NULL;
}

double op_elements(const struct onnx_value *v)
{
    double n = 1;
    for (int i = 0; i < v->n_dim; i++) {
        n *= (double)v->dim[i];
    }
    return n;
}

int64_t op_whole(const struct op_call *c, const char *attribute, int64_t otherwise)
{
    const struct onnx_attribute *at = onnx_attribute(c->node, attribute);
    return at ? at->whole : otherwise;
}

const char *op_text(const struct op_call *c, const char *attribute, const char *otherwise)
{
    const struct onnx_attribute *at = onnx_attribute(c->node, attribute);
    return at && at->text ? at->text : otherwise;
}

/* What a number of a shape stands for; those that mean "to the end" stay at the ends of what fits. */
static int64_t whole_of(double x)
{
    return x >= 0x1p62 ? INT64_MAX / 2 : x <= -0x1p62 ? -(INT64_MAX / 2) : isnan(x) ? 0 : (int64_t)x;
}

int op_wholes(const struct op_call *c, const char *attribute, uint32_t i, int64_t *to, int room)
{
    const struct onnx_attribute *at = attribute ? onnx_attribute(c->node, attribute) : NULL;
    if (at) {
        for (uint32_t k = 0; k < at->n_whole && k < (uint32_t)room; k++) {
            to[k] = whole_of((double)at->wholes[k]);
        }
        return at->n_whole <= (uint32_t)room ? (int)at->n_whole : -2;
    }
    const struct onnx_value *v = i < c->n_in ? c->in[i] : NULL;
    if (!v) {
        return -1;
    }
    for (uint32_t k = 0; v->number && k < v->n_number && k < (uint32_t)room; k++) {
        to[k] = whole_of(v->number[k]);
    }
    return v->number && v->n_number <= (uint32_t)room ? (int)v->n_number : -2;
}

int op_give(struct op_call *c, uint32_t o, int type, int n_dim, const int64_t *dim)
{
    struct onnx_value *v = o < c->n_out ? c->out[o] : NULL;
    double n = 1;
    if (!v) {
        return OP_FINE;
    }
    v->type = type ? type : c->n_in && c->in[0] ? c->in[0]->type : v->type;
    v->n_dim = n_dim;
    for (int i = 0; i < n_dim; i++) {
        v->dim[i] = dim[i];
        n *= dim[i] > 0 ? (double)dim[i] : 1; /* so that no product of some of them is larger, either */
    }
    return n <= ONNX_ELEMENTS ? OP_FINE : OP_FAULT(c, "found an output of more than 2^50 elements, wanted fewer");
}

double *op_numbers(struct op_call *c, uint32_t o, uint32_t n)
{
    struct onnx_value *v = o < c->n_out ? c->out[o] : NULL;
    double *number = v && n <= ONNX_NUMBERS ? ARENA_NEW(c->a, n + 1, double) : NULL;
    if (number) {
        v->n_number = n;
        v->number = number;
    }
    return number;
}

int op_axis(int64_t axis, int n_dim)
{
    axis += axis < 0 ? n_dim : 0;
    return axis >= 0 && axis < n_dim ? (int)axis : -1;
}

int op_broadcast(const struct op_call *c, uint32_t first, uint32_t end, int64_t *dim)
{
    int n_dim = 0;
    for (uint32_t k = first; k < end && k < c->n_in; k++) {
        n_dim = c->in[k] && c->in[k]->n_dim > n_dim ? c->in[k]->n_dim : n_dim;
    }
    for (int i = 0; i < n_dim; i++) {
        dim[i] = 1;
    }
    for (uint32_t k = first; k < end && k < c->n_in; k++) {
        const struct onnx_value *v = c->in[k];
        for (int i = 0; v && i < v->n_dim; i++) {
            int64_t *to = &dim[n_dim - v->n_dim + i];
            if (*to != v->dim[i] && *to != 1 && v->dim[i] != 1) {
                return -1;
            }
            *to = *to == 1 ? v->dim[i] : *to;
        }
    }
    return n_dim;
}
