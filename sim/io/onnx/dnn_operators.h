/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dnn_operators.h - layers of a neural network as `work: {operators: ...}`, by the kinds that profiles of processors have laws for.
 *
 * What a runtime computes together with the convolution or matrix product before it (a norm with fixed numbers, an activation)
 * costs nothing of its own, for the laws are of operators as they are run; nor do layers that move no byte.
 */
#ifndef SIM_IO_ONNX_DNN_OPERATORS_H
#define SIM_IO_ONNX_DNN_OPERATORS_H

#include <stdio.h>

#include "sim/model/dnn.h"

/* Which layers are computed with the one before: fused[n_layer] in the arena, or NULL: no memory. */
const bool *dnn_fused(const struct dnn *d, struct arena *a);
/* "{operators: {conv: {count: 5, flop: 12 MFLOP, bytes: 30 kB}}}" of layer[n]; "0 FLOP" if none of them costs anything. */
void dnn_operators_print(FILE *out, const struct dnn *d, const bool *fused, const uint32_t *layer, uint32_t n);

#endif
