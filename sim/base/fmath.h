/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fmath.h - the elementary functions on the way to a result: the same bits on every x86-64, compiler and optimisation.
 *
 * The mathematical library may choose another algorithm on another processor (glibc does, where there is FMA), so its
 * log, exp and pow may not decide an event.  These are plain C with a fixed order of operations: additions,
 * multiplications, divisions and square roots of IEEE 754 doubles, rounded to nearest, never contracted
 * (-ffp-contract=off).  Polynomials interpolate at the Chebyshev nodes of their interval, computed with 400 bits.
 *
 * Error over the whole range, in units in the last place, as tests/unit/test_fmath.c checks it on 10^6 arguments of each
 * against long double (the worst seen in parentheses): log .9 (.84), log1p .9 (.84), exp .7 (.65), expm1 1.1 (.99), pow
 * .8 (.75), sin and cos .9 (.85); 1 for a subnormal exp or pow, which is rounded twice.  Special values are as in ISO C
 * annex F, and a NaN result is always the same NaN.
 *
 * ts_log and ts_exp have no branch, so a loop over them is vectorised; mark the function that holds the loop FMATH_WIDE.
 * Lanes are independent, so the bits do not depend on the width.
 */
#ifndef SIM_BASE_FMATH_H
#define SIM_BASE_FMATH_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FMATH_INLINE static inline __attribute__((always_inline))

/*
 * For a static function that loops over FMATH_INLINE ones: compiled for each width of the processor, chosen at load.
 * That no exception flag is read lets the compiler compute both sides of a ?:, without which there are no vectors.
 */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define FMATH_WIDE __attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3", "no-trapping-math")))
#else
#define FMATH_WIDE
#endif

/* The bits of a double, and back. */
FMATH_INLINE uint64_t fmath_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

