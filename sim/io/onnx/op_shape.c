/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operators that move numbers, or give them another shape. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "sim/io/onnx/op.h"

/* The numbers stay in their order, under another shape. */
static int keep_numbers(struct op_call *c)
{
    const struct onnx_value *x = c->in[0];
    double *to = x->number ? op_numbers(c, 0, x->n_number) : NULL;
    if (to) {
        memcpy(to, x->number, x->n_number * sizeof *to);
    }
    return OP_FINE;
}

/* The numbers of output 0, a step along dimension i of which is stride[i] numbers of x, from number `base` on. */
static void pick(struct op_call *c, const struct onnx_value *x, int64_t base, const int64_t *stride)
{
    struct onnx_value *y = c->n_out ? c->out[0] : NULL;
    double n = y ? op_elements(y) : INFINITY;
    double *to = x->number && n <= ONNX_NUMBERS ? op_numbers(c, 0, (uint32_t)n) : NULL;
    for (uint32_t i = 0; to && i < (uint32_t)n; i++) {
        int64_t rest = i, at = base;
        for (int k = y->n_dim; k-- > 0;) {
            at += rest % y->dim[k] * stride[k];
            rest /= y->dim[k];
        }
        to[i] = x->number[at];
    }
}

/* A step along dimension i of x, in numbers. */
static void strides(const struct onnx_value *x, int64_t *stride)
{
    int64_t n = 1;
    for (int i = x->n_dim; i-- > 0;) {
        stride[i] = n;
        n *= x->dim[i] > 0 ? x->dim[i] : 1;
    }
}

int op_reshape(struct op_call *c)
{
    int64_t dim[DNN_DIMS];
    int n = op_wholes(c, "shape", 1, dim, DNN_DIMS), open = -1;
    const struct onnx_value *x = op_known(c, 0);
    if (!x || n < 0) {
        return OP_UNKNOWN;
    }
    double all = op_elements(x), given = 1;
    for (int i = 0; i < n; i++) {
        if (i < x->n_dim && dim[i] == 0 && op_whole(c, "allowzero", 0) == 0) {
            dim[i] = x->dim[i];
        }
        if (dim[i] < -1 || (dim[i] == -1 && open >= 0)) {
            return OP_FAULT(c, "found a shape with %" PRId64 ", wanted at most one -1", dim[i]);
        }
        open = dim[i] == -1 ? i : open;
        given *= dim[i] == -1 ? 1 : (double)dim[i];
    }
    if (open >= 0) {
        dim[open] = given > 0 ? (int64_t)(all / given) : 0;
        given *= (double)dim[open];
    }
    if (given != all) {
        return OP_FAULT(c, "found %g elements and a shape of %g, wanted as many", all, given);
    }
    int rc = op_give(c, 0, 0, n, dim);
    return rc ? rc : keep_numbers(c);
}

int op_flatten(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    int64_t axis = op_whole(c, "axis", 1), dim[2] = {1, 1};
    axis += axis < 0 ? x->n_dim : 0;
    if (axis < 0 || axis > x->n_dim) {
        return OP_FAULT(c, "found axis %" PRId64 " of %d dimensions, wanted one of them", axis, x->n_dim);
    }
    for (int i = 0; i < x->n_dim; i++) {
        dim[i < axis ? 0 : 1] *= x->dim[i]; /* below 2^50 together */
    }
    return op_give(c, 0, 0, 2, dim);
}

int op_transpose(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t perm[DNN_DIMS], dim[DNN_DIMS], stride[DNN_DIMS], to[DNN_DIMS];
    if (!x) {
        return OP_UNKNOWN;
    }
    strides(x, stride);
    int n = op_wholes(c, "perm", UINT32_MAX, perm, DNN_DIMS);
    unsigned seen = 0;
    for (int i = 0; i < x->n_dim; i++) {
        int64_t from = n == -1 ? x->n_dim - 1 - i : i < n ? perm[i] : -1;
        if (from < 0 || from >= x->n_dim || seen >> from & 1) {
            return OP_FAULT(c, "found an order that is none of %d dimensions, wanted each once", x->n_dim);
        }
        seen |= 1u << from;
        dim[i] = x->dim[from];
        to[i] = stride[from];
    }
    int rc = op_give(c, 0, 0, x->n_dim, dim);
    if (rc == OP_FINE) {
        pick(c, x, 0, to);
    }
    return rc;
}

