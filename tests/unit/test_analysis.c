/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "sim/measure/analysis.h"
#include "sim/measure/excursion.h"
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
    struct stats_interval mean = analysis_mean((struct replications){.record = r, .n = N}, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_near(mean.estimate, 2.5, 1e-15, 0);
    assert_near(mean.half_width, T3_95 * sqrt(5. / 3 / 4), 1e-9, 0);
    mean = analysis_mean((struct replications){.record = r, .n = N}, 0, M_LATENCY_MEAN, 0.95);
    assert_near(mean.estimate, 2.5, 1e-15, 0);
    r[3].status = RECORD_BROKEN; /* left out */
    r[2].metric[M_LATENCY_MEAN] = NAN;
    mean = analysis_mean((struct replications){.record = r, .n = N}, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_int_equal(mean.n, 2);
    assert_near(mean.estimate, 1.5, 1e-15, 0);
    r[1].metric[M_UNSTABLE] = 1;
    mean = analysis_mean((struct replications){.record = r, .n = N}, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_true(isnan(mean.half_width));
    char text[100];
    assert_string_equal(standing_text(analysis_standing((struct replications){.record = r, .n = N}), text, sizeof text),
                        "1 unstable, 1 broken of 4 replications");
    clear(r);
}

static void a_difference_is_of_common_replications(void **state)
{
    struct record a[N], b[N];
    (void)state;
    make(a, (const double[N]){1, 2, 3, 4}, one);
    make(b, (const double[N]){1.5, 9, 3.6, 4.7}, one);
    struct replications pa = {.record = a, .n = N}, pb = {.record = b, .n = N};
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
    struct replications pa = {.record = a, .n = N}, pb = {.record = b, .n = N};
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
    struct sketch own[N] = {{0}};
    struct stats_interval value[2];
    const double q[2] = {0.5, 1};
    (void)state;
    make(r, one, one);
    for (uint32_t i = 0; i < N; i++) {
        for (uint32_t k = 0; k < 100; k++) {
            assert_int_equal(sketch_add(&r[i].latency[k % N_SEGMENT], 1u << i), 0);
        }
        assert_int_equal(analysis_pool(&r[i], i % 2 ? 0 : ALL_CLASSES, &own[i]), 0);
    }
    assert_int_equal(analysis_quantiles(own, N, q, 2, 0.95, value), 0);
    assert_near(value[0].estimate, 2, 1. / 256, 0);
    assert_near(value[0].half_width, T3_95 * sqrt(3), 1. / 128, 0);
    assert_near(value[1].estimate, 8, 1. / 256, 0);
    assert_int_equal(sketch_add(&own[0], INFINITY), 0);
    assert_int_equal(analysis_quantiles(own, N, q, 2, 0.95, value), 0);
    assert_near(value[0].estimate, 4, 1. / 256, 0); /* rank 201 of 401 */
    assert_true(isinf(value[1].estimate));
    assert_true(isnan(value[1].half_width));
    assert_int_equal(analysis_quantiles(own, 0, q, 2, 0.95, value), 0);
    assert_true(isnan(value[0].estimate));
    for (uint32_t i = 0; i < N; i++) {
        sketch_clear(&own[i]);
    }
    clear(r);
}

/* Four equal sketches: the jackknife sees no spread, the interval is that of the bucket. */
static void an_interval_is_not_narrower_than_a_bucket(void **state)
{
    struct sketch own[N] = {{0}};
    struct stats_interval value;
    const double q = 0.5;
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(sketch_add(&own[i], 3), 0);
    }
    assert_int_equal(analysis_quantiles(own, N, &q, 1, 0.95, &value), 0);
    assert_near(value.half_width, value.estimate / 256, 1e-12, 0);
    for (uint32_t i = 0; i < N; i++) {
        sketch_clear(&own[i]);
    }
}

/*
 * Latencies 1 + d.  Above 1 + 8 = 9 an excursion is entered by d >= 8 and left by d < 4; the levels are exact where d is a
 * power of two.
 */
static void an_excursion_is_left_at_half_the_way_back(void **state)
{
    static const double d[] = {0, 8, 5, 9, 4, 8, 3.9, 8, 1, 16, 7, 0.5, 8, INFINITY, 2, 7};
    struct excursion x = {0};
    (void)state;
    for (size_t i = 0; i < LEN(d); i++) {
        excursion_add(&x, 1 + d[i]);
    }
    assert_int_equal(excursion_count(&x, 1 + 8), 4);   /* entered by the 2nd, 8th, 10th and 13th */
    assert_int_equal(excursion_count(&x, 1 + 16), 2);  /* 16, and again after 7 < 8 */
    assert_int_equal(excursion_count(&x, 1 + 32), 1);
    assert_int_equal(excursion_count(&x, INFINITY), 1);
    assert_int_equal(excursion_count(&x, 1), 0); /* what is never below cannot be gone up from */
}

/* The same latencies a constant later are as many excursions: what every job takes says nothing of busy spells. */
static void a_constant_part_of_the_latency_hides_no_excursion(void **state)
{
    struct excursion plain = {0}, late = {0};
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        double d = (double)((i * 7919u) % 64u);
        excursion_add(&plain, d);
        excursion_add(&late, 64 + d);
    }
    assert_true(excursion_count(&plain, 60) > 10);
    assert_int_equal(excursion_count(&late, 64 + 60), excursion_count(&plain, 60));
}

