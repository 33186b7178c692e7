/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/stats.h"

#include <gsl/gsl_cdf.h>

#include "sim/base/err.h"

double stats_mean(const double *x, size_t n)
{
    struct stats_sum s = {0};
    for (size_t i = 0; i < n; i++) {
        stats_sum_add(&s, x[i]);
    }
    return n > 0 ? stats_sum_value(&s) / (double)n : (double)NAN;
}

/* Sum of (x - mean)^2 */
static double squares(const double *x, size_t n, double mean)
{
    struct stats_sum s = {0};
    for (size_t i = 0; i < n; i++) {
        stats_sum_add(&s, (x[i] - mean) * (x[i] - mean));
    }
    return stats_sum_value(&s);
}

double stats_variance(const double *x, size_t n)
{
    return n > 1 ? squares(x, n, stats_mean(x, n)) / (double)(n - 1) : (double)NAN;
}

double stats_t_quantile(double p, double df)
{
    CHECK(p > 0.0 && p < 1.0 && df > 0.0);
    return gsl_cdf_tdist_Pinv(p, df);
}

/* estimate +- t sqrt(variance of the estimate) */
static struct stats_interval interval(double estimate, double variance, size_t n, double level)
{
    struct stats_interval r = {estimate, (double)NAN, n};
    CHECK(level > 0.0 && level < 1.0);
    if (n > 1 && isfinite(variance)) {
        r.half_width = stats_t_quantile(0.5 + 0.5 * level, (double)(n - 1)) * sqrt(variance);
    }
    return r;
}

struct stats_interval stats_t_interval(const double *x, size_t n, double level)
{
    return interval(stats_mean(x, n), stats_variance(x, n) / (double)n, n, level);
}

struct stats_interval stats_paired_interval(const double *a, const double *b, size_t n, double level)
{
    struct stats_sum sum = {0}, square = {0};
    for (size_t i = 0; i < n; i++) {
        stats_sum_add(&sum, a[i] - b[i]);
    }
    double mean = n > 0 ? stats_sum_value(&sum) / (double)n : (double)NAN;
    for (size_t i = 0; i < n; i++) {
        double off = a[i] - b[i] - mean;
        stats_sum_add(&square, off * off);
    }
    return interval(mean, stats_sum_value(&square) / ((double)n * ((double)n - 1.0)), n, level);
}

struct stats_interval stats_jackknife(double whole, const double *without, size_t n, double level)
{
    double variance = squares(without, n, stats_mean(without, n)) * ((double)n - 1.0) / (double)n;
    return interval(whole, isfinite(whole) ? variance : (double)NAN, n, level);
}

/* From the last batch backwards the mean and the sum of squares about it grow by Welford's rule, so one pass is enough. */
size_t stats_mser(const double *x, size_t n, size_t batch, size_t most)
{
    enum { LEFT = 5 };
    CHECK(batch > 0);
    size_t m = n / batch, cut = 0;
    if (m < 2 * LEFT) {
        return 0;
    }
    double mean = 0.0, square = 0.0, least = (double)INFINITY;
    for (size_t d = m; d-- > 0;) {
        double z = stats_mean(x + d * batch, batch), k = (double)(m - d), off = z - mean;
        mean += off / k;
        square += off * (z - mean);
        if (m - d >= LEFT && d * batch <= most && square / (k * k) <= least) {
            least = square / (k * k);
            cut = d;
        }
    }
    return cut * batch;
}
