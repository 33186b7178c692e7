/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dist_draw.c - from uniforms to variates, one by one and in blocks, and back to probabilities. */
#include "sim/base/dist.h"

#include <gsl/gsl_cdf.h>

#include "sim/base/fmath.h"

/* -log(1 - u), a unit exponential that rises with u; 1 - u is exact on the grid of the uniforms. */
FMATH_INLINE double unit_exponential(double u)
{
    return -ts_log(1.0 - u);
}

FMATH_INLINE double weibull_at(double inverse_shape, double scale, double exponential)
{
    return scale * ts_exp(inverse_shape * ts_log(exponential));
}

FMATH_INLINE double pareto_at(double inverse_shape, double minimum, double u)
{
    return minimum * ts_exp(inverse_shape * unit_exponential(u));
}

/* The place of u in a share that starts at `start`, again in the open interval (0,1). */
FMATH_INLINE double rescale(double u, double start, double share)
{
    double v = (u - start) / share;
    v = v < 0x1.fffffffffffffp-1 ? v : 0x1.fffffffffffffp-1;
    return v > 0x1p-53 ? v : 0x1p-53;
}

/* a if the condition holds, else b; of a chain of ?: the compiler makes jumps and no AVX-512. */
FMATH_INLINE double choose(int condition, double a, double b)
{
    uint64_t mask = -(uint64_t)condition;
    return fmath_double((fmath_bits(a) & mask) | (fmath_bits(b) & ~mask));
}

FMATH_INLINE double hyper_at(const double start[DIST_BRANCHES], const double share[DIST_BRANCHES],
                             const double mean[DIST_BRANCHES], double u)
{
    double s = start[0], w = share[0], m = mean[0];
#pragma GCC unroll 3
    for (int b = 1; b < DIST_BRANCHES; b++) {
        int here = u >= start[b];
        s = choose(here, start[b], s);
        w = choose(here, share[b], w);
        m = choose(here, mean[b], m);
    }
    return m * unit_exponential(rescale(u, s, w));
}

static double normal_at(const struct dist *d, double u)
{
    double p = d->u.normal.p_low + u * (d->u.normal.p_high - d->u.normal.p_low);
    double x = d->u.normal.mu + d->u.normal.sigma * ts_probit(p < 1.0 ? p : 0x1.fffffffffffffp-1);
    x = x < d->u.normal.low ? d->u.normal.low : x;
    return x > d->u.normal.high ? d->u.normal.high : x;
}

/* Last of the rising a[n] that is <= x; a[0] <= x. */
static uint32_t last_at_most(const double *a, uint32_t n, double x)
{
    uint32_t low = 0, high = n;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (a[middle] <= x) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static double quantiles_at(const struct dist *d, double u)
{
    const double *p = d->u.quantiles.p, *x = d->u.quantiles.x;
    uint32_t i = last_at_most(p, d->n, u);
    double y = x[i] + (x[i + 1] - x[i]) * ((u - p[i]) / (p[i + 1] - p[i]));
    return y < x[i + 1] ? y : x[i + 1];
}

/* The next draw of an address that has given *next of them. */
static double next_uniform(const struct draw_at *at, uint32_t *next)
{
    CHECK(*next < 256);
    return draw_uniform(at, (*next)++);
}

/* Unit mean of each stage: the logarithm of a product of up to 16 numbers above 2^-53 cannot underflow. */
static double erlang_at(uint32_t stages, double u, const struct draw_at *at, uint32_t *next)
{
    double sum = 0.0, product = 1.0 - u;
    for (uint32_t i = 1; i < stages; i++) {
        if (i % 16 == 0) {
            sum -= ts_log(product);
            product = 1.0;
        }
        product *= 1.0 - next_uniform(at, next);
    }
    return sum - ts_log(product);
}

/* Unit scale.  An attempt is refused with probability below .05. */
static double gamma_at(double shape, double u, const struct draw_at *at, uint32_t *next)
{
    double boost = 0.0;
    if (shape < 1.0) {
        boost = ts_log(next_uniform(at, next)) / shape;
        shape += 1.0;
    }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = ts_probit(u), root = 1.0 + c * x, v = root * root * root;
        double test = next_uniform(at, next), square = x * x;
        if (root > 0.0 && (test < 1.0 - 0.0331 * square * square ||
                           ts_log(test) < 0.5 * square + d * (1.0 - v + ts_log(v)))) {
            return boost < 0.0 ? d * v * ts_exp(boost) : d * v;
        }
        u = next_uniform(at, next);
    }
}

