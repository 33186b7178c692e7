/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators that multiply matrices, or slide windows: convolutions, pools, products, recurrences. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/onnx/op.h"

enum { SPACE = DNN_DIMS - 2 };

/* How a window goes over the space behind batch and channels. */
struct window {
    int n;
    int64_t size[SPACE], stride[SPACE], dilation[SPACE], before[SPACE], after[SPACE];
};

static void fill(int64_t *to, int n, int64_t value)
{
    for (int i = 0; i < n; i++) {
        to[i] = value;
    }
}

/* size: of the kernel, or NULL: from the attribute. */
static int read_window(struct op_call *c, int n, const int64_t *size, struct window *w)
{
    int64_t pad[2 * SPACE];
    w->n = n;
    fill(w->stride, n, 1);
    fill(w->dilation, n, 1);
    fill(pad, 2 * n, 0);
    int n_size = op_wholes(c, "kernel_shape", UINT32_MAX, w->size, n);
    int n_stride = op_wholes(c, "strides", UINT32_MAX, w->stride, n);
    int n_dilation = op_wholes(c, "dilations", UINT32_MAX, w->dilation, n);
    int n_pad = op_wholes(c, "pads", UINT32_MAX, pad, 2 * n);
    if ((n_size != n && (n_size != -1 || !size)) || (n_stride != n && n_stride != -1) ||
        (n_dilation != n && n_dilation != -1) || (n_pad != 2 * n && n_pad != -1)) {
        return OP_FAULT(c, "found a window that has not the %d dimensions of its input's space, wanted as many", n);
    }
    for (int i = 0; i < n; i++) {
        w->size[i] = size ? size[i] : w->size[i];
        w->before[i] = pad[i];
        w->after[i] = pad[n + i];
        const int64_t far = (int64_t)1 << 40;
        bool whole = w->size[i] >= 1 && w->stride[i] >= 1 && w->dilation[i] >= 1;
        if (!whole || w->stride[i] > far || (double)w->size[i] * (double)w->dilation[i] > (double)far ||
            llabs(pad[i]) > far || llabs(pad[n + i]) > far) {
            return OP_FAULT(c, "found a window of size %" PRId64 ", stride %" PRId64 " and dilation %" PRId64
                            ", wanted whole numbers from 1", w->size[i], w->stride[i], w->dilation[i]);
        }
    }
    return OP_FINE;
}

/* Positions of the window along each dimension. */
static int slide(struct op_call *c, const struct window *w, const struct onnx_value *x, int64_t *out)
{
    const char *automatic = op_text(c, "auto_pad", "NOTSET");
    bool same = strncmp(automatic, "SAME", 4) == 0, ceiling = op_whole(c, "ceil_mode", 0) != 0;
    for (int i = 0; i < w->n; i++) {
        int64_t length = x->dim[2 + i], reach = (w->size[i] - 1) * w->dilation[i] + 1;
        int64_t room = length + (strcmp(automatic, "VALID") == 0 ? 0 : w->before[i] + w->after[i]) - reach;
        if (same) {
            out[i] = (length + w->stride[i] - 1) / w->stride[i];
            continue;
        }
        if (room < 0) {
            return OP_FAULT(c, "found a window of %" PRId64 " over %" PRId64 " elements, wanted it to fit", reach, length);
        }
        out[i] = (room + (ceiling ? w->stride[i] - 1 : 0)) / w->stride[i] + 1;
        if (ceiling && (out[i] - 1) * w->stride[i] >= length + w->before[i]) {
            out[i]--; /* a window that starts in the padding behind is left out */
        }
    }
    return OP_FINE;
}

static double product(const int64_t *x, int n)
{
    double p = 1;
    for (int i = 0; i < n; i++) {
        p *= (double)x[i];
    }
    return p;
}

/* Inputs x and w at these positions; the result is of a type. */
static int conv(struct op_call *c, uint32_t at_x, uint32_t at_w, bool bias, int type)
{
    const struct onnx_value *x = op_known(c, at_x), *f = op_known(c, at_w);
    struct window w;
    int64_t dim[DNN_DIMS];
    if (!x || !f) {
        return OP_UNKNOWN;
    }
    if (x->n_dim < 3 || f->n_dim != x->n_dim) {
        return OP_FAULT(c, "found %d and %d dimensions of data and filters, wanted the same number from 3", x->n_dim, f->n_dim);
    }
    int64_t group = op_whole(c, "group", 1);
    if (group < 1 || (double)f->dim[1] * (double)group != (double)x->dim[1]) {
        return OP_FAULT(c, "found %" PRId64 " channels and filters of %" PRId64 " in %" PRId64 " groups, wanted them to fit",
                        x->dim[1], f->dim[1], group);
    }
    int rc = read_window(c, x->n_dim - 2, &f->dim[2], &w);
    rc = rc ? rc : slide(c, &w, x, &dim[2]);
    if (rc) {
        return rc;
    }
    dim[0] = x->dim[0];
    dim[1] = f->dim[0];
    rc = op_give(c, 0, type, x->n_dim, dim);
    double outputs = product(dim, x->n_dim);
    c->mac = outputs * product(&f->dim[1], f->n_dim - 1);
    c->flop = 2 * c->mac + (bias ? outputs : 0);
    return rc;
}

