/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_sketch.c - the bound of the error, exact merging, ranks, and the stored form. */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/base/fmath.h"
#include "sim/base/sketch.h"
#include "sim/base/stream.h"

static double uniform(uint64_t i)
{
    struct draw_at at = {{5, 0}, 1, 0, i, DRAW_USER, 0};
    return draw_uniform(&at, 0);
}

/* e^(40 u - 20): 2e-9 to 5e8, every octave as likely. */
static double any_size(uint64_t i)
{
    return ts_exp(40.0 * uniform(i) - 20.0);
}

static int rising(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void assert_equal_sketch(const struct sketch *a, const struct sketch *b)
{
    struct sketch_pair p[SKETCH_INFINITE + 1], q[SKETCH_INFINITE + 1];
    memset(p, 0, sizeof p), memset(q, 0, sizeof q);
    size_t n = sketch_pairs(a, p, LEN(p));
    assert_int_equal(n, sketch_pairs(b, q, LEN(q)));
    assert_int_equal(sketch_count(a), sketch_count(b));
    for (size_t i = 0; i < n; i++) {
        assert_true(p[i].bucket == q[i].bucket && p[i].count == q[i].count);
    }
}

static void a_single_value_is_within_its_bound(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        double x = i % 2 ? any_size(i) : ldexp(1.0 + (double)(i % 128) / 128, (int)(i / 2 % 64) - 30);
        for (int side = 0; side < 2; side++) {
            double y = side ? x : nextafter(x, 0.0);
            struct sketch s = {0};
            assert_int_equal(sketch_add(&s, y), 0);
            assert_near(sketch_quantile(&s, 0.5), y < 0x1p-30 ? 0.0 : y, 1.0 / 256, 0);
            sketch_clear(&s);
        }
    }
}

static void a_quantile_is_within_its_bound_of_the_sorted_value(void **state)
{
    (void)state;
    enum { N = 20001 };
    static double x[N];
    struct sketch s = {0};
    for (uint64_t i = 0; i < N; i++) {
        x[i] = i % 10 == 0 ? INFINITY : any_size(i);
        assert_int_equal(sketch_add(&s, x[i]), 0);
    }
    qsort(x, N, sizeof *x, rising);
    for (size_t k = 0; k <= 1000; k++) {
        size_t rank = (k * N + 999) / 1000; /* ceil(k N / 1000) in whole numbers */
        double want = x[rank ? rank - 1 : 0];
        assert_near(sketch_quantile(&s, (double)k / 1000.0), want, 1.0 / 256, 0);
    }
    sketch_clear(&s);
}

static void ranks_are_exact(void **state)
{
    (void)state;
    struct sketch s = {0};
    assert_true(isnan(sketch_quantile(&s, 0.5)));
    for (int i = 1; i <= 100; i++) {
        /* 1.07^i lie more than a bucket apart */
        assert_int_equal(sketch_add(&s, pow(1.07, i)), 0);
    }
    for (int k = 1; k <= 100; k++) {
        assert_near(sketch_quantile(&s, k / 100.0), pow(1.07, k), 1.0 / 256, 0);
    }
    assert_near(sketch_quantile(&s, 0.0), 1.07, 1.0 / 256, 0);
    /* One in a hundred fails: the 99th percentile is finite; one more does, and it is not. */
    sketch_clear(&s);
    for (int i = 0; i < 99; i++) {
        assert_int_equal(sketch_add(&s, 2.0), 0);
    }
    assert_int_equal(sketch_add(&s, INFINITY), 0);
    assert_near(sketch_quantile(&s, 0.99), 2.0, 1.0 / 256, 0);
    assert_int_equal(sketch_add(&s, INFINITY), 0);
    assert_true(isinf(sketch_quantile(&s, 0.99)));
    assert_int_equal(sketch_count(&s), 101);
    sketch_clear(&s);
}

static void the_ends_of_the_range(void **state)
{
    (void)state;
    struct sketch s = {0};
    static const double zero[] = {0.0, -0.0, 0x1p-1074, 0x1.fffffffffffffp-31}, infinite[] = {0x1p34, 1e300, INFINITY};
    for (size_t i = 0; i < LEN(zero); i++) {
        assert_int_equal(sketch_add(&s, zero[i]), 0);
        assert_true(sketch_quantile(&s, 1.0) == 0.0);
    }
    assert_int_equal(s.n, 0);
    for (size_t i = 0; i < LEN(infinite); i++) {
        assert_int_equal(sketch_add(&s, infinite[i]), 0);
        assert_true(isinf(sketch_quantile(&s, 1.0)));
    }
    assert_int_equal(sketch_add(&s, 0x1p-30), 0);
    assert_int_equal(sketch_add(&s, 0x1.fffffffffffffp33), 0);
    assert_int_equal(s.n, SKETCH_OCTAVES * SKETCH_PER_OCTAVE);
    assert_int_equal(sketch_add(&s, nextafter(0x1p-30, 0.0)), 0);
    assert_int_equal(sketch_add(&s, 0x1p34), 0);
    struct sketch_pair p[4];
    assert_int_equal(sketch_pairs(&s, p, LEN(p)), 4);
    assert_true(p[0].bucket == SKETCH_ZERO && p[0].count == 5 && p[1].bucket == 1 && p[1].count == 1);
    assert_true(p[2].bucket == SKETCH_INFINITE - 1 && p[2].count == 1 && p[3].bucket == SKETCH_INFINITE);
    assert_true(p[3].count == 4);
    sketch_clear(&s);
}

