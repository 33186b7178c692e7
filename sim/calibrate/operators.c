/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/operators.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/onnx_make.h"
#include "sim/io/ort/ort.h"

enum { WINDOW = OPERATOR_WINDOW, HEAD = 64, SUM_BYTES = OPERATOR_SUM_BYTES };
static const double flop_limit = 3e8, weight_limit_bytes = 3.2e7, held_share = 0.25;

/* Sizes go from low to high in whole multiples of step. */
struct range {
    double low, high;
    uint32_t step;
};

struct plan {
    const char *size_name;
    struct range range[OPERATOR_SIZES]; /* low 0: the kind has fewer sizes */
};

static const struct plan plan_table[N_KERNEL] = {
    [KERNEL_GEMM] = {"m k n", {{1, 256, 1}, {32, 2048, 16}, {32, 2048, 16}}},
    [KERNEL_CONV] = {"in side out", {{16, 256, 16}, {7, 112, 1}, {16, 256, 16}}},
    [KERNEL_POINTWISE] = {"in side out", {{16, 1024, 16}, {7, 56, 1}, {16, 1024, 16}}},
    [KERNEL_DEPTHWISE] = {"channels side", {{16, 512, 16}, {7, 112, 1}}},
    [KERNEL_ATTENTION] = {"heads queries keys", {{1, 16, 1}, {1, 256, 1}, {16, 512, 1}}},
    [KERNEL_NORM] = {"rows width", {{1, 512, 1}, {64, 2048, 16}}},
    [KERNEL_ELEMENTWISE] = {"rows width", {{1, 1024, 1}, {64, 4096, 16}}},
    [KERNEL_EMBEDDING] = {"rows width words", {{1, 512, 1}, {64, 1024, 16}, {1000, 50000, 1}}},
    [KERNEL_POOL] = {"channels side", {{16, 512, 16}, {7, 112, 1}}},
    [KERNEL_GEMM_INT8] = {"m k n", {{1, 256, 1}, {32, 2048, 16}, {32, 2048, 16}}},
    [KERNEL_CONV_INT8] = {"in side out", {{16, 256, 16}, {7, 56, 1}, {16, 256, 16}}},
};

const char *operator_size_name(enum kernel k)
{
    return plan_table[k].size_name;
}

static bool is_int8(enum kernel k)
{
    return k == KERNEL_GEMM_INT8 || k == KERNEL_CONV_INT8;
}

/* flop, bytes and weights from kind, batch and sizes. */
static void count(struct operator_case *c)
{
    const double b = c->batch, x = c->size[0], y = c->size[1], z = c->size[2];
    const double width = is_int8(c->kernel) ? 1 : 4;
    double data = 0, weights = 0;
    switch (c->kernel) {
    case KERNEL_GEMM:
    case KERNEL_GEMM_INT8:
        c->flop = 2 * b * x * y * z;
        weights = y * z + (c->kernel == KERNEL_GEMM ? z : 0);
        data = b * (x * y + x * z);
        break;
    case KERNEL_CONV:
    case KERNEL_CONV_INT8:
    case KERNEL_POINTWISE: {
        const double window = c->kernel == KERNEL_POINTWISE ? 1 : WINDOW * WINDOW;
        c->flop = 2 * b * x * z * y * y * window;
        weights = x * z * window;
        data = b * (x + z) * y * y;
        break;
    }
    case KERNEL_DEPTHWISE:
        c->flop = 2 * b * x * y * y * WINDOW * WINDOW;
        weights = x * WINDOW * WINDOW;
        data = 2 * b * x * y * y;
        break;
    case KERNEL_ATTENTION: /* scores are written, read and written by the softmax, and read: 4 times */
        c->flop = 4 * b * x * y * z * HEAD + 5 * b * x * y * z;
        data = b * x * (2 * y * HEAD + 2 * z * HEAD + 4 * y * z);
        break;
    case KERNEL_NORM:
        c->flop = 8 * b * x * y;
        weights = 2 * y;
        data = 2 * b * x * y;
        break;
    case KERNEL_ELEMENTWISE:
        c->flop = b * x * y;
        data = 3 * b * x * y;
        break;
    case KERNEL_EMBEDDING:
        c->flop = 0;
        weights = y * z;
        data = 2 * b * x * y + 2 * b * x;
        break;
    case KERNEL_POOL:
        c->flop = b * x * y * y * WINDOW * WINDOW;
        data = 2 * b * x * y * y;
        break;
    case N_KERNEL:
        break;
    }
    c->weight_bytes = width * weights;
    /* Of a table only the rows that are looked up are touched; half of what goes in and out is output. */
    c->bytes = width * (data + (c->kernel == KERNEL_EMBEDDING ? 0 : weights)) + (is_int8(c->kernel) ? SUM_BYTES * data / 2 : 0);
}

