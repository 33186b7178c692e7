/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "sim/measure/analysis.h"
#include "tests/test.h"

enum { N = 4 };
#define T3_95 3.182446305284263 /* Student's t, 3 degrees of freedom, two-sided 95 % (any table) */

/* N records of one class with one sketch; replication i has the given mean latency and finished share. */
static void make(struct record r[N], const double latency_s[N], const double finished[N])
{
    memset(r, 0, N * sizeof *r);
    for (uint32_t i = 0; i < N; i++) {
        r[i].status = RECORD_OK;
        r[i].replication = i;
        r[i].n_class = 1;
        r[i].metric[M_LATENCY_MEAN] = latency_s[i];
        r[i].metric[M_FINISHED_RATIO] = finished[i];
        r[i].latency = calloc(N_SEGMENT, sizeof *r[i].latency);
        r[i].class_metric = calloc(1, sizeof *r[i].class_metric);
        assert_true(r[i].latency && r[i].class_metric);
        memcpy(r[i].class_metric[0], r[i].metric, sizeof r[i].metric);
    }
}

static void clear(struct record r[N])
{
    for (uint32_t i = 0; i < N; i++) {
        record_clear(&r[i]);
    }
}

static const double one[N] = {1, 1, 1, 1};

static void a_mean_has_the_t_interval_of_its_replications(void **state)
{
    struct record r[N];
    (void)state;
    make(r, (const double[N]){1, 2, 3, 4}, one);
    struct stats_interval mean = analysis_mean((struct replications){r, N}, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_near(mean.estimate, 2.5, 1e-15, 0);
    assert_near(mean.half_width, T3_95 * sqrt(5. / 3 / 4), 1e-9, 0);
    mean = analysis_mean((struct replications){r, N}, 0, M_LATENCY_MEAN, 0.95);
    assert_near(mean.estimate, 2.5, 1e-15, 0);
    r[3].status = RECORD_BROKEN; /* left out */
    r[2].metric[M_LATENCY_MEAN] = NAN;
    mean = analysis_mean((struct replications){r, N}, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_int_equal(mean.n, 2);
    assert_near(mean.estimate, 1.5, 1e-15, 0);
    r[1].metric[M_UNSTABLE] = 1;
    mean = analysis_mean((struct replications){r, N}, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_true(isnan(mean.half_width));
    char text[100];
    assert_string_equal(standing_text(analysis_standing((struct replications){r, N}), text, sizeof text),
                        "1 unstable, 1 broken of 4 replications");
    clear(r);
}

static void a_difference_is_of_common_replications(void **state)
{
    struct record a[N], b[N];
    (void)state;
    make(a, (const double[N]){1, 2, 3, 4}, one);
    make(b, (const double[N]){1.5, 9, 3.6, 4.7}, one);
    struct replications pa = {a, N}, pb = {b, N};
    b[1].status = RECORD_FAILED; /* differences -.5, -.6, -.7: mean -.6, sd .1 */
    struct difference d = analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_int_equal(d.of.n, 3);
    assert_near(d.of.estimate, -0.6, 1e-12, 0);
    assert_near(d.of.half_width, 4.302652729911275 * 0.1 / sqrt(3), 1e-9, 0); /* t of 2 degrees of freedom */
    assert_int_equal(d.call, CALL_LOWER);
    assert_string_equal(call_text(d.call), "");
    b[2].replication = 7; /* two pairs left: -.5 and nothing for 2, 7; -.7 is beyond the gap */
    b[3].replication = 9;
    d = analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_int_equal(d.call, CALL_FEW);
    clear(a);
    clear(b);
}

static void no_winner_is_called_on_a_mean_when_finished_shares_differ(void **state)
{
    struct record a[N], b[N];
    (void)state;
    make(a, (const double[N]){1, 2, 3, 4}, (const double[N]){.8, .8, .81, .79});
    make(b, (const double[N]){2, 3.1, 4, 5}, (const double[N]){1, .99, 1, 1});
    struct replications pa = {a, N}, pb = {b, N};
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95).call, CALL_UNEQUAL);
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_FINISHED_RATIO, 0.95).call, CALL_LOWER);
    a[0].status = RECORD_SATURATED;
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95).call, CALL_UNSTEADY);
    clear(a);
    clear(b);
}

/*
 * Replication i holds 100 values 2^i: pooled, 100 each of 1, 2, 4, 8, the median is 2 (rank 200 of 400).  Without
 * replication 0 or 1 (300 values, rank 150): 4; without 2 or 3: 2.  The jackknife: mean 3, sum of squares 4, so
 * se^2 = 3/4 * 4 = 3.
 */
static void a_quantile_is_of_all_replications_together(void **state)
{
    struct record r[N];
    (void)state;
    make(r, one, one);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t k = 0; k < 100; k++) {
            assert_int_equal(sketch_add(&r[i].latency[k % N_SEGMENT], 1u << i), 0);
        }
    }
    struct stats_interval value[2];
    struct replications p = {r, N};
    const double q[2] = {0.5, 1};
    assert_int_equal(analysis_quantiles(p, ALL_CLASSES, 0, q, 2, 0.95, value, NULL), 0);
    assert_near(value[0].estimate, 2, 1. / 256, 0);
    assert_near(value[0].half_width, T3_95 * sqrt(3), 1. / 128, 0);
    assert_near(value[1].estimate, 8, 1. / 256, 0);
    assert_int_equal(sketch_add(&r[0].latency[63], INFINITY), 0);
    assert_int_equal(analysis_quantiles(p, 0, 63, q, 2, 0.95, value, NULL), 0);
    assert_true(isinf(value[1].estimate));
    assert_true(isnan(value[1].half_width));
    r[1].metric[M_UNSTABLE] = 1;
    assert_int_equal(analysis_quantiles(p, ALL_CLASSES, 0, q, 2, 0.95, value, NULL), 0);
    assert_near(value[0].estimate, 4, 1. / 256, 0); /* rank 201 of 401 */
    assert_true(isnan(value[0].half_width));
    assert_int_equal(analysis_quantiles((struct replications){r, 0}, 0, 0, q, 2, 0.95, value, NULL), 0);
    assert_true(isnan(value[0].estimate));
    clear(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mean_has_the_t_interval_of_its_replications),
        cmocka_unit_test(a_difference_is_of_common_replications),
        cmocka_unit_test(no_winner_is_called_on_a_mean_when_finished_shares_differ),
        cmocka_unit_test(a_quantile_is_of_all_replications_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
