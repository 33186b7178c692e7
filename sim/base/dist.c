/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/dist.h"

#include "sim/base/fmath.h"

static const char *const names[] = {
    [DIST_CONSTANT] = "constant",
    [DIST_UNIFORM] = "uniform",
    [DIST_EXPONENTIAL] = "exponential",
    [DIST_ERLANG] = "erlang",
    [DIST_GAMMA] = "gamma",
    [DIST_LOGNORMAL] = "lognormal",
    [DIST_WEIBULL] = "weibull",
    [DIST_PARETO] = "pareto",
    [DIST_HYPEREXPONENTIAL] = "hyperexponential",
    [DIST_NORMAL] = "normal",
    [DIST_QUANTILES] = "quantiles",
    [DIST_MIXTURE] = "mixture",
};

const char *dist_name(enum dist_kind kind)
{
    return names[kind];
}

enum dist_method dist_method(const struct dist *d)
{
    switch (d->kind) {
    case DIST_ERLANG:
    case DIST_HYPEREXPONENTIAL:
        return d->n == 1 ? DIST_INVERSION : DIST_COMPOSITION;
    case DIST_GAMMA:
        return DIST_REJECTION;
    case DIST_MIXTURE: {
        enum dist_method method = d->n == 1 ? DIST_INVERSION : DIST_COMPOSITION;
        for (uint32_t i = 0; i < d->n; i++) {
            enum dist_method m = dist_method(&d->u.mixture.component[i]);
            method = m > method ? m : method;
        }
        return method;
    }
    default:
        return DIST_INVERSION;
    }
}

static int wanted_range(enum dist_kind kind, const char *what, double found, double low, double high, struct err *e)
{
    if (found >= low && found <= high) {
        return 0;
    }
    return ERR_SET(e, ERR_INPUT, "%s: %s: found %g, wanted a number from %g to %g", names[kind], what, found, low,
                   high);
}

static int wanted_positive(enum dist_kind kind, const char *what, double found, struct err *e)
{
    if (found >= 1e-100 && found <= 1e100) {
        return 0;
    }
    return ERR_SET(e, ERR_INPUT, "%s: %s: found %g, wanted a number above 0 (1e-100 to 1e100)", names[kind], what,
                   found);
}

static int wanted_mean_cv(enum dist_kind kind, double mean, double cv, double low, double high, struct err *e)
{
    int rc = wanted_positive(kind, "mean", mean, e);
    return rc < 0 ? rc : wanted_range(kind, "cv", cv, low, high, e);
}

int dist_constant(struct dist *d, double value, struct err *e)
{
    if (!isfinite(value)) {
        return ERR_SET(e, ERR_INPUT, "constant: found %g, wanted a finite number", value);
    }
    *d = (struct dist){.kind = DIST_CONSTANT, .u.constant = {value}};
    return 0;
}

int dist_uniform(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_positive(DIST_UNIFORM, "mean", mean, e);
    if (rc < 0) {
        return rc;
    }
    const double root_three = 1.7320508075688772;
    if (!(cv >= 0 && root_three * cv <= 1.0)) {
        return ERR_SET(e, ERR_INPUT,
                       "uniform: cv: found %g, wanted a number from 0 to 0.57735 (above, values are negative)", cv);
    }
    return dist_uniform_native(d, mean * (1.0 - root_three * cv), mean * (1.0 + root_three * cv), e);
}

int dist_uniform_native(struct dist *d, double low, double high, struct err *e)
{
    if (!(isfinite(low) && isfinite(high) && isfinite(high - low) && low <= high)) {
        return ERR_SET(e, ERR_INPUT, "uniform: found %g to %g, wanted two finite numbers, the lower one first", low,
                       high);
    }
    *d = (struct dist){.kind = DIST_UNIFORM, .u.uniform = {low, high}};
    return 0;
}

int dist_exponential(struct dist *d, double mean, struct err *e)
{
    int rc = wanted_positive(DIST_EXPONENTIAL, "mean", mean, e);
    if (rc == 0) {
        *d = (struct dist){.kind = DIST_EXPONENTIAL, .u.exponential = {mean}};
    }
    return rc;
}

int dist_erlang(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_mean_cv(DIST_ERLANG, mean, cv, 0.125, 1.0, e);
    if (rc < 0) {
        return rc;
    }
    double stages = floor(1.0 / (cv * cv) + 0.5), near = 1.0 / sqrt(stages);
    if (fabs(cv - near) > 1e-3 * near) {
        return ERR_SET(e, ERR_INPUT,
                       "erlang: cv: found %g, wanted 1/sqrt(k) for a whole k (near it is %.6g, k = %g); or take gamma", cv,
                       near, stages);
    }
    return dist_erlang_native(d, mean, (uint32_t)stages, e);
}

