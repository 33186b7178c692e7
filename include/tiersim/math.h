/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * <tiersim/math.h> - elementary functions for policies.  What a policy computes decides events, so it may not depend on
 * the mathematical library or the processor: these give the same bits on every x86-64, which log and exp of <math.h> do
 * not.  +, -, *, /, sqrt, floor and fabs of doubles do too.
 */
#ifndef TIERSIM_MATH_H
#define TIERSIM_MATH_H

#include <tiersim/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Natural logarithm: -INFINITY of 0, NAN below.  Within .9 ulp. */
TS_VISIBLE double ts_math_log(double x);
/* e^x, within .7 ulp. */
TS_VISIBLE double ts_math_exp(double x);
/* e^x - 1 without cancellation for small x, within 1.1 ulp. */
TS_VISIBLE double ts_math_expm1(double x);
/* The x below which a standard normal variable lies with probability p, 0 < p < 1: of a uniform draw, a normal one. */
TS_VISIBLE double ts_math_normal(double p);

#ifdef __cplusplus
}
#endif
#endif
