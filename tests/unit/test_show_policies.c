/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_show_policies.c - what `tiersim policies` prints is what the tables say. */
#include "tests/test.h"

#include <stdlib.h>

#include "policies/builtin.h"
#include "sim/show/policies.h"

static void assert_shows(const struct ts_policy *p, const char *want)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    show_policy(out, p);
    fclose(out);
    assert_string_equal(text, want);
    free(text);
}

static void a_policy_with_a_unit(void **state)
{
    (void)state;
    assert_shows(&policy_mct, "mct: the place with the earliest estimated finish (Maheswaran et al. 1999)\n"
                              "\n"
                              "Parameters\n"
                              "  margin         gain needed to leave the node of the job\n"
                              "                 a number, 0 s to 3600 s; 0 s unless said\n"
                              "\n"
                              "Reads of each place: up, node, units, busy, queued, work_s\n"
                              "Estimates for each candidate: in_s, run_s, out_s\n"
                              "Is asked when: arrived, refused\n"
                              "\n"
                              "In a scenario\n"
                              "  policies: [mct: {margin: 0 s}]\n");
}

static void a_policy_without_parameters(void **state)
{
    (void)state;
    assert_shows(&policy_round_robin, "round_robin: the candidates in turn (Ephremides, Varaiya, Walrand 1980)\n"
                                      "\n"
                                      "Parameters: none\n"
                                      "\n"
                                      "Reads of each place: up\n"
                                      "Is asked when: arrived, refused\n"
                                      "\n"
                                      "In a scenario\n"
                                      "  policies: [round_robin]\n");
}

static int nothing(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a, (void)p;
    return 0;
}

static void dotted_keys_are_nested_and_all_is_told(void **state)
{
    (void)state;
    static const struct ts_param param[] = {
        {.key = "a.x", .about = "first", .dflt = 1, .max = 2, .flags = TS_WHOLE},
        {.key = "a.y", .about = "second", .max = INFINITY, .offset = 8},
        {.key = "b", .unit = "J", .about = "third", .max = 9, .offset = 16},
        {.key = "c.z", .about = "fourth", .max = 9, .offset = 24},
        {0},
    };
    const struct ts_policy p = {.abi = TS_ABI, .size = sizeof p, .name = "toy", .about = "a toy",
                                .flags = TS_CLAIRVOYANT | TS_IMPURE, .triggers = 1u << TS_TICK, .state_size = 32,
                                .param_size = sizeof param[0], .param = param, .decide = nothing};
    assert_shows(&p, "toy: a toy\n"
                     "\n"
                     "Parameters\n"
                     "  a.x            first\n"
                     "                 a whole number, 0 to 2; 1 unless said\n"
                     "  a.y            second\n"
                     "                 a number, at least 0; 0 unless said\n"
                     "  b              third\n"
                     "                 a number, 0 J to 9 J; 0 J unless said\n"
                     "  c.z            fourth\n"
                     "                 a number, 0 to 9; 0 unless said\n"
                     "\n"
                     "Is asked when: arrived, refused, tick\n"
                     "Clairvoyant: is told the true demands; a reference, not a rival\n"
                     "Impure: asks the world outside: what language models answer is recorded and replayed, networks are run anew\n"
                     "\n"
                     "In a scenario\n"
                     "  policies: [toy: {a: {x: 1, y: 0}, b: 0 J, c: {z: 0}}]\n");
}

static void the_list_is_aligned(void **state)
{
    (void)state;
    const struct ts_policy *const two[] = {&policy_mct, &policy_least_work};
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    show_policies(out, &(struct policy_set){two, 2});
    fclose(out);
    assert_string_equal(text, "mct         the place with the earliest estimated finish (Maheswaran et al. 1999)\n"
                              "least_work  the least estimated work left, ties at random (Harchol-Balter et al. 1999)\n");
    free(text);
}

/* Costs are shown with two digits: 71.6, 1234 and unknown. */
static void the_page_has_a_row_for_each(void **state)
{
    (void)state;
    const struct ts_policy *const three[] = {&policy_mct, &policy_deadline_slack, &policy_oracle_mct};
    const double ns[] = {71.6, 1234, NAN};
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    show_policy_page(out, &(struct policy_set){three, LEN(three)}, ns);
    fclose(out);
    assert_string_equal(
        text,
        "| policy | idea | source | parameters: default (range) | asked besides | ns |\n"
        "|---|---|---|---|---|---|\n"
        "| `mct` | the place with the earliest estimated finish | Maheswaran et al. 1999 | `margin` 0 s (0 s to 3600 s) | | 72 |\n"
        "| `deadline_slack` | the least slack to the deadline that leaves a reserve, or the largest slack | Mok 1983 | "
        "`rule` least (least, largest); `reserve` 0.2 (0 to 1) | | 1200 |\n"
        "| `oracle_mct` | mct with the true demands of every task: a reference | Maheswaran et al. 1999 | | | |\n");
    free(text);
}

static void a_clock_names_its_period(void **state)
{
    (void)state;
    const struct ts_policy *const one[] = {&policy_droo};
    const double ns[] = {4.25};
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    assert_non_null(out);
    show_policy_page(out, &(struct policy_set){one, 1}, ns);
    fclose(out);
    assert_non_null(strstr(text, "| tick every `slot` | 4.2 |\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_with_a_unit),
        cmocka_unit_test(a_policy_without_parameters),
        cmocka_unit_test(dotted_keys_are_nested_and_all_is_told),
        cmocka_unit_test(the_list_is_aligned),
        cmocka_unit_test(the_page_has_a_row_for_each),
        cmocka_unit_test(a_clock_names_its_period),
    };
    return cmocka_run_group_tests_name("show_policies", tests, NULL, NULL);
}
