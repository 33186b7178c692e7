/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/number.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DECIMALS = 6 };
static const double LEAST = 1e-4;    /* the smallest number that is shown as itself, in its unit */
static const double SMALLEST = 1e-9; /* shown as 0 */
static const double NOISE = 1e-9;    /* a half width below this share of the value is rounding, not chance */

static const struct scale time_scale[] = {{1e-9, "ns"}, {1e-6, "µs"}, {1e-3, "ms"}, {1, "s"}};
static const struct scale energy_scale[] = {{1e-6, "µJ"}, {1e-3, "mJ"}, {1, "J"},
                                            {1e3, "kJ"},  {1e6, "MJ"},  {1e9, "GJ"}};
static const struct scale share_scale[] = {{0.01, "%"}};
static const struct scale plain_scale[] = {{1, ""}};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct scale scale_for(enum scale_of what, const double *x, size_t n)
{
    static const struct {
        const struct scale *scale;
        size_t n, usual;
    } table[] = {
        [SCALE_TIME] = {time_scale, 4, 2},
        [SCALE_ENERGY] = {energy_scale, 6, 2},
        [SCALE_SHARE] = {share_scale, 1, 0},
        [SCALE_PLAIN] = {plain_scale, 1, 0},
    };
    double *sorted = calloc(n + 1, sizeof *sorted);
    size_t m = 0;
    for (size_t i = 0; sorted && i < n; i++) {
        if (isfinite(x[i]) && x[i] != 0) {
            sorted[m++] = fabs(x[i]);
        }
    }
    size_t pick = table[what].usual;
    if (m > 0) {
        qsort(sorted, m, sizeof *sorted, by_size);
        pick = table[what].n - 1;
        while (pick > 0 && sorted[m / 2] < table[what].scale[pick].per) {
            pick--;
        }
    }
    free(sorted);
    return table[what].scale[pick];
}

/* Decimals that show `digits` significant digits of x > 0. */
static int decimals_for(double x, int digits)
{
    int d = digits - 1 - (int)floor(log10(x));
    return d < 0 ? 0 : d > MAX_DECIMALS ? MAX_DECIMALS : d;
}

static int decimals_of_half(double half)
{
    int d = decimals_for(half, 1);
    double lead = half * pow(10, d);
    return lead < 1.95 && half < 10 ? decimals_for(half, 2) : d;
}

const char *number_alone(double x, struct scale s, char *buf, size_t n)
{
    double y = x / s.per;
    if (isnan(y)) {
        snprintf(buf, n, "–");
    } else if (isinf(y)) {
        snprintf(buf, n, y > 0 ? "inf" : "-inf");
    } else if (fabs(y) < SMALLEST) {
        snprintf(buf, n, "0");
    } else if (fabs(y) < LEAST) {
        snprintf(buf, n, "%s%g", y > 0 ? "<" : ">-", LEAST);
    } else {
        snprintf(buf, n, "%.*f", decimals_for(fabs(y), 3), y);
    }
    return buf;
}

void number_text(struct stats_interval x, struct scale s, char *value, char *half, size_t n)
{
    double y = x.estimate / s.per, h = x.half_width / s.per;
    half[0] = 0;
    if (fabs(y) < SMALLEST && h < SMALLEST) {
        y = h = x.estimate = 0;
    }
    if (fabs(y) < LEAST && h < LEAST && y != 0) {
        number_alone(x.estimate, s, value, n);
        return;
    }
    bool exact = h <= NOISE * fabs(y);
    if (!isfinite(y) || !isfinite(h) || exact) {
        number_alone(x.estimate, s, value, n);
        if (isfinite(y) && exact) {
            snprintf(value, n, "%.*f", y == 0 ? 0 : decimals_for(fabs(y), 4), y);
            snprintf(half, n, "±0");
        }
        return;
    }
    int d = decimals_of_half(h);
    snprintf(value, n, "%.*f", d, y);
    snprintf(half, n, "±%.*f", d, h);
}

const char *number_given(double x, enum scale_of what, char *buf, size_t n)
{
    struct scale s = scale_for(what, &x, 1);
    snprintf(buf, n, "%.6g%s%s", x / s.per, s.unit[0] ? " " : "", s.unit);
    return buf;
}

const char *number_with_unit(struct stats_interval x, struct scale s, char *buf, size_t n)
{
    char value[64], half[64];
    number_text(x, s, value, half, sizeof value);
    snprintf(buf, n, "%s%s%s%s%s", value, half[0] ? " " : "", half, s.unit[0] ? " " : "", s.unit);
    return buf;
}