int dist_erlang_native(struct dist *d, double mean, uint32_t stages, struct err *e)
{
    int rc = wanted_positive(DIST_ERLANG, "mean", mean, e);
    if (rc < 0) {
        return rc;
    }
    if (stages < 1 || stages > DIST_STAGES) {
        return ERR_SET(e, ERR_INPUT, "erlang: stages: found %u, wanted a whole number from 1 to %d", stages,
                       DIST_STAGES);
    }
    *d = (struct dist){.kind = DIST_ERLANG, .n = stages, .u.erlang = {mean}};
    return 0;
}

int dist_gamma(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_mean_cv(DIST_GAMMA, mean, cv, 1e-3, 1e3, e);
    return rc < 0 ? rc : dist_gamma_native(d, 1.0 / (cv * cv), mean * (cv * cv), e);
}

int dist_gamma_native(struct dist *d, double shape, double scale, struct err *e)
{
    int rc = wanted_positive(DIST_GAMMA, "shape", shape, e);
    rc = rc < 0 ? rc : wanted_positive(DIST_GAMMA, "scale", scale, e);
    if (rc == 0) {
        *d = (struct dist){.kind = DIST_GAMMA, .u.gamma = {shape, scale}};
    }
    return rc;
}

int dist_lognormal(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_mean_cv(DIST_LOGNORMAL, mean, cv, 1e-3, 1e3, e);
    if (rc < 0) {
        return rc;
    }
    double square = ts_log1p(cv * cv);
    return dist_lognormal_native(d, ts_log(mean) - 0.5 * square, sqrt(square), e);
}

int dist_lognormal_native(struct dist *d, double mu, double sigma, struct err *e)
{
    int rc = wanted_range(DIST_LOGNORMAL, "mu", mu, -300.0, 300.0, e);
    rc = rc < 0 ? rc : wanted_range(DIST_LOGNORMAL, "sigma", sigma, 1e-4, 10.0, e);
    if (rc == 0) {
        *d = (struct dist){.kind = DIST_LOGNORMAL, .u.lognormal = {mu, sigma}};
    }
    return rc;
}

/* log(1 + cv^2) of a Weibull variable; rises with inverse_shape. */
static double weibull_spread(double inverse_shape)
{
    return ts_lgamma(1.0 + 2.0 * inverse_shape) - 2.0 * ts_lgamma(1.0 + inverse_shape);
}

int dist_weibull(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_mean_cv(DIST_WEIBULL, mean, cv, 0.01, 100.0, e);
    if (rc < 0) {
        return rc;
    }
    double low = 1e-3, high = 16.0, wanted = ts_log1p(cv * cv);
    for (int i = 0; i < 60; i++) {
        double middle = 0.5 * (low + high);
        if (weibull_spread(middle) < wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *d = (struct dist){.kind = DIST_WEIBULL, .u.weibull = {low, mean / ts_exp(ts_lgamma(1.0 + low))}};
    return 0;
}

int dist_weibull_native(struct dist *d, double shape, double scale, struct err *e)
{
    int rc = wanted_range(DIST_WEIBULL, "shape", shape, 0.05, 1000.0, e);
    rc = rc < 0 ? rc : wanted_positive(DIST_WEIBULL, "scale", scale, e);
    if (rc == 0) {
        *d = (struct dist){.kind = DIST_WEIBULL, .u.weibull = {1.0 / shape, scale}};
    }
    return rc;
}

/* cv^2 = 1 / (shape (shape - 2)) */
int dist_pareto(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_mean_cv(DIST_PARETO, mean, cv, 1e-3, 1e3, e);
    if (rc < 0) {
        return rc;
    }
    double shape = 1.0 + sqrt(1.0 + 1.0 / (cv * cv));
    return dist_pareto_native(d, shape, mean * (shape - 1.0) / shape, e);
}

int dist_pareto_native(struct dist *d, double shape, double minimum, struct err *e)
{
    int rc = wanted_range(DIST_PARETO, "shape", shape, 0.1, 1e4, e);
    rc = rc < 0 ? rc : wanted_positive(DIST_PARETO, "minimum", minimum, e);
    if (rc == 0) {
        *d = (struct dist){.kind = DIST_PARETO, .u.pareto = {1.0 / shape, minimum}};
    }
    return rc;
}

/* Shares of n weights and where each starts in [0,1). */
static int shares_of(enum dist_kind kind, size_t n, const double *weight, double *start, double *share, struct err *e)
{
    double sum = 0.0, before = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!(weight[i] > 0.0 && weight[i] <= 1e100)) {
            return ERR_SET(e, ERR_INPUT, "%s: weight %zu: found %g, wanted a finite number above 0", names[kind], i + 1,
                           weight[i]);
        }
        sum += weight[i];
    }
    for (size_t i = 0; i < n; i++) {
        start[i] = before / sum;
        share[i] = weight[i] / sum;
        before += weight[i];
    }
    return 0;
}

