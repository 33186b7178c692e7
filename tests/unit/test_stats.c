/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_stats.c - sums, intervals, the jackknife and the warm-up cut, against values worked out by hand or from tables. */
#include "tests/test.h"

#include "sim/base/fmath.h"
#include "sim/base/stats.h"
#include "sim/base/stream.h"

static double normal(uint64_t i)
{
    struct draw_at at = {{9, 0}, 1, 0, i, DRAW_USER, 0};
    return ts_probit(draw_uniform(&at, 0));
}

static void a_sum_keeps_what_addition_loses(void **state)
{
    (void)state;
    static const double x[] = {1.0, 1e100, 1.0, -1e100};
    struct stats_sum s = {0};
    for (size_t i = 0; i < LEN(x); i++) {
        stats_sum_add(&s, x[i]);
    }
    assert_true(stats_sum_value(&s) == 2.0);
    /* Ten million tenths: plain addition is off by 1.6e-4. */
    struct stats_sum tenth = {0};
    for (int i = 0; i < 10000000; i++) {
        stats_sum_add(&tenth, 0.1);
    }
    assert_true(stats_sum_value(&tenth) == 1e6);
    stats_sum_add(&tenth, INFINITY);
    stats_sum_add(&tenth, 1.0);
    assert_true(isinf(stats_sum_value(&tenth)));
}

static void mean_and_variance(void **state)
{
    (void)state;
    static const double x[] = {1e9 + 2, 1e9 + 4, 1e9 + 4, 1e9 + 4, 1e9 + 5, 1e9 + 5, 1e9 + 7, 1e9 + 9};
    assert_true(stats_mean(x, LEN(x)) == 1e9 + 5.0);
    assert_true(stats_variance(x, LEN(x)) == 32.0 / 7.0); /* 9 + 1 + 1 + 1 + 0 + 0 + 4 + 16 */
    assert_true(isnan(stats_mean(x, 0)) && isnan(stats_variance(x, 1)));
}

static void students_quantile_is_that_of_the_tables(void **state)
{
    (void)state;
    /* One degree is Cauchy: tan(pi (p - 1/2)); two degrees: a sqrt(2 / (1 - a^2)), a = 2 p - 1. */
    assert_near(stats_t_quantile(0.975, 1.0), tan(M_PI * 0.475), 1e-12, 0);
    assert_near(stats_t_quantile(0.975, 2.0), 0.95 * sqrt(2.0 / (1.0 - 0.9025)), 1e-12, 0);
    assert_near(stats_t_quantile(0.975, 9.0), 2.262157163, 1e-9, 0);
    assert_near(stats_t_quantile(0.95, 29.0), 1.699127027, 1e-9, 0);
    assert_near(stats_t_quantile(0.025, 9.0), -stats_t_quantile(0.975, 9.0), 1e-12, 0);
}

static void t_interval(void **state)
{
    (void)state;
    /* Mean 3, variance 5/2, so 4 degrees give 2.776445105 sqrt(5/2 / 5). */
    static const double x[] = {1, 2, 3, 4, 5};
    struct stats_interval r = stats_t_interval(x, 5, 0.95);
    assert_true(r.estimate == 3.0 && r.n == 5);
    assert_near(r.half_width, 2.776445105 * sqrt(0.5), 1e-9, 0);
    r = stats_t_interval(x, 1, 0.95);
    assert_true(r.estimate == 1.0 && isnan(r.half_width));
    r = stats_t_interval(x, 0, 0.95);
    assert_true(isnan(r.estimate) && isnan(r.half_width));
    static const double failed[] = {1, INFINITY, 3};
    r = stats_t_interval(failed, 3, 0.95);
    assert_true(isinf(r.estimate) && isnan(r.half_width));
}

