/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/fmath.h"

double ts_log1p(double x)
{
    if (!(x > -1.0) || x > 0x1.fffffffffffffp1023) {
        return x == -1.0 ? -(double)INFINITY : x > 0.0 ? x : (double)NAN;
    }
    if (fabs(x) < 0x1p-54) {
        return x;
    }
    double u = 1.0 + x;
    struct fmath_parts p = fmath_split(u);
    if (p.exponent == 1023) {
        return fmath_log_reduced(x, 0.0, 0.0);
    }
    double lost = x > 1.0 ? 1.0 - (u - x) : x - (u - 1.0);
    return fmath_log_reduced(p.significand - 1.0, fmath_whole(p.exponent) - 1023.0, lost / u);
}

double ts_expm1(double x)
{
    if (!(x < 40.0)) {
        return ts_exp(x);
    }
    if (x < -40.0) {
        return -1.0;
    }
    if (fabs(x) < 0x1p-54) {
        return x;
    }
    struct fmath_turns t = fmath_exp_reduce(x, 0.0);
    double power = fmath_double((t.biased - 1023) << 52);
    double tail = t.r * t.r * (0.5 + t.r * fmath_exp_series(t.r)) + t.rest;
    double a = power - 1.0, b = power * t.r, sum = a + b, lost;
    lost = fabs(a) >= fabs(b) ? (a - sum) + b : (b - sum) + a;
    return sum + (lost + power * tail);
}

/* An unevaluated sum hi + lo of about 106 bits, |lo| <= ulp(hi) / 2. */
struct pair {
    double hi, lo;
};

static struct pair pair_of_sum(double a, double b) /* |a| >= |b| */
{
    double s = a + b;
    return (struct pair){s, (a - s) + b};
}

/* Dekker's exact product; |a|, |b| < 2^995. */
static struct pair pair_of_product(double a, double b)
{
    double ca = a * 0x1.0000002p27, cb = b * 0x1.0000002p27;
    double ah = ca - (ca - a), al = a - ah, bh = cb - (cb - b), bl = b - bh, p = a * b;
    return (struct pair){p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
}

static struct pair pair_multiply(struct pair a, struct pair b)
{
    struct pair p = pair_of_product(a.hi, b.hi);
    return pair_of_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
}

static struct pair pair_add(struct pair a, struct pair b) /* |a| >= |b| */
{
    struct pair s = pair_of_sum(a.hi, b.hi);
    return pair_of_sum(s.hi, s.lo + (a.lo + b.lo));
}

/* log x to a relative error of 2^-64, x > 0 and finite: k log 2 + 2 s (1 + z/3 + z^2 (1/5 + ...)), z = s^2. */
static struct pair log_pair(double x)
{
    int low = x < 0x1p-1022;
    struct fmath_parts p = fmath_split(low ? x * 0x1p54 : x);
    double k = fmath_whole(p.exponent) - (low ? 1077.0 : 1023.0), f = p.significand - 1.0;
    struct pair d = pair_of_sum(2.0, f);
    double s = f / d.hi;
    struct pair back = pair_of_product(s, d.hi);
    struct pair quotient = {s, (((f - back.hi) - back.lo) - s * d.lo) / d.hi};
    struct pair z = pair_multiply(quotient, quotient);
    double w = z.hi, rest = 0x1.e02e6fff27908p-5;
    static const double series[] = {0x1.df7cc8e5fa539p-5, 0x1.1118c7e4b0917p-4, 0x1.3b1395d2190c1p-4,
                                    0x1.745d177a96056p-4, 0x1.c71c71c6eaa10p-4, 0x1.2492492492521p-3,
                                    0x1.999999999999ap-3};
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++) {
        rest = rest * w + series[i];
    }
    struct pair third = pair_multiply(z, (struct pair){0x1.5555555555555p-2, 0x1.5555555555555p-56});
    struct pair bracket = pair_add((struct pair){1.0, 0.0}, pair_add(third, (struct pair){rest * w * w, 0.0}));
    struct pair y = pair_multiply((struct pair){2.0 * quotient.hi, 2.0 * quotient.lo}, bracket);
    if (k == 0.0) {
        return y;
    }
    /* log 2 in 42 and 53 bits, so that k times the first is exact. */
    struct pair whole = pair_of_sum(k * 0x1.62e42fefa3800p-1, k * 0x1.ef35793c76730p-45);
    return pair_add(whole, y);
}

