/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/series_stats.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

/* Mean and sum of squares about it, value by value (Welford, Technometrics 4, 1962), each of a weight. */
struct moments {
    double weight, mean, square;
};

static void moments_add(struct moments *m, double x, double weight)
{
    if (weight > 0) {
        double off = x - m->mean;
        m->weight += weight;
        m->mean += off * weight / m->weight;
        m->square += off * (x - m->mean) * weight;
    }
}

static double moments_variance(const struct moments *m)
{
    return m->weight > 0 ? m->square / m->weight : NAN;
}

struct row_stats series_row_stats(const double *x, size_t n)
{
    struct moments m = {0};
    struct row_stats r = {.least = INFINITY, .most = -INFINITY};
    for (size_t i = 0; i < n; i++) {
        moments_add(&m, x[i], 1);
        r.least = fmin(r.least, x[i]);
        r.most = fmax(r.most, x[i]);
    }
    r.mean = m.mean;
    r.cv = m.mean > 0 ? sqrt(moments_variance(&m)) / m.mean : 0;
    return r;
}

enum { DIGIT_BITS = 16, DIGITS = 64 / DIGIT_BITS, BINS = 1 << DIGIT_BITS };

/* The bits of the value of rank `rank` (from 0): doubles that are not negative sort as their bits do. */
static uint64_t select_bits(const double *x, size_t n, uint64_t rank, uint64_t *count)
{
    uint64_t prefix = 0, known = 0; /* the digits found so far, and ones where they stand */
    for (int digit = DIGITS - 1; digit >= 0; digit--) {
        const int shift = digit * DIGIT_BITS;
        memset(count, 0, BINS * sizeof *count);
        for (size_t i = 0; i < n; i++) {
            uint64_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            if ((bits & known) == prefix) {
                count[bits >> shift & (BINS - 1)]++;
            }
        }
        uint64_t bin = 0;
        while (rank >= count[bin]) {
            rank -= count[bin++];
        }
        prefix |= bin << shift;
        known |= (uint64_t)(BINS - 1) << shift;
    }
    return prefix;
}

int series_quantiles(const double *x, size_t n, const double *q, size_t n_q, double *out)
{
    uint64_t *count = malloc(BINS * sizeof *count);
    CHECK(n > 0);
    for (size_t i = 0; count && i < n_q; i++) {
        double rank = ceil(q[i] * (double)n);
        uint64_t bits = select_bits(x, n, rank < 1 ? 0 : (uint64_t)rank - 1, count);
        memcpy(&out[i], &bits, sizeof bits);
    }
    free(count);
    return count ? 0 : -1;
}

double series_gap_cv(const struct series *s)
{
    struct moments m = {0};
    for (size_t i = 1; i < s->n_row; i++) {
        moments_add(&m, s->time_s[i] - s->time_s[i - 1], 1);
    }
    return m.mean > 0 ? sqrt(moments_variance(&m)) / m.mean : NAN;
}

double series_dispersion(const struct series *s, double bin_s, double *empty)
{
    struct moments m = {0};
    const double n_bin = floor(s->time_s[s->n_row - 1] / bin_s);
    double n_empty = 0;
    size_t i = 0;
    for (double bin = 0; bin < n_bin; bin++) {
        size_t from = i;
        while (i < s->n_row && s->time_s[i] < (bin + 1) * bin_s) {
            i++;
        }
        moments_add(&m, (double)(i - from), 1);
        n_empty += i == from;
        if (i == from) {
            /* All empty slices up to the next row at once. */
            double more = fmin(floor(s->time_s[i] / bin_s), n_bin) - (bin + 1);
            if (more > 0) {
                moments_add(&m, 0, more);
                n_empty += more;
                bin += more;
            }
        }
    }
    *empty = n_bin > 0 ? n_empty / n_bin : NAN;
    return n_bin >= 2 && m.mean > 0 ? moments_variance(&m) / m.mean : NAN;
}

double series_slice_mean(const struct series *s, size_t column, double from_s, double bin_s, size_t *row)
{
    const double to_s = from_s + bin_s, *x = s->value[column];
    double sum = 0;
    for (double at_s = from_s; at_s < to_s;) {
        while (*row + 1 < s->n_row && s->time_s[*row + 1] <= at_s) {
            ++*row;
        }
        double until_s = fmin(to_s, *row + 1 < s->n_row ? s->time_s[*row + 1] : INFINITY);
        sum += x[*row] * (until_s - at_s);
        at_s = until_s;
    }
    return sum / bin_s;
}

struct level_stats series_level_stats(const struct series *s, size_t column, double bin_s)
{
    const double *x = s->value[column], n_bin = floor(s->span_s / bin_s);
    struct level_stats r = {.mean = s->mean[column]};
    struct moments all = {0}, slices = {0}, logs = {0};
    for (size_t i = 0; i < s->n_row; i++) {
        moments_add(&all, x[i], (i + 1 < s->n_row ? s->time_s[i + 1] : s->span_s) - s->time_s[i]);
    }
    r.cv = r.mean > 0 ? sqrt(moments_variance(&all)) / r.mean : 0;

    double n_low = 0, n_start = 0, product = 0, before = 0;
    bool low_before = false;
    size_t row = 0;
    for (double bin = 0; bin < n_bin; bin++) {
        double mean = series_slice_mean(s, column, bin * bin_s, bin_s, &row);
        bool low = mean < 0.1 * r.mean;
        moments_add(&slices, mean, 1);
        if (!low && mean > 0) {
            moments_add(&logs, log(mean), 1);
        }
        product += bin > 0 ? (before - r.mean) * (mean - r.mean) : 0;
        n_low += low;
        n_start += low && !low_before;
        low_before = low;
        before = mean;
    }
    r.log_mean = logs.mean;
    r.log_sd = logs.weight > 0 ? sqrt(moments_variance(&logs)) : NAN;
    /* Deviations are taken from the mean of all, which the mean of whole slices is but for the last part of one. */
    double about = slices.square + slices.weight * (slices.mean - r.mean) * (slices.mean - r.mean);
    r.lag1 = about > 0 ? product / about : NAN;
    r.outage_share = n_bin > 0 ? n_low / n_bin : NAN;
    r.outage_rate = n_bin > 0 ? n_start / (n_bin * bin_s) : NAN;
    r.outage_s = n_start > 0 ? n_low * bin_s / n_start : 0;
    return r;
}
