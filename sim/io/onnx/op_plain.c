/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators element by element, normalisations and reductions. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/io/onnx/op.h"

int op_same(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    bool copies = strcmp(c->node->op, "Identity") == 0;
    double *to = copies && x->number ? op_numbers(c, 0, x->n_number) : NULL;
    if (to) {
        memcpy(to, x->number, x->n_number * sizeof *to);
    }
    return op_give(c, 0, 0, x->n_dim, x->dim);
}

int op_cast(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t type = op_whole(c, "to", 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    bool whole = type == ONNX_INT32 || type == ONNX_INT64 || type == ONNX_INT8 || type == ONNX_UINT8;
    double *to = x->number ? op_numbers(c, 0, x->n_number) : NULL;
    for (uint32_t i = 0; to && i < x->n_number; i++) {
        to[i] = whole ? trunc(x->number[i]) : x->number[i];
    }
    return op_give(c, 0, type > 0 && type <= ONNX_BFLOAT16 ? (int)type : ONNX_STRING, x->n_dim, x->dim);
}

/* Number i of an operand of one, or of as many as there are. */
static double nth(const struct onnx_value *v, uint32_t i)
{
    return v->number[v->n_number == 1 ? 0 : i];
}

static double of_two(const char *op, int type, double a, double b)
{
    bool whole = type == ONNX_INT64 || type == ONNX_INT32;
    switch (op[0]) {
    case 'A':
        return strcmp(op, "Add") == 0 ? a + b : NAN;
    case 'S':
        return strcmp(op, "Sub") == 0 ? a - b : strcmp(op, "Sum") == 0 ? a + b : NAN;
    case 'D':
        return whole ? (b != 0 ? trunc(a / b) : NAN) : a / b;
    case 'E':
        return a == b;
    case 'G':
        return strcmp(op, "Greater") == 0 ? a > b : a >= b;
    case 'L':
        return strcmp(op, "Less") == 0 ? a < b : a <= b;
    case 'M':
        return strcmp(op, "Mul") == 0   ? a * b
               : strcmp(op, "Max") == 0 ? fmax(a, b)
               : strcmp(op, "Min") == 0 ? fmin(a, b)
                                        : NAN;
    case 'O':
        return a != 0 || b != 0;
    default:
        return NAN;
    }
}

static double of_one(const char *op, double a)
{
    return strcmp(op, "Ceil") == 0    ? ceil(a)
           : strcmp(op, "Floor") == 0 ? floor(a)
           : strcmp(op, "Neg") == 0   ? -a
           : strcmp(op, "Sqrt") == 0  ? sqrt(a)
           : strcmp(op, "Abs") == 0   ? fabs(a)
           : strcmp(op, "Not") == 0   ? (double)(a == 0)
                                      : NAN;
}

/* What comes out if the operands are constants of few numbers; NAN where it is not computed here, and then nothing is known. */
static void compute(struct op_call *c)
{
    const struct onnx_value *a = c->n_in > 0 ? c->in[0] : NULL, *b = c->n_in > 1 ? c->in[1] : NULL;
    struct onnx_value *y = c->n_out ? c->out[0] : NULL;
    if (!y || !a || !a->number || c->n_in > 2 || (b && !b->number)) {
        return;
    }
    double n = op_elements(y);
    bool fits = n <= ONNX_NUMBERS && (a->n_number == 1 || a->n_number == n) && (!b || b->n_number == 1 || b->n_number == n);
    double *to = fits ? op_numbers(c, 0, (uint32_t)n) : NULL;
    for (uint32_t i = 0; to && i < y->n_number; i++) {
        to[i] = b ? of_two(c->node->op, a->type, nth(a, i), nth(b, i)) : of_one(c->node->op, nth(a, i));
        if (isnan(to[i])) {
            y->number = NULL;
            y->n_number = 0;
            return;
        }
    }
}

/* Broadcast over the inputs from `first`; the result has a type. */
static int each(struct op_call *c, uint32_t first, int type)
{
    int64_t dim[DNN_DIMS];
    for (uint32_t k = first; k < c->n_in; k++) {
        if (c->in[k] && !op_known(c, k)) {
            return OP_UNKNOWN;
        }
    }
    int n_dim = op_broadcast(c, first, c->n_in, dim);
    return n_dim < 0 ? OP_FAULT(c, "found shapes that do not fit, wanted those that broadcast") : op_give(c, 0, type, n_dim, dim);
}

int op_each(struct op_call *c)
{
    if (c->n_in == 0 || !c->in[0]) {
        return OP_FAULT(c, "found no input, wanted one");
    }
    /* Before opset 7 the second operand was laid along an axis: the first says the shape. */
    const struct onnx_attribute *old = onnx_attribute(c->node, "broadcast");
    int rc = old && old->whole ? op_same(c) : each(c, 0, 0);
    if (rc == OP_FINE && c->n_in > 2 && c->n_out && c->out[0]) {
        c->flop = (double)(c->n_in - 1) * op_elements(c->out[0]);
    }
    if (rc == OP_FINE) {
        compute(c);
    }
    return rc;
}

int op_compare(struct op_call *c)
{
    int rc = each(c, 0, ONNX_BOOL);
    if (rc == OP_FINE) {
        compute(c);
    }
    return rc;
}

int op_where(struct op_call *c)
{
    const struct onnx_value *x = c->n_in == 3 ? c->in[1] : NULL, *test = c->n_in == 3 ? c->in[0] : NULL;
    if (!x || !test || !c->in[2]) {
        return OP_FAULT(c, "found %u inputs, wanted 3", c->n_in);
    }
    int rc = each(c, 0, x->type ? x->type : ONNX_FLOAT);
    struct onnx_value *y = c->n_out ? c->out[0] : NULL;
    double n = rc == OP_FINE && y ? op_elements(y) : INFINITY;
    bool fits = n <= ONNX_NUMBERS;
    for (uint32_t k = 0; k < 3; k++) {
        fits = fits && c->in[k]->number && (c->in[k]->n_number == 1 || c->in[k]->n_number == n);
    }
    double *to = fits ? op_numbers(c, 0, (uint32_t)n) : NULL;
    for (uint32_t i = 0; to && i < y->n_number; i++) {
        to[i] = nth(c->in[nth(test, i) != 0 ? 1 : 2], i);
    }
    return rc;
}

/* The shape of input 0 with 1, or nothing, in the place of the axes. */
static int without(struct op_call *c, const struct onnx_value *x, unsigned axes, bool keep, uint32_t o, int type)
{
    int64_t dim[DNN_DIMS];
    int n = 0;
    for (int i = 0; i < x->n_dim; i++) {
        if (!(axes >> i & 1)) {
            dim[n++] = x->dim[i];
        } else if (keep) {
            dim[n++] = 1;
        }
    }
    return op_give(c, o, type, n, dim);
}

int op_reduce(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t axis[DNN_DIMS];
    int n = op_wholes(c, "axes", 1, axis, DNN_DIMS);
    unsigned axes = 0;
    if (!x || n == -2) {
        return OP_UNKNOWN;
    }
    if (n <= 0) {
        axes = op_whole(c, "noop_with_empty_axes", 0) ? 0 : (1u << x->n_dim) - 1;
    }
    for (int i = 0; i < n; i++) {
        int at = op_axis(axis[i], x->n_dim);
        if (at < 0) {
            return OP_FAULT(c, "found axis %" PRId64 " of %d, wanted one of them", axis[i], x->n_dim);
        }
        axes |= 1u << at;
    }
    int rc = without(c, x, axes, op_whole(c, "keepdims", 1) != 0, 0, 0);
    c->flop = op_elements(x) * (strcmp(c->node->op, "ReduceL2") == 0 || strcmp(c->node->op, "ReduceSumSquare") == 0 ? 2 : 1);
    if (rc == OP_FINE && x->number && strcmp(c->node->op, "ReduceProd") == 0 && axes == (1u << x->n_dim) - 1) {
        double *to = op_numbers(c, 0, 1), p = 1;
        for (uint32_t i = 0; i < x->n_number; i++) {
            p *= x->number[i];
        }
        if (to) {
            to[0] = p;
        }
    }
    return rc;
}

int op_arg(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    int at = op_axis(op_whole(c, "axis", 0), x->n_dim);
    c->flop = op_elements(x);
    return at < 0 ? OP_FAULT(c, "found an axis that is none of %d, wanted one of them", x->n_dim)
                  : without(c, x, 1u << at, op_whole(c, "keepdims", 1) != 0, 0, ONNX_INT64);
}

int op_top_k(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t k = op_whole(c, "k", 0), dim[DNN_DIMS];
    if (!x || (c->n_in > 1 && op_wholes(c, NULL, 1, &k, 1) != 1)) {
        return OP_UNKNOWN;
    }
    int at = op_axis(op_whole(c, "axis", -1), x->n_dim);
    if (at < 0 || k < 0 || k > x->dim[at]) {
        return OP_FAULT(c, "found the %" PRId64 " largest of an axis, wanted at most its length", k);
    }
    memcpy(dim, x->dim, sizeof dim);
    dim[at] = k;
    c->flop = op_elements(x);
    int rc = op_give(c, 0, 0, x->n_dim, dim);
    return rc ? rc : op_give(c, 1, ONNX_INT64, x->n_dim, dim);
}

/* Outputs 1 and 2 are the mean and the inverse deviation, of the shape of the input with 1 from the axis on. */
int op_layer_norm(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    int at = op_axis(op_whole(c, "axis", -1), x->n_dim), rc = op_give(c, 0, 0, x->n_dim, x->dim);
    if (at < 0) {
        return OP_FAULT(c, "found an axis that is none of %d, wanted one of them", x->n_dim);
    }
    unsigned axes = ((1u << x->n_dim) - 1) & ~((1u << at) - 1);
    rc = rc ? rc : without(c, x, axes, true, 1, ONNX_FLOAT);
    return rc ? rc : without(c, x, axes, true, 2, ONNX_FLOAT);
}

/* To whole numbers of 8 bits, of the type of the zero point, and back. */
int op_quantize(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0), *zero = c->n_in > 2 ? c->in[2] : NULL;
    bool back = strcmp(c->node->op, "DequantizeLinear") == 0;
    return x ? op_give(c, 0, back ? ONNX_FLOAT : zero && zero->type ? zero->type : ONNX_UINT8, x->n_dim, x->dim) : OP_UNKNOWN;
}