int op_conv(struct op_call *c)
{
    return conv(c, 0, 1, c->n_in > 2 && c->in[2], 0);
}

int op_conv_integer(struct op_call *c)
{
    return conv(c, 0, 1, false, ONNX_INT32);
}

int op_qlinear_conv(struct op_call *c)
{
    return conv(c, 0, 3, c->n_in > 8 && c->in[8], 0);
}

int op_conv_transpose(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0), *f = op_known(c, 1);
    struct window w;
    int64_t dim[DNN_DIMS], more[SPACE], wanted[SPACE];
    if (!x || !f) {
        return OP_UNKNOWN;
    }
    if (x->n_dim < 3 || f->n_dim != x->n_dim || f->dim[0] != x->dim[1]) {
        return OP_FAULT(c, "found data of %d dimensions and filters of %d, wanted them to fit", x->n_dim, f->n_dim);
    }
    int n = x->n_dim - 2, rc = read_window(c, n, &f->dim[2], &w);
    if (rc) {
        return rc;
    }
    fill(more, n, 0);
    int n_more = op_wholes(c, "output_padding", UINT32_MAX, more, n);
    int n_wanted = op_wholes(c, "output_shape", UINT32_MAX, wanted, n);
    bool same = strncmp(op_text(c, "auto_pad", "NOTSET"), "SAME", 4) == 0;
    dim[0] = x->dim[0];
    dim[1] = (int64_t)((double)f->dim[1] * (double)op_whole(c, "group", 1));
    for (int i = 0; i < n; i++) {
        double length = (double)w.stride[i] * (double)(x->dim[2 + i] - 1) + (double)(n_more == n ? more[i] : 0) +
                        (double)((w.size[i] - 1) * w.dilation[i] + 1) - (double)w.before[i] - (double)w.after[i];
        length = n_wanted == n ? (double)wanted[i] : same ? (double)x->dim[2 + i] * (double)w.stride[i] : length;
        if (!(length >= 0 && length <= ONNX_ELEMENTS)) {
            return OP_FAULT(c, "found an output of %g elements in one dimension, wanted from 0 to 2^50", length);
        }
        dim[2 + i] = (int64_t)length;
    }
    if (dim[1] < 0 || dim[1] > (int64_t)1 << 40) {
        return OP_FAULT(c, "found %" PRId64 " output channels, wanted fewer", dim[1]);
    }
    rc = op_give(c, 0, 0, x->n_dim, dim);
    c->mac = op_elements(x) * product(&f->dim[1], f->n_dim - 1);
    c->flop = 2 * c->mac + (c->n_in > 2 && c->in[2] ? product(dim, x->n_dim) : 0);
    return rc;
}

int op_pool(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    struct window w;
    int64_t dim[DNN_DIMS];
    if (!x) {
        return OP_UNKNOWN;
    }
    if (x->n_dim < 3) {
        return OP_FAULT(c, "found data of %d dimensions, wanted 3 or more", x->n_dim);
    }
    int rc = read_window(c, x->n_dim - 2, NULL, &w);
    rc = rc ? rc : slide(c, &w, x, &dim[2]);
    if (rc) {
        return rc;
    }
    dim[0] = x->dim[0];
    dim[1] = x->dim[1];
    rc = op_give(c, 0, 0, x->n_dim, dim);
    c->flop = product(dim, x->n_dim) * product(w.size, w.n);
    return rc ? rc : op_give(c, 1, ONNX_INT64, x->n_dim, dim);
}

int op_global_pool(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t dim[DNN_DIMS];
    if (!x) {
        return OP_UNKNOWN;
    }
    for (int i = 0; i < x->n_dim; i++) {
        dim[i] = i < 2 ? x->dim[i] : 1;
    }
    c->flop = op_elements(x);
    return op_give(c, 0, 0, x->n_dim, dim);
}

