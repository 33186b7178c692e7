/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lambert.h - Lambert's W as the slot problems need it: how far its principal branch lies above the branch point,
 * y = 1 + W((d - 1) / e), which is the y >= 0 with 1 + (y - 1) e^y = d.  In these terms nothing cancels near the branch
 * point, where d = 0 and y is nearly sqrt(2 d).
 *
 * Source: Corless, Gonnet, Hare, Jeffrey, Knuth, Adv. Comput. Math. 5 (1996) 329-359.
 */
#ifndef POLICIES_LAMBERT_H
#define POLICIES_LAMBERT_H

#include <math.h>
#include <tiersim/math.h>

/* For 0 <= d; infinite if d is.  Within a few ulp (of d, for small y). */
static inline double lambert_above(double d)
{
    enum { STEPS = 60 };
    if (!(d > 0)) {
        return 0;
    }
    if (d == (double)INFINITY) {
        return d;
    }
    /* The root lies below either start: y e^y - (e^y - 1) >= y^2 / 2, and 1 + W(x) <= 1 + log(1 + x) for x >= 0. */
    double y = d < 1 ? sqrt(2 * d) : 1 + ts_math_log(1 + (d - 1) * 0x1.78b56362cef38p-2);
    for (int i = 0; i < STEPS; i++) { /* the function is convex, so Newton's steps lead down to the root */
        double power = ts_math_exp(y), step = (y * power - ts_math_expm1(y) - d) / (y * power);
        y -= step;
        if (!(step > y * 0x1p-50)) {
            break;
        }
    }
    return y;
}

#endif
