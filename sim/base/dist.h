/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dist.h - distributions of sizes and times.  A variate is a function of an address (stream.h): draw 0 of the address is
 * its first uniform u, and what needs more takes the draws j = 1, 2, ... in the order of use.  So jobs 64k..64k+63 may
 * be drawn in one vectorised block, bit for bit as one by one.
 *
 * Values have whatever unit the parameters had; dist_scale converts.  cv is the standard deviation over the mean.
 * Everything on the way to a variate is fmath.h; only dist_cdf, which is for tests and reports, asks libm and GSL.
 *
 *   constant        INVERSION    all from u
 *   uniform         INVERSION    low + (high - low) u
 *   exponential     INVERSION    -mean log(1 - u)
 *   Erlang          COMPOSITION  a sum of exponentials, one uniform each
 *   gamma           REJECTION    Marsaglia and Tsang, ACM TOMS 26 (2000), normals by inversion; below shape 1 times
 *                                U^(1/shape)
 *   lognormal       INVERSION    exp(mu + sigma probit(u))
 *   Weibull         INVERSION    scale (-log(1 - u))^(1/shape)
 *   Pareto          INVERSION    type I: minimum (1 - u)^(-1/shape), P(X > x) = (minimum/x)^shape from the minimum on
 *   hyperexponential COMPOSITION u picks the branch, and its place within the branch's share is the uniform of the
 *                                exponential: one uniform is enough (52 bits less those of the share)
 *   normal          INVERSION    truncated to an interval: mu + sigma probit(P(low) + u (P(high) - P(low)))
 *   quantiles       INVERSION    piecewise linear through given points (p, x)
 *   mixture         COMPOSITION  u picks the component and is its u, as in the hyperexponential
 */
#ifndef SIM_BASE_DIST_H
#define SIM_BASE_DIST_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/stream.h"

enum dist_kind {
    DIST_CONSTANT,
    DIST_UNIFORM,
    DIST_EXPONENTIAL,
    DIST_ERLANG,
    DIST_GAMMA,
    DIST_LOGNORMAL,
    DIST_WEIBULL,
    DIST_PARETO,
    DIST_HYPEREXPONENTIAL,
    DIST_NORMAL,
    DIST_QUANTILES,
    DIST_MIXTURE,
};

enum dist_method {
    DIST_INVERSION,   /* rises with u alone: fit for antithetic and quasi-random runs */
    DIST_COMPOSITION, /* a bounded number of uniforms, not monotone in the first */
    DIST_REJECTION,   /* as many uniforms as it takes */
};

enum { DIST_BRANCHES = 4, DIST_STAGES = 64 };

/* Plain data.  The arrays of quantiles and mixture are in the arena that made them; copies of the struct share them. */
struct dist {
    enum dist_kind kind;
    uint32_t n; /* stages, branches, points or components */
    union {
        struct {
            double value;
        } constant;
        struct {
            double low, high;
        } uniform;
        struct {
            double mean;
        } exponential, erlang;
        struct {
            double shape, scale;
        } gamma;
        struct {
            double mu, sigma; /* of the logarithm */
        } lognormal;
        struct {
            double inverse_shape, scale;
        } weibull;
        struct {
            double inverse_shape, minimum;
        } pareto;
        struct {
            double start[DIST_BRANCHES]; /* of the branch's share of [0,1); 2 if there is none */
            double share[DIST_BRANCHES];
            double mean[DIST_BRANCHES];
        } hyper;
        struct {
            double mu, sigma, low, high, p_low, p_high;
        } normal;
        struct {
            const double *p; /* [n], from 0 to 1 */
            double *x;       /* [n] */
        } quantiles;
        struct {
            const double *start, *share; /* [n] */
            struct dist *component;      /* [n] */
        } mixture;
    } u;
};

/*
 * Constructors by mean and cv, and `_native` by the usual parameters.  0, or -ERR_INPUT with a text such as
 * "gamma: cv: found -1, wanted a number from 0.001 to 1000"; *d is untouched then.  Means and scales are > 0.
 */
int dist_constant(struct dist *d, double value, struct err *e);
int dist_uniform(struct dist *d, double mean, double cv, struct err *e); /* not below 0: cv <= 1/sqrt(3) */
int dist_uniform_native(struct dist *d, double low, double high, struct err *e);
int dist_exponential(struct dist *d, double mean, struct err *e);
int dist_erlang(struct dist *d, double mean, double cv, struct err *e); /* cv = 1/sqrt(stages), to 1e-3 */
int dist_erlang_native(struct dist *d, double mean, uint32_t stages, struct err *e);
int dist_gamma(struct dist *d, double mean, double cv, struct err *e);
int dist_gamma_native(struct dist *d, double shape, double scale, struct err *e);
int dist_lognormal(struct dist *d, double mean, double cv, struct err *e);
int dist_lognormal_native(struct dist *d, double mu, double sigma, struct err *e);
int dist_weibull(struct dist *d, double mean, double cv, struct err *e);
int dist_weibull_native(struct dist *d, double shape, double scale, struct err *e);
int dist_pareto(struct dist *d, double mean, double cv, struct err *e); /* shape above 2 */
int dist_pareto_native(struct dist *d, double shape, double minimum, struct err *e);
/* Two branches of balanced means (each brings half of the mean), cv >= 1; or n <= DIST_BRANCHES of any weights. */
int dist_hyperexponential(struct dist *d, double mean, double cv, struct err *e);
int dist_hyperexponential_native(struct dist *d, size_t n, const double *weight, const double *mean, struct err *e);
/* The normal of this mean and standard deviation given that it falls into [low, high]; either may be infinite. */
int dist_normal(struct dist *d, double mu, double sigma, double low, double high, struct err *e);
/* n >= 2 points; p rises from 0 to 1 and x does not fall.  Equal x are an atom, equal p a gap. */
int dist_quantiles(struct dist *d, struct arena *a, size_t n, const double *p, const double *x, struct err *e);
int dist_mixture(struct dist *d, struct arena *a, size_t n, const double *weight, const struct dist *component,
                 struct err *e);

const char *dist_name(enum dist_kind kind);
enum dist_method dist_method(const struct dist *d);

/* The variate of an address. */
double dist_draw(const struct dist *d, const struct draw_at *at);
/*
 * The variates of at->index .. + n-1 into out[n], as dist_draw gives them; u[i] is draw 0 of each (draw_fill_pair).
 * out may be u, at the price of the vector units.
 */
void dist_fill(const struct dist *d, const struct draw_at *at, size_t n, const double *u, double *out);
/* Inverse of the cdf at 0 < u < 1: what dist_draw gives where draw 0 is u.  INVERSION only. */
double dist_quantile(const struct dist *d, double u);

/* Multiply every value by factor > 0. */
void dist_scale(struct dist *d, double factor);

double dist_mean(const struct dist *d); /* INFINITY for Pareto of shape <= 1 */
double dist_var(const struct dist *d);  /* INFINITY for Pareto of shape <= 2 */
double dist_cv(const struct dist *d);
double dist_min(const struct dist *d); /* of the support */
double dist_max(const struct dist *d);
double dist_cdf(const struct dist *d, double x); /* P(X <= x) */

#endif
