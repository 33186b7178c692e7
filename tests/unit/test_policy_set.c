/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_policy_set.c - tables are checked when they come in, names and parameters when a scenario gives them. */
#include "tests/test.h"

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"

static const struct policy_set builtin = {builtin_policy, N_BUILTIN_POLICY};

static void assert_says(const struct err *e, enum err_code code, const char *want)
{
    char text[1600];
    assert_int_equal(e->code, code);
    assert_string_equal(err_text(e, text, sizeof text), want);
}

static void the_built_in_tables_are_sound(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(policy_set_check(&builtin, &e), 0);
}

static void two_of_one_name_are_refused(void **state)
{
    (void)state;
    const struct ts_policy *const twice[] = {&policy_mct, &policy_jsq, &policy_mct};
    const struct policy_set set = {twice, 3};
    struct err e = {0};
    assert_int_equal(policy_set_check(&set, &e), -ERR_POLICY);
    assert_says(&e, ERR_POLICY, "two policies are called mct");
}

/* Copies of mct with one thing wrong each. */
static void bad_tables_are_refused(void **state)
{
    (void)state;
    enum { N = 16 };
    struct ts_param param[N][2];
    struct ts_policy bad[N];
    for (int i = 0; i < N; i++) {
        bad[i] = policy_mct;
        memcpy(param[i], policy_mct.param, sizeof param[i]);
        bad[i].param = param[i];
    }
    bad[0].abi = 2;
    bad[1].size = 8;
    bad[2].name = "Mct 2";
    bad[3].about = NULL;
    bad[4].decide = NULL;
    bad[5].needs = UINT64_C(1) << 40;
    bad[6].triggers = 1;
    bad[7].param_size = 0;
    param[8][0].key = "a b";
    param[9][0].dflt = -1;
    param[10][0].offset = 8;
    param[11][0].offset = 4;
    param[12][0].dflt = NAN;
    bad[13].tick = "slot";
    bad[14].tick = "margin";
    bad[14].triggers = 1u << TS_TICK;
    param[14][0].unit = "";
    bad[15].tick = "margin";
    char table_size[128], param_size[128];
    snprintf(table_size, sizeof table_size, "a policy table of 8 bytes, wanted .size = sizeof(struct ts_policy), which is %zu",
             sizeof(struct ts_policy));
    snprintf(param_size, sizeof param_size, "policy mct: param_size is 0, wanted sizeof(struct ts_param), which is %zu",
             sizeof(struct ts_param));
    const char *const want[N] = {
        "a policy of ABI 2, wanted ABI 1: compile it against this program's tiersim/policy.h",
        table_size,
        "a policy called \"Mct 2\", wanted [a-z0-9_]+",
        "policy mct: about is empty, wanted one line with the source of the rule",
        "policy mct: has no decide",
        "policy mct: needs has bits 0x10000000000 that this program does not know",
        "policy mct: triggers has bits 0x1 that this program does not know",
        param_size,
        "policy mct: parameter 0 is called \"a b\", wanted [a-z0-9_.]+",
        "policy mct: parameter margin has default -1, wanted 0 to 3600",
        "policy mct: parameter margin lies at offset 8, wanted a double within the 8 bytes of the state",
        "policy mct: parameter margin lies at offset 4, wanted a double within the 8 bytes of the state",
        "policy mct: parameter margin has default nan, wanted 0 to 3600",
        "policy mct: tick names slot, wanted the key of one of its parameters",
        "policy mct: the period of its clock, margin, is in \"\" from 0, wanted s from 0",
        "policy mct: has a clock, margin, and no trigger TS_TICK",
    };
    for (int i = 0; i < N; i++) {
        struct err e = {0};
        assert_int_equal(policy_check_table(&bad[i], &e), -ERR_POLICY);
        assert_says(&e, ERR_POLICY, want[i]);
    }
}

static void two_parameters_may_not_be_one(void **state)
{
    (void)state;
    struct ts_param param[] = {policy_mct.param[0], policy_mct.param[0], {0}};
    struct ts_policy bad = policy_mct;
    bad.param = param;
    param[1].key = "other";
    struct err e = {0};
    assert_int_equal(policy_check_table(&bad, &e), -ERR_POLICY);
    assert_says(&e, ERR_POLICY, "policy mct: parameters margin and other are one");
}

