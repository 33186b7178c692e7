/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_names.c - a set of names takes room for new ones alone, and without an arena takes none. */
#include "sim/base/names.h"
#include "tests/test.h"

static const char *const letter[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
enum { FULL = 8 }; /* half of the 16 slots that a set begins with */

static struct names of_letters(struct arena *a)
{
    struct names s = {.arena = a};
    for (uint32_t i = 0; i < FULL; i++) {
        assert_int_equal(names_add(&s, letter[i]), i);
    }
    return s;
}

static void known_names_take_no_room(void **state)
{
    (void)state;
    struct arena a = {0};
    struct names s = of_letters(&a);
    const struct names before = s;
    for (uint32_t i = 0; i < FULL; i++) {
        assert_int_equal(names_add(&s, letter[i]), i);
    }
    assert_memory_equal(&s, &before, sizeof s);
    assert_int_equal(names_add(&s, letter[FULL]), FULL);
    assert_int_equal(names_find(&s, letter[3]), 3);
    arena_clear(&a);
}

static void without_an_arena_none_is_added(void **state)
{
    (void)state;
    struct arena a = {0};
    struct names s = of_letters(&a);
    s.arena = NULL;
    const struct names before = s;
    assert_int_equal(names_add(&s, letter[FULL]), NAME_NONE);
    assert_int_equal(names_add(&s, letter[2]), 2);
    assert_memory_equal(&s, &before, sizeof s);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_names_take_no_room),
        cmocka_unit_test(without_an_arena_none_is_added),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