int dist_hyperexponential(struct dist *d, double mean, double cv, struct err *e)
{
    int rc = wanted_mean_cv(DIST_HYPEREXPONENTIAL, mean, cv, 1.0, 1e3, e);
    if (rc < 0) {
        return rc;
    }
    double square = cv * cv, spread = sqrt((square - 1.0) / (square + 1.0));
    double often = 0.5 * (1.0 + spread), seldom = 1.0 / ((square + 1.0) * (1.0 + spread)); /* (1 - spread) / 2 */
    return dist_hyperexponential_native(d, 2, (double[]){often, seldom},
                                        (double[]){0.5 * mean / often, 0.5 * mean / seldom}, e);
}

int dist_hyperexponential_native(struct dist *d, size_t n, const double *weight, const double *mean, struct err *e)
{
    struct dist made = {.kind = DIST_HYPEREXPONENTIAL, .n = (uint32_t)n, .u.hyper = {.start = {2.0, 2.0, 2.0, 2.0}}};
    if (n < 1 || n > DIST_BRANCHES) {
        return ERR_SET(e, ERR_INPUT, "hyperexponential: found %zu branches, wanted 1 to %d; or take a mixture", n,
                       DIST_BRANCHES);
    }
    for (size_t i = 0; i < n; i++) {
        int rc = wanted_positive(DIST_HYPEREXPONENTIAL, "mean of a branch", mean[i], e);
        if (rc < 0) {
            return rc;
        }
        made.u.hyper.mean[i] = mean[i];
    }
    int rc = shares_of(DIST_HYPEREXPONENTIAL, n, weight, made.u.hyper.start, made.u.hyper.share, e);
    if (rc == 0) {
        *d = made;
    }
    return rc;
}

int dist_normal(struct dist *d, double mu, double sigma, double low, double high, struct err *e)
{
    int rc = wanted_range(DIST_NORMAL, "mean", mu, -1e100, 1e100, e);
    rc = rc < 0 ? rc : wanted_positive(DIST_NORMAL, "sd", sigma, e);
    if (rc < 0) {
        return rc;
    }
    double p_low = low == -(double)INFINITY ? 0.0 : ts_probit_inverse((low - mu) / sigma);
    double p_high = high == (double)INFINITY ? 1.0 : ts_probit_inverse((high - mu) / sigma);
    if (!(low < high && p_high - p_low >= 1e-6)) {
        return ERR_SET(e, ERR_INPUT,
                       "normal: found %g to %g, wanted an interval that holds a millionth of the normal of mean %g and "
                       "sd %g",
                       low, high, mu, sigma);
    }
    *d = (struct dist){.kind = DIST_NORMAL, .u.normal = {mu, sigma, low, high, p_low, p_high}};
    return 0;
}

int dist_quantiles(struct dist *d, struct arena *a, size_t n, const double *p, const double *x, struct err *e)
{
    if (n < 2 || n > UINT32_MAX) {
        return ERR_SET(e, ERR_INPUT, "quantiles: found %zu points, wanted 2 or more", n);
    }
    if (p[0] != 0.0 || p[n - 1] != 1.0) {
        return ERR_SET(e, ERR_INPUT, "quantiles: found probabilities from %g to %g, wanted 0 to 1", p[0], p[n - 1]);
    }
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || (i > 0 && !(p[i] >= p[i - 1] && x[i] >= x[i - 1] && isfinite(x[i] - x[i - 1])))) {
            return ERR_SET(e, ERR_INPUT,
                           "quantiles: point %zu: found (%g, %g), wanted finite numbers not below the point before",
                           i + 1, p[i], x[i]);
        }
    }
    double *kept_p = ARENA_NEW(a, n, double), *kept_x = ARENA_NEW(a, n, double);
    if (!kept_p || !kept_x) {
        return ERR_SET(e, ERR_MEMORY, "quantiles: no memory for %zu points", n);
    }
    memcpy(kept_p, p, n * sizeof *p);
    memcpy(kept_x, x, n * sizeof *x);
    *d = (struct dist){.kind = DIST_QUANTILES, .n = (uint32_t)n, .u.quantiles = {kept_p, kept_x}};
    return 0;
}