int op_squeeze(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t axis[DNN_DIMS], dim[DNN_DIMS];
    unsigned out = 0;
    int n = op_wholes(c, "axes", 1, axis, DNN_DIMS), n_dim = 0;
    if (!x || n == -2) {
        return OP_UNKNOWN;
    }
    for (int i = 0; i < n; i++) {
        int at = op_axis(axis[i], x->n_dim);
        if (at < 0 || x->dim[at] != 1) {
            return OP_FAULT(c, "found axis %" PRId64 ", wanted one of 1 element", axis[i]);
        }
        out |= 1u << at;
    }
    for (int i = 0; i < x->n_dim; i++) {
        if (n < 0 ? x->dim[i] != 1 : !(out >> i & 1)) {
            dim[n_dim++] = x->dim[i];
        }
    }
    int rc = op_give(c, 0, 0, n_dim, dim);
    return rc ? rc : keep_numbers(c);
}

int op_unsqueeze(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t axis[DNN_DIMS], dim[DNN_DIMS];
    unsigned in = 0;
    int n = op_wholes(c, "axes", 1, axis, DNN_DIMS);
    if (!x || n < 0) {
        return OP_UNKNOWN;
    }
    int n_dim = x->n_dim + n, from = 0;
    for (int i = 0; i < n; i++) {
        int at = n_dim <= DNN_DIMS ? op_axis(axis[i], n_dim) : -1;
        if (at < 0 || in >> at & 1) {
            return OP_FAULT(c, "found axis %" PRId64 " of %d, wanted each once, and at most 8", axis[i], n_dim);
        }
        in |= 1u << at;
    }
    for (int i = 0; i < n_dim; i++) {
        dim[i] = in >> i & 1 ? 1 : x->dim[from++];
    }
    int rc = op_give(c, 0, 0, n_dim, dim);
    return rc ? rc : keep_numbers(c);
}

/* Of an axis of n elements, from start to end by step: how many, and the first. */
static int64_t part(int64_t n, int64_t start, int64_t end, int64_t step, int64_t *first)
{
    int64_t least = step < 0 ? -1 : 0, most = step < 0 ? n - 1 : n;
    start += start < 0 ? n : 0;
    end += end < 0 ? n : 0;
    start = start < 0 ? 0 : start > most ? most : start;
    end = end < least ? least : end > n ? n : end;
    *first = start;
    const int64_t span = step < 0 ? start - end : end - start, stride = step < 0 ? -step : step;
    return span > 0 ? (span + stride - 1) / stride : 0;
}

int op_slice(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t start[DNN_DIMS], end[DNN_DIMS], axis[DNN_DIMS], step[DNN_DIMS], dim[DNN_DIMS], stride[DNN_DIMS];
    int64_t first = 0, base = 0;
    int n = op_wholes(c, "starts", 1, start, DNN_DIMS), n_end = op_wholes(c, "ends", 2, end, DNN_DIMS);
    int n_axis = op_wholes(c, "axes", 3, axis, DNN_DIMS), n_step = op_wholes(c, "steps", 4, step, DNN_DIMS);
    if (!x || n < 0 || n_end < 0 || n_axis == -2 || n_step == -2) {
        return OP_UNKNOWN;
    }
    memcpy(dim, x->dim, sizeof dim);
    strides(x, stride);
    for (int i = 0; i < n; i++) {
        int at = i < n_end && (n_axis == -1 || i < n_axis) ? op_axis(n_axis == -1 ? i : axis[i], x->n_dim) : -1;
        int64_t by = n_step == -1 ? 1 : i < n_step ? step[i] : 0;
        if (at < 0 || by == 0) {
            return OP_FAULT(c, "found a part of an axis that is not there, or of step 0, wanted one of %d", x->n_dim);
        }
        by = by > INT32_MAX ? INT32_MAX : by < -INT32_MAX ? -INT32_MAX : by;
        dim[at] = part(dim[at], start[i], end[i], by, &first);
        base += x->n_number ? first * stride[at] : 0;
        stride[at] *= x->n_number ? by : 1;
    }
    int rc = op_give(c, 0, 0, x->n_dim, dim);
    if (rc == OP_FINE && c->n_out && c->out[0]) { /* reads what it takes */
        c->read_bytes = op_elements(c->out[0]) * onnx_type_bytes(x->type);
        pick(c, x, base, stride);
    }
    return rc;
}

