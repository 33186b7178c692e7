/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fit_size.c - a lognormal, a mixture of two or three, or quantiles, from sizes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/describe.h"
#include "sim/calibrate/fit.h"

const char *const fit_size_name[N_FIT_SIZE + 1] = {"lognormal", "mixture2", "mixture3", "quantiles", NULL};

enum { LEAST = 20, PARTS = 3, ROUNDS = 1000 };
static const double log_2pi = 1.8378770664093453;

/* Normals of the logarithm. */
struct mixture {
    size_t n;
    double weight[PARTS], mu[PARTS], sigma[PARTS];
};

/* Parts start as equal shares of the sorted y[n]. */
static struct mixture share_out(const double *y, size_t n, size_t n_part)
{
    struct mixture m = {.n = n_part};
    for (size_t k = 0; k < n_part; k++) {
        size_t from = k * n / n_part, to = (k + 1) * n / n_part;
        m.weight[k] = 1.0 / (double)n_part;
        m.mu[k] = describe_mean(y + from, to - from);
        m.sigma[k] = describe_sd(y + from, to - from);
    }
    return m;
}

/*
 * One round of the EM algorithm (Dempster, Laird and Rubin, J. R. Stat. Soc. B 39, 1977) on y[n]; returns the log
 * likelihood before it.  A part is never narrower than `narrowest`, or it would close in on one value for ever.
 */
static double em_round(struct mixture *m, const double *y, size_t n, double narrowest)
{
    double weight[PARTS] = {0}, sum[PARTS] = {0}, square[PARTS] = {0}, height[PARTS], log_p = 0, product = 1;
    for (size_t k = 0; k < m->n; k++) {
        height[k] = log(m->weight[k] / m->sigma[k]) - log_2pi / 2;
    }
    for (size_t i = 0; i < n; i++) {
        double p[PARTS], most = -(double)INFINITY, total = 0;
        for (size_t k = 0; k < m->n; k++) {
            double z = (y[i] - m->mu[k]) / m->sigma[k];
            p[k] = height[k] - 0.5 * z * z;
            most = p[k] > most ? p[k] : most;
        }
        for (size_t k = 0; k < m->n; k++) {
            total += p[k] = p[k] == most ? 1 : exp(p[k] - most);
        }
        log_p += most;
        product *= total; /* at most PARTS */
        if (product > 1e200) {
            log_p += log(product);
            product = 1;
        }
        for (size_t k = 0; k < m->n; k++) {
            double w = p[k] / total, off = y[i] - m->mu[k];
            weight[k] += w;
            sum[k] += w * off;
            square[k] += w * off * off;
        }
    }
    for (size_t k = 0; k < m->n; k++) {
        if (weight[k] > 1e-9 * (double)n) {
            double shift = sum[k] / weight[k];
            m->weight[k] = weight[k] / (double)n;
            m->mu[k] += shift;
            m->sigma[k] = fmax(narrowest, sqrt(fmax(0, square[k] / weight[k] - shift * shift)));
        }
    }
    return log_p + log(product);
}

static int fit_mixture(const double *y, size_t n, size_t n_part, struct arena *a, struct size_fit *out, struct err *e)
{
    double sd = describe_sd(y, n), narrowest = fmax(0.02 * sd, 1e-6), last = -(double)INFINITY, log_p = 0, sum = 0;
    struct mixture m = share_out(y, n, n_part);
    for (size_t k = 0; k < n_part; k++) {
        m.sigma[k] = fmax(m.sigma[k], narrowest);
    }
    for (int i = 0; i < ROUNDS; i++) {
        log_p = em_round(&m, y, n, narrowest);
        if (n_part == 1 ? i > 0 : log_p - last < 1e-7 * (double)n) {
            break;
        }
        last = log_p;
    }
    for (size_t i = 0; i < n; i++) {
        sum += y[i];
    }
    out->quality.n_parameter = (uint32_t)(3 * n_part - 1);
    out->quality.log_likelihood = log_p - sum; /* of the sizes, not of their logarithms */
    out->quality.bic = out->quality.n_parameter * log((double)n) - 2 * out->quality.log_likelihood;
    struct dist part[PARTS];
    for (size_t k = 0; k < n_part; k++) {
        int rc = dist_lognormal_native(&part[k], m.mu[k], m.sigma[k], e);
        if (rc < 0) {
            return rc;
        }
    }
    if (n_part == 1) {
        out->model = part[0];
        return 0;
    }
    return dist_mixture(&out->model, a, n_part, m.weight, part, e);
}