/* 0 if y is not whole, 1 if it is odd, 2 if it is even. */
static int whole_parity(double y)
{
    if (floor(y) != y) {
        return 0;
    }
    return fabs(y) < 0x1p53 && floor(0.5 * y) != 0.5 * y ? 1 : 2;
}

/* x or y is 0, infinite or NaN. */
static double pow_special(double x, double y)
{
    if (x == 1.0 || y == 0.0) {
        return 1.0;
    }
    if (x != x || y != y) {
        return (double)NAN;
    }
    double size = fabs(x);
    if (fabs(y) == (double)INFINITY) {
        if (size == 1.0) {
            return 1.0;
        }
        return (size > 1.0) == (y > 0.0) ? (double)INFINITY : 0.0;
    }
    double value = (size == 0.0) == (y > 0.0) ? 0.0 : (double)INFINITY;
    return fmath_bits(x) >> 63 && whole_parity(y) == 1 ? -value : value;
}

double ts_pow(double x, double y)
{
    double size = fabs(x), sign = 1.0;
    if (!(size > 0.0 && size < (double)INFINITY && y != 0.0 && fabs(y) < (double)INFINITY)) {
        return pow_special(x, y);
    }
    if (x < 0.0) {
        int parity = whole_parity(y);
        if (parity == 0) {
            return (double)NAN;
        }
        sign = parity == 1 ? -1.0 : 1.0;
    }
    /* Beyond these limits of y every result is 0, 1 or infinite, and products could not be split. */
    double held = fabs(y) > 0x1p64 ? (y > 0.0 ? 0x1p64 : -0x1p64) : y;
    if (size == 1.0 || fabs(held) < 0x1p-65) {
        return sign;
    }
    struct pair l = log_pair(size), t = pair_of_product(held, l.hi);
    t = pair_of_sum(t.hi, t.lo + held * l.lo);
    return sign * fmath_exp_sum(t.hi, fabs(t.hi) < 1000.0 ? t.lo : 0.0);
}

__extension__ typedef unsigned __int128 fmath_u128;

/* The bits of 2/pi behind its binary point, after 64 zeros. */
static const uint64_t two_over_pi[] = {
    0x0000000000000000u, 0xa2f9836e4e441529u, 0xfc2757d1f534ddc0u, 0xdb6295993c439041u, 0xfe5163abdebbc561u,
    0xb7246e3a424dd2e0u, 0x06492eea09d1921cu, 0xfe1deb1cb129a73eu, 0xe88235f52ebb4484u, 0xe99c7026b45f7e41u,
    0x3991d639835339f4u, 0x9c845f8bbdf9283bu, 0x1ff897ffde05980fu, 0xef2f118b5a0a6d1fu, 0x6d367ecf27cb09b7u,
    0x4f463f669e5fea2du, 0x7527bac7ebe5f17bu, 0x3d0739f78a5292eau, 0x6bfb5fb11f8d5d08u, 0x56033046fc7b6babu,
    0xf0cfbc209af4361du,
};

/*
 * x = (quadrant + fraction) pi/2 with |fraction| <= 1/2; gives fraction pi/2 as a pair, x finite, pi/4 < x.
 * Payne and Hanek in integers: x = m 2^e.  Of 2/pi the bits that would add whole turns to m 2^e 2/pi are left out; 192
 * bits from there leave an error below 2^-137 turns, and no double comes nearer to a multiple of pi/2 than 2^-62.
 */
