/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_quantity.c - units, their dimensions, and what is said about wrong ones. */
#include "tests/test.h"

#include "sim/base/quantity.h"

static double si(const char *text, enum dimension d)
{
    double value = NAN;
    struct err e = {0};
    if (quantity_parse(text, strlen(text), d, &value, &e) != 0) {
        fail_msg("%s: %s", text, e.text);
    }
    return value;
}

static void units_become_si(void **state)
{
    (void)state;
    assert_true(si("20 ms", DIM_TIME) == 0.02);
    assert_true(si("1.5 h", DIM_TIME) == 5400);
    assert_true(si("2 d", DIM_TIME) == 172800);
    assert_true(si("200 B", DIM_DATA) == 1600);
    assert_true(si("4 KiB", DIM_DATA) == 32768);
    assert_true(si("1 MiB", DIM_DATA) == 8 * 1048576.0);
    assert_true(si("100 Mbit/s", DIM_RATE) == 1e8);
    assert_true(si("100 MB/s", DIM_RATE) == 8e8);
    assert_true(si("100 Mbps", DIM_RATE) == 1e8);
    assert_true(si("12 GFLOP", DIM_WORK) == 12e9);
    assert_true(si("62.5 GFLOP/s", DIM_SPEED) == 62.5e9);
    assert_true(si("4.8 kW", DIM_POWER) == 4800);
    assert_true(si("110 nJ/bit", DIM_BIT_ENERGY) == 110e-9);
    assert_near(si("0.06 kWh/GB", DIM_BIT_ENERGY), 0.06 * 3.6e6 / 8e9, 1e-15, 0); /* 1 kWh = 3.6 MJ */
    assert_true(si("30 /min", DIM_FREQUENCY) == 0.5);
    assert_true(si("14.40 USD/h", DIM_TIME_PRICE) == 14.4 / 3600);
    assert_true(si("0.02 USD/GB", DIM_DATA_PRICE) == 0.02e-9 / 8);
    assert_true(si("40 %", DIM_NUMBER) == 0.4);
    assert_true(si("-1.5e3", DIM_NUMBER) == -1500);
}

/* The decimal number is rounded once, whatever the unit. */
static void the_same_quantity_is_the_same_double(void **state)
{
    (void)state;
    for (int k = 1; k < 1000; k++) {
        char ms[32], s[32], us[32];
        snprintf(ms, sizeof ms, "%d.7ms", k);
        snprintf(us, sizeof us, "%d700 us", k);
        snprintf(s, sizeof s, "%d.%03d7 s", k / 1000, k % 1000);
        assert_true(si(ms, DIM_TIME) == si(s, DIM_TIME));
        assert_true(si(us, DIM_TIME) == si(s, DIM_TIME));
    }
}

static void faults_say_what_was_found_and_wanted(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum dimension dimension;
        const char *want;
    } row[] = {
        {"100 MB", DIM_RATE,
         "found 100 MB, which is an amount of data, wanted a data rate such as 100 Mbit/s (or 12.5 MB/s): "
         "a rate is per second, and 100 MB/s are 800 Mbit/s"},
        {"100 Mbit/s", DIM_DATA,
         "found 100 Mbit/s, which is a data rate, wanted an amount of data such as 120 kB (or 960 kbit): "
         "an amount has no /s, and 100 Mbit are 12.5 MB"},
        {"4 MiB", DIM_RATE,
         "found 4 MiB, which is an amount of data, wanted a data rate such as 100 Mbit/s (or 12.5 MB/s): "
         "a rate is per second"},
        {"100", DIM_RATE, "found 100 without a unit, wanted a data rate such as 100 Mbit/s (or 12.5 MB/s)"},
        {"100 Mb/s", DIM_RATE,
         "found 100 Mb/s, wanted a data rate such as 100 Mbit/s (or 12.5 MB/s): bits are written bit, bytes B, "
         "thousands k, M, G"},
        {"10 KB", DIM_DATA,
         "found 10 KB, wanted an amount of data such as 120 kB (or 960 kbit): bits are written bit, bytes B, "
         "thousands k, M, G"},
        {"100 MBit/s", DIM_RATE,
         "found 100 MBit/s, wanted a data rate such as 100 Mbit/s (or 12.5 MB/s): the unit nearest to MBit/s is Mbit/s"},
        {"25 furlongs", DIM_TIME, "found 25 furlongs, wanted a time such as 20 ms"},
        {"5 S", DIM_TIME, "found 5 S, wanted a time such as 20 ms: the unit nearest to S is s"},
        {"5 ms", DIM_NUMBER, "found 5 ms, which is a time, wanted a number such as 0.4 (or 40 %)"},
        {"fast", DIM_SPEED, "found fast, wanted a speed such as 50 GFLOP/s"},
        {"nan s", DIM_TIME, "found nan s, wanted a time such as 20 ms"},
        {"inf s", DIM_TIME, "found inf s, wanted a time such as 20 ms"},
        {"0x10 s", DIM_TIME, "found 0x10 s, wanted a time such as 20 ms"},
        {"1e999 s", DIM_TIME, "found 1e999 s, which no floating-point number can hold, wanted a time such as 20 ms"},
        {"1e-400 s", DIM_TIME, "found 1e-400 s, which no floating-point number can hold, wanted a time such as 20 ms"},
        {"", DIM_TIME, "found , wanted a time such as 20 ms"},
        {"1,5 s", DIM_TIME, "found 1,5 s, wanted a time such as 20 ms"},
    };
    for (size_t i = 0; i < LEN(row); i++) {
        struct err e = {0};
        double value;
        assert_int_equal(quantity_parse(row[i].text, strlen(row[i].text), row[i].dimension, &value, &e), -ERR_INPUT);
        assert_string_equal(e.text, row[i].want);
    }
}

/* Only the n bytes count, also where digits follow them. */
static void the_length_ends_the_text(void **state)
{
    (void)state;
    double value;
    assert_int_equal(number_parse("1e12", 3, &value), 0);
    assert_true(value == 10);
    assert_int_equal(quantity_parse("12 msx", 5, DIM_TIME, &value, NULL), 0);
    assert_true(value == 0.012);
    assert_int_equal(number_parse("1.5x", 4, &value), -1);
    assert_int_equal(number_parse("", 0, &value), -1);
    assert_int_equal(number_parse("0.000", 5, &value), 0);
}

static void every_unit_of_the_table_is_read(void **state)
{
    (void)state;
    for (const struct unit *u = unit_table; u->name; u++) {
        char text[32];
        double value;
        enum dimension d;
        snprintf(text, sizeof text, "3 %s", u->name);
        assert_int_equal(quantity_parse_any(text, strlen(text), &d, &value), 0);
        assert_int_equal(d, u->dimension);
        assert_near(value, 3 * pow(10, u->exponent) * u->times / u->over, 1e-15, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(units_become_si),
        cmocka_unit_test(the_same_quantity_is_the_same_double),
        cmocka_unit_test(faults_say_what_was_found_and_wanted),
        cmocka_unit_test(the_length_ends_the_text),
        cmocka_unit_test(every_unit_of_the_table_is_read),
    };
    return cmocka_run_group_tests_name("quantity", tests, NULL, NULL);
}
