/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * series_stats.h - the statistics by which traces are described, in constant memory however long they are; a series may be
 * a file that is mapped.  For reports and fits: no result of a simulation depends on them.
 */
#ifndef SIM_BASE_SERIES_STATS_H
#define SIM_BASE_SERIES_STATS_H

#include "sim/base/series.h"

/* Over rows, whatever their times. */
struct row_stats {
    double mean, cv, least, most;
};
struct row_stats series_row_stats(const double *x, size_t n);

/*
 * The values of rank ceil(q n) among n sorted ones (the least for q = 0), exactly: their bits are found 16 at a time, by
 * counting.  x are finite and not negative; q in [0, 1].  0, or -1 when memory is out.
 */
int series_quantiles(const double *x, size_t n, const double *q, size_t n_q, double *out);

/* Of a point series: standard deviation over mean of the times between rows. */
double series_gap_cv(const struct series *s);
/*
 * Of a point series: variance over mean of the rows in each whole slice of bin_s from 0 on (index of dispersion for counts;
 * 1 for Poisson), and the share of slices without any.  NAN if there are fewer than two slices.
 */
double series_dispersion(const struct series *s, double bin_s, double *empty);

/* Of a level series, over time, from its mean over each whole slice of bin_s. */
struct level_stats {
    double mean, cv;         /* over all of it, not of slices */
    double log_mean, log_sd; /* of the slices that are no outage */
    double lag1;             /* autocorrelation of slices, 1 apart */
    double outage_share;     /* of slices below a tenth of the mean */
    double outage_rate;      /* how often such a stretch begins, 1/s */
    double outage_s;         /* how long it lasts, mean; 0 if there is none */
};
/* The mean of a level over [from_s, from_s + bin_s); *row is at most the row that holds at from_s, and is moved on. */
double series_slice_mean(const struct series *s, size_t column, double from_s, double bin_s, size_t *row);
struct level_stats series_level_stats(const struct series *s, size_t column, double bin_s);

#endif