/* The variate whose first uniform is u; further ones are the draws of `at` from *next on. */
static double variate(const struct dist *d, double u, const struct draw_at *at, uint32_t *next)
{
    switch (d->kind) {
    case DIST_CONSTANT:
        return d->u.constant.value;
    case DIST_UNIFORM:
        return d->u.uniform.low + (d->u.uniform.high - d->u.uniform.low) * u;
    case DIST_EXPONENTIAL:
        return d->u.exponential.mean * unit_exponential(u);
    case DIST_ERLANG:
        return d->u.erlang.mean / d->n * erlang_at(d->n, u, at, next);
    case DIST_GAMMA:
        return d->u.gamma.scale * gamma_at(d->u.gamma.shape, u, at, next);
    case DIST_LOGNORMAL:
        return ts_exp(d->u.lognormal.mu + d->u.lognormal.sigma * ts_probit(u));
    case DIST_WEIBULL:
        return weibull_at(d->u.weibull.inverse_shape, d->u.weibull.scale, unit_exponential(u));
    case DIST_PARETO:
        return pareto_at(d->u.pareto.inverse_shape, d->u.pareto.minimum, u);
    case DIST_HYPEREXPONENTIAL:
        return hyper_at(d->u.hyper.start, d->u.hyper.share, d->u.hyper.mean, u);
    case DIST_NORMAL:
        return normal_at(d, u);
    case DIST_QUANTILES:
        return quantiles_at(d, u);
    case DIST_MIXTURE: {
        uint32_t i = last_at_most(d->u.mixture.start, d->n, u);
        double v = rescale(u, d->u.mixture.start[i], d->u.mixture.share[i]);
        return variate(&d->u.mixture.component[i], v, at, next);
    }
    }
    err_bug(__FILE__, __LINE__, "a known kind of distribution");
}

double dist_draw(const struct dist *d, const struct draw_at *at)
{
    uint32_t next = 1;
    return variate(d, draw_uniform(at, 0), at, &next);
}

double dist_quantile(const struct dist *d, double u)
{
    uint32_t next = 1;
    CHECK(dist_method(d) == DIST_INVERSION && u > 0.0 && u < 1.0);
    return variate(d, u, NULL, &next);
}

FMATH_WIDE static void fill_uniform(double low, double high, size_t n, const double *u, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = low + (high - low) * u[i];
    }
}

FMATH_WIDE static void fill_exponential(double mean, size_t n, const double *u, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = mean * unit_exponential(u[i]);
    }
}

/* From standard normals, in place. */
FMATH_WIDE static void fill_lognormal(double mu, double sigma, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = ts_exp(mu + sigma * out[i]);
    }
}

/* From unit exponentials, in place: in one loop with their logarithm the compiler finds no vectors. */
FMATH_WIDE static void fill_weibull(double inverse_shape, double scale, size_t n, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = weibull_at(inverse_shape, scale, out[i]);
    }
}

FMATH_WIDE static void fill_pareto(double inverse_shape, double minimum, size_t n, const double *u, double *out)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = pareto_at(inverse_shape, minimum, u[i]);
    }
}

FMATH_WIDE static void fill_hyper(const struct dist *d, size_t n, const double *u, double *out)
{
    double start[DIST_BRANCHES], share[DIST_BRANCHES], mean[DIST_BRANCHES];
    memcpy(start, d->u.hyper.start, sizeof start);
    memcpy(share, d->u.hyper.share, sizeof share);
    memcpy(mean, d->u.hyper.mean, sizeof mean);
    for (size_t i = 0; i < n; i++) {
        out[i] = hyper_at(start, share, mean, u[i]);
    }
}

