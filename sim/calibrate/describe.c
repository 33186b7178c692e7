/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/describe.h"

#include <math.h>

double describe_mean(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
    }
    return sum / (double)n;
}

double describe_sd(const double *x, size_t n)
{
    double mean = describe_mean(x, n), square = 0;
    for (size_t i = 0; i < n; i++) {
        square += (x[i] - mean) * (x[i] - mean);
    }
    return sqrt(square / (double)n);
}

double describe_correlation(const double *x, size_t n, size_t lag)
{
    if (n < lag + 2) {
        return (double)NAN;
    }
    double mean = describe_mean(x, n), square = 0, product = 0;
    for (size_t i = 0; i < n; i++) {
        square += (x[i] - mean) * (x[i] - mean);
        product += i + lag < n ? (x[i] - mean) * (x[i + lag] - mean) : 0;
    }
    return square > 0 ? product / square * ((double)n / (double)(n - lag)) : (double)NAN;
}

double describe_distance(const double *a, size_t n_a, const double *b, size_t n_b)
{
    double most = 0;
    for (size_t i = 0, k = 0; i < n_a && k < n_b;) {
        double x = a[i] < b[k] ? a[i] : b[k];
        while (i < n_a && a[i] == x) {
            i++;
        }
        while (k < n_b && b[k] == x) {
            k++;
        }
        most = fmax(most, fabs((double)i / (double)n_a - (double)k / (double)n_b));
    }
    return most;
}

int describe_compare(const void *va, const void *vb)
{
    const double a = *(const double *)va, b = *(const double *)vb;
    return (a > b) - (a < b);
}
