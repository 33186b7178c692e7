/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_dist.c - every distribution against its law: the moments within 4.5 standard errors (chance 7e-6 each for a right
 * sampler), the greatest distance of the empirical cdf from the cdf by Kolmogorov and Smirnov, and what it refuses.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/base/dist.h"
#include "sim/base/fmath.h"

enum { N = 100000 };

struct sample {
    struct dist d;
    const char *what;
    double mean, cv; /* what was asked; 0 where the parameters were native */
};

/* One of each, and the corners of the samplers (gamma on both sides of shape 1, both tails of a truncated normal). */
static size_t each(struct arena *a, struct sample *s)
{
    static const double p[] = {0.0, 0.25, 0.25, 0.9, 1.0}, x[] = {1.0, 2.0, 5.0, 6.0, 30.0};
    static const double weight[] = {3.0, 1.0, 2.0, 4.0}, mean[] = {0.5, 1.0, 8.0, 20.0};
    size_t n = 0;
    struct dist part[4];
    dist_uniform(&s[n].d, 7.0, 0.4, NULL), s[n].mean = 7.0, s[n].cv = 0.4, s[n++].what = "uniform";
    dist_uniform_native(&s[n].d, -2.0, 3.0, NULL), s[n++].what = "uniform native";
    dist_exponential(&s[n].d, 0.02, NULL), s[n].mean = 0.02, s[n].cv = 1.0, s[n++].what = "exponential";
    dist_erlang(&s[n].d, 3.0, 0.5, NULL), s[n].mean = 3.0, s[n].cv = 0.5, s[n++].what = "erlang 4";
    dist_erlang_native(&s[n].d, 3.0, 40, NULL), s[n].mean = 3.0, s[n].cv = sqrt(1.0 / 40), s[n++].what = "erlang 40";
    dist_gamma(&s[n].d, 5.0, 0.6, NULL), s[n].mean = 5.0, s[n].cv = 0.6, s[n++].what = "gamma";
    dist_gamma(&s[n].d, 5.0, 1.7, NULL), s[n].mean = 5.0, s[n].cv = 1.7, s[n++].what = "gamma, shape below 1";
    dist_gamma_native(&s[n].d, 1.0, 4.0, NULL), s[n].mean = 4.0, s[n].cv = 1.0, s[n++].what = "gamma, shape 1";
    dist_lognormal(&s[n].d, 3e6, 0.6, NULL), s[n].mean = 3e6, s[n].cv = 0.6, s[n++].what = "lognormal";
    dist_lognormal_native(&s[n].d, -1.0, 0.25, NULL), s[n++].what = "lognormal native";
    dist_weibull(&s[n].d, 100.0, 0.5, NULL), s[n].mean = 100.0, s[n].cv = 0.5, s[n++].what = "weibull";
    dist_weibull(&s[n].d, 1.0, 2.0, NULL), s[n].mean = 1.0, s[n].cv = 2.0, s[n++].what = "weibull, long tail";
    dist_weibull_native(&s[n].d, 3.0, 2.0, NULL), s[n++].what = "weibull native";
    dist_pareto(&s[n].d, 10.0, 0.25, NULL), s[n].mean = 10.0, s[n].cv = 0.25, s[n++].what = "pareto";
    dist_pareto_native(&s[n].d, 6.0, 2.0, NULL), s[n++].what = "pareto native";
    dist_hyperexponential(&s[n].d, 1.0, 2.0, NULL), s[n].mean = 1.0, s[n].cv = 2.0, s[n++].what = "hyperexponential";
    dist_hyperexponential_native(&s[n].d, 4, weight, mean, NULL), s[n++].what = "hyperexponential native";
    dist_normal(&s[n].d, 1.0, 2.0, 0.0, INFINITY, NULL), s[n++].what = "normal above";
    dist_normal(&s[n].d, 1.0, 2.0, -3.0, 2.0, NULL), s[n++].what = "normal between";
    dist_quantiles(&s[n].d, a, LEN(p), p, x, NULL), s[n++].what = "quantiles with a gap";
    dist_uniform_native(&part[0], 0.0, 1.0, NULL), dist_gamma(&part[1], 3.0, 0.5, NULL);
    dist_erlang_native(&part[2], 2.0, 3, NULL), dist_mixture(&part[3], a, 3, weight, part, NULL);
    dist_mixture(&s[n].d, a, 4, weight, part, NULL), s[n++].what = "mixture within a mixture";
    return n;
}

