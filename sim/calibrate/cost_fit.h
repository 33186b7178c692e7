/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cost_fit.h - the law of an operator from measured times: t = t0 + flop/F + bytes/B by least squares with weights 1/t^2, so
 * that it is the relative error that is least and small operators count as much as large ones.
 *
 * A term that comes out negative or cannot be told from 0 (its t value is below 2) is left out and the rest fitted anew, the
 * worst first, until all that are left stand; the last one always stays.
 */
#ifndef SIM_CALIBRATE_COST_FIT_H
#define SIM_CALIBRATE_COST_FIT_H

#include <stddef.h>

#include "sim/model/cost.h"

struct err;

struct cost_sample {
    double flop, bytes, s; /* of one operator; s > 0 */
    bool held;             /* not fitted to: what the law says of it is held against it */
};

/*
 * Fit a law to those of x[n] that are not held back; at least 4 of them.  held_error is over those that are.  ERR_NUMERIC:
 * there are fewer, or they are all alike.
 */
int cost_fit(const struct cost_sample *x, size_t n, struct cost_law *out, struct err *e);

/* Amdahl's share s of t(k) = t(1) (s + (1 - s) / k), from ratio[n] = t(threads[n]) / t(1); in [0, 1], NAN if none has k > 1. */
double cost_fit_serial(const double *threads, const double *ratio, size_t n);
/* The share c of t(b) = t(1) (c + (1 - c) b), by relative least squares; in [0, 1], NAN if none has b > 1. */
double cost_fit_batch(const double *batch, const double *ratio, size_t n);

#endif
