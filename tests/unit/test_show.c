/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers and tables as they are printed. */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/show/number.h"
#include "sim/show/progress.h"
#include "sim/show/table.h"

static void expect_number(double x, double half, enum scale_of what, const char *want)
{
    char got[128];
    struct stats_interval i = {.estimate = x, .half_width = half};
    assert_string_equal(number_with_unit(i, scale_for(what, &x, 1), got, sizeof got), want);
}

static void a_number_has_as_many_digits_as_its_interval_leaves_meaning(void **state)
{
    (void)state;
    expect_number(0.01234567, 0.0004321, SCALE_TIME, "12.3 ±0.4 ms");
    expect_number(0.01234567, 0.0001321, SCALE_TIME, "12.35 ±0.13 ms");
    expect_number(81.7504, 1.6623, SCALE_TIME, "81.8 ±1.7 s");
    expect_number(3.1e-6, 2.9e-6, SCALE_TIME, "3 ±3 µs");
    expect_number(12345.6, 234, SCALE_ENERGY, "12.3 ±0.2 kJ");
    expect_number(0.0123, 0.0011, SCALE_SHARE, "1.23 ±0.11 %");
    expect_number(1234.5, 45, SCALE_PLAIN, "1234 ±45");
    /* 0.097 is .1 with one digit: the same number of digits as its value asks for */
    expect_number(5, 0.097, SCALE_PLAIN, "5.00 ±0.10");
}

static void what_is_no_number_is_said_so(void **state)
{
    (void)state;
    expect_number(INFINITY, NAN, SCALE_TIME, "inf ms");
    expect_number(NAN, NAN, SCALE_TIME, "– ms");
    expect_number(0.25, NAN, SCALE_TIME, "250 ms");
    expect_number(0, 0, SCALE_PLAIN, "0 ±0");
    expect_number(3e-7, 1e-7, SCALE_SHARE, "<0.0001 %");
    expect_number(1e-17, 0, SCALE_PLAIN, "0 ±0");
    expect_number(668.58, 1e-13, SCALE_ENERGY, "668.6 ±0 J");
}

static void the_unit_fits_the_middle_value(void **state)
{
    (void)state;
    const double x[] = {3400, 0.173, 0.136, 0.149, INFINITY};
    assert_string_equal(scale_for(SCALE_TIME, x, LEN(x)).unit, "ms");
    assert_string_equal(scale_for(SCALE_TIME, x, 1).unit, "s");
    assert_string_equal(scale_for(SCALE_ENERGY, x, 1).unit, "kJ");
    assert_string_equal(scale_for(SCALE_TIME, x, 0).unit, "ms");
}

static char *printed(const struct table *t, unsigned width)
{
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    assert_non_null(f);
    table_print(t, f, (struct paper){.width = width});
    fclose(f);
    return text;
}

static void make(struct table *t)
{
    *t = (struct table){0};
    table_add_column(t, (struct table_column){.name = "policy", .text = true});
    table_add_column(t, (struct table_column){.over = "latency, ms", .name = "mean"});
    table_add_column(t, (struct table_column){.name = "", .joined = true});
    table_add_column(t, (struct table_column){.name = "p99"});
    const char *const cell[] = {"mct", "9.25", "±0.12", "31", "jsq", "112.5", "±2", "inf"};
    for (size_t i = 0; i < LEN(cell); i++) {
        table_add(t, "%s", cell[i]);
    }
}

static void numbers_stand_point_under_point(void **state)
{
    (void)state;
    struct table t;
    make(&t);
    char *text = printed(&t, 80);
    /* Widths: 6, gap 2, 6 (3 before the point), gap 1, 5, gap 2, 3: 25 in all. */
    assert_string_equal(text, "        latency, ms ─────\n"
                              "policy          mean  p99\n"
                              "─────────────────────────\n"
                              "mct       9.25 ±0.12   31\n"
                              "jsq     112.5  ±2     inf\n");
    free(text);
    table_clear(&t);
}

static void headings_of_single_columns_stand_apart(void **state)
{
    (void)state;
    struct table t = {0};
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    table_add_column(&t, (struct table_column){.over = "messages", .name = "B"});
    table_add_column(&t, (struct table_column){.over = "energy", .name = "J"});
    const char *const cell[] = {"mct", "1", "2"};
    for (size_t i = 0; i < LEN(cell); i++) {
        table_add(&t, "%s", cell[i]);
    }
    char *text = printed(&t, 80);
    assert_string_equal(text, "        messages  energy\n"
                              "policy         B       J\n"
                              "────────────────────────\n"
                              "mct            1       2\n");
    free(text);
    table_clear(&t);
}

static void what_does_not_fit_continues_below(void **state)
{
    (void)state;
    struct table t;
    make(&t);
    char *text = printed(&t, 22);
    assert_string_equal(text, "         latency, ms\n"
                              "policy          mean\n"
                              "────────────────────\n"
                              "mct       9.25 ±0.12\n"
                              "jsq     112.5  ±2\n"
                              "\n"
                              "        latency, ms\n"
                              "policy  p99\n"
                              "───────────\n"
                              "mct      31\n"
                              "jsq     inf\n");
    free(text);
    table_clear(&t);
}

static void progress_tells_rate_and_time_left(void **state)
{
    (void)state;
    char line[160];
    /* 10 s for 25 of 100: 30 s more */
    assert_string_equal(progress_line(line, sizeof line, 25, 100, 1234567, 10),
                        "25 of 100 replications, 1.23 M jobs, 123 k/s, 0:30 left");
    assert_string_equal(progress_line(line, sizeof line, 0, 100, 12, 0), "0 of 100 replications, 12 jobs, 0/s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_number_has_as_many_digits_as_its_interval_leaves_meaning),
        cmocka_unit_test(what_is_no_number_is_said_so),
        cmocka_unit_test(the_unit_fits_the_middle_value),
        cmocka_unit_test(numbers_stand_point_under_point),
        cmocka_unit_test(headings_of_single_columns_stand_apart),
        cmocka_unit_test(what_does_not_fit_continues_below),
        cmocka_unit_test(progress_tells_rate_and_time_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