int dist_mixture(struct dist *d, struct arena *a, size_t n, const double *weight, const struct dist *component,
                 struct err *e)
{
    if (n < 1 || n > UINT32_MAX) {
        return ERR_SET(e, ERR_INPUT, "mixture: found no component, wanted 1 or more");
    }
    double *start = ARENA_NEW(a, n, double), *share = ARENA_NEW(a, n, double);
    struct dist *kept = ARENA_NEW(a, n, struct dist);
    if (!start || !share || !kept) {
        return ERR_SET(e, ERR_MEMORY, "mixture: no memory for %zu components", n);
    }
    int rc = shares_of(DIST_MIXTURE, n, weight, start, share, e);
    if (rc < 0) {
        return rc;
    }
    memcpy(kept, component, n * sizeof *kept);
    *d = (struct dist){.kind = DIST_MIXTURE, .n = (uint32_t)n, .u.mixture = {start, share, kept}};
    return 0;
}

void dist_scale(struct dist *d, double factor)
{
    CHECK(factor > 0.0 && isfinite(factor));
    switch (d->kind) {
    case DIST_CONSTANT:
        d->u.constant.value *= factor;
        break;
    case DIST_UNIFORM:
        d->u.uniform.low *= factor;
        d->u.uniform.high *= factor;
        break;
    case DIST_EXPONENTIAL:
        d->u.exponential.mean *= factor;
        break;
    case DIST_ERLANG:
        d->u.erlang.mean *= factor;
        break;
    case DIST_GAMMA:
        d->u.gamma.scale *= factor;
        break;
    case DIST_LOGNORMAL:
        d->u.lognormal.mu += ts_log(factor);
        break;
    case DIST_WEIBULL:
        d->u.weibull.scale *= factor;
        break;
    case DIST_PARETO:
        d->u.pareto.minimum *= factor;
        break;
    case DIST_HYPEREXPONENTIAL:
        for (uint32_t i = 0; i < d->n; i++) {
            d->u.hyper.mean[i] *= factor;
        }
        break;
    case DIST_NORMAL:
        d->u.normal.mu *= factor;
        d->u.normal.sigma *= factor;
        d->u.normal.low *= factor;
        d->u.normal.high *= factor;
        break;
    case DIST_QUANTILES:
        for (uint32_t i = 0; i < d->n; i++) {
            d->u.quantiles.x[i] *= factor;
        }
        break;
    case DIST_MIXTURE:
        for (uint32_t i = 0; i < d->n; i++) {
            dist_scale(&d->u.mixture.component[i], factor);
        }
        break;
    }
}

/* Standard normal density; 0 at an infinite bound. */
static double density(double z)
{
    return isfinite(z) ? 0.3989422804014327 * ts_exp(-0.5 * z * z) : 0.0;
}

/* Mean and variance of the truncated normal in units of its sigma, about its mu. */
static void normal_moments(const struct dist *d, double *mean, double *var)
{
    double a = (d->u.normal.low - d->u.normal.mu) / d->u.normal.sigma;
    double b = (d->u.normal.high - d->u.normal.mu) / d->u.normal.sigma;
    double mass = d->u.normal.p_high - d->u.normal.p_low, fa = density(a), fb = density(b);
    double afa = isfinite(a) ? a * fa : 0.0, bfb = isfinite(b) ? b * fb : 0.0;
    *mean = (fa - fb) / mass;
    *var = 1.0 + (afa - bfb) / mass - *mean * *mean;
}

static double weibull_mean(const struct dist *d)
{
    return d->u.weibull.scale * ts_exp(ts_lgamma(1.0 + d->u.weibull.inverse_shape));
}

