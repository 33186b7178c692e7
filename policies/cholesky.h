/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cholesky.h - A = L L' of a small symmetric matrix, and its two triangular systems; all in a fixed order. */
#ifndef POLICIES_CHOLESKY_H
#define POLICIES_CHOLESKY_H

#include <math.h>

#include "policies/context.h"

/* a: row by row.  0, or -1 if it is not positive definite. */
static inline int cholesky_factor(const double *a, double l[][CONTEXT_D])
{
    for (int i = 0; i < CONTEXT_D; i++) {
        for (int j = 0; j <= i; j++) {
            double sum = a[i * CONTEXT_D + j];
            for (int k = 0; k < j; k++) {
                sum -= l[i][k] * l[j][k];
            }
            if (i == j && !(sum > 0)) {
                return -1;
            }
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
    }
    return 0;
}

/* x <- L^-1 x */
static inline void cholesky_down(double l[][CONTEXT_D], double x[CONTEXT_D])
{
    for (int i = 0; i < CONTEXT_D; i++) {
        for (int k = 0; k < i; k++) {
            x[i] -= l[i][k] * x[k];
        }
        x[i] /= l[i][i];
    }
}

/* x <- L'^-1 x */
static inline void cholesky_up(double l[][CONTEXT_D], double x[CONTEXT_D])
{
    for (int i = CONTEXT_D - 1; i >= 0; i--) {
        for (int k = i + 1; k < CONTEXT_D; k++) {
            x[i] -= l[k][i] * x[k];
        }
        x[i] /= l[i][i];
    }
}

#endif