/* The i-th number of van der Corput's sequence in a base, in [0, 1). */
static double halton(uint32_t i, uint32_t base)
{
    double value = 0, share = 1;
    for (; i; i /= base) {
        share /= base;
        value += share * (i % base);
    }
    return value;
}

static uint32_t size_at(const struct range *r, double u)
{
    const double x = r->low * pow(r->high / r->low, u);
    const double whole = r->step * round(x / r->step);
    return (uint32_t)(whole < r->step ? r->step : whole);
}

void operator_cases(enum kernel k, uint32_t n, struct operator_case *out)
{
    static const uint32_t base[OPERATOR_SIZES] = {2, 3, 5};
    const struct plan *p = &plan_table[k];
    uint32_t found = 0;
    for (uint32_t i = 1; found < n; i++) {
        struct operator_case c = {.kernel = k, .batch = 1, .chain = OPERATOR_CHAIN, .held = halton(i, 7) < held_share};
        for (int s = 0; s < OPERATOR_SIZES && p->range[s].low > 0; s++) {
            c.size[s] = size_at(&p->range[s], halton(i, base[s]));
        }
        count(&c);
        if (c.flop <= flop_limit && c.weight_bytes <= weight_limit_bytes) {
            out[found++] = c;
        }
    }
}

struct operator_case operator_batched(const struct operator_case *c, uint32_t batch)
{
    struct operator_case b = *c;
    b.batch = batch;
    count(&b);
    return b;
}

/* --- models --- */

/* The names of one link of a chain. */
struct link {
    char from[16], to[16], weight[16], more[16], inputs[160];
};

static struct link link_of(uint32_t i)
{
    struct link l;
    snprintf(l.from, sizeof l.from, "t%u", i);
    snprintf(l.to, sizeof l.to, "t%u", i + 1);
    snprintf(l.weight, sizeof l.weight, "w%u", i);
    snprintf(l.more, sizeof l.more, "b%u", i);
    snprintf(l.inputs, sizeof l.inputs, "%s %s %s", l.from, l.weight, l.more);
    return l;
}

static void windowed(struct onnx_made *o, int64_t window, int64_t group)
{
    const int64_t side[] = {window, window}, pad[] = {window / 2, window / 2, window / 2, window / 2};
    onnx_put_ints(o, "kernel_shape", 2, side);
    onnx_put_ints(o, "pads", 4, pad);
    if (group > 1) {
        onnx_put_int(o, "group", group);
    }
}

static void gemm_link(struct onnx_made *o, const struct link *l, int64_t from, int64_t to)
{
    onnx_put_weight(o, l->weight, ORT_F32, ONNX_SHAPE(from, to));
    onnx_put_weight(o, l->more, ORT_F32, ONNX_SHAPE(to));
    onnx_put_node(o, "Gemm", l->inputs, l->to);
}

static void conv_link(struct onnx_made *o, const struct link *l, int64_t from, int64_t to, int64_t window, int64_t group)
{
    onnx_put_weight(o, l->weight, ORT_F32, ONNX_SHAPE(to, from / group, window, window));
    onnx_put_weight(o, l->more, ORT_F32, ONNX_SHAPE(to));
    onnx_put_node(o, "Conv", l->inputs, l->to);
    windowed(o, window, group);
}

static void int8_link(struct onnx_made *o, struct link *l, bool conv, int64_t from, int64_t to)
{
    onnx_put_weight(o, l->weight, ORT_I8, conv ? ONNX_SHAPE(to, from, WINDOW, WINDOW) : ONNX_SHAPE(from, to));
    snprintf(l->inputs, sizeof l->inputs, "%s scale zero %s scale zero8 scale zero", l->from, l->weight);
    onnx_put_node(o, conv ? "QLinearConv" : "QLinearMatMul", l->inputs, l->to);
    if (conv) {
        windowed(o, WINDOW, 1);
    }
}

static void attention_link(struct onnx_made *o, const struct link *l)
{
    char inputs[64];
    snprintf(inputs, sizeof inputs, "%s keys", l->from);
    onnx_put_node(o, "MatMul", inputs, l->weight);
    onnx_put_node(o, "Softmax", l->weight, l->more);
    onnx_put_int(o, "axis", -1);
    snprintf(inputs, sizeof inputs, "%s values", l->more);
    onnx_put_node(o, "MatMul", inputs, l->to);
}