static struct draw_at address(uint64_t index)
{
    return (struct draw_at){{11, 2}, stream_entity("workloads.frame"), 3, index, DRAW_WORK, 0};
}

static void draw_many(const struct sample *s, double *x)
{
    static double even[N], odd[N];
    struct draw_at at = address(0);
    at.entity = stream_entity(s->what);
    draw_fill_pair(&at, N, even, odd);
    dist_fill(&s->d, &at, N, odd, x);
}

static void moments_are_those_of_the_law(void **state)
{
    (void)state;
    static double x[N];
    struct arena a = {0};
    struct sample s[32] = {0};
    size_t n = each(&a, s);
    for (size_t i = 0; i < n; i++) {
        double mean = dist_mean(&s[i].d), var = dist_var(&s[i].d), m1 = 0, m2 = 0, m4 = 0;
        draw_many(&s[i], x);
        for (size_t k = 0; k < N; k++) {
            double c = x[k] - mean;
            assert_true(x[k] >= dist_min(&s[i].d) && x[k] <= dist_max(&s[i].d));
            m1 += c / N, m2 += c * c / N, m4 += c * c * c * c / N;
        }
        double off_mean = m1 / sqrt(var / N), off_var = (m2 - var) / sqrt((m4 - m2 * m2) / N);
        printf("%-26s mean %+.2f se, variance %+.2f se\n", s[i].what, off_mean, off_var);
        assert_near(off_mean, 0.0, 0, 4.5);
        assert_near(off_var, 0.0, 0, 4.5);
    }
    arena_clear(&a);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/*
 * P(sqrt(n) D > t) = 2 sum (-1)^(k-1) exp(-2 k^2 t^2) (Kolmogorov), whose first term alone gives for the chance alpha
 * t = sqrt(log(2 / alpha) / 2): 2.23 at 1e-4.
 */
static void the_empirical_cdf_is_near_the_cdf(void **state)
{
    (void)state;
    static double x[N];
    const double limit = sqrt(log(2.0 / 1e-4) / 2.0);
    struct arena a = {0};
    struct sample s[32] = {0};
    size_t n = each(&a, s);
    for (size_t i = 0; i < n; i++) {
        double worst = 0;
        draw_many(&s[i], x);
        qsort(x, N, sizeof *x, rising);
        for (size_t k = 0; k < N; k++) {
            double f = dist_cdf(&s[i].d, x[k]);
            worst = fmax(worst, fmax((double)(k + 1) / N - f, f - (double)k / N));
        }
        printf("%-26s sqrt(n) D = %.3f of %.3f\n", s[i].what, worst * sqrt(N), limit);
        if (worst * sqrt(N) > limit) {
            fail_msg("%s: sqrt(n) D = %g, limit %g", s[i].what, worst * sqrt(N), limit);
        }
    }
    arena_clear(&a);
}

static void constructors_keep_mean_and_cv(void **state)
{
    (void)state;
    struct arena a = {0};
    struct sample s[32] = {0};
    size_t n = each(&a, s);
    for (size_t i = 0; i < n; i++) {
        if (s[i].mean > 0) {
            assert_near(dist_mean(&s[i].d), s[i].mean, 1e-13, 0);
            assert_near(dist_cv(&s[i].d), s[i].cv, 1e-12, 0);
        }
    }
    struct dist d;
    for (double cv = 0.01; cv <= 100.0; cv *= 1.7) {
        assert_int_equal(dist_weibull(&d, 8.0, cv, NULL), 0);
        assert_near(dist_mean(&d), 8.0, 1e-12, 0);
        assert_near(dist_cv(&d), cv, 1e-9, 0); /* 3e-14 of log gamma over cv^2 = 1e-4 */
        assert_int_equal(dist_gamma(&d, 8.0, cv, NULL), 0);
        assert_near(dist_cv(&d), cv, 1e-14, 0);
        assert_int_equal(dist_lognormal(&d, 8.0, cv, NULL), 0);
        assert_near(dist_mean(&d), 8.0, 1e-13, 0);
        assert_near(dist_cv(&d), cv, 1e-12, 0);
        assert_int_equal(dist_pareto(&d, 8.0, cv, NULL), 0);
        assert_near(dist_mean(&d), 8.0, 1e-12, 0);
        assert_near(dist_cv(&d), cv, 1e-9, 0); /* 1 - 2/shape loses cv^-2 ulp as cv grows: 1e4 * 1e-16 / 2 */
        if (cv >= 1.0) {
            assert_int_equal(dist_hyperexponential(&d, 8.0, cv, NULL), 0);
            assert_near(dist_mean(&d), 8.0, 1e-13, 0);
            assert_near(dist_cv(&d), cv, 1e-12, 0);
            assert_near(d.u.hyper.share[0] * d.u.hyper.mean[0], 4.0, 1e-13, 0);
        }
    }
    /* Known laws: a Weibull of cv 1 is exponential, Erlang and gamma of shape 4 have equal moments. */
    dist_weibull(&d, 8.0, 1.0, NULL);
    assert_near(d.u.weibull.inverse_shape, 1.0, 1e-13, 0);
    /* The half normal: mean sqrt(2/pi), variance 1 - 2/pi. */
    dist_normal(&d, 0.0, 1.0, 0.0, INFINITY, NULL);
    assert_near(dist_mean(&d), sqrt(2.0 / M_PI), 1e-14, 0);
    assert_near(dist_var(&d), 1.0 - 2.0 / M_PI, 1e-14, 0);
    dist_pareto_native(&d, 2.0, 1.0, NULL);
    assert_true(isinf(dist_var(&d)) && dist_mean(&d) == 2.0);
    dist_pareto_native(&d, 1.0, 1.0, NULL);
    assert_true(isinf(dist_mean(&d)));
    arena_clear(&a);
}

static void a_filled_block_is_the_single_draws(void **state)
{
    (void)state;
    struct arena a = {0};
    struct sample s[32] = {0};
    size_t n = each(&a, s);
    dist_constant(&s[n].d, -4.0, NULL), s[n++].what = "constant";
    for (size_t i = 0; i < n; i++) {
        double even[1000], odd[1000], whole[1000], parts[1000];
        struct draw_at at = address(64000 - 17);
        draw_fill_pair(&at, 1000, even, odd);
        dist_fill(&s[i].d, &at, 1000, odd, whole);
        size_t done = 0;
        for (size_t m = 1; done < 1000; done += m, m = m * 2 + 1) {
            m = done + m > 1000 ? 1000 - done : m;
            at = address(64000 - 17 + done);
            dist_fill(&s[i].d, &at, m, odd + done, parts + done);
        }
        assert_memory_equal(whole, parts, sizeof whole);
        for (size_t k = 0; k < 1000; k++) {
            at = address(64000 - 17 + k);
            double one = dist_draw(&s[i].d, &at);
            if (fmath_bits(one) != fmath_bits(whole[k])) {
                fail_msg("%s, index %zu: %a filled, %a drawn", s[i].what, k, whole[k], one);
            }
        }
        at = address(64000 - 17);
        dist_fill(&s[i].d, &at, 1000, odd, odd);
        assert_memory_equal(whole, odd, sizeof whole);
    }
    arena_clear(&a);
}

static void inversion_rises_with_u_and_inverts_the_cdf(void **state)
{
    (void)state;
    struct arena a = {0};
    struct sample s[32] = {0};
    size_t n = each(&a, s), inverted = 0;
    for (size_t i = 0; i < n; i++) {
        if (dist_method(&s[i].d) != DIST_INVERSION) {
            continue;
        }
        double before = -INFINITY;
        for (int k = 1; k < 10000; k++) {
            double u = k / 10000.0, x = dist_quantile(&s[i].d, u);
            assert_true(x >= before);
            if (s[i].d.kind != DIST_QUANTILES) {
                assert_near(dist_cdf(&s[i].d, x), u, 0, 1e-12);
            }
            before = x;
        }
        /* The ends of the grid of uniforms stay finite and within the support. */
        double low = dist_quantile(&s[i].d, 0x1p-53), high = dist_quantile(&s[i].d, 1.0 - 0x1p-53);
        assert_true(low >= dist_min(&s[i].d) && high <= dist_max(&s[i].d) && isfinite(high));
        inverted++;
    }
    assert_int_equal(inverted, 13);
    arena_clear(&a);
}

static void atoms_and_gaps_of_quantiles(void **state)
{
    (void)state;
    /* Half of the mass is the atom 3; nothing lies between 3 and 7. */
    static const double p[] = {0.0, 0.25, 0.75, 0.75, 1.0}, x[] = {1.0, 3.0, 3.0, 7.0, 9.0};
    struct arena a = {0};
    struct dist d;
    assert_int_equal(dist_quantiles(&d, &a, LEN(p), p, x, NULL), 0);
    assert_true(dist_quantile(&d, 0.125) == 2.0 && dist_quantile(&d, 0.25) == 3.0 && dist_quantile(&d, 0.7) == 3.0);
    assert_true(dist_quantile(&d, 0.75) == 7.0 && dist_quantile(&d, 0.875) == 8.0);
    assert_true(dist_cdf(&d, 0.9) == 0.0 && dist_cdf(&d, 2.0) == 0.125);
    assert_near(dist_cdf(&d, nextafter(3.0, 0.0)), 0.25, 1e-15, 0);
    assert_true(dist_cdf(&d, 3.0) == 0.75 && dist_cdf(&d, 5.0) == 0.75 && dist_cdf(&d, 8.0) == 0.875);
    assert_true(dist_cdf(&d, 9.0) == 1.0);
    /* Mean 1/4 * 2 + 1/2 * 3 + 1/4 * 8; second moment 1/4 (4 + 1/3) + 1/2 * 9 + 1/4 (64 + 1/3). */
    assert_near(dist_mean(&d), 4.0, 1e-15, 0);
    assert_near(dist_var(&d), (4.0 + 64.0 + 2.0 / 3.0) / 4.0 + 4.5 - 16.0, 1e-14, 0);
    dist_scale(&d, 1e3);
    assert_true(dist_quantile(&d, 0.125) == 2000.0 && dist_max(&d) == 9000.0);
    arena_clear(&a);
}

static void scaling_multiplies_every_value(void **state)
{
    (void)state;
    struct arena a = {0};
    struct sample s[32] = {0};
    size_t n = each(&a, s);
    for (size_t i = 0; i < n; i++) {
        double before[100];
        for (uint64_t k = 0; k < 100; k++) {
            struct draw_at at = address(k);
            before[k] = dist_draw(&s[i].d, &at);
        }
        double mean = dist_mean(&s[i].d), cv = dist_cv(&s[i].d), f = dist_cdf(&s[i].d, before[7]);
        dist_scale(&s[i].d, 8000.0);
        for (uint64_t k = 0; k < 100; k++) {
            struct draw_at at = address(k);
            assert_near(dist_draw(&s[i].d, &at), 8000.0 * before[k], 1e-13, 0);
        }
        assert_near(dist_mean(&s[i].d), 8000.0 * mean, 1e-12, 0);
        assert_near(dist_cv(&s[i].d), cv, 1e-12, 0);
        assert_near(dist_cdf(&s[i].d, 8000.0 * before[7]), f, 1e-10, 0);
    }
    arena_clear(&a);
}

static void refused(int rc, struct err *e, const char *text)
{
    assert_int_equal(rc, -ERR_INPUT);
    assert_string_equal(e->text, text);
    *e = (struct err){0};
}

static void bad_parameters_are_refused_with_a_reason(void **state)
{
    (void)state;
    struct err e = {0};
    struct arena a = {0};
    const struct dist before = {.kind = DIST_CONSTANT, .u.constant = {42.0}};
    struct dist d = before;
    static const double two[] = {0.0, 1.0}, half[] = {0.0, 0.5}, fall[] = {2.0, 1.0}, minus[] = {1.0, -1.0};
    static const double up_down[] = {0.0, 0.6, 0.5, 1.0}, four[] = {1.0, 2.0, 3.0, 4.0};
    refused(dist_constant(&d, INFINITY, &e), &e, "constant: found inf, wanted a finite number");
    refused(dist_uniform(&d, -1.0, 0.1, &e), &e, "uniform: mean: found -1, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_uniform(&d, 1.0, 0.6, &e), &e,
            "uniform: cv: found 0.6, wanted a number from 0 to 0.57735 (above, values are negative)");
    refused(dist_uniform_native(&d, 2.0, 1.0, &e), &e,
            "uniform: found 2 to 1, wanted two finite numbers, the lower one first");
    refused(dist_exponential(&d, 0.0, &e), &e, "exponential: mean: found 0, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_exponential(&d, NAN, &e), &e,
            "exponential: mean: found nan, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_erlang(&d, 1.0, 0.6, &e), &e,
            "erlang: cv: found 0.6, wanted 1/sqrt(k) for a whole k (near it is 0.57735, k = 3); or take gamma");
    refused(dist_erlang(&d, 1.0, 1.5, &e), &e, "erlang: cv: found 1.5, wanted a number from 0.125 to 1");
    refused(dist_erlang_native(&d, 1.0, 65, &e), &e, "erlang: stages: found 65, wanted a whole number from 1 to 64");
    refused(dist_gamma(&d, 1.0, -1.0, &e), &e, "gamma: cv: found -1, wanted a number from 0.001 to 1000");
    refused(dist_gamma_native(&d, 0.0, 1.0, &e), &e,
            "gamma: shape: found 0, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_lognormal(&d, 3.0, 0.0, &e), &e, "lognormal: cv: found 0, wanted a number from 0.001 to 1000");
    refused(dist_lognormal_native(&d, 0.0, -1.0, &e), &e,
            "lognormal: sigma: found -1, wanted a number from 0.0001 to 10");
    refused(dist_weibull(&d, 1.0, 200.0, &e), &e, "weibull: cv: found 200, wanted a number from 0.01 to 100");
    refused(dist_weibull_native(&d, 0.0, 1.0, &e), &e, "weibull: shape: found 0, wanted a number from 0.05 to 1000");
    refused(dist_pareto(&d, 1.0, 0.0, &e), &e, "pareto: cv: found 0, wanted a number from 0.001 to 1000");
    refused(dist_pareto_native(&d, 2.0, -3.0, &e), &e,
            "pareto: minimum: found -3, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_hyperexponential(&d, 1.0, 0.9, &e), &e,
            "hyperexponential: cv: found 0.9, wanted a number from 1 to 1000");
    refused(dist_hyperexponential_native(&d, 5, four, four, &e), &e,
            "hyperexponential: found 5 branches, wanted 1 to 4; or take a mixture");
    refused(dist_hyperexponential_native(&d, 2, minus, four, &e), &e,
            "hyperexponential: weight 2: found -1, wanted a finite number above 0");
    refused(dist_hyperexponential_native(&d, 2, four, minus, &e), &e,
            "hyperexponential: mean of a branch: found -1, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_normal(&d, 0.0, 0.0, -1.0, 1.0, &e), &e,
            "normal: sd: found 0, wanted a number above 0 (1e-100 to 1e100)");
    refused(dist_normal(&d, 0.0, 1.0, 6.0, INFINITY, &e), &e,
            "normal: found 6 to inf, wanted an interval that holds a millionth of the normal of mean 0 and sd 1");
    refused(dist_quantiles(&d, &a, 1, two, two, &e), &e, "quantiles: found 1 points, wanted 2 or more");
    refused(dist_quantiles(&d, &a, 2, half, two, &e), &e,
            "quantiles: found probabilities from 0 to 0.5, wanted 0 to 1");
    refused(dist_quantiles(&d, &a, 2, two, fall, &e), &e,
            "quantiles: point 2: found (1, 1), wanted finite numbers not below the point before");
    refused(dist_quantiles(&d, &a, 4, up_down, four, &e), &e,
            "quantiles: point 3: found (0.5, 3), wanted finite numbers not below the point before");
    refused(dist_mixture(&d, &a, 0, two, &d, &e), &e, "mixture: found no component, wanted 1 or more");
    refused(dist_mixture(&d, &a, 2, two, (struct dist[]){d, d}, &e), &e,
            "mixture: weight 1: found 0, wanted a finite number above 0");
    assert_memory_equal(&d, &before, sizeof d);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_those_of_the_law),
        cmocka_unit_test(the_empirical_cdf_is_near_the_cdf),
        cmocka_unit_test(constructors_keep_mean_and_cv),
        cmocka_unit_test(a_filled_block_is_the_single_draws),
        cmocka_unit_test(inversion_rises_with_u_and_inverts_the_cdf),
        cmocka_unit_test(atoms_and_gaps_of_quantiles),
        cmocka_unit_test(scaling_multiplies_every_value),
        cmocka_unit_test(bad_parameters_are_refused_with_a_reason),
    };
    return cmocka_run_group_tests_name("dist", tests, NULL, NULL);
}