static struct pair quadrant_of(double x, unsigned *quadrant)
{
    uint64_t bits = fmath_bits(x), m = (bits & 0x000fffffffffffffu) | 0x0010000000000000u;
    unsigned first = (unsigned)(bits >> 52) - 1075 + 62; /* exponent e, whose bit e - 1 behind the point weighs 2 */
    unsigned word = first / 64, bit = first % 64;
    uint64_t window[3];
    for (unsigned i = 0; i < 3; i++) {
        uint64_t next = word + i + 1 < sizeof two_over_pi / sizeof two_over_pi[0] ? two_over_pi[word + i + 1] : 0;
        window[i] = bit ? two_over_pi[word + i] << bit | next >> (64 - bit) : two_over_pi[word + i];
    }
    fmath_u128 low = (fmath_u128)m * window[2], mid = (fmath_u128)m * window[1] + (uint64_t)(low >> 64);
    uint64_t top = m * window[0] + (uint64_t)(mid >> 64);
    uint64_t rounded = top + ((uint64_t)1 << 61);
    *quadrant = (unsigned)(rounded >> 62);
    fmath_u128 fraction = (fmath_u128)(top - (rounded & 0xc000000000000000u)) << 64 | (uint64_t)mid;
    int negative = (int)(fraction >> 127);
    uint64_t tail = (uint64_t)low;
    if (negative) {
        fraction = ~fraction + (tail == 0);
        tail = -tail;
    }
    /* The leading 106 of the fraction's bits, whose first weighs 2^1. */
    uint64_t head = (uint64_t)(fraction >> 64);
    int zeros = head ? __builtin_clzll(head) : 64 + __builtin_clzll((uint64_t)fraction | 1);
    fraction = fraction << zeros | (zeros ? (fmath_u128)tail << 64 >> (128 - zeros) : 0);
    double unit = fmath_double((uint64_t)(1023 - 50 - zeros) << 52);
    double hi = fmath_whole((uint64_t)(fraction >> 76) & 0x000fffffffffffffu) * unit;
    double lo = fmath_whole((uint64_t)(fraction >> 24) & 0x000fffffffffffffu) * unit * 0x1p-52;
    struct pair r = pair_multiply(pair_of_sum(hi, lo), (struct pair){0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54});
    return negative ? (struct pair){-r.hi, -r.lo} : r;
}

/* sin and cos of r.hi + r.lo, |r| <= pi/4. */
static double sin_near(struct pair r)
{
    double x = r.hi, z = x * x, w = z * z;
    double series = 0x1.1111111110bb2p-7 + z * -0x1.a01a019e83816p-13 +
                    w * (0x1.71de379654304p-19 + z * -0x1.ae600aca92c64p-26 + w * 0x1.5e0b05bff20f2p-33);
    double cube = x * z;
    return x + (cube * (-0x1.5555555555555p-3 + z * series) + (r.lo - 0.5 * z * r.lo));
}

static double cos_near(struct pair r)
{
    double x = r.hi, z = x * x, w = z * z;
    double series = (0x1.5555555555555p-5 + z * -0x1.6c16c16c16967p-10) +
                    w * ((0x1.a01a019f4e9b4p-16 + z * -0x1.27e4fa17bf139p-22) +
                         w * (0x1.1eeb68cd22f56p-29 + z * -0x1.907d8f29fe831p-37));
    double half = 0.5 * z, sum = 1.0 - half;
    return sum + (((1.0 - sum) - half) + (w * series - x * r.lo));
}

/* sin(x + turn pi/2) for x >= 0 */
static double sin_turned(double x, unsigned turn)
{
    struct pair r = {x, 0.0};
    if (!(x < (double)INFINITY)) {
        return (double)NAN;
    }
    if (x > 0x1.921fb54442d18p-1) {
        unsigned quadrant;
        r = quadrant_of(x, &quadrant);
        turn += quadrant;
    }
    double y = turn & 1u ? cos_near(r) : sin_near(r);
    return turn & 2u ? -y : y;
}

double ts_sin(double x)
{
    if (fabs(x) < 0x1p-27) {
        return x;
    }
    return x < 0.0 ? -sin_turned(-x, 0) : sin_turned(x, 0);
}

double ts_cos(double x)
{
    return sin_turned(fabs(x), 1);
}

/* Stirling's series above 13, where its ninth term is below 1e-18, and the recurrence below. */
double ts_lgamma(double x)
{
    static const double series[] = {1.0 / 12,      -1.0 / 360, 1.0 / 1260, -1.0 / 1680,
                                    1.0 / 1188, -691.0 / 360360, 1.0 / 156, -3617.0 / 122400};
    if (!(x > 0.0)) {
        return (double)NAN;
    }
    if (x > 0x1p1000) {
        return (double)INFINITY;
    }
    double product = 1.0;
    while (x < 13.0) {
        product *= x;
        x += 1.0;
    }
    double inverse = 1.0 / x, square = inverse * inverse, sum = 0.0;
    for (size_t i = sizeof series / sizeof series[0]; i-- > 0;) {
        sum = sum * square + series[i];
    }
    const double half_log_two_pi = 0x1.d67f1c864beb5p-1;
    return ((x - 0.5) * ts_log(x) - x + half_log_two_pi + sum * inverse) - ts_log(product);
}