void dist_fill(const struct dist *d, const struct draw_at *at, size_t n, const double *u, double *out)
{
    switch (d->kind) {
    case DIST_UNIFORM:
        fill_uniform(d->u.uniform.low, d->u.uniform.high, n, u, out);
        return;
    case DIST_EXPONENTIAL:
        fill_exponential(d->u.exponential.mean, n, u, out);
        return;
    case DIST_LOGNORMAL:
        ts_probit_fill(u, out, n);
        fill_lognormal(d->u.lognormal.mu, d->u.lognormal.sigma, n, out);
        return;
    case DIST_WEIBULL:
        fill_exponential(1.0, n, u, out);
        fill_weibull(d->u.weibull.inverse_shape, d->u.weibull.scale, n, out);
        return;
    case DIST_PARETO:
        fill_pareto(d->u.pareto.inverse_shape, d->u.pareto.minimum, n, u, out);
        return;
    case DIST_HYPEREXPONENTIAL:
        fill_hyper(d, n, u, out);
        return;
    default:
        break;
    }
    struct draw_at here = *at;
    for (size_t i = 0; i < n; i++) {
        uint32_t next = 1;
        here.index = at->index + i;
        out[i] = variate(d, u[i], &here, &next);
    }
}

static double normal_below(double z)
{
    return 0.5 * erfc(-z * 0.70710678118654752);
}

static double quantiles_cdf(const struct dist *d, double x)
{
    const double *p = d->u.quantiles.p, *q = d->u.quantiles.x;
    if (x < q[0] || x >= q[d->n - 1]) {
        return x < q[0] ? 0.0 : 1.0;
    }
    uint32_t i = last_at_most(q, d->n, x);
    return p[i] + (p[i + 1] - p[i]) * ((x - q[i]) / (q[i + 1] - q[i]));
}

double dist_cdf(const struct dist *d, double x)
{
    double sum = 0.0;
    if (x < dist_min(d) || x >= dist_max(d)) {
        return x < dist_min(d) ? 0.0 : 1.0;
    }
    switch (d->kind) {
    case DIST_CONSTANT:
        return 1.0;
    case DIST_UNIFORM:
        return (x - d->u.uniform.low) / (d->u.uniform.high - d->u.uniform.low);
    case DIST_EXPONENTIAL:
        return -expm1(-x / d->u.exponential.mean);
    case DIST_ERLANG:
        return gsl_cdf_gamma_P(x, d->n, d->u.erlang.mean / d->n);
    case DIST_GAMMA:
        return gsl_cdf_gamma_P(x, d->u.gamma.shape, d->u.gamma.scale);
    case DIST_LOGNORMAL:
        return normal_below((log(x) - d->u.lognormal.mu) / d->u.lognormal.sigma);
    case DIST_WEIBULL:
        return -expm1(-pow(x / d->u.weibull.scale, 1.0 / d->u.weibull.inverse_shape));
    case DIST_PARETO:
        return -expm1(-log(x / d->u.pareto.minimum) / d->u.pareto.inverse_shape);
    case DIST_HYPEREXPONENTIAL:
        for (uint32_t i = 0; i < d->n; i++) {
            sum += d->u.hyper.share[i] * -expm1(-x / d->u.hyper.mean[i]);
        }
        return sum;
    case DIST_NORMAL:
        sum = normal_below((x - d->u.normal.mu) / d->u.normal.sigma) - d->u.normal.p_low;
        return sum / (d->u.normal.p_high - d->u.normal.p_low);
    case DIST_QUANTILES:
        return quantiles_cdf(d, x);
    case DIST_MIXTURE:
        for (uint32_t i = 0; i < d->n; i++) {
            sum += d->u.mixture.share[i] * dist_cdf(&d->u.mixture.component[i], x);
        }
        return sum;
    }
    return sum;
}