static void merged_sketches_are_the_sketch_of_all(void **state)
{
    (void)state;
    struct sketch part[5] = {{0}}, all = {0}, merged = {0}, back = {0};
    for (uint64_t i = 0; i < 5000; i++) {
        /* The parts lie in different octaves, one holds no ordinary value. */
        double x = i % 5 == 4 ? (i % 2 ? 0.0 : INFINITY) : any_size(i / 5) * ts_exp((double)(i % 5) - 2.0);
        assert_int_equal(sketch_add(&part[i % 5], x), 0);
        assert_int_equal(sketch_add(&all, x), 0);
    }
    for (size_t k = 0; k < LEN(part); k++) {
        assert_int_equal(sketch_merge(&merged, &part[k]), 0);
        assert_int_equal(sketch_merge(&back, &part[LEN(part) - 1 - k]), 0);
    }
    assert_equal_sketch(&merged, &all);
    assert_equal_sketch(&back, &all);
    /* Without one of them. */
    struct sketch others = {0};
    for (size_t k = 0; k < LEN(part); k++) {
        if (k != 2) {
            assert_int_equal(sketch_merge(&others, &part[k]), 0);
        }
    }
    sketch_unmerge(&merged, &part[2]);
    assert_equal_sketch(&merged, &others);
    for (size_t k = 0; k < LEN(part); k++) {
        sketch_clear(&part[k]);
    }
    sketch_clear(&all), sketch_clear(&merged), sketch_clear(&back), sketch_clear(&others);
}

static void reserved_room_stays(void **state)
{
    (void)state;
    struct sketch s = {0};
    assert_int_equal(sketch_reserve(&s, 1e-3, 100.0), 0);
    const uint32_t *before = s.count;
    /* 2^-10 <= 1e-3 and 100 < 2^7: 17 octaves */
    assert_int_equal(s.n, 17 * SKETCH_PER_OCTAVE);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(sketch_add(&s, 1e-3 + 99.0 * uniform(i)), 0);
    }
    assert_ptr_equal(s.count, before);
    assert_int_equal(sketch_count(&s), 1000);
    sketch_clear(&s);
}

static void the_stored_form_comes_back(void **state)
{
    (void)state;
    struct sketch s = {0}, t = {0};
    for (uint64_t i = 0; i < 3000; i++) {
        assert_int_equal(sketch_add(&s, i % 7 == 0 ? 0.0 : i % 11 == 0 ? INFINITY : any_size(i)), 0);
    }
    static struct sketch_pair p[SKETCH_INFINITE + 1];
    size_t n = sketch_pairs(&s, NULL, 0);
    assert_int_equal(sketch_pairs(&s, p, n), n);
    assert_int_equal(sketch_from_pairs(&t, p, n, NULL), 0);
    assert_equal_sketch(&s, &t);
    sketch_clear(&s), sketch_clear(&t);
    assert_int_equal(sketch_from_pairs(&t, p, 0, NULL), 0);
    assert_int_equal(sketch_count(&t), 0);
}

static void bad_stored_forms_are_refused(void **state)
{
    (void)state;
    static const struct {
        struct sketch_pair pair[2];
        const char *text;
    } row[] = {
        {{{4, 1}, {4, 1}}, "sketch: found bucket 4 in row 2, wanted rising numbers from 0 to 8193"},
        {{{4, 1}, {8194, 1}}, "sketch: found bucket 8194 in row 2, wanted rising numbers from 0 to 8193"},
        {{{4, 0}, {5, 1}}, "sketch: found count 0 in row 1, wanted 1 to 4294967295"},
        {{{4, 4294967296}, {5, 1}}, "sketch: found count 4294967296 in row 1, wanted 1 to 4294967295"},
    };
    for (size_t i = 0; i < LEN(row); i++) {
        struct sketch s = {0};
        struct err e = {0};
        assert_int_equal(sketch_from_pairs(&s, row[i].pair, 2, &e), -ERR_INPUT);
        assert_string_equal(e.text, row[i].text);
        assert_int_equal(sketch_count(&s), 0);
        sketch_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_single_value_is_within_its_bound),
        cmocka_unit_test(a_quantile_is_within_its_bound_of_the_sorted_value),
        cmocka_unit_test(ranks_are_exact),
        cmocka_unit_test(the_ends_of_the_range),
        cmocka_unit_test(merged_sketches_are_the_sketch_of_all),
        cmocka_unit_test(reserved_room_stays),
        cmocka_unit_test(the_stored_form_comes_back),
        cmocka_unit_test(bad_stored_forms_are_refused),
    };
    return cmocka_run_group_tests_name("sketch", tests, NULL, NULL);
}
