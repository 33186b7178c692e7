/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace_stats.h - the statistics by which traces are described: of arrivals, and of levels over time. */
#ifndef TESTS_TRACE_STATS_H
#define TESTS_TRACE_STATS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/series.h"

static int stats_compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The q quantile of a column over rows. */
static inline double stats_quantile(const struct series *s, int column, double q)
{
    double *sorted = malloc(s->n_row * sizeof *sorted);
    memcpy(sorted, s->value[column], s->n_row * sizeof *sorted);
    qsort(sorted, s->n_row, sizeof *sorted, stats_compare);
    double x = sorted[(size_t)(q * (double)(s->n_row - 1))];
    free(sorted);
    return x;
}

/* Standard deviation over mean of the times between rows. */
static inline double stats_gap_cv(const struct series *s)
{
    double n = (double)(s->n_row - 1), mean = s->time_s[s->n_row - 1] / n, square = 0;
    for (size_t i = 1; i < s->n_row; i++) {
        double gap = s->time_s[i] - s->time_s[i - 1];
        square += gap * gap / n;
    }
    return sqrt(square / (mean * mean) - 1);
}

/* Variance over mean of the rows in slices of bin_s; and the share of slices without any. */
static inline double stats_dispersion(const struct series *s, double bin_s, double *empty)
{
    size_t n_bin = (size_t)(s->time_s[s->n_row - 1] / bin_s) + 1;
    double *count = calloc(n_bin, sizeof *count), mean = (double)s->n_row / (double)n_bin, square = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        count[(size_t)(s->time_s[i] / bin_s)]++;
    }
    *empty = 0;
    for (size_t i = 0; i < n_bin; i++) {
        square += (count[i] - mean) * (count[i] - mean) / (double)n_bin;
        *empty += (count[i] == 0) / (double)n_bin;
    }
    free(count);
    return square / mean;
}

/* Over time: standard deviation over mean of a level. */
static inline double stats_level_cv(const struct series *s, int column)
{
    double square = 0, mean = s->mean[column];
    for (size_t i = 0; i < s->n_row; i++) {
        double until_s = i + 1 < s->n_row ? s->time_s[i + 1] : s->span_s;
        double off = s->value[column][i] - mean;
        square += off * off * (until_s - s->time_s[i]) / s->span_s;
    }
    return sqrt(square) / mean;
}

/* Mean and standard deviation of the logarithm of a level whose rows are equally long, and its correlation from row to row. */
static inline void stats_log(const double *x, size_t n, double *mean, double *sd, double *lag1)
{
    double square = 0, product = 0;
    *mean = 0;
    for (size_t i = 0; i < n; i++) {
        *mean += log(x[i]) / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        double here = log(x[i]) - *mean, next = log(x[(i + 1) % n]) - *mean;
        square += here * here;
        product += here * next;
    }
    *sd = sqrt(square / (double)n);
    *lag1 = product / square;
}

#endif
