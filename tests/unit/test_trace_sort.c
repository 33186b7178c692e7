/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_trace_sort.c - rows leave a sort in order of time, those of one time as they came, however many runs it takes. */
#include "tests/test.h"

#include "sim/base/err.h"
#include "sim/io/trace/sort.h"

/* Runs of 2048 rows of a time, a number and one value. */
enum { RUN = SORT_RUNS * 3 * 8 };

struct seen {
    uint32_t n, stop_at;
    double time_s, number;
};

/* Value: the number of the row as it was added. */
static int take(void *ctx, double time_s, const double *value, struct err *e)
{
    struct seen *s = ctx;
    if (s->n > 0 && !(time_s > s->time_s || (time_s == s->time_s && value[0] > s->number))) {
        fail_msg("row %u is (%g, %g) after (%g, %g)", s->n, time_s, value[0], s->time_s, s->number);
    }
    s->time_s = time_s;
    s->number = value[0];
    s->n++;
    return s->n == s->stop_at ? ERR_SET(e, ERR_INPUT, "enough") : 0;
}

static void sort_n(uint32_t n, uint32_t stop_at)
{
    struct sort *s;
    struct err e = {0};
    struct seen seen = {.stop_at = stop_at};
    uint64_t x = 1;
    assert_int_equal(sort_create(&s, 1, RUN, &e), 0);
    for (uint32_t i = 0; i < n; i++) {
        x = x * UINT64_C(6364136223846793005) + 1442695040888963407;
        /* A thousand times, so that many are equal. */
        assert_int_equal(sort_add(s, (double)(x >> 54), &(double){i}, &e), 0);
    }
    assert_int_equal(sort_deliver(s, take, &seen, &e), stop_at ? -ERR_INPUT : 0);
    assert_int_equal(seen.n, stop_at ? stop_at : n);
    sort_free(s);
}

static void any_number_of_runs(void **state)
{
    (void)state;
    static const uint32_t n[] = {1, 2, 2047, 2048, 2049, 4096, 4097, 100001};
    for (size_t i = 0; i < LEN(n); i++) {
        sort_n(n[i], 0);
    }
}

static void an_error_of_the_taker_ends_it(void **state)
{
    (void)state;
    sort_n(1000, 10);
    sort_n(10000, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_runs),
        cmocka_unit_test(an_error_of_the_taker_ends_it),
    };
    return cmocka_run_group_tests_name("sort of a trace", tests, NULL, NULL);
}