enum { ATOM = 50, POINTS = 12 + 2 * ATOM };

/*
 * The points of quantiles of sorted x[n]: usual probabilities, and before and after each value that at least one in ATOM
 * has.  p and at have room for POINTS.
 */
static size_t choose_points(const double *x, size_t n, double *p, double *at)
{
    static const double usual[] = {0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1};
    enum { USUAL = sizeof usual / sizeof usual[0] };
    size_t n_point = 0, next = 0;
    for (size_t i = 0, to; i < n; i = to) {
        to = i;
        while (to < n && x[to] == x[i]) {
            to++;
        }
        double to_p = (double)to / (double)n;
        if (ATOM * (to - i) >= n) {
            p[n_point] = (double)i / (double)n;
            at[n_point++] = x[i];
            p[n_point] = to_p;
            at[n_point++] = x[i];
            while (next < USUAL && usual[next] <= to_p) {
                next++;
            }
        }
        for (; next < USUAL && usual[next] < to_p; next++) {
            p[n_point] = usual[next];
            at[n_point++] = x[i];
        }
    }
    if (next < USUAL) {
        p[n_point] = 1;
        at[n_point++] = x[n - 1];
    }
    return n_point;
}

static int fit_quantiles(const double *x, size_t n, struct arena *a, struct size_fit *out, struct err *e)
{
    double p[POINTS], at[POINTS];
    size_t n_point = choose_points(x, n, p, at);
    out->quality.log_likelihood = out->quality.bic = (double)NAN;
    out->quality.n_parameter = (uint32_t)n_point;
    return dist_quantiles(&out->model, a, n_point, p, at, e);
}

/* Of sorted x[n] and a distribution; a value that comes several times is one step. */
static double distance_to(const struct dist *d, const double *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n;) {
        size_t to = i;
        while (to < n && x[to] == x[i]) {
            to++;
        }
        double above = dist_cdf(d, x[i]), below = dist_cdf(d, nextafter(x[i], -1));
        most = fmax(most, fmax(fabs(above - (double)to / (double)n), fabs(below - (double)i / (double)n)));
        i = to;
    }
    return most;
}

int fit_size(enum fit_size model, const double *x, size_t n, struct arena *a, struct size_fit *out, struct err *e)
{
    *out = (struct size_fit){0};
    if (n < LEAST) {
        return ERR_SET(e, ERR_INPUT, "found %zu sizes, wanted %d or more", n, LEAST);
    }
    double *sorted = malloc(n * sizeof *sorted), *y = malloc(n * sizeof *y);
    int rc = sorted && y ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to fit %zu sizes", n);
    if (rc == 0) {
        memcpy(sorted, x, n * sizeof *sorted);
        qsort(sorted, n, sizeof *sorted, describe_compare);
        for (size_t i = 0; i < n; i++) {
            y[i] = log(sorted[i]);
        }
        if (model == FIT_QUANTILES) {
            rc = fit_quantiles(sorted, n, a, out, e);
        } else if (!(sorted[0] > 0)) {
            rc = ERR_SET(e, ERR_INPUT, "found sizes of 0, of which no lognormal has any: wanted quantiles");
        } else if (sorted[0] == sorted[n - 1]) {
            rc = ERR_SET(e, ERR_INPUT, "found the one size %g, wanted several", sorted[0]);
        } else {
            rc = fit_mixture(y, n, (size_t)model + 1, a, out, e);
        }
    }
    if (rc == 0) {
        out->quality.distance = distance_to(&out->model, sorted, n);
    }
    free(sorted);
    free(y);
    return rc;
}