FMATH_INLINE double fmath_double(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* A whole number below 2^52 as a double: vector units before AVX-512DQ have no conversion of 64-bit integers. */
FMATH_INLINE double fmath_whole(uint64_t n)
{
    return fmath_double(0x4330000000000000u | n) - 0x1p52;
}

#define FMATH_LN2_HI 0x1.62e42fee00000p-1 /* 32 bits: its product with an exponent is exact */
#define FMATH_LN2_LO 0x1.a39ef35793c76p-33

/* 2 atanh(s) / s - 2, where z = s * s < 0.0295: log((1+s)/(1-s)) without its first term.  Error below 2^-56. */
FMATH_INLINE double fmath_log_series(double z)
{
    double w = z * z;
    double even = w * (0x1.99999999952d7p-2 + w * (0x1.c71c62e3f11e6p-3 + w * 0x1.39fe51a7c18f9p-3));
    double odd = 0x1.5555555555558p-1 +
                 w * (0x1.2492492df281ap-2 + w * (0x1.7462b51cb66b1p-3 + w * 0x1.2b5900de53b32p-3));
    return z * odd + even;
}

/* log(1 + f) + k log 2 + c for sqrt(1/2) - 1 <= f <= sqrt(2) - 1 and a small c: with s = f / (2 + f) and h = f^2 / 2,
 * log(1 + f) = f - (h - s (h + series)). */
FMATH_INLINE double fmath_log_reduced(double f, double k, double c)
{
    double s = f / (2.0 + f), h = 0.5 * f * f;
    double rest = s * (h + fmath_log_series(s * s));
    return k * FMATH_LN2_HI - ((h - (rest + (k * FMATH_LN2_LO + c))) - f);
}

/* x > 0 and normal is 2^(exponent - 1023) * significand with significand in [sqrt(1/2), sqrt(2)). */
struct fmath_parts {
    double significand;
    uint64_t exponent;
};

FMATH_INLINE struct fmath_parts fmath_split(double x)
{
    const uint64_t root_half = 0x3fe6a09e667f3bcdu, one = 0x3ff0000000000000u;
    uint64_t shifted = fmath_bits(x) + (one - root_half);
    return (struct fmath_parts){fmath_double((shifted & 0x000fffffffffffffu) + root_half), shifted >> 52};
}

/* Natural logarithm.  -INFINITY of 0, NaN below. */
FMATH_INLINE double ts_log(double x)
{
    double raised = x * 0x1p54;
    int low = x < 0x1p-1022;
    struct fmath_parts p = fmath_split(low ? raised : x);
    double k = fmath_whole(p.exponent) - (low ? 1077.0 : 1023.0);
    double y = fmath_log_reduced(p.significand - 1.0, k, 0.0);
    y = x <= 0x1.fffffffffffffp1023 ? y : (double)INFINITY;
    y = x >= 0.0 ? y : (double)NAN;
    return x == 0.0 ? -(double)INFINITY : y;
}

/* (e^r - 1 - r - r^2/2) / r^3 for |r| <= log(2) / 2.  Error below 2^-55. */
FMATH_INLINE double fmath_exp_series(double r)
{
    double r2 = r * r, r4 = r2 * r2;
    double a = 0x1.5555555555556p-3 + r * 0x1.5555555555555p-5, b = 0x1.11111111109b3p-7 + r * 0x1.6c16c16c167e1p-10;
    double c = 0x1.a01a01a7c41d5p-13 + r * 0x1.a01a01a47b054p-16, d = 0x1.71de0dae63bb3p-19 + r * 0x1.27e4e1f48534fp-22;
    double e = 0x1.af38a9b0ec855p-26 + r * 0x1.1f66df7fca49fp-29;
    return (a + r2 * b) + r4 * ((c + r2 * d) + r4 * e);
}

/* x + low = k log 2 + r + rest, |r| <= log(2) / 2.  k is biased by 2046, so that its halves are biased exponents. */
struct fmath_turns {
    double r, rest, k;
    uint64_t biased;
};

FMATH_INLINE struct fmath_turns fmath_exp_reduce(double x, double low)
{
    const double round = 0x1.8p52 + 2046.0;
    double shifted = x * 0x1.71547652b82fep+0 + round, k = shifted - round;
    double a = x - k * FMATH_LN2_HI, b = k * FMATH_LN2_LO - low, r = a - b;
    return (struct fmath_turns){r, (a - r) - b, k, fmath_bits(shifted) & 0xfffu};
}

/* e^(x + low), |low| far below |x|. */
FMATH_INLINE double fmath_exp_sum(double x, double low)
{
    double clipped = x < -746.0 ? -746.0 : x;
    clipped = clipped > 710.0 ? 710.0 : clipped;
    struct fmath_turns t = fmath_exp_reduce(clipped, low);
    double tail = t.r * t.r * (0.5 + t.r * fmath_exp_series(t.r)) + t.rest;
    double sum = 1.0 + t.r, lost = (1.0 - sum) + t.r;
    uint64_t half = t.biased >> 1;
    double y = (sum + (lost + tail)) * fmath_double(half << 52) * fmath_double((t.biased - half) << 52);
    return x == x ? y : (double)NAN;
}

FMATH_INLINE double ts_exp(double x)
{
    return fmath_exp_sum(x, 0.0);
}

/* log(1 + x) and e^x - 1 without cancellation for small x. */
double ts_log1p(double x);
double ts_expm1(double x);

double ts_pow(double x, double y);

/* Any finite argument, in radians. */
double ts_sin(double x);
double ts_cos(double x);

/* log gamma(x) for x > 0, within 3e-14 + 2^-51 of itself; NaN elsewhere.  For the moments of distributions. */
double ts_lgamma(double x);

/*
 * The x below which a standard normal variable lies with probability p: algorithm AS 241, PPND16 (Wichura, Applied
 * Statistics 37, 1988), relative error 1e-15 or so.  -INFINITY at 0, INFINITY at 1, NaN outside.  Odd about 1/2 and
 * increasing in p.
 */
double ts_probit(double p);
/* Its inverse by bisection: the least p with ts_probit(p) >= x.  Slow; for tables and limits. */
double ts_probit_inverse(double x);

/* The same, bit for bit, of each x[i] into out[i]; out may be x. */
void ts_log_fill(const double *x, double *out, size_t n);
void ts_exp_fill(const double *x, double *out, size_t n);
void ts_probit_fill(const double *p, double *out, size_t n);

#endif
