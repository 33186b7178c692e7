/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/dnn_operators.h"

#include <string.h>

#include "sim/io/onnx/kind.h"
#include "sim/io/ort/ort.h"

enum { SHAPES = 4 };

/* Only the size of an element counts. */
static int type_of(const struct dnn_tensor *t)
{
    return strstr(t->type, "int8") ? ORT_I8 : strstr(t->type, "64") ? ORT_F64 : ORT_F32;
}

static void take_shape(const struct dnn_tensor *t, double dim[DNN_DIMS], uint32_t *n, int *type)
{
    *n = t->known ? t->n_dim : 0;
    *type = type_of(t);
    for (uint32_t i = 0; i < *n; i++) {
        dim[i] = (double)t->dim[i];
    }
}

static enum kernel kind_of(const struct dnn *d, const struct dnn_layer *l)
{
    struct operator_shapes s = {.n_in = l->n_in < SHAPES ? l->n_in : SHAPES, .n_out = 1};
    struct operator_cost counted;
    for (uint32_t i = 0; i < s.n_in; i++) {
        take_shape(&d->tensor[l->in[i]], s.in[i], &s.in_dims[i], &s.in_type[i]);
    }
    if (l->n_out > 0) {
        take_shape(&d->tensor[l->out[0]], s.out, &s.out_dims, &s.out_type);
    }
    operator_count(l->op, &s, &counted);
    return counted.kernel;
}

static bool is_dense(enum kernel k)
{
    return k <= KERNEL_DEPTHWISE || k >= KERNEL_GEMM_INT8;
}

/* Is it computed with a dense layer before it, directly or behind such a layer?  It has one input that is no parameter. */
static bool is_fused(const struct dnn *d, uint32_t layer)
{
    static const char *const with[] = {"BatchNormalization", "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid",
                                       "HardSwish", "Identity", NULL};
    for (;;) {
        const struct dnn_layer *l = &d->layer[layer];
        uint32_t before = DNN_NONE, n = 0;
        bool one_of = false;
        for (int i = 0; with[i] && !one_of; i++) {
            one_of = strcmp(l->op, with[i]) == 0;
        }
        for (uint32_t i = 0; i < l->n_in; i++) {
            n += !d->tensor[l->in[i]].parameter;
            before = d->tensor[l->in[i]].parameter ? before : d->tensor[l->in[i]].maker;
        }
        if (!one_of || n != 1 || before == DNN_NONE) {
            return false;
        }
        if (is_dense(kind_of(d, &d->layer[before]))) {
            return true;
        }
        layer = before;
    }
}

void dnn_operators_print(FILE *out, const struct dnn *d, const uint32_t *of, uint32_t part)
{
    double flop[N_KERNEL] = {0}, bytes[N_KERNEL] = {0};
    unsigned count[N_KERNEL] = {0};
    const char *comma = "";
    for (uint32_t k = 0; k < d->n_layer; k++) {
        const struct dnn_layer *l = &d->layer[k];
        const double moved = l->read_bytes + l->written_bytes;
        if (of[k] != part || (l->flop == 0 && moved == 0) || is_fused(d, k)) {
            continue;
        }
        const enum kernel kind = kind_of(d, l);
        count[kind]++;
        flop[kind] += l->flop;
        bytes[kind] += moved;
    }
    fputs("{operators: {", out);
    for (int k = 0; k < N_KERNEL; k++) {
        if (count[k] > 0) {
            fprintf(out, "%s%s: {count: %u, flop: %.6g MFLOP, bytes: %.6g kB}", comma, kernel_name[k], count[k], flop[k] / 1e6,
                    bytes[k] / 1e3);
            comma = ", ";
        }
    }
    fputs("}}", out);
}
