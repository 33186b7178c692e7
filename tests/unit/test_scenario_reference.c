/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_scenario_reference.c - docs/scenario.md is what the key tables say.  With the argument --write it is made so:
 * build/release/tests/unit/test_scenario_reference --write
 */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/io/scenario_reference.h"

static const char path[] = "docs/scenario.md";

static void the_page_is_what_the_tables_say(void **state)
{
    (void)state;
    char *made = NULL, *there = NULL;
    size_t size = 0, room = 0;
    FILE *out = open_memstream(&made, &size), *in = fopen(path, "r");
    assert_int_equal(scenario_reference(out), 0);
    fclose(out);
    assert_non_null(in);
    assert_true(getdelim(&there, &room, 0, in) > 0);
    fclose(in);
    assert_string_equal(there, made);
    free(made);
    free(there);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--write") == 0) {
        FILE *out = fopen(path, "w");
        return !out || scenario_reference(out) != 0 || fclose(out) != 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_what_the_tables_say),
    };
    return cmocka_run_group_tests_name("scenario_reference", tests, NULL, NULL);
}