int op_gather(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0), *index = op_known(c, 1);
    int64_t dim[2 * DNN_DIMS];
    int n = 0;
    if (!x || !index) {
        return OP_UNKNOWN;
    }
    int axis = op_axis(op_whole(c, "axis", 0), x->n_dim);
    if (axis < 0 || x->n_dim + index->n_dim - 1 > DNN_DIMS) {
        return OP_FAULT(c, "found data of %d dimensions and indices of %d, wanted an axis of the data and at most 8",
                        x->n_dim, index->n_dim);
    }
    for (int i = 0; i < x->n_dim; i++) {
        for (int k = 0; i == axis && k < index->n_dim; k++) {
            dim[n++] = index->dim[k];
        }
        if (i != axis) {
            dim[n++] = x->dim[i];
        }
    }
    int rc = op_give(c, 0, 0, n, dim);
    if (rc == 0 && c->n_out && c->out[0]) { /* reads what it takes, not the whole table */
        c->read_bytes = op_elements(c->out[0]) * onnx_type_bytes(x->type) + op_elements(index) * onnx_type_bytes(index->type);
    }
    double *to = rc == 0 && x->number && x->n_dim == 1 && index->number ? op_numbers(c, 0, index->n_number) : NULL;
    for (uint32_t i = 0; to && i < index->n_number; i++) {
        double k = index->number[i] + (index->number[i] < 0 ? x->n_number : 0);
        if (!(k >= 0 && k < x->n_number)) {
            return OP_FAULT(c, "found index %g of %u elements, wanted one of them", index->number[i], x->n_number);
        }
        to[i] = x->number[(uint32_t)k];
    }
    return rc;
}

int op_concat(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t dim[DNN_DIMS];
    uint32_t n = 0;
    if (!x) {
        return OP_UNKNOWN;
    }
    int axis = op_axis(op_whole(c, "axis", 1), x->n_dim);
    bool numbers = x->n_dim == 1;
    memcpy(dim, x->dim, sizeof dim);
    for (uint32_t k = 0; k < c->n_in; k++) {
        const struct onnx_value *v = op_known(c, k);
        if (!v) {
            return OP_UNKNOWN;
        }
        for (int i = 0; i < x->n_dim; i++) {
            if (axis < 0 || v->n_dim != x->n_dim || (i != axis && v->dim[i] != x->dim[i])) {
                return OP_FAULT(c, "found inputs of other shapes, wanted shapes that differ in the axis alone");
            }
        }
        if (axis >= 0) {
            dim[axis] += k > 0 ? v->dim[axis] : 0; /* at most 2^50 each */
            if (dim[axis] > (int64_t)1 << 50) {
                return OP_FAULT(c, "found more than 2^50 elements in a row, wanted fewer");
            }
        }
        numbers = numbers && v->number;
        n += numbers ? v->n_number : 0;
    }
    int rc = op_give(c, 0, 0, x->n_dim, dim);
    double *to = rc == 0 && numbers ? op_numbers(c, 0, n) : NULL;
    for (uint32_t k = 0, at = 0; to && k < c->n_in; k++) {
        memcpy(to + at, c->in[k]->number, c->in[k]->n_number * sizeof *to);
        at += c->in[k]->n_number;
    }
    return rc;
}

