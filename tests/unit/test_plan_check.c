/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_plan_check.c - every kind of illegal answer gets its message, and what a run can carry out is let through.
 *
 * The question: two tasks at 5 s; task 0 has candidates 0, 3, 4, task 1 has 4, 5; six places.  A third task runs on place
 * 2 already, with candidates 2, 5.
 */
#include "tests/test.h"

#include "sim/policy/check.h"

static const ts_id cand[] = {0, 3, 4, 4, 5, 2, 5};
static const struct ts_task task[] = {
    {.id = 0, .at = TS_NONE, .cand = 0, .n_cand = 3},
    {.id = 1, .at = TS_NONE, .cand = 3, .n_cand = 2},
    {.id = 2, .at = 2, .cand = 5, .n_cand = 2},
};
static const double *const no_col[TS_N_COL];
static const struct ts_view view = {sizeof view, 6, TS_N_COL, 0, 5.0, no_col};

static int nothing_decided(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a, (void)p;
    return 0;
}

static const struct ts_policy plain = {
    .abi = TS_ABI, .size = sizeof plain, .name = "liar", .about = "x", .decide = nothing_decided};
static const struct ts_param slot[] = {{.key = "slot", .unit = "s", .about = "x", .max = 1}, {0}};
static const struct ts_policy with_clock = {
    .abi = TS_ABI, .size = sizeof with_clock, .name = "liar", .about = "x", .triggers = 1u << TS_TICK,
    .state_size = sizeof(double), .param_size = sizeof slot[0], .param = slot, .decide = nothing_decided, .tick = "slot"};

/* Three controllers with a policy `fast`, the last of which another slow one is over than number 0, who is asked here. */
static const struct ts_param fast_param[] = {
    {.key = "slot", .unit = "s", .about = "x", .max = 1},
    {.key = "margin", .unit = "s", .about = "x", .min = -1, .max = 1, .offset = sizeof(double)},
    {.key = "d", .about = "x", .min = 1, .max = 9, .dflt = 2, .offset = 2 * sizeof(double), .flags = TS_WHOLE},
    {.key = "bins", .about = "x", .max = 9, .offset = 3 * sizeof(double), .flags = TS_WHOLE | TS_FIXED},
    {0}};
static const struct ts_policy fast = {
    .abi = TS_ABI, .size = sizeof fast, .name = "fast", .about = "x", .triggers = 1u << TS_TICK, .tick = "slot",
    .state_size = 4 * sizeof(double), .param_size = sizeof fast_param[0], .param = fast_param, .decide = nothing_decided};
static const uint32_t over_of[] = {0, 0, 1};
static const struct plan_below three = {.policy = &fast, .n = 3, .n_node = 7, .over_of = over_of};

enum { EVERYTHING = 0x7ff };
#define SETS(...) 0, EVERYTHING, {{.verb = TS_SET, __VA_ARGS__}}, .below = &three