/* A plug-in of a later header: its structs are longer, its parameter rows lie further apart. */
static void longer_tables_are_read(void **state)
{
    (void)state;
    struct {
        struct ts_param param;
        double later;
    } row[] = {{policy_random.param[0], 1}, {policy_random.param[1], 2}, {{0}, 3}};
    struct {
        struct ts_policy policy;
        double later;
    } longer = {policy_random, 4};
    longer.policy.size = sizeof longer;
    longer.policy.param = &row[0].param;
    longer.policy.param_size = sizeof row[0];
    struct err e = {0};
    assert_int_equal(policy_check_table(&longer.policy, &e), 0);
    assert_string_equal(policy_param_at(&longer.policy, 1)->key, "weights.edge");
    assert_null(policy_param_at(&longer.policy, 2));
}

static void a_name_finds_its_policy(void **state)
{
    (void)state;
    struct err e = {0};
    assert_ptr_equal(policy_set_find(&builtin, "power_of_d", NULL, 0, 0, &e), &policy_power_of_d);
    assert_int_equal(e.code, ERR_NONE);
}

/* "BEFORE local, nearest_edge, .. AFTER", into buf[2000]. */
static const char *with_all_names(const char *before, const char *after, char *buf)
{
    size_t n = (size_t)snprintf(buf, 2000, "%s", before);
    for (size_t i = 0; i < N_BUILTIN_POLICY; i++) {
        n += (size_t)snprintf(buf + n, 2000 - n, "%s%s", i ? ", " : "", builtin_policy[i]->name);
    }
    snprintf(buf + n, 2000 - n, "%s", after);
    return buf;
}

static void a_wrong_name_is_answered_with_the_nearest(void **state)
{
    char want[2000];
    (void)state;
    struct err e = {0}, far = {0};
    assert_null(policy_set_find(&builtin, "mtc", "a.yaml", 12, 14, &e));
    assert_says(&e, ERR_INPUT, with_all_names("a.yaml:12:14: policies: found mtc, did you mean mct? (", ")", want));
    assert_null(policy_set_find(&builtin, "heuristic", NULL, 0, 0, &far));
    assert_says(&far, ERR_INPUT, with_all_names("policies: found heuristic, wanted one of ", "", want));
}

static void defaults_stand_where_nothing_is_said(void **state)
{
    (void)state;
    double block[2] = {7, 7};
    struct err e = {0};
    assert_int_equal(policy_set_params(&policy_power_of_d, NULL, NULL, block, &e), 0);
    assert_near(block[0], 2, 0, 0);
    assert_near(block[1], 7, 0, 0); /* behind the state */
}

static void values_go_where_their_row_says(void **state)
{
    (void)state;
    const struct policy_param param[] = {{.key = "weights.cloud", .value = .2}, {.key = "weights.edge", .value = .8}};
    const struct policy_spec spec = {.n_param = 2, .param = param};
    double block[4] = {9, 9, 9, 9};
    struct err e = {0};
    assert_int_equal(policy_set_params(&policy_random, NULL, &spec, block, &e), 0);
    static const double want[4] = {0, .8, .2, 0};
    assert_memory_equal(block, want, sizeof want);
}

static struct bad_param {
    const char *name;
    const struct ts_policy *policy;
    struct policy_param param[2];
    const char *want;
} bad_params[] = {
    {"a value below its range", &policy_mct, {{"margin", -1, "-1 s", 3, 20}, {0}},
     "a.yaml:3:20: mct.margin: found -1 s, wanted a number from 0 to 3600 s"},
    {"a value above its range", &policy_power_of_d, {{"d", 65, "65", 3, 20}, {0}},
     "a.yaml:3:20: power_of_d.d: found 65, wanted a whole number from 1 to 64"},
    {"a broken number", &policy_power_of_d, {{"d", 2.5, "2.5", 3, 20}, {0}},
     "a.yaml:3:20: power_of_d.d: found 2.5, wanted a whole number from 1 to 64"},
    {"not a number, from the command line", &policy_mct, {{"margin", NAN, NULL, 0, 0}, {0}},
     "mct.margin: found nan s, wanted a number from 0 to 3600 s"},
    {"a key with a slip", &policy_random, {{"weight.edge", 1, "1", 4, 5}, {0}},
     "a.yaml:4:5: random.weight.edge: unknown, did you mean weights.edge? (weights.end, weights.edge, weights.cloud, "
     "weights.other)"},
    {"a key of another policy", &policy_mct, {{"d", 2, "2", 4, 5}, {0}},
     "a.yaml:4:5: mct.d: unknown, wanted one of margin"},
    {"a key where there are none", &policy_local, {{"margin", 2, "2 s", 4, 5}, {0}},
     "a.yaml:4:5: local.margin: unknown, local has no parameters"},
    {"a key twice", &policy_mct, {{"margin", 2, "2 s", 4, 5}, {"margin", 3, "3 s", 5, 5}},
     "a.yaml:5:5: mct.margin: given twice"},
};

