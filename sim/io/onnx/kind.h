/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kind.h - the kind, flop and bytes of a node of any model, from its operator and the shapes of its tensors.  What is none of
 * the kinds that processors have laws for (sim/model/cost.h) counts as elementwise; what only moves data as elementwise of no
 * flop.
 */
#ifndef SIM_IO_ONNX_KIND_H
#define SIM_IO_ONNX_KIND_H

#include <stdint.h>

#include "sim/model/cost.h"

enum {
    OPERATOR_WINDOW = 3,    /* side of the windows of pools whose own is not known */
    OPERATOR_SUM_BYTES = 8, /* of 8-bit operators, for each output: 32 bits, written and read */
};

struct operator_cost {
    enum kernel kernel;
    double flop, bytes;
};

struct operator_shapes {
    uint32_t n_in, n_out;
    int in_type[4], out_type; /* enum ort_type; of the first inputs and output */
    uint32_t in_dims[4], out_dims;
    double in[4][8], out[8];
};
void operator_count(const char *op, const struct operator_shapes *s, struct operator_cost *out);

#endif
