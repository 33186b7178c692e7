/* SPDX-License-Identifier: GPL-3.0-or-later */
/* math.c - <tiersim/math.h>: what policies may use of fmath.h, under names of its own since those are inline. */
#include <tiersim/math.h>

#include "sim/base/fmath.h"

double ts_math_log(double x)
{
    return ts_log(x);
}

double ts_math_exp(double x)
{
    return ts_exp(x);
}

double ts_math_expm1(double x)
{
    return ts_expm1(x);
}

double ts_math_normal(double p)
{
    return ts_probit(p);
}