/* Ratio of two polynomials of degree 7; the lower one begins with 1. */
FMATH_INLINE double ratio(const double above[8], const double below[7], double r)
{
    double a = above[7], b = below[6];
#pragma GCC unroll 7
    for (int i = 6; i >= 0; i--) {
        a = a * r + above[i];
        b = b * r + (i ? below[i - 1] : 1.0);
    }
    return a / b;
}

static const double middle_above[8] = {
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
    4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3};
static const double middle_below[7] = {4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
                                       2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4,
                                       5.2264952788528545610e3};
static const double tail_above[8] = {
    1.42343711074968357734e0, 4.63033784615654529590e0,  5.76949722146069140550e0,  3.64784832476320460504e0,
    1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double tail_below[7] = {2.05319162663775882187e0,  1.67638483018380384940e0,  6.89767334985100004550e-1,
                                     1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4,
                                     1.05075007164441684324e-9};
static const double far_above[8] = {
    6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,  2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double far_below[7] = {5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
                                    7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7,
                                    2.04426310338993978564e-15};

/* |p - 1/2| <= 0.425 */
FMATH_INLINE double probit_middle(double p)
{
    double q = p - 0.5;
    return q * ratio(middle_above, middle_below, 0.180625 - q * q);
}

/* Size of the variate in either tail, by the square root of -log of the probability beyond it; root <= 5. */
FMATH_INLINE double probit_tail(double root)
{
    return ratio(tail_above, tail_below, root - 1.6);
}

FMATH_INLINE double probit_root(double p)
{
    double q = 1.0 - p;
    return sqrt(-ts_log(p < q ? p : q));
}

double ts_probit(double p)
{
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        return probit_middle(p);
    }
    if (!(p > 0.0 && p < 1.0)) {
        return p == 0.0 ? -(double)INFINITY : p == 1.0 ? (double)INFINITY : (double)NAN;
    }
    double root = probit_root(p);
    double size = root <= 5.0 ? probit_tail(root) : ratio(far_above, far_below, root - 5.0);
    return q < 0.0 ? -size : size;
}

double ts_probit_inverse(double x)
{
    uint64_t low = 0, high = fmath_bits(1.0);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (ts_probit(fmath_double(middle)) >= x) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return fmath_double(low);
}

FMATH_WIDE static void log_wide(const double *x, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = ts_log(x[i]);
    }
}

FMATH_WIDE static void exp_wide(const double *x, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = ts_exp(x[i]);
    }
}

FMATH_WIDE static void probit_middle_wide(const double *p, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = probit_middle(p[i]);
    }
}

/* In place: p to the root, to the variate's size. */
FMATH_WIDE static void probit_tail_wide(double *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = probit_tail(probit_root(p[i]));
    }
}

void ts_log_fill(const double *x, double *out, size_t n)
{
    log_wide(x, out, n);
}

void ts_exp_fill(const double *x, double *out, size_t n)
{
    exp_wide(x, out, n);
}

/* Three in twenty lie in the tails: all are taken for the middle, then those are gathered and done again. */
void ts_probit_fill(const double *p, double *out, size_t n)
{
    enum { BLOCK = 64 };
    const double far = 0x1p-36; /* above e^-25, where the tail's formula ends */
    for (size_t done = 0; done < n; done += BLOCK) {
        size_t m = n - done < BLOCK ? n - done : BLOCK, n_tail = 0;
        double tail[BLOCK], whole[BLOCK];
        unsigned char where[BLOCK];
        memcpy(whole, p + done, m * sizeof *p);
        for (size_t i = 0; i < m; i++) {
            where[n_tail] = (unsigned char)i;
            tail[n_tail] = whole[i];
            n_tail += !(fabs(whole[i] - 0.5) <= 0.425);
        }
        probit_middle_wide(whole, out + done, m);
        probit_tail_wide(tail, n_tail);
        for (size_t t = 0; t < n_tail; t++) {
            double q = whole[where[t]];
            int plain = q > far && 1.0 - q > far;
            out[done + where[t]] = !plain ? ts_probit(q) : q < 0.5 ? -tail[t] : tail[t];
        }
    }
}