/* A plan for the first n_task tasks: steps up to the one whose verb is 0. */
static struct row {
    const char *name;
    uint32_t n_task, can;
    struct ts_step step[4];
    const char *want; /* NULL: legal */
    const struct ts_policy *policy;
    double think_s;
    const struct plan_below *below;
} rows[] = {
    {"a placement", 1, 0, {{.verb = TS_PLACE, .place = 3}}, .want = NULL},
    {"a rejection", 1, 0, {{.verb = TS_REJECT, .place = TS_NONE}}, .want = NULL},
    {"two placements", 2, 0, {{.verb = TS_PLACE, .task = 1, .place = 5}, {.verb = TS_PLACE, .place = 4}}, .want = NULL},
    {"a defer with a clock", 1, 0, {{.verb = TS_DEFER}}, .policy = &with_clock},
    {"a defer to an instant", 1, 0, {{.verb = TS_DEFER, .not_before_s = 5.5}}, .want = NULL},
    {"a running task left alone", 3, 0, {{.verb = TS_PLACE, .place = 0}, {.verb = TS_REJECT, .task = 1}}, .want = NULL},
    {"three replicas", 1, EVERYTHING,
     {{.verb = TS_PLACE, .place = 0}, {.verb = TS_PLACE, .place = 3, .replica = 1},
      {.verb = TS_PLACE, .place = 4, .replica = 2, .not_before_s = 6}}, .want = NULL},
    {"a range", 2, EVERYTHING, {{.verb = TS_PLACE, .place = 4, .upto = 1}}, .want = NULL},
    {"a migration and a cancel", 3, EVERYTHING,
     {{.verb = TS_PLACE, .place = 0}, {.verb = TS_PLACE, .task = 1, .place = 4},
      {.verb = TS_MIGRATE, .task = 2, .place = 5}}, .want = NULL},
    {"a knob set", 1, EVERYTHING, {{.verb = TS_PLACE, .place = 0}, {.verb = TS_SET, .knob = TS_K_ADMIT, .value = -1}},
     .want = NULL},
    {"levels, widths, shares, patience and thinking", 1, EVERYTHING,
     {{.verb = TS_PLACE, .place = 0, .level = 2, .width = 4, .share = .5, .net_share = .5, .tx_w = .1, .patience_s = 1}},
     .think_s = .01},

    {"no step", 1, 0, {{0}}, .want = "0 steps and none for task 0: wanted place, defer or reject"},
    {"no step for the second task", 2, 0, {{.verb = TS_PLACE}},
     .want = "1 steps and none for task 1: wanted place, defer or reject"},
    {"a step for an unknown task", 1, 0, {{.verb = TS_PLACE}, {.verb = TS_PLACE, .task = 1, .place = 4}},
     .want = "step 1 answers task 1 (place), but the question has 1"},
    {"a rejection that was not asked for", 1, 0, {{.verb = TS_PLACE}, {.verb = TS_REJECT, .task = 7}},
     .want = "step 1 answers task 7 (reject), but the question has 1"},
    {"two places for one task", 1, EVERYTHING, {{.verb = TS_PLACE}, {.verb = TS_PLACE, .place = 3}},
     .want = "step 1 is a second answer to task 0 (place, replica 0)"},
    {"a place and a rejection", 1, 0, {{.verb = TS_PLACE}, {.verb = TS_REJECT}},
     .want = "step 1 is a second answer to task 0 (reject, replica 0)"},
    {"a rejection and a replica", 1, EVERYTHING, {{.verb = TS_REJECT}, {.verb = TS_PLACE, .replica = 1}},
     .want = "step 1 is a second answer to task 0 (place, replica 1)"},
    {"replica 2 without 1", 1, EVERYTHING, {{.verb = TS_PLACE}, {.verb = TS_PLACE, .place = 3, .replica = 2}},
     .want = "step 1 is replica 2 of task 0, wanted replica 1 first"},
    {"a verb that is none", 1, 0, {{.verb = 77}}, .want = "step 0 has verb 77, wanted 1 (place) to 6 (set)"},
    {"a place that is no candidate", 1, 0, {{.verb = TS_PLACE, .place = 5}},
     .want = "step 0 places task 0 on place 5, which is not among its candidates 0, 3, 4"},
    {"a place that does not exist", 1, 0, {{.verb = TS_PLACE, .place = 6}},
     .want = "step 0 places task 0 on place 6, which does not exist; its candidates are 0, 3, 4"},
    {"no place at all", 1, 0, {{.verb = TS_PLACE, .place = TS_NONE}},
     .want = "step 0 places task 0 on place 4294967295, which does not exist; its candidates are 0, 3, 4"},
    {"a range over a task whose candidate it is not", 2, EVERYTHING, {{.verb = TS_PLACE, .place = 3, .upto = 1}},
     .want = "step 0 places task 1 on place 3, which is not among its candidates 4, 5"},
    {"a range that ends before it starts", 3, EVERYTHING, {{.verb = TS_PLACE, .task = 2, .upto = 1, .place = 5}},
     .want = "step 0 is for tasks 2 to 1, but the question has 3"},
    {"a range beyond the question", 2, EVERYTHING, {{.verb = TS_PLACE, .upto = 2, .place = 4}},
     .want = "step 0 is for tasks 0 to 2, but the question has 2"},
    {"a rejected range", 2, EVERYTHING, {{.verb = TS_REJECT, .upto = 1}},
     .want = "step 0 is for tasks 0 to 1: this run cannot reject several tasks as one"},
    {"a time that is no number", 1, EVERYTHING, {{.verb = TS_PLACE, .not_before_s = NAN}},
     .want = "step 0 has not_before_s = nan, wanted 0 or a positive number"},
    {"a negative time", 1, EVERYTHING, {{.verb = TS_PLACE, .patience_s = -1}},
     .want = "step 0 has patience_s = -1, wanted 0 or a positive number"},
    {"an endless time", 1, EVERYTHING, {{.verb = TS_DEFER, .not_before_s = INFINITY}},
     .want = "step 0 has not_before_s = inf, wanted 0 or a positive number"},
    {"a defer into the past", 1, 0, {{.verb = TS_DEFER, .not_before_s = 4}},
     .want = "step 0 defers task 0 to 4 s, wanted a later instant than now"},
    {"a defer to now", 1, 0, {{.verb = TS_DEFER, .not_before_s = 5}},
     .want = "step 0 defers task 0 to 5 s, wanted a later instant than now"},
    {"a defer for ever", 1, 0, {{.verb = TS_DEFER}},
     .want = "step 0 defers task 0 until something changes, but the policy has no trigger (freed, report, changed) "
     "and no clock (tick): it would never be asked again"},
    {"pack", 1, 0, {{.verb = TS_PLACE, .flags = TS_PACK}},
     .want = "step 0 packs data, which only a place in a plan for a whole job may ask for"},
    {"flags", 1, EVERYTHING, {{.verb = TS_PLACE, .flags = 2}}, .want = "step 0 has flags = 0x2, wanted 0 or 1 (pack)"},
    {"a value without a knob", 1, EVERYTHING, {{.verb = TS_PLACE, .value = 3}},
     .want = "step 0 has value = 3, which only a set and the place of an exit may have"},
    {"a knob that is none", 1, EVERYTHING, {{.verb = TS_SET, .knob = 99}}, .want = "step 0 sets knob 99, wanted 1 to 8"},
    {"a knob set to nothing", 1, EVERYTHING, {{.verb = TS_SET, .knob = TS_K_POWER, .value = NAN}},
     .want = "step 0 sets knob 4 to nan, wanted a finite number"},
    {"a migration of what does not run", 1, EVERYTHING, {{.verb = TS_MIGRATE, .place = 3}},
     .want = "step 0 migrates task 0, which does not run yet"},
    {"a placement of what runs", 3, EVERYTHING, {{.verb = TS_PLACE, .task = 2, .place = 5}},
     .want = "step 0 places task 2, which runs on place 2: wanted migrate or cancel"},
    {"a rejection of what runs", 3, EVERYTHING, {{.verb = TS_REJECT, .task = 2}},
     .want = "step 0 rejects task 2, which runs already: wanted cancel"},
    {"negative thinking", 1, EVERYTHING, {{.verb = TS_PLACE}},
     .want = "think_s = -1, wanted a number from 0, or NAN for what the scenario says", .think_s = -1},

    {"a migration where there is none", 3, 0, {{.verb = TS_MIGRATE, .task = 2, .place = 5}},
     .want = "step 0: this run cannot carry out migrate"},
    {"a replica where there are none", 1, 0, {{.verb = TS_PLACE}, {.verb = TS_PLACE, .place = 3, .replica = 1}},
     .want = "step 1 is replica 1 of task 0: this run cannot carry out replicas"},
    {"a range where there is none", 2, 0, {{.verb = TS_PLACE, .place = 4, .upto = 1}},
     .want = "step 0 is for tasks 0 to 1: this run cannot place several tasks as one"},
    {"a hedge where there is none", 1, 0, {{.verb = TS_PLACE, .not_before_s = 6}},
     .want = "step 0 has not_before_s = 6, which this run cannot carry out"},
    {"a width where there is none", 1, 0, {{.verb = TS_PLACE, .width = 2}},
     .want = "step 0 has width = 2, which this run cannot carry out"},
    {"a level beyond the last", 1, EVERYTHING, {{.verb = TS_PLACE, .place = 0, .level = 4}},
     .want = "step 0 runs task 0 at level 4 of place 0, which has 3"},
    {"a parameter of one", SETS(.place = 1, .knob = TS_K_PARAM, .task = 1, .value = -.5)},
    {"a parameter of all", SETS(.place = TS_NONE, .knob = TS_K_PARAM, .task = 2, .value = 9)},
    {"a node forbidden", SETS(.place = 0, .knob = TS_K_ALLOW, .task = 6)},
    {"a share", SETS(.place = 0, .knob = TS_K_ADMIT, .value = .25)},
    {"a target that is no controller", SETS(.place = 3, .knob = TS_K_ADMIT, .value = 1),
     .want = "step 0 sets controller 3, wanted one of the 3 below it, or TS_NONE for all"},
    {"the controller of another", SETS(.place = 2, .knob = TS_K_ADMIT, .value = 1),
     .want = "step 0 sets controller 2, which another slow one is over: host->below tells those it may set"},
    {"a parameter that is none", SETS(.place = 0, .knob = TS_K_PARAM, .task = 4),
     .want = "step 0 sets parameter 4 of policy fast, which has 4"},
    {"a parameter out of range", SETS(.place = 0, .knob = TS_K_PARAM, .task = 1, .value = 2),
     .want = "step 0 sets margin of policy fast to 2, wanted a number from -1 to 1"},
    {"a parameter that is not whole", SETS(.place = 0, .knob = TS_K_PARAM, .task = 2, .value = 2.5),
     .want = "step 0 sets d of policy fast to 2.5, wanted a whole number from 1 to 9"},
    {"a clock", SETS(.place = 0, .knob = TS_K_PARAM, .task = 0, .value = .5),
     .want = "step 0 sets slot of policy fast, the period of its clock, which cannot be set"},
    {"what is fixed", SETS(.place = 0, .knob = TS_K_PARAM, .task = 3, .value = 1),
     .want = "step 0 sets bins of policy fast, which is fixed"},
    {"a node that is none", SETS(.place = 0, .knob = TS_K_ALLOW, .task = 7),
     .want = "step 0 allows node 7 with value 0, wanted one of 7 nodes and 1, or 0 to forbid it"},
    {"half a node", SETS(.place = 0, .knob = TS_K_ALLOW, .task = 1, .value = .5),
     .want = "step 0 allows node 1 with value 0.5, wanted one of 7 nodes and 1, or 0 to forbid it"},
    {"a share above all", SETS(.place = 0, .knob = TS_K_ADMIT, .value = 1.5),
     .want = "step 0 admits a share of 1.5, wanted a number from 0 to 1"},
    {"a knob of another time", SETS(.place = 0, .knob = TS_K_POWER, .value = 1),
     .want = "step 0 sets knob 4, which this run cannot carry out: wanted 1 (param), 2 (allow) or 3 (admit)"},
    {"thinking where there is none", 1, 0, {{.verb = TS_PLACE}}, .want = "think_s = 1, which this run cannot carry out",
     .think_s = 1},
};