int op_split(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    enum { PARTS = 256 };
    int64_t size[PARTS], dim[DNN_DIMS];
    int n = op_wholes(c, "split", 1, size, PARTS), rc = OP_FINE;
    if (!x || n == -2) {
        return OP_UNKNOWN;
    }
    int axis = op_axis(op_whole(c, "axis", 0), x->n_dim);
    if (axis < 0 || (n >= 0 && (uint32_t)n != c->n_out)) {
        return OP_FAULT(c, "found %d parts of an axis for %u outputs, wanted as many", n, c->n_out);
    }
    memcpy(dim, x->dim, sizeof dim);
    int64_t each = (x->dim[axis] + (int64_t)c->n_out - 1) / (c->n_out ? (int64_t)c->n_out : 1), left = x->dim[axis];
    for (uint32_t o = 0; rc == 0 && o < c->n_out; o++) {
        dim[axis] = n >= 0 ? size[o] : each < left ? each : left;
        if (dim[axis] < 0 || dim[axis] > left) {
            return OP_FAULT(c, "found parts that are not %" PRId64 " together, wanted them to be", x->dim[axis]);
        }
        left -= dim[axis];
        rc = op_give(c, o, 0, x->n_dim, dim);
    }
    return rc;
}

int op_expand(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    struct onnx_value wanted = {0};
    wanted.n_dim = op_wholes(c, "shape", 1, wanted.dim, DNN_DIMS);
    if (!x || wanted.n_dim < 0) {
        return OP_UNKNOWN;
    }
    for (int i = 0; i < wanted.n_dim; i++) {
        if (wanted.dim[i] < 0) {
            return OP_FAULT(c, "found a shape with %" PRId64 ", wanted numbers from 0", wanted.dim[i]);
        }
    }
    const struct onnx_value *const both[] = {x, &wanted};
    const struct op_call pair = {.n_in = 2, .in = both};
    int64_t dim[DNN_DIMS];
    int n_dim = op_broadcast(&pair, 0, 2, dim);
    int rc = n_dim < 0 ? OP_FAULT(c, "found a shape that its input does not broadcast to, wanted one") :
                         op_give(c, 0, 0, n_dim, dim);
    double n = rc == 0 && c->n_out && c->out[0] ? op_elements(c->out[0]) : INFINITY;
    double *to = x->number && x->n_number == 1 && n <= ONNX_NUMBERS ? op_numbers(c, 0, (uint32_t)n) : NULL;
    for (uint32_t i = 0; to && i < (uint32_t)n; i++) {
        to[i] = x->number[0];
    }
    return rc;
}

int op_tile(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t times[DNN_DIMS], dim[DNN_DIMS];
    int n = op_wholes(c, "repeats", 1, times, DNN_DIMS);
    if (!x || n < 0) {
        return OP_UNKNOWN;
    }
    for (int i = 0; i < x->n_dim; i++) {
        double length = i < n ? (double)x->dim[i] * (double)times[i] : -1;
        if (n != x->n_dim || !(length >= 0 && length <= ONNX_ELEMENTS)) {
            return OP_FAULT(c, "found %d repetitions of %d dimensions, wanted one from 0 for each", n, x->n_dim);
        }
        dim[i] = (int64_t)length;
    }
    return op_give(c, 0, 0, x->n_dim, dim);
}

int op_pad(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t pad[2 * DNN_DIMS], axis[DNN_DIMS], dim[DNN_DIMS];
    bool old = onnx_attribute(c->node, "paddings") != NULL; /* before opset 2 */
    int n = op_wholes(c, old ? "paddings" : "pads", 1, pad, 2 * DNN_DIMS), n_axis = op_wholes(c, NULL, 3, axis, DNN_DIMS);
    if (!x || n < 0 || n_axis == -2) {
        return OP_UNKNOWN;
    }
    memcpy(dim, x->dim, sizeof dim);
    for (int i = 0; i < n / 2; i++) {
        int at = n_axis >= 0 ? (i < n_axis ? op_axis(axis[i], x->n_dim) : -1) : op_axis(i, x->n_dim);
        double length = at < 0 ? -1 : (double)dim[at] + (double)pad[i] + (double)pad[n / 2 + i];
        if (!(length >= 0 && length <= ONNX_ELEMENTS)) {
            return OP_FAULT(c, "found padding of %d numbers for %d dimensions, wanted two of each, and a length from 0", n,
                            x->n_dim);
        }
        dim[at] = (int64_t)length;
    }
    return op_give(c, 0, 0, x->n_dim, dim);
}