static const char *const taste[] = {"sweet", "sour", NULL};
static const struct ts_param taste_param[] = {
    {.key = "taste", .dflt = 1, .max = 1, .flags = TS_WHOLE, .word = taste}, {0}};

static void a_word_stands_for_its_number(void **state)
{
    (void)state;
    struct ts_policy p = policy_mct;
    p.param = taste_param;
    double value = NAN;
    struct err e = {0};
    assert_int_equal(policy_check_table(&p, &e), 0);
    assert_int_equal(policy_set_params(&p, NULL, NULL, &value, &e), 0);
    assert_near(value, 1, 0, 0);
    struct policy_param said = {.key = "taste", .value = NAN, .text = "sweet"};
    const struct policy_spec spec = {.policy = "mct", .n_param = 1, .param = &said};
    assert_int_equal(policy_set_params(&p, NULL, &spec, &value, &e), 0);
    assert_near(value, 0, 0, 0);
    said = (struct policy_param){.key = "taste", .value = 1, .text = "1"}; /* the number itself is no word */
    assert_int_equal(policy_set_params(&p, NULL, &spec, &value, &e), -ERR_INPUT);
    assert_says(&e, ERR_INPUT, "mct.taste: found 1, wanted one of sweet, sour");
}

static void words_must_have_their_numbers(void **state)
{
    (void)state;
    struct ts_param param[] = {taste_param[0], {0}};
    struct ts_policy p = policy_mct;
    p.param = param;
    param[0].max = 2;
    struct err e = {0};
    assert_int_equal(policy_check_table(&p, &e), -ERR_POLICY);
    assert_says(&e, ERR_POLICY, "policy mct: parameter taste has 2 words, wanted whole numbers from 0 to 1 for them");
}

static void a_bad_parameter_is_refused(void **state)
{
    const struct bad_param *row = *state;
    const struct policy_spec spec = {.n_param = row->param[1].key ? 2 : 1, .param = row->param};
    double block[64];
    struct err e = {0};
    assert_int_equal(policy_set_params(row->policy, "a.yaml", &spec, block, &e), -ERR_INPUT);
    assert_says(&e, ERR_INPUT, row->want);
}

int main(void)
{
    enum { PLAIN = 9 };
    struct CMUnitTest tests[PLAIN + LEN(bad_params)] = {
        cmocka_unit_test(the_built_in_tables_are_sound),     cmocka_unit_test(two_of_one_name_are_refused),
        cmocka_unit_test(bad_tables_are_refused),            cmocka_unit_test(two_parameters_may_not_be_one),
        cmocka_unit_test(longer_tables_are_read),            cmocka_unit_test(a_name_finds_its_policy),
        cmocka_unit_test(a_wrong_name_is_answered_with_the_nearest), cmocka_unit_test(defaults_stand_where_nothing_is_said),
        cmocka_unit_test(values_go_where_their_row_says),
        cmocka_unit_test(a_word_stands_for_its_number),      cmocka_unit_test(words_must_have_their_numbers),
    };
    for (size_t i = 0; i < LEN(bad_params); i++) {
        tests[PLAIN + i] = (struct CMUnitTest){bad_params[i].name, a_bad_parameter_is_refused, NULL, NULL, &bad_params[i]};
    }
    return cmocka_run_group_tests_name("policy_set", tests, NULL, NULL);
}