static int check(const struct row *row, struct err *e)
{
    struct ts_ask ask = {.size = sizeof ask, .why = TS_ARRIVED, .id = 17, .n_task = row->n_task, .task_size = sizeof task[0],
                         .n_cand = LEN(cand), .task = task, .cand = cand};
    struct ts_step step[LEN(row->step)];
    memcpy(step, row->step, sizeof step);
    struct ts_plan plan = {.size = sizeof plan, .cap = LEN(step), .step = step, .tokens = NAN};
    plan.think_s = row->think_s != 0 ? row->think_s : NAN;
    while (plan.n < LEN(step) && step[plan.n].verb != 0) {
        plan.n++;
    }
    static const uint8_t n_level[] = {3, 0, 0, 0, 0, 0}; /* places 0 to 5 */
    struct plan_checker checker = {.policy = row->policy ? row->policy : &plain, .can = row->can, .n_level = n_level,
                                   .below = row->below};
    int rc = plan_check(&checker, &view, &ask, &plan, e);
    plan_checker_clear(&checker);
    return rc;
}

static void check_row(void **state)
{
    const struct row *row = *state;
    struct err e = {0};
    int rc = check(row, &e);
    if (!row->want) {
        assert_string_equal(e.text, "");
        assert_int_equal(rc, 0);
        return;
    }
    char want[1024];
    snprintf(want, sizeof want, "policy liar, question 17 (arrived, t = 5 s): %s", row->want);
    assert_int_equal(rc, -ERR_POLICY);
    assert_int_equal(e.code, ERR_POLICY);
    assert_string_equal(e.text, want);
}

