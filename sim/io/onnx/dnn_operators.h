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

/* "{operators: {conv: {count: 5, flop: 12 MFLOP, bytes: 30 kB}}}" of the layers with of[layer] = part. */
void dnn_operators_print(FILE *out, const struct dnn *d, const uint32_t *of, uint32_t part);

#endif
