/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_cost_fit.c - laws of operators from times that were made by a known law: the terms come back, a term that is not in
 * the times is left out, and it is the relative error that counts.
 */
#include "sim/base/err.h"
#include "sim/base/stream.h"
#include "sim/calibrate/cost_fit.h"
#include "tests/test.h"

static const double once_s = 5e-6, flop_rate = 1e11, byte_rate = 2e10;

enum { N = 64 };

/* Shapes over four orders of magnitude whose flop and bytes go apart; times by the law, times 1 + noise * u, u in (-1, 1). */
static void make(struct cost_sample *x, double noise, uint32_t seed)
{
    for (int i = 0; i < N; i++) {
        const struct draw_at at = {.key = {seed, 0}, .index = (uint64_t)i, .purpose = DRAW_USER};
        const double flop = pow(10, 4 + 4 * (i % 8) / 7.0), bytes = pow(10, 3 + 4 * (i / 8) / 7.0);
        const double t = once_s + flop / flop_rate + bytes / byte_rate;
        x[i] = (struct cost_sample){flop, bytes, t * (1 + noise * (2 * draw_uniform(&at, 0) - 1)), i % 4 == 3};
    }
}

static void exact_times_give_the_law_back(void **state)
{
    struct cost_sample x[N];
    struct cost_law l;
    struct err e = {0};
    (void)state;
    make(x, 0, 1);
    assert_int_equal(cost_fit(x, N, &l, &e), 0);
    assert_true(l.known);
    assert_int_equal(l.n, N - N / 4);
    assert_near(l.term_s[COST_ONCE], once_s, 1e-9, 0);
    assert_near(l.term_s[COST_FLOP], 1 / flop_rate, 1e-9, 0);
    assert_near(l.term_s[COST_BYTE], 1 / byte_rate, 1e-9, 0);
    assert_near(l.spread, 0, 0, 1e-9);
    assert_near(l.held_error, 0, 0, 1e-9);
    /* The last shape is held back, so the ranges are those of the one before it, i = 62: 62 % 8 = 6. */
    assert_near(l.flop_max, 1e4 * pow(10, 4 * 6 / 7.0), 1e-12, 0);
}

/* Noise is uniform in (-.1, .1): its standard deviation is .1 / sqrt(3) = .0577, and the terms are within 4 of their own. */
static void noisy_times_give_terms_within_their_errors(void **state)
{
    const double want[N_COST_TERM] = {once_s, 1 / flop_rate, 1 / byte_rate};
    struct cost_sample x[N];
    struct cost_law l;
    struct err e = {0};
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        make(x, .1, seed);
        assert_int_equal(cost_fit(x, N, &l, &e), 0);
        for (int t = 0; t < N_COST_TERM; t++) {
            assert_near(l.term_s[t], want[t], 0, 4 * sqrt(l.variance[t][t]));
        }
        assert_near(l.spread, .1 / sqrt(3), .3, 0); /* its own standard error is 1 / sqrt(2 * 45) = 11 % */
        assert_true(l.held_error < .1);
        /* About the law a new operator is off by the noise and by the terms' own errors, which are less. */
        const double t = cost_law_s(&l, 1e7, 1e6), sd = cost_law_sd_s(&l, 1e7, 1e6);
        assert_true(sd > l.spread * t && sd < 1.5 * l.spread * t);
    }
}

static void a_term_that_is_not_there_is_left_out(void **state)
{
    struct cost_sample x[N];
    struct cost_law l;
    struct err e = {0};
    (void)state;
    make(x, .1, 3);
    for (int i = 0; i < N; i++) {
        x[i].s = once_s + x[i].flop / flop_rate;
        x[i].s *= i % 2 ? 1.05 : .95;
    }
    assert_int_equal(cost_fit(x, N, &l, &e), 0);
    assert_true(l.term_s[COST_BYTE] == 0 && l.variance[COST_BYTE][COST_BYTE] == 0);
    assert_near(l.term_s[COST_ONCE], once_s, .05, 0);
    for (int i = 0; i < N; i++) { /* a lookup has no flop at all */
        x[i].flop = 0;
        x[i].s = once_s + x[i].bytes / byte_rate;
    }
    assert_int_equal(cost_fit(x, N, &l, &e), 0);
    assert_true(l.term_s[COST_FLOP] == 0);
    assert_near(l.term_s[COST_BYTE], 1 / byte_rate, 1e-9, 0);
}

/* Half as much again at the largest shape would draw a plain fit away from the small ones; this one stays. */
static void small_operators_count_as_much_as_large_ones(void **state)
{
    struct cost_sample x[N];
    struct cost_law l;
    struct err e = {0};
    double worst = 0;
    (void)state;
    make(x, 0, 1);
    x[62].s *= 1.5; /* the largest that is fitted to */
    assert_int_equal(cost_fit(x, N, &l, &e), 0);
    for (int i = 0; i < 8; i++) {
        worst = fmax(worst, fabs(cost_law_s(&l, x[i].flop, x[i].bytes) / x[i].s - 1));
    }
    assert_true(worst < .1);
}

static void the_held_back_tell_the_error(void **state)
{
    struct cost_sample x[N];
    struct cost_law l;
    struct err e = {0};
    (void)state;
    make(x, 0, 1);
    for (int i = 3; i < N; i += 4) {
        x[i].s *= 1.25; /* the law says 1 / 1.25 = .8 of it: off by .2 */
    }
    assert_int_equal(cost_fit(x, N, &l, &e), 0);
    assert_near(l.held_error, .2, 1e-9, 0);
}

static void too_few_times_are_refused(void **state)
{
    struct cost_sample x[N];
    struct cost_law l;
    struct err e = {0};
    (void)state;
    make(x, 0, 1);
    assert_int_equal(cost_fit(x, 4, &l, &e), -ERR_NUMERIC); /* of 4, one is held back */
    assert_string_equal(e.text, "found 3 measured times, wanted at least 4");
    assert_false(l.known);
}

/* t(k) = .2 + .8 / k; t(b) = .4 + .6 b. */
static void threads_and_batches(void **state)
{
    const double by[] = {1, 2, 4, 8}, threads[] = {1, .6, .4, .3}, batch[] = {1, 1.6, 2.8, 5.2};
    (void)state;
    assert_near(cost_fit_serial(by, threads, 4), .2, 1e-12, 0);
    assert_near(cost_fit_batch(by, batch, 4), .4, 1e-12, 0);
    assert_true(isnan(cost_fit_serial(by, threads, 1)));
    assert_true(cost_fit_serial(by, batch, 4) == 1); /* slower with threads: nothing of it gets faster */
}

int main(void)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test(exact_times_give_the_law_back),
        cmocka_unit_test(noisy_times_give_terms_within_their_errors),
        cmocka_unit_test(a_term_that_is_not_there_is_left_out),
        cmocka_unit_test(small_operators_count_as_much_as_large_ones),
        cmocka_unit_test(the_held_back_tell_the_error),
        cmocka_unit_test(too_few_times_are_refused),
        cmocka_unit_test(threads_and_batches),
    };
    return cmocka_run_group_tests(test, NULL, NULL);
}
