/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of a reading in a process of its own: it is fine, finds a fault, dies, or never ends. */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/io/probe.h"

static int reads(const char *path, struct err *e)
{
    (void)path, (void)e;
    return 0;
}

static int finds(const char *path, struct err *e)
{
    return ERR_SET(e, ERR_INPUT, "%s: found a hole", path);
}

static int dies(const char *path, struct err *e)
{
    (void)path, (void)e;
    abort();
}

/* As libhdf5 1.10.8 does over a table of whose bytes three are other ones. */
static int never_ends(const char *path, struct err *e)
{
    volatile uint64_t n = 0;
    (void)path, (void)e;
    while (n < UINT64_MAX) {
        n = n + 1;
    }
    return 0;
}

static void test_fine(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(probe_read("t.h5", "a table", reads, &e), 0);
    assert_int_equal(e.code, ERR_NONE);
}

static void test_fault_is_told(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(probe_read("t.h5", "a table", finds, &e), -ERR_INPUT);
    assert_string_equal(e.text, "t.h5: found a hole");
}

static void test_death_is_a_fault_of_the_file(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(probe_read("t.h5", "a table", dies, &e), -ERR_INPUT);
    assert_string_equal(e.text, "t.h5: found a file on which the HDF5 library fails (Aborted), wanted a table");
}

/* It takes PROBE_MOST_S of the processor. */
static void test_endless_is_given_up(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(probe_read("t.h5", "a table", never_ends, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "wanted a table"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fine),
        cmocka_unit_test(test_fault_is_told),
        cmocka_unit_test(test_death_is_a_fault_of_the_file),
        cmocka_unit_test(test_endless_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