static void ten_excursions_in_each_replication_are_enough(void **state)
{
    struct record r[N];
    struct replications p = {.record = r, .n = N};
    (void)state;
    make(r, one, one);
    for (uint32_t i = 0; i < N; i++) {
        r[i].excursions = calloc(1, sizeof *r[i].excursions);
        assert_non_null(r[i].excursions);
        r[i].excursions[0].n[3] = r[i].all_excursions.n[3] = 10;
    }
    assert_true(analysis_is_enough(p, 0, 3));
    assert_true(analysis_is_enough(p, ALL_CLASSES, 3));
    assert_false(analysis_is_enough(p, 0, 4));
    r[2].excursions[0].n[3] = 9;
    assert_false(analysis_is_enough(p, 0, 3));
    r[2].status = RECORD_BROKEN; /* left out */
    assert_true(analysis_is_enough(p, 0, 3));
    clear(r);
}

/* Differences -.2 +- .0 in the ratio as it is counted; with open jobs that may end in time, b is between .1 and .5. */
static void a_miss_ratio_is_lower_only_however_the_open_jobs_end(void **state)
{
    struct record a[N], b[N];
    (void)state;
    make(a, one, one);
    make(b, one, one);
    struct replications pa = {.record = a, .n = N}, pb = {.record = b, .n = N};
    for (uint32_t i = 0; i < N; i++) {
        a[i].metric[M_MISS_RATIO] = a[i].metric[M_MISS_LOW] = 0.3 + 0.001 * i;
        b[i].metric[M_MISS_RATIO] = b[i].metric[M_MISS_LOW] = 0.5;
    }
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_MISS_RATIO, 0.95).call, CALL_LOWER);
    assert_int_equal(analysis_difference(pb, pa, ALL_CLASSES, M_MISS_RATIO, 0.95).call, CALL_HIGHER);
    for (uint32_t i = 0; i < N; i++) {
        b[i].metric[M_MISS_LOW] = 0.1;
    }
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_MISS_RATIO, 0.95).call, CALL_NONE);
    assert_int_equal(analysis_difference(pb, pa, ALL_CLASSES, M_MISS_RATIO, 0.95).call, CALL_NONE);
    clear(a);
    clear(b);
}

static void no_winner_is_called_over_one_recording(void **state)
{
    struct record a[N], b[N];
    (void)state;
    make(a, (const double[N]){1, 2, 3, 4}, one);
    make(b, (const double[N]){2, 3.1, 4, 5}, one);
    struct replications pa = {.record = a, .n = N}, pb = {.record = b, .n = N};
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95).call, CALL_LOWER);
    pa.given = pb.given = true;
    struct difference d = analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95);
    assert_int_equal(d.call, CALL_GIVEN);
    assert_true(isfinite(d.of.half_width)); /* the interval stands, of this recording */
    assert_string_equal(call_text(d.call), "given this trace");
    pa.unsteady = true;
    assert_int_equal(analysis_difference(pa, pb, ALL_CLASSES, M_LATENCY_MEAN, 0.95).call, CALL_UNSTEADY);
    assert_true(isnan(analysis_mean(pa, ALL_CLASSES, M_LATENCY_MEAN, 0.95).half_width));
    clear(a);
    clear(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mean_has_the_t_interval_of_its_replications),
        cmocka_unit_test(a_difference_is_of_common_replications),
        cmocka_unit_test(no_winner_is_called_on_a_mean_when_finished_shares_differ),
        cmocka_unit_test(a_quantile_is_of_all_replications_together),
        cmocka_unit_test(an_interval_is_not_narrower_than_a_bucket),
        cmocka_unit_test(an_excursion_is_left_at_half_the_way_back),
        cmocka_unit_test(a_constant_part_of_the_latency_hides_no_excursion),
        cmocka_unit_test(ten_excursions_in_each_replication_are_enough),
        cmocka_unit_test(a_miss_ratio_is_lower_only_however_the_open_jobs_end),
        cmocka_unit_test(no_winner_is_called_over_one_recording),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