int op_shape_of(struct op_call *c)
{
    const struct onnx_value *x = c->n_in ? c->in[0] : NULL;
    if (!x || x->n_dim < 0) {
        return OP_UNKNOWN;
    }
    int64_t from = op_whole(c, "start", 0), to = op_whole(c, "end", x->n_dim);
    from += from < 0 ? x->n_dim : 0;
    to += to < 0 ? x->n_dim : 0;
    from = from < 0 ? 0 : from > x->n_dim ? x->n_dim : from;
    to = to < from ? from : to > x->n_dim ? x->n_dim : to;
    int rc = op_give(c, 0, ONNX_INT64, 1, (int64_t[]){to - from});
    double *number = op_is_known(x) ? op_numbers(c, 0, (uint32_t)(to - from)) : NULL;
    for (int64_t i = from; number && i < to; i++) {
        number[i - from] = (double)x->dim[i];
    }
    return rc;
}

int op_size(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    int rc = op_give(c, 0, ONNX_INT64, 0, NULL);
    double *number = x ? op_numbers(c, 0, 1) : NULL;
    if (number) {
        number[0] = op_elements(x);
    }
    return rc;
}

int op_constant(struct op_call *c)
{
    const struct onnx_attribute *at = c->node->n_attribute ? &c->node->attribute[0] : NULL;
    const struct onnx_value *v = at ? at->tensor : NULL;
    if (v) {
        int rc = op_give(c, 0, v->type, v->n_dim, v->dim);
        if (rc == 0 && c->n_out && c->out[0]) {
            c->out[0]->n_number = v->n_number;
            c->out[0]->number = v->number;
        }
        return rc;
    }
    bool list = at && (strcmp(at->name, "value_ints") == 0 || strcmp(at->name, "value_floats") == 0);
    bool whole = at && strncmp(at->name, "value_int", 9) == 0, number = at && strncmp(at->name, "value_float", 11) == 0;
    if (!whole && !number) {
        return at && strncmp(at->name, "value_string", 12) == 0
                   ? op_give(c, 0, ONNX_STRING, 0, NULL)
                   : OP_FAULT(c, "found a constant without a value, wanted value, value_int, value_float or a list of them");
    }
    uint32_t n = !list ? 1 : whole ? at->n_whole : at->n_number;
    double *to = op_numbers(c, 0, n);
    for (uint32_t i = 0; to && i < n; i++) {
        to[i] = whole ? (double)(list ? at->wholes[i] : at->whole) : list ? at->numbers[i] : at->number;
    }
    return op_give(c, 0, whole ? ONNX_INT64 : ONNX_FLOAT, list ? 1 : 0, (int64_t[]){n});
}

int op_constant_of_shape(struct op_call *c)
{
    int64_t dim[DNN_DIMS] = {0};
    int n_dim = op_wholes(c, NULL, 0, dim, DNN_DIMS);
    const struct onnx_attribute *value = onnx_attribute(c->node, "value");
    if (n_dim < 0) {
        return OP_UNKNOWN;
    }
    double n = 1;
    for (int i = 0; i < n_dim; i++) {
        if (dim[i] < 0) {
            return OP_FAULT(c, "found a shape with %" PRId64 ", wanted numbers from 0", dim[i]);
        }
        n *= (double)dim[i];
    }
    int rc = op_give(c, 0, value && value->tensor ? value->tensor->type : ONNX_FLOAT, n_dim, dim);
    double *to = rc == 0 && n <= ONNX_NUMBERS ? op_numbers(c, 0, (uint32_t)n) : NULL;
    for (uint32_t i = 0; to && i < (uint32_t)n; i++) {
        to[i] = value && value->tensor && value->tensor->n_number == 1 ? value->tensor->number[0] : 0;
    }
    return rc;
}

