/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * operators.h - which operators are measured, in which sizes, and the models that hold them.
 *
 * Sizes of a kind are points of a Halton sequence over its range, on a logarithmic scale: every part of the range is visited
 * whatever the number, and a longer list begins with the shorter one.  About a quarter is held back from the fit, by a further
 * coordinate of the sequence, so that these lie all over the range, too.  A model is a chain of like operators, each with
 * weights of its own, so that what is measured is an operator among others and not the start of a model; where an operator
 * changes the shape, every second one changes it back, at the same flop and bytes.
 *
 * flop counts a multiplication and an addition as two; bytes are inputs, weights and outputs once each, and what an operator
 * writes and reads between its steps: the scores of attention, the sums of 8-bit operators before they are scaled.
 */
#ifndef SIM_CALIBRATE_OPERATORS_H
#define SIM_CALIBRATE_OPERATORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/io/onnx/kind.h"

struct err;

enum { OPERATOR_CHAIN = 4, OPERATOR_SIZES = 3 };

struct operator_case {
    enum kernel kernel;
    uint32_t batch;
    uint32_t size[OPERATOR_SIZES]; /* of the kind: see operator_size_name */
    uint32_t chain;                /* like operators in the model */
    bool held;                     /* back from the fit */
    double flop, bytes, weight_bytes; /* of one of them */
};

/* What the sizes of a kind are called, such as "m k n"; for reports. */
const char *operator_size_name(enum kernel k);
/* The first n sizes of a kind into out[n], batch 1. */
void operator_cases(enum kernel k, uint32_t n, struct operator_case *out);
/* The same operator on `batch` samples at once. */
struct operator_case operator_batched(const struct operator_case *c, uint32_t batch);
/* Its model, to be freed.  ERR_MEMORY. */
int operator_model(const struct operator_case *c, void **bytes, size_t *n, struct err *e);
/* A chain of n additions of single numbers: what a model costs beyond its operators. */
int operator_empty_model(uint32_t n, void **bytes, size_t *n_bytes, struct err *e);

#endif
