/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_series_stats.c - statistics of traces, by hand. */
#include "tests/test.h"

#include "sim/base/series_stats.h"

static void quantiles_are_values_of_their_rank(void **state)
{
    (void)state;
    /* Sorted: 0 0 1e-300 0.5 1 1 1 2 3e5 7e14; rank ceil(10 q). */
    static const double x[] = {1, 2, 0, 1, 3e5, 0.5, 1e-300, 1, 7e14, 0};
    static const double q[] = {0, 0.1, 0.25, 0.4, 0.5, 0.7, 0.71, 0.9, 1};
    static const double want[] = {0, 0, 1e-300, 0.5, 1, 1, 2, 3e5, 7e14};
    double out[LEN(q)];
    assert_int_equal(series_quantiles(x, LEN(x), q, LEN(q), out), 0);
    for (size_t i = 0; i < LEN(q); i++) {
        assert_near(out[i], want[i], 0, 0);
    }
}

static void rows_have_mean_and_cv(void **state)
{
    (void)state;
    /* Mean 3; squares about it 4 + 1 + 0 + 25 + 4 = 34. */
    const struct row_stats r = series_row_stats((const double[]){1, 2, 3, 8, 1}, 5);
    assert_near(r.mean, 3, 1e-15, 0);
    assert_near(r.cv, sqrt(34.0 / 5) / 3, 1e-15, 0);
    assert_near(r.least, 1, 0, 0);
    assert_near(r.most, 8, 0, 0);
}

static void arrivals_have_gaps_and_dispersion(void **state)
{
    (void)state;
    /* Gaps 0.5 0.5 1 8: mean 2.5, mean square 16.375, variance 10.125. */
    static const double time_s[] = {0, 0.5, 1, 2, 10};
    const struct series s = {.n_row = 5, .time_s = time_s, .span_s = 12.5, .points = true};
    double empty;
    assert_near(series_gap_cv(&s), sqrt(10.125) / 2.5, 1e-15, 0);
    /* Slices of 1 s to 10: 2 1 1 0 0 0 0 0 0 0; mean 0.4, mean square 0.6, variance 0.44. */
    assert_near(series_dispersion(&s, 1, &empty), 0.44 / 0.4, 1e-14, 0);
    assert_near(empty, 0.7, 1e-15, 0);
    /* One slice of 10 s says nothing. */
    assert_true(isnan(series_dispersion(&s, 10, &empty)));
}

static void levels_have_outages_and_a_memory(void **state)
{
    (void)state;
    /* In slices of 1 s: 10 10 0 0 10 10 (the row at 1.5 s is no news); mean 40/6. */
    static const double time_s[] = {0, 1.5, 2, 4}, x[] = {10, 10, 0, 10}, mean[] = {40.0 / 6};
    static const double *const value[] = {x};
    const struct series s = {.n_row = 4, .n_column = 1, .time_s = time_s, .value = value, .mean = mean, .span_s = 6};
    const struct level_stats l = series_level_stats(&s, 0, 1);
    /* Deviations from 20/3: +10/3 four times, -20/3 twice; squares 4 * 100/9 + 2 * 400/9 = 1200/9. */
    assert_near(l.mean, 40.0 / 6, 1e-15, 0);
    assert_near(l.cv, sqrt(1200.0 / 9 / 6) / (40.0 / 6), 1e-14, 0);
    /* Neighbours: (10/3)^2, -(200/9), (20/3)^2, -(200/9), (10/3)^2 sum up to 200/9. */
    assert_near(l.lag1, (200.0 / 9) / (1200.0 / 9), 1e-13, 0);
    assert_near(l.outage_share, 2.0 / 6, 1e-15, 0);
    assert_near(l.outage_rate, 1.0 / 6, 1e-15, 0);
    assert_near(l.outage_s, 2, 1e-15, 0);
    assert_near(l.log_mean, log(10), 1e-15, 0);
    assert_near(l.log_sd, 0, 0, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_values_of_their_rank),
        cmocka_unit_test(rows_have_mean_and_cv),
        cmocka_unit_test(arrivals_have_gaps_and_dispersion),
        cmocka_unit_test(levels_have_outages_and_a_memory),
    };
    return cmocka_run_group_tests_name("statistics of series", tests, NULL, NULL);
}
