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

/* May a runtime compute it with what makes its only input that is no parameter, *before? */
static bool may_be_fused(const struct dnn *d, uint32_t layer, uint32_t *before)
{
    static const char *const with[] = {"BatchNormalization", "Relu", "Clip", "LeakyRelu", "Sigmoid", "Tanh", "HardSigmoid",
                                       "HardSwish", "Identity", NULL};
    const struct dnn_layer *l = &d->layer[layer];
    uint32_t n = 0;
    bool one_of = false;
    *before = DNN_NONE;
    for (int i = 0; with[i] && !one_of; i++) {
        one_of = strcmp(l->op, with[i]) == 0;
    }
    for (uint32_t i = 0; i < l->n_in; i++) {
        n += !d->tensor[l->in[i]].parameter;
        *before = d->tensor[l->in[i]].parameter ? *before : d->tensor[l->in[i]].maker;
    }
    return one_of && n == 1 && *before != DNN_NONE;
}

const bool *dnn_fused(const struct dnn *d, struct arena *a)
{
    bool *fused = ARENA_NEW(a, d->n_layer + 1, bool);
    for (uint32_t k = 0; fused && k < d->n_layer; k++) {
        uint32_t before;
        fused[k] = may_be_fused(d, k, &before) && (fused[before] || is_dense(kind_of(d, &d->layer[before])));
    }
    return fused;
}

void dnn_operators_print(FILE *out, const struct dnn *d, const bool *fused, const uint32_t *layer, uint32_t n)
{
    double flop[N_KERNEL] = {0}, bytes[N_KERNEL] = {0};
    unsigned count[N_KERNEL] = {0}, all = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct dnn_layer *l = &d->layer[layer[i]];
        const double moved = l->read_bytes + l->written_bytes;
        if ((l->flop == 0 && moved == 0) || fused[layer[i]]) {
            continue;
        }
        const enum kernel kind = kind_of(d, l);
        count[kind]++;
        all++;
        flop[kind] += l->flop;
        bytes[kind] += moved;
    }
    const char *separator = "{operators: {";
    for (int k = 0; k < N_KERNEL; k++) {
        if (count[k] > 0) {
            fprintf(out, "%s%s: {count: %u, flop: %.6g MFLOP, bytes: %.6g kB}", separator, kernel_name[k], count[k], flop[k] / 1e6,
                    bytes[k] / 1e3);
            separator = ", ";
        }
    }
    fputs(all > 0 ? "}}" : "0 FLOP", out);
}