static void paired_interval(void **state)
{
    (void)state;
    /* Differences 1, 2, 3: mean 2, variance 1, t of 2 degrees 4.302652730; apart, the spread of a would drown them. */
    static const double a[] = {101, 202, 303}, b[] = {100, 200, 300};
    struct stats_interval r = stats_paired_interval(a, b, 3, 0.95);
    assert_true(r.estimate == 2.0 && r.n == 3);
    assert_near(r.half_width, 4.302652730 * sqrt(1.0 / 3.0), 1e-9, 0);
    assert_true(isnan(stats_paired_interval(a, b, 1, 0.95).half_width));
    r = stats_paired_interval(a, a, 3, 0.95);
    assert_true(r.estimate == 0.0 && r.half_width == 0.0);
}

static void the_jackknife_of_a_mean_is_the_t_interval(void **state)
{
    (void)state;
    /* Without x[i] the mean is (sum - x[i]) / (n - 1), whose squares give exactly s^2 / n. */
    static const double x[] = {3, 1, 4, 1, 5, 9, 2, 6};
    double without[LEN(x)], sum = 31.0;
    for (size_t i = 0; i < LEN(x); i++) {
        without[i] = (sum - x[i]) / 7.0;
    }
    struct stats_interval t = stats_t_interval(x, LEN(x), 0.9), j = stats_jackknife(sum / 8.0, without, LEN(x), 0.9);
    assert_true(j.estimate == t.estimate && j.n == t.n);
    assert_near(j.half_width, t.half_width, 1e-13, 0);
    without[3] = INFINITY;
    assert_true(isnan(stats_jackknife(1.0, without, LEN(x), 0.9).half_width));
    assert_true(isnan(stats_jackknife(INFINITY, x, LEN(x), 0.9).half_width));
    assert_true(isnan(stats_jackknife(1.0, x, 1, 0.9).half_width));
}

/* The rule as it is written, each cut on its own. */
static size_t plain_mser(const double *x, size_t n, size_t batch)
{
    double z[1000], least = INFINITY;
    size_t m = n / batch, cut = 0;
    for (size_t i = 0; i < m; i++) {
        z[i] = stats_mean(x + i * batch, batch);
    }
    for (size_t d = 0; d + 5 <= m; d++) {
        double k = (double)(m - d), y = stats_variance(z + d, m - d) * (k - 1.0) / (k * k);
        if (y < least) {
            least = y, cut = d;
        }
    }
    return cut * batch;
}

static void the_cut_takes_the_warm_up_off(void **state)
{
    (void)state;
    double x[1000];
    /* Ten batches of 100, then 190 of 1: without the ten nothing varies. */
    for (size_t i = 0; i < 1000; i++) {
        x[i] = i < 50 ? 100.0 : 1.0;
    }
    assert_int_equal(stats_mser(x, 1000, 5, 1000), 50);
    assert_int_equal(stats_mser(x, 1000, 1, 1000), 50);
    /* Constant: nothing to cut, the first of equals.  A line never settles: the cut is late. */
    for (size_t i = 0; i < 1000; i++) {
        x[i] = 7.0;
    }
    assert_int_equal(stats_mser(x, 1000, 5, 1000), 0);
    for (size_t i = 0; i < 1000; i++) {
        x[i] = (double)(i * i);
    }
    assert_true(stats_mser(x, 1000, 5, 1000) > 500);
    assert_true(stats_mser(x, 1000, 5, 500) <= 500);
    assert_int_equal(stats_mser(x, 49, 5, 49), 0);
    /* Decaying bias in noise: as the rule says, cut by cut; the bias is a standard deviation until 40 log(20) = 120. */
    for (uint64_t series = 0; series < 20; series++) {
        for (size_t i = 0; i < 1000; i++) {
            x[i] = 20.0 * ts_exp(-(double)i / 40.0) + normal(series * 1000 + i);
        }
        size_t cut = stats_mser(x, 1000, 5, 1000);
        assert_int_equal(cut, plain_mser(x, 1000, 5));
        assert_true(cut >= 40 && cut <= 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sum_keeps_what_addition_loses),
        cmocka_unit_test(mean_and_variance),
        cmocka_unit_test(students_quantile_is_that_of_the_tables),
        cmocka_unit_test(t_interval),
        cmocka_unit_test(paired_interval),
        cmocka_unit_test(the_jackknife_of_a_mean_is_the_t_interval),
        cmocka_unit_test(the_cut_takes_the_warm_up_off),
    };
    return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