/* Link i of the chain: every second one of those that change the shape changes it back. */
static void put_link(struct onnx_made *o, const struct operator_case *c, uint32_t i)
{
    struct link l = link_of(i);
    const bool back = i % 2;
    const int64_t x = c->size[0], y = c->size[1], z = c->size[2];
    char inputs[64];
    switch (c->kernel) {
    case KERNEL_GEMM:
        gemm_link(o, &l, back ? z : y, back ? y : z);
        break;
    case KERNEL_CONV:
    case KERNEL_POINTWISE:
        conv_link(o, &l, back ? z : x, back ? x : z, c->kernel == KERNEL_CONV ? WINDOW : 1, 1);
        break;
    case KERNEL_DEPTHWISE:
        conv_link(o, &l, x, x, WINDOW, x);
        break;
    case KERNEL_ATTENTION:
        attention_link(o, &l);
        break;
    case KERNEL_NORM:
        onnx_put_weight(o, l.weight, ORT_F32, ONNX_SHAPE(y));
        onnx_put_weight(o, l.more, ORT_F32, ONNX_SHAPE(y));
        onnx_put_node(o, "LayerNormalization", l.inputs, l.to);
        onnx_put_int(o, "axis", -1);
        break;
    case KERNEL_ELEMENTWISE:
        snprintf(inputs, sizeof inputs, "%s other", l.from);
        onnx_put_node(o, "Add", inputs, l.to);
        break;
    case KERNEL_EMBEDDING:
        onnx_put_weight(o, l.weight, ORT_F32, ONNX_SHAPE(z, y));
        snprintf(inputs, sizeof inputs, "%s t0", l.weight);
        onnx_put_node(o, "Gather", inputs, l.to);
        onnx_put_output(o, l.to, ORT_F32, ONNX_SHAPE(c->batch * x, y));
        break;
    case KERNEL_POOL:
        onnx_put_node(o, "MaxPool", l.from, l.to);
        windowed(o, WINDOW, 1);
        break;
    case KERNEL_GEMM_INT8:
        int8_link(o, &l, false, back ? z : y, back ? y : z);
        break;
    case KERNEL_CONV_INT8:
        int8_link(o, &l, true, back ? z : x, back ? x : z);
        break;
    case N_KERNEL:
        break;
    }
}

/* What goes in, and with an even number of links comes out again. */
static struct onnx_shape data_shape(const struct operator_case *c)
{
    const int64_t b = c->batch, x = c->size[0], y = c->size[1];
    switch (c->kernel) {
    case KERNEL_GEMM:
    case KERNEL_GEMM_INT8:
    case KERNEL_NORM:
    case KERNEL_ELEMENTWISE:
        return ONNX_SHAPE(b * x, y);
    case KERNEL_ATTENTION:
        return ONNX_SHAPE(b * x, y, HEAD);
    case KERNEL_EMBEDDING:
        return ONNX_SHAPE(b * x);
    default:
        return ONNX_SHAPE(b, x, y, y);
    }
}

int operator_model(const struct operator_case *c, void **bytes, size_t *n, struct err *e)
{
    struct onnx_made o = {0};
    const struct onnx_shape shape = data_shape(c);
    const int64_t b = c->batch, x = c->size[0], z = c->size[2];
    const int type = is_int8(c->kernel) ? ORT_U8 : c->kernel == KERNEL_EMBEDDING ? ORT_I64 : ORT_F32;
    onnx_put_input(&o, "t0", type, shape);
    if (c->kernel == KERNEL_ELEMENTWISE) {
        onnx_put_input(&o, "other", ORT_F32, shape);
    } else if (c->kernel == KERNEL_ATTENTION) {
        onnx_put_input(&o, "keys", ORT_F32, ONNX_SHAPE(b * x, HEAD, z));
        onnx_put_input(&o, "values", ORT_F32, ONNX_SHAPE(b * x, z, HEAD));
    } else if (is_int8(c->kernel)) {
        onnx_put_scalar(&o, "scale", ORT_F32, 0.01);
        onnx_put_scalar(&o, "zero", ORT_U8, 128);
        onnx_put_scalar(&o, "zero8", ORT_I8, 0);
    }
    for (uint32_t i = 0; i < c->chain; i++) {
        put_link(&o, c, i);
    }
    if (c->kernel != KERNEL_EMBEDDING) {
        onnx_put_output(&o, link_of(c->chain).from, type, shape);
    }
    return onnx_made_end(&o, bytes, n, e);
}

int operator_empty_model(uint32_t n, void **bytes, size_t *n_bytes, struct err *e)
{
    struct onnx_made o = {0};
    const struct operator_case one = {.kernel = KERNEL_ELEMENTWISE, .batch = 1, .size = {1, 1}, .chain = n};
    onnx_put_input(&o, "t0", ORT_F32, ONNX_SHAPE(1, 1));
    onnx_put_input(&o, "other", ORT_F32, ONNX_SHAPE(1, 1));
    for (uint32_t i = 0; i < n; i++) {
        put_link(&o, &one, i);
    }
    onnx_put_output(&o, link_of(n).from, ORT_F32, ONNX_SHAPE(1, 1));
    return onnx_made_end(&o, bytes, n_bytes, e);
}