int op_range(struct op_call *c)
{
    double x[3];
    for (uint32_t i = 0; i < 3; i++) {
        if (i >= c->n_in || !c->in[i] || c->in[i]->n_number != 1) {
            return OP_UNKNOWN;
        }
        x[i] = c->in[i]->number[0];
    }
    double n = ceil((x[1] - x[0]) / x[2]);
    n = n > 0 ? n : 0;
    if (!(n <= ONNX_ELEMENTS)) {
        return OP_FAULT(c, "found a range from %g to %g by %g, wanted one that ends", x[0], x[1], x[2]);
    }
    int rc = op_give(c, 0, 0, 1, (int64_t[]){(int64_t)n});
    double *to = rc == 0 && n <= ONNX_NUMBERS ? op_numbers(c, 0, (uint32_t)n) : NULL;
    for (uint32_t i = 0; to && i < (uint32_t)n; i++) {
        to[i] = x[0] + i * x[2];
    }
    return rc;
}

/* Upsample (X, scales); Resize until opset 10 the same, then (X, roi, scales, sizes). */
int op_resize(struct op_call *c)
{
    const struct onnx_value *x = op_known(c, 0);
    bool late = strcmp(c->node->op, "Resize") == 0 && c->model->opset > 10;
    uint32_t at = late ? 2 : 1;
    const struct onnx_value *scale = at < c->n_in ? c->in[at] : NULL;
    const struct onnx_attribute *written = onnx_attribute(c->node, "scales");
    int64_t dim[DNN_DIMS];
    if (!x) {
        return OP_UNKNOWN;
    }
    const double *by = written ? written->numbers : scale ? scale->number : NULL;
    uint32_t n = written ? written->n_number : scale ? scale->n_number : 0;
    if (late && n == 0) {
        int n_dim = op_wholes(c, NULL, 3, dim, DNN_DIMS);
        if (n_dim != x->n_dim) {
            return OP_UNKNOWN;
        }
        by = NULL;
    } else if (!by || n != (uint32_t)x->n_dim) {
        return OP_UNKNOWN;
    }
    for (int i = 0; i < x->n_dim; i++) {
        double length = by ? floor((double)x->dim[i] * by[i]) : (double)dim[i];
        if (!(length >= 0 && length <= ONNX_ELEMENTS)) {
            return OP_FAULT(c, "found a length of %g, wanted one from 0", length);
        }
        dim[i] = (int64_t)length;
    }
    int rc = op_give(c, 0, 0, x->n_dim, dim);
    if (rc == 0 && c->n_out && c->out[0]) { /* linear: two of each of the space's dimensions; cubic: four */
        const char *mode = op_text(c, "mode", "nearest");
        double taps = strcmp(mode, "linear") == 0 ? 2 : strcmp(mode, "cubic") == 0 ? 4 : 0, weights = taps > 0 ? 1 : 0;
        for (int i = 2; i < x->n_dim; i++) {
            weights *= taps;
        }
        c->flop = 2 * weights * op_elements(c->out[0]);
    }
    return rc;
}

/* [N, C, H, W] to [N, C / b^2, H b, W b], or back. */
static int depth(struct op_call *c, bool to_space)
{
    const struct onnx_value *x = op_known(c, 0);
    int64_t b = op_whole(c, "blocksize", 0);
    if (!x) {
        return OP_UNKNOWN;
    }
    bool fits = x->n_dim == 4 && b > 0 && b <= 64;
    fits = fits && (to_space ? x->dim[1] % (b * b) == 0 : x->dim[2] % b == 0 && x->dim[3] % b == 0);
    if (!fits) {
        return OP_FAULT(c, "found blocks of %" PRId64 " in data of %d dimensions, wanted 4 that they divide", b, x->n_dim);
    }
    const int64_t space[] = {x->dim[0], x->dim[1] / (b * b), x->dim[2] * b, x->dim[3] * b};
    const int64_t deep[] = {x->dim[0], x->dim[1] * b * b, x->dim[2] / b, x->dim[3] / b};
    return op_give(c, 0, 0, 4, to_space ? space : deep);
}

int op_depth_to_space(struct op_call *c)
{
    return depth(c, true);
}

int op_space_to_depth(struct op_call *c)
{
    return depth(c, false);
}