int op_gemm(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0), *w = op_known(c, 1);
    if (!x || !w) {
        return OP_UNKNOWN;
    }
    bool over_x = op_whole(c, "transA", 0) != 0, over_w = op_whole(c, "transB", 0) != 0;
    if (x->n_dim != 2 || w->n_dim != 2 || x->dim[over_x ? 0 : 1] != w->dim[over_w ? 1 : 0]) {
        return OP_FAULT(c, "found matrices that do not fit (%d and %d dimensions), wanted two whose inner sizes agree",
                        x->n_dim, w->n_dim);
    }
    const int64_t dim[] = {x->dim[over_x ? 1 : 0], w->dim[over_w ? 0 : 1]};
    double outputs = product(dim, 2);
    c->mac = outputs * (double)x->dim[over_x ? 0 : 1];
    c->flop = 2 * c->mac + (c->n_in > 2 && c->in[2] ? outputs : 0);
    return op_give(c, 0, 0, 2, dim);
}

/* Batches of matrices, broadcast; a vector stands for a matrix of one row or column. */
static int matmul(struct op_call *c, uint32_t at_x, uint32_t at_w, int type)
{
    const struct onnx_value *x = op_known(c, at_x), *w = op_known(c, at_w);
    if (!x || !w) {
        return OP_UNKNOWN;
    }
    if (x->n_dim < 1 || w->n_dim < 1) {
        return OP_FAULT(c, "found a scalar, wanted matrices");
    }
    int64_t inner = x->dim[x->n_dim - 1], other = w->dim[w->n_dim > 1 ? w->n_dim - 2 : 0];
    if (inner != other) {
        return OP_FAULT(c, "found inner sizes %" PRId64 " and %" PRId64 ", wanted them to agree", inner, other);
    }
    struct onnx_value rest[2] = {{.n_dim = x->n_dim > 2 ? x->n_dim - 2 : 0}, {.n_dim = w->n_dim > 2 ? w->n_dim - 2 : 0}};
    memcpy(rest[0].dim, x->dim, (size_t)rest[0].n_dim * sizeof x->dim[0]);
    memcpy(rest[1].dim, w->dim, (size_t)rest[1].n_dim * sizeof w->dim[0]);
    const struct onnx_value *const both[] = {&rest[0], &rest[1]};
    const struct op_call batch = {.n_in = 2, .in = both};
    int64_t dim[DNN_DIMS + 2];
    int n_dim = op_broadcast(&batch, 0, 2, dim);
    if (n_dim < 0) {
        return OP_FAULT(c, "found batches of matrices that do not fit, wanted those that broadcast");
    }
    if (x->n_dim > 1) {
        dim[n_dim++] = x->dim[x->n_dim - 2];
    }
    if (w->n_dim > 1) {
        dim[n_dim++] = w->dim[w->n_dim - 1];
    }
    int rc = op_give(c, 0, type, n_dim, dim);
    c->mac = product(dim, n_dim) * (double)inner;
    c->flop = 2 * c->mac;
    return rc;
}

int op_matmul(struct op_call *c)
{
    return matmul(c, 0, 1, strcmp(c->node->op, "MatMulInteger") == 0 ? ONNX_INT32 : 0);
}

int op_qlinear_matmul(struct op_call *c)
{
    return matmul(c, 0, 3, 0);
}

/* X [steps, batch, features]; W [directions, gates * hidden, features]; R [directions, gates * hidden, hidden]. */
int op_recurrent(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0), *w = op_known(c, 1), *r = op_known(c, 2);
    if (!x || !w || !r) {
        return OP_UNKNOWN;
    }
    if (x->n_dim != 3 || w->n_dim != 3 || r->n_dim != 3 || op_whole(c, "layout", 0) != 0) {
        return OP_FAULT(c, "found tensors of %d, %d and %d dimensions, wanted three of 3 with layout 0", x->n_dim, w->n_dim,
                        r->n_dim);
    }
    int64_t hidden = r->dim[2];
    const int64_t all[] = {x->dim[0], w->dim[0], x->dim[1], hidden}, last[] = {w->dim[0], x->dim[1], hidden};
    double states = product(all, 4);
    double gates = hidden > 0 ? (double)w->dim[1] / (double)hidden : 0;
    c->mac = (double)x->dim[0] * (double)x->dim[1] * (op_elements(w) + op_elements(r));
    c->flop = 2 * c->mac + states * (5 * gates + 4); /* biases and activations of the gates, and the state's own */
    int rc = op_give(c, 0, 0, 4, all);
    rc = rc ? rc : op_give(c, 1, 0, 3, last);
    return rc ? rc : op_give(c, 2, 0, 3, last);
}

/* y = x / (bias + alpha/size * sum of squares over size channels)^beta */
int op_lrn(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    c->flop = op_elements(x) * (2 * (double)op_whole(c, "size", 1) + 4);
    return op_give(c, 0, 0, x->n_dim, x->dim);
}
