/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_rules.c - what the program's own rules answer in the place of a language model, by the prompt alone: small prompts whose
 * answers follow from the rules by hand.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/io/text/rules.h"
#include "sim/io/text/wire.h"
#include "tests/test.h"

/* The answer's numbers into value[n]. */
static void ask(const char *use, const char *prompt, const struct ts_slot *slot, uint32_t n, double *value)
{
    struct err e = {0};
    char *answer = NULL;
    assert_true(rules_know(use));
    if (rules_answer(use, prompt, slot, n, &answer, &e) < 0) {
        fail_msg("%s", e.text);
    }
    assert_int_equal(wire_numbers(answer, slot, n, value), TS_S_FINE);
    free(answer);
}

#define WHOLE(name_, max_)                                                                                             \
    {                                                                                                                  \
        .name = (name_), .max = (max_), .flags = TS_WHOLE                                                              \
    }

/* Of .6 * .5 s = .3 s to be ready: p0 is, with 2 J and p1 with 1 J: 60 + 40 * 1/2, 60 + 40; p2 is late: 60 * .1 / .6. */
static void places_with_time_to_spare_are_rated_by_joules(void **state)
{
    static const struct ts_slot slot[] = {WHOLE("p0", 100), WHOLE("p1", 100), WHOLE("p2", 100)};
    double value[3];
    (void)state;
    ask("score",
        "job: deadline_s=0.5\np0: finish_s=0.1 energy_j=2\np1: finish_s=0.2 energy_j=1\np2: finish_s=0.6 energy_j=0.1\n", slot, 3,
        value);
    assert_near(value[0], 80, 0, 0);
    assert_near(value[1], 100, 0, 0);
    assert_near(value[2], 10, 0, 0);
}

static void more_than_half_as_much_again_is_odd(void **state)
{
    static const struct ts_slot slot[] = {WHOLE("anomaly", 1), WHOLE("replan", 1)};
    double value[2];
    (void)state;
    ask("watch", "now: arrivals_per_s=14\nusual: arrivals_per_s=10\n", slot, 2, value);
    assert_true(value[0] == 0 && value[1] == 0);
    ask("watch", "now: arrivals_per_s=16\nusual: arrivals_per_s=10\n", slot, 2, value);
    assert_true(value[0] == 1 && value[1] == 1);
}

static const struct ts_slot slot_of_sites[] = {WHOLE("offer1", 4), WHOLE("offer2", 4), WHOLE("offer3", 4), WHOLE("offer4", 4),
                                               WHOLE("admit1", 100), WHOLE("admit2", 100), WHOLE("admit3", 100),
                                               {.name = "param_weights_energy", .max = 10}, {.name = "param_margin", .max = 1}};
enum { N_SLOT = LEN(slot_of_sites) };

static void ask_settings(const char *prompt, const double want[N_SLOT])
{
    double value[N_SLOT];
    ask("settings", prompt, slot_of_sites, N_SLOT, value);
    for (uint32_t k = 0; k < N_SLOT; k++) {
        assert_near(value[k], want[k], 0, 0);
    }
}

/* The first lacks 8 cores; the third spares 6, the second 4: both are his.  The cloud is everybody's. */
static void who_lacks_cores_is_offered_those_to_spare(void **state)
{
    (void)state;
    ask_settings("s1: own_of=1 cores=8 load=2 offered_to=0\ns2: own_of=2 cores=8 load=0.5 offered_to=0\n"
                 "s3: own_of=3 cores=8 load=0.25 offered_to=0\ns4: own_of=0 cores=16 load=0 offered_to=4\n"
                 "param_weights_energy: now=1\nparam_margin: now=0.25\n",
                 (const double[]){0, 1, 1, 4, 100, 100, 100, 0, 0.25});
}

/* The second has the third's site still, and needs it; the first lacks 32, more than twice the mean of 8 cores. */
static void what_is_needed_still_is_kept_and_who_lacks_much_admits_less(void **state)
{
    (void)state;
    ask_settings("s1: own_of=1 cores=8 load=5 offered_to=0\ns2: own_of=2 cores=8 load=1.5 offered_to=0\n"
                 "s3: own_of=3 cores=8 load=0.25 offered_to=2\ns4: own_of=0 cores=8 load=0 offered_to=4\n"
                 "param_weights_energy: now=1\nparam_margin: now=0\n",
                 (const double[]){0, 0, 2, 4, 75, 100, 100, 0, 0});
}

static void where_nobody_waits_nothing_is_offered_and_joules_count(void **state)
{
    (void)state;
    ask_settings("s1: own_of=1 cores=8 load=0.5 offered_to=0\ns2: own_of=2 cores=8 load=1 offered_to=0\n"
                 "s3: own_of=3 cores=8 load=0.25 offered_to=2\ns4: own_of=0 cores=8 load=0 offered_to=4\n"
                 "param_weights_energy: now=0\nparam_margin: now=1\n",
                 (const double[]){0, 0, 0, 4, 100, 100, 100, 0.4, 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_with_time_to_spare_are_rated_by_joules),
        cmocka_unit_test(more_than_half_as_much_again_is_odd),
        cmocka_unit_test(who_lacks_cores_is_offered_those_to_spare),
        cmocka_unit_test(what_is_needed_still_is_kept_and_who_lacks_much_admits_less),
        cmocka_unit_test(where_nobody_waits_nothing_is_offered_and_joules_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
