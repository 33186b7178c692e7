/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_errors.c - what is said on a terminal: the line, and a caret under the place, also where lines are long. */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "sim/io/errors.h"

static char *said(const char *text, int line, int column)
{
    static struct errors errs;
    char path[] = "/tmp/tiersim-errors-XXXXXX", *all = NULL;
    size_t n;
    int fd = mkstemp(path);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    errors_add(&errs, 0, path, line, column, "wrong");
    FILE *out = open_memstream(&all, &n);
    errors_print_lines(&errs, out);
    fclose(out);
    errors_clear(&errs);
    unlink(path);
    char *shown = strchr(all, '\n') + 1;
    memmove(all, shown, strlen(shown) + 1);
    return all;
}

static void assert_said(const char *text, int line, int column, const char *want)
{
    char *found = said(text, line, column);
    assert_string_equal(found, want);
    free(found);
}

static void a_caret_stands_under_the_place(void **state)
{
    (void)state;
    assert_said("a: 1\nb: -2\n", 2, 4, "       2 | b: -2\n"
                                       "         |    ^\n");
    assert_said("b: -2", 1, 4, "       1 | b: -2\n"
                               "         |    ^\n");
    assert_said("\xc3\xa4: -2\r\n", 1, 4, "       1 | \xc3\xa4: -2\n" /* columns count characters */
                                          "         |    ^\n");
    assert_said("a:\tb\n", 1, 4, "       1 | a: b\n"
                                 "         |    ^\n");
}

static void a_place_that_is_not_there_shows_nothing(void **state)
{
    (void)state;
    assert_said("a: 1\n", 3, 1, "");
    assert_said("a: 1\n", 0, 0, "");
}

/* Column 201: shown from 141 on, behind three dots; 141 + 99 is the last of a hundred. */
static void a_long_line_is_shown_around_the_place(void **state)
{
    (void)state;
    char text[400], want[400];
    memset(text, 'x', 300);
    text[200] = 'y';
    strcpy(text + 300, "\n");
    snprintf(want, sizeof want, "       1 | ...%.100s...\n         | %63s^\n", text + 140, "");
    char *found = said(text, 1, 201);
    assert_string_equal(found, want);
    free(found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caret_stands_under_the_place),
        cmocka_unit_test(a_place_that_is_not_there_shows_nothing),
        cmocka_unit_test(a_long_line_is_shown_around_the_place),
    };
    return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
