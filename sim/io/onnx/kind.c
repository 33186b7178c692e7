/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/kind.h"

#include <string.h>

#include "sim/io/ort/ort.h"

static double elements(const double *dim, uint32_t n)
{
    double product = 1;
    for (uint32_t i = 0; i < n; i++) {
        product *= dim[i];
    }
    return product;
}

static bool starts(const char *op, const char *with)
{
    return strncmp(op, with, strlen(with)) == 0;
}

static bool one_of(const char *op, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(op, *list) == 0) {
            return true;
        }
    }
    return false;
}

/* A convolution's window and groups are in the shape of its weights: out, in / groups, window. */
static enum kernel kind_of_conv(const struct operator_shapes *s, uint32_t weight)
{
    const double window = elements(s->in[weight] + 2, s->in_dims[weight] > 2 ? s->in_dims[weight] - 2 : 0);
    const bool int8 = ort_type_bytes(s->in_type[0]) == 1;
    const bool depthwise = s->in[weight][1] == 1 && s->in_dims[0] > 1 && s->in[0][1] > 1;
    return int8 ? KERNEL_CONV_INT8 : depthwise ? KERNEL_DEPTHWISE : window > 1 ? KERNEL_CONV : KERNEL_POINTWISE;
}

void operator_count(const char *op, const struct operator_shapes *s, struct operator_cost *out)
{
    static const char *const pools[] = {"MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool", NULL};
    static const char *const norms[] = {"LayerNormalization", "SkipLayerNormalization", "LRN", "BatchNormalization",
                                        "InstanceNormalization", "Softmax", NULL};
    static const char *const moves[] = {"Reshape", "Concat", "Transpose", "ReorderInput", "ReorderOutput", "Slice", "Cast",
                                        "Squeeze", "Unsqueeze", "Flatten", "Identity", "Split", NULL};
    const double n_out = elements(s->out, s->out_dims), n_in = elements(s->in[0], s->in_dims[0]);
    double bytes = n_out * (double)ort_type_bytes(s->out_type);
    for (uint32_t i = 0; i < s->n_in && i < 4; i++) {
        bytes += elements(s->in[i], s->in_dims[i]) * (double)ort_type_bytes(s->in_type[i]);
    }
    *out = (struct operator_cost){.kernel = KERNEL_ELEMENTWISE, .flop = n_out, .bytes = bytes};
    const uint32_t weight = starts(op, "QLinear") ? 3 : 1;
    if ((starts(op, "Conv") || starts(op, "FusedConv") || starts(op, "NhwcFusedConv") || starts(op, "QLinearConv")) &&
        s->n_in > weight && s->in_dims[weight] > 2 && s->in[weight][0] > 0) {
        out->kernel = kind_of_conv(s, weight);
        out->flop = 2 * n_out * elements(s->in[weight], s->in_dims[weight]) / s->in[weight][0];
    } else if ((strstr(op, "Gemm") || strstr(op, "MatMul")) && s->in_dims[0] > 0) {
        out->kernel = ort_type_bytes(s->in_type[0]) == 1 ? KERNEL_GEMM_INT8 : KERNEL_GEMM;
        out->flop = 2 * n_out * s->in[0][s->in_dims[0] - 1];
    } else if (one_of(op, pools)) {
        out->kernel = KERNEL_POOL;
        out->flop = starts(op, "Global") ? n_in : n_out * OPERATOR_WINDOW * OPERATOR_WINDOW;
    } else if (one_of(op, norms)) {
        out->kernel = KERNEL_NORM;
        out->flop = 8 * n_out;
    } else if (strcmp(op, "Gather") == 0) {
        out->kernel = KERNEL_EMBEDDING;
        out->flop = 0;
        out->bytes = 2 * n_out * (double)ort_type_bytes(s->out_type);
    } else if (one_of(op, moves)) {
        out->flop = 0;
    }
    out->bytes += out->kernel == KERNEL_GEMM_INT8 || out->kernel == KERNEL_CONV_INT8 ? OPERATOR_SUM_BYTES * n_out : 0;
}