double dist_mean(const struct dist *d)
{
    double sum = 0.0, var;
    switch (d->kind) {
    case DIST_CONSTANT:
        return d->u.constant.value;
    case DIST_UNIFORM:
        return d->u.uniform.low + 0.5 * (d->u.uniform.high - d->u.uniform.low);
    case DIST_EXPONENTIAL:
        return d->u.exponential.mean;
    case DIST_ERLANG:
        return d->u.erlang.mean;
    case DIST_GAMMA:
        return d->u.gamma.shape * d->u.gamma.scale;
    case DIST_LOGNORMAL:
        return ts_exp(d->u.lognormal.mu + 0.5 * d->u.lognormal.sigma * d->u.lognormal.sigma);
    case DIST_WEIBULL:
        return weibull_mean(d);
    case DIST_PARETO:
        sum = 1.0 - d->u.pareto.inverse_shape;
        return sum > 0.0 ? d->u.pareto.minimum / sum : (double)INFINITY;
    case DIST_HYPEREXPONENTIAL:
        for (uint32_t i = 0; i < d->n; i++) {
            sum += d->u.hyper.share[i] * d->u.hyper.mean[i];
        }
        return sum;
    case DIST_NORMAL:
        normal_moments(d, &sum, &var);
        return d->u.normal.mu + d->u.normal.sigma * sum;
    case DIST_QUANTILES:
        for (uint32_t i = 0; i + 1 < d->n; i++) {
            double share = d->u.quantiles.p[i + 1] - d->u.quantiles.p[i];
            sum += share * (d->u.quantiles.x[i] + 0.5 * (d->u.quantiles.x[i + 1] - d->u.quantiles.x[i]));
        }
        return sum;
    case DIST_MIXTURE:
        for (uint32_t i = 0; i < d->n; i++) {
            sum += d->u.mixture.share[i] * dist_mean(&d->u.mixture.component[i]);
        }
        return sum;
    }
    return sum;
}

double dist_var(const struct dist *d)
{
    double mean = dist_mean(d), sum = 0.0, v;
    switch (d->kind) {
    case DIST_CONSTANT:
        return 0.0;
    case DIST_UNIFORM:
        v = d->u.uniform.high - d->u.uniform.low;
        return v * v / 12.0;
    case DIST_EXPONENTIAL:
        return mean * mean;
    case DIST_ERLANG:
        return mean * mean / d->n;
    case DIST_GAMMA:
        return mean * d->u.gamma.scale;
    case DIST_LOGNORMAL:
        return mean * mean * ts_expm1(d->u.lognormal.sigma * d->u.lognormal.sigma);
    case DIST_WEIBULL:
        return mean * mean * ts_expm1(weibull_spread(d->u.weibull.inverse_shape));
    case DIST_PARETO:
        v = d->u.pareto.inverse_shape; /* 1 / (shape (shape - 2)) */
        return v < 0.5 ? mean * mean * v * v / (1.0 - 2.0 * v) : (double)INFINITY;
    case DIST_HYPEREXPONENTIAL:
        for (uint32_t i = 0; i < d->n; i++) {
            v = d->u.hyper.mean[i];
            sum += d->u.hyper.share[i] * (v * v + (v - mean) * (v - mean));
        }
        return sum;
    case DIST_NORMAL:
        normal_moments(d, &mean, &v);
        return v * d->u.normal.sigma * d->u.normal.sigma;
    case DIST_QUANTILES:
        for (uint32_t i = 0; i + 1 < d->n; i++) {
            double a = d->u.quantiles.x[i] - mean, b = d->u.quantiles.x[i + 1] - mean;
            sum += (d->u.quantiles.p[i + 1] - d->u.quantiles.p[i]) * (a * a + a * b + b * b) / 3.0;
        }
        return sum;
    case DIST_MIXTURE:
        for (uint32_t i = 0; i < d->n; i++) {
            v = dist_mean(&d->u.mixture.component[i]) - mean;
            sum += d->u.mixture.share[i] * (dist_var(&d->u.mixture.component[i]) + v * v);
        }
        return isfinite(mean) ? sum : (double)INFINITY;
    }
    return sum;
}

double dist_cv(const struct dist *d)
{
    return sqrt(dist_var(d)) / dist_mean(d);
}

double dist_min(const struct dist *d)
{
    double least = (double)INFINITY;
    switch (d->kind) {
    case DIST_CONSTANT:
        return d->u.constant.value;
    case DIST_UNIFORM:
        return d->u.uniform.low;
    case DIST_PARETO:
        return d->u.pareto.minimum;
    case DIST_NORMAL:
        return d->u.normal.low;
    case DIST_QUANTILES:
        return d->u.quantiles.x[0];
    case DIST_MIXTURE:
        for (uint32_t i = 0; i < d->n; i++) {
            least = fmin(least, dist_min(&d->u.mixture.component[i]));
        }
        return least;
    default:
        return 0.0;
    }
}

double dist_max(const struct dist *d)
{
    double most = -(double)INFINITY;
    switch (d->kind) {
    case DIST_CONSTANT:
        return d->u.constant.value;
    case DIST_UNIFORM:
        return d->u.uniform.high;
    case DIST_NORMAL:
        return d->u.normal.high;
    case DIST_QUANTILES:
        return d->u.quantiles.x[d->n - 1];
    case DIST_MIXTURE:
        for (uint32_t i = 0; i < d->n; i++) {
            most = fmax(most, dist_max(&d->u.mixture.component[i]));
        }
        return most;
    default:
        return (double)INFINITY;
    }
}
