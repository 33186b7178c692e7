/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * describe.h - the statistics by which a trace and what was fitted to it are compared, beyond those of base/series_stats.h:
 * what neighbours have to do with each other, how far two distributions are apart.
 */
#ifndef SIM_CALIBRATE_DESCRIBE_H
#define SIM_CALIBRATE_DESCRIBE_H

#include <stddef.h>

double describe_mean(const double *x, size_t n); /* n > 0 */
/* Divided by n. */
double describe_sd(const double *x, size_t n);
/* Between values `lag` apart; NAN if there are fewer than two such pairs, or x is constant. */
double describe_correlation(const double *x, size_t n, size_t lag);
/* Kolmogorov's distance of two samples, both sorted. */
double describe_distance(const double *a, size_t n_a, const double *b, size_t n_b);
/* For qsort of doubles. */
int describe_compare(const void *a, const void *b);

#endif
