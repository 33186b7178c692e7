/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stats.h - from the values of replications to estimates with intervals.
 *
 * Values in one array are independent, such as one per replication (SEMANTICS 10); only stats_mser takes a series.
 * Sums are compensated, in the order of the array.  Student's quantile is GSL's, so intervals are for reports.
 */
#ifndef SIM_BASE_STATS_H
#define SIM_BASE_STATS_H

#include <math.h>
#include <stddef.h>

/* Sum with the lost low parts beside it (Neumaier, ZAMM 54, 1974): error about one ulp, however many terms. */
struct stats_sum {
    double sum, lost;
};

static inline void stats_sum_add(struct stats_sum *s, double x)
{
    double t = s->sum + x;
    s->lost += fabs(s->sum) >= fabs(x) ? (s->sum - t) + x : (x - t) + s->sum;
    s->sum = t;
}

/* An infinite sum is infinite, though its lost part is not a number. */
static inline double stats_sum_value(const struct stats_sum *s)
{
    double y = s->sum + s->lost;
    return y == y ? y : s->sum;
}

double stats_mean(const double *x, size_t n); /* NAN if n = 0 */
/* Unbiased, divided by n - 1; NAN if n < 2. */
double stats_variance(const double *x, size_t n);

/* The t below which Student's variable of df > 0 degrees of freedom lies with probability 0 < p < 1. */
double stats_t_quantile(double p, double df);

/* estimate +- half_width; half_width is NAN if n < 2 or a value is not finite. */
struct stats_interval {
    double estimate, half_width;
    size_t n;
};

/* Two-sided t interval of the mean at a level such as .95. */
struct stats_interval stats_t_interval(const double *x, size_t n, double level);
/* The same of the mean of a[i] - b[i]. */
struct stats_interval stats_paired_interval(const double *a, const double *b, size_t n, double level);
/*
 * Delete-one jackknife: `whole` is the statistic of all n samples and without[i] that of all but the i-th.  The estimate
 * is `whole`; its standard error is sqrt((n-1)/n sum (without[i] - their mean)^2), times t of n - 1 degrees of freedom.
 */
struct stats_interval stats_jackknife(double whole, const double *without, size_t n, double level);

/*
 * Where the warm-up of a series ends (White, "An effective truncation heuristic for bias reduction in simulation output",
 * Simulation 69, 1997; MSER-5 for batch = 5): of the means of whole batches, the cut d that minimises
 * sum over i >= d of (z[i] - mean from d)^2 / (m - d)^2, the first of equals; cuts leave 5 batches or more and take away
 * `most` values at most.  Returns d * batch, in values of x; 0 if there are fewer than 10 batches.
 */
size_t stats_mser(const double *x, size_t n, size_t batch, size_t most);

#endif