static void more_steps_than_room_are_refused(void **state)
{
    (void)state;
    struct ts_step step = {.verb = TS_PLACE};
    struct ts_ask ask = {.why = TS_TICK, .n_task = 1, .task_size = sizeof task[0], .task = task, .cand = cand};
    struct ts_plan plan = {.n = 9, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    struct plan_checker checker = {.policy = &plain};
    struct err e = {0};
    assert_int_equal(plan_check(&checker, &view, &ask, &plan, &e), -ERR_POLICY);
    assert_string_equal(e.text, "policy liar, question 0 (tick, t = 5 s): 9 steps, but there is room for 1: wanted "
                                "host->more first");
    plan_checker_clear(&checker);
}

static void a_question_without_tasks_needs_no_step(void **state)
{
    (void)state;
    struct ts_ask ask = {.why = TS_TICK};
    struct ts_plan plan = {.think_s = NAN, .tokens = NAN};
    struct plan_checker checker = {.policy = &plain};
    struct err e = {0};
    assert_int_equal(plan_check(&checker, &view, &ask, &plan, &e), 0);
    plan_checker_clear(&checker);
}

/*
 * 300 candidates in order of (tier, place): the even places below 400 in tier 1, the multiples of 4 above in tier 0.  Each
 * place is a candidate or not whether it is found by halving (tiers known) or one by one.
 */
static void long_lists_are_searched_right(void **state)
{
    (void)state;
    enum { N = 800 };
    double tier[N];
    ts_id many[N];
    struct ts_task t = {.at = TS_NONE};
    for (ts_id p = 400; p < N; p += 4) {
        many[t.n_cand++] = p;
    }
    for (ts_id p = 0; p < 400; p += 2) {
        many[t.n_cand++] = p;
    }
    assert_int_equal(t.n_cand, 300);
    for (ts_id p = 0; p < N; p++) {
        tier[p] = p < 400;
    }
    const double *col[TS_N_COL] = {[TS_TIER] = tier};
    struct ts_ask ask = {.why = TS_ARRIVED, .n_task = 1, .task_size = sizeof t, .task = &t, .cand = many};
    struct plan_checker checker = {.policy = &plain};
    for (ts_id p = 0; p <= N; p++) {
        bool is = p < 400 ? p % 2 == 0 : p < N && p % 4 == 0;
        struct ts_step step = {.verb = TS_PLACE, .place = p};
        struct ts_plan plan = {.n = 1, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
        struct ts_view v = {sizeof v, N, TS_N_COL, 0, 5, col};
        struct err e = {0};
        assert_int_equal(plan_is_plain(&v, &ask, &plan), is);
        v.col = no_col;
        assert_int_equal(plan_check(&checker, &v, &ask, &plan, &e), is ? 0 : -ERR_POLICY);
        if (p == 1) {
            assert_non_null(strstr(e.text, "its candidates 400, 404, 408, 412, 416, 420, 424, 428, .. (300 in all)"));
        }
    }
    plan_checker_clear(&checker);
}

static void a_failed_call_must_say_why(void **state)
{
    (void)state;
    struct err e = {0}, silent = {0}, odd = {0};
    assert_int_equal(plan_check_return(&plain, "decide", 0, NULL, &e), 0);
    assert_int_equal(plan_check_return(&plain, "decide", -1, "no model", &e), -ERR_POLICY);
    assert_string_equal(e.text, "policy liar: no model");
    assert_int_equal(plan_check_return(&plain, "init", -3, "", &silent), -ERR_POLICY);
    assert_string_equal(silent.text, "policy liar: init returned -3 without saying why by host->fail");
    assert_int_equal(plan_check_return(&plain, "decide", 2, "x", &odd), -ERR_POLICY);
    assert_string_equal(odd.text, "policy liar: decide returned 2, wanted 0, or < 0 after host->fail");
}

int main(void)
{
    enum { PLAIN = 4 };
    struct CMUnitTest tests[PLAIN + LEN(rows)] = {
        cmocka_unit_test(more_steps_than_room_are_refused),
        cmocka_unit_test(a_question_without_tasks_needs_no_step),
        cmocka_unit_test(long_lists_are_searched_right),
        cmocka_unit_test(a_failed_call_must_say_why),
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        tests[PLAIN + i] = (struct CMUnitTest){rows[i].name, check_row, NULL, NULL, &rows[i]};
    }
    return cmocka_run_group_tests_name("plan_check", tests, NULL, NULL);
}
