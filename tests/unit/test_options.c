/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the command line lays over the experiment of a scenario. */
#include "tests/test.h"

#include "sim/base/err.h"
#include "sim/experiment/options.h"
#include "sim/model/scenario.h"

static const struct policy_param margin[] = {{.key = "margin", .text = "5 ms"}, {.key = "margin", .text = "9 ms"}};
static struct policy_spec spec[] = {
    {.policy = "local", .label = "local", .run_in = UINT64_MAX},
    {.policy = "mct", .label = "mct_5ms", .run_in = UINT64_MAX, .n_param = 1, .param = &margin[0]},
    {.policy = "mct", .label = "mct_9ms", .run_in = UINT64_MAX, .n_param = 1, .param = &margin[1]},
};

static struct scenario example(void)
{
    return (struct scenario){
        .experiment = {
            .n_policy = 3, .policy = spec, .replications = 10, .seed = 1, .duration_s = 120, .compare_to = 1}};
}

static void apply(struct scenario *s, struct run_options o, const char *const *policy, uint32_t n_policy)
{
    struct err e = {0};
    o.policy = policy;
    o.n_policy = n_policy;
    assert_int_equal(run_options_apply(&o, s, &e), 0);
}

static void no_options_change_nothing(void **state)
{
    (void)state;
    struct scenario s = example();
    apply(&s, RUN_OPTIONS_DEFAULT, NULL, 0);
    assert_ptr_equal(s.experiment.policy, spec);
    assert_int_equal(s.experiment.replications, 10);
    assert_near(s.experiment.duration_s, 120, 0, 0);
    assert_int_equal(s.experiment.compare_to, 1);
    scenario_free(&s);
}

static void a_name_chooses_by_label_then_by_policy_then_adds(void **state)
{
    (void)state;
    struct scenario s = example();
    apply(&s, RUN_OPTIONS_DEFAULT, (const char *[]){"mct_9ms"}, 1);
    assert_int_equal(s.experiment.n_policy, 1);
    assert_int_equal(s.experiment.policy[0].n_param, 1);
    assert_int_equal(s.experiment.compare_to, ROW_NONE); /* mct_5ms is not among them */
    scenario_free(&s);

    s = example();
    apply(&s, RUN_OPTIONS_DEFAULT, (const char *[]){"jsq", "mct", "mct_5ms"}, 3);
    assert_int_equal(s.experiment.n_policy, 3); /* each label once */
    assert_string_equal(s.experiment.policy[0].label, "jsq");
    assert_true(s.experiment.policy[0].run_in == UINT64_MAX);
    assert_string_equal(s.experiment.policy[1].label, "mct_5ms");
    assert_string_equal(s.experiment.policy[2].label, "mct_9ms");
    assert_int_equal(s.experiment.compare_to, 1);
    scenario_free(&s);
}

static void a_look_is_two_replications_of_a_tenth(void **state)
{
    (void)state;
    struct scenario s = example();
    struct run_options o = RUN_OPTIONS_DEFAULT;
    o.quick = true;
    apply(&s, o, NULL, 0);
    assert_int_equal(s.experiment.replications, 2);
    assert_near(s.experiment.duration_s, 12, 0, 0);
    scenario_free(&s);
}

static void a_number_of_jobs_takes_the_place_of_the_time_and_back(void **state)
{
    (void)state;
    struct scenario s = example();
    struct run_options o = RUN_OPTIONS_DEFAULT;
    o.jobs = 500;
    apply(&s, o, NULL, 0);
    assert_int_equal(s.experiment.jobs, 500);
    assert_true(isinf(s.experiment.duration_s));
    o.jobs = 0;
    o.duration_s = 7;
    o.replications = 3;
    o.has_seed = true;
    o.seed = 0;
    apply(&s, o, NULL, 0);
    assert_int_equal(s.experiment.jobs, 0);
    assert_near(s.experiment.duration_s, 7, 0, 0);
    assert_int_equal(s.experiment.replications, 3);
    assert_int_equal(s.experiment.seed, 0);
    scenario_free(&s);
}

/* By itself it gives the same experiment; the rest of it stays as it was. */
static void the_text_says_what_is_run(void **state)
{
    (void)state;
    struct scenario s = example();
    struct run_options o = RUN_OPTIONS_DEFAULT;
    s.text = "name: a\nexperiment:\n  policies:\n    - local\n  duration: 9 s\nworkloads:\n  b: 1\n";
    s.experiment.warm_up_s = 0.1;
    s.experiment.drain_s = INFINITY;
    s.experiment.max_in_flight = 7;
    o.has_seed = true;
    o.seed = 4;
    o.duration_s = 20;
    apply(&s, o, (const char *[]){"mct_9ms", "mct_5ms"}, 2);
    assert_string_equal(s.text, "name: a\n"
                                "experiment:\n  policies:\n"
                                "    - \"mct\": {label: \"mct_9ms\", \"margin\": \"9 ms\"}\n"
                                "    - \"mct\": {label: \"mct_5ms\", \"margin\": \"5 ms\"}\n"
                                "  replications: 10\n  seed: 4\n  warm_up: 0.10000000000000001 s\n  duration: 20 s\n"
                                "  drain: 10 s\n  max_in_flight: 7\n  compare_to: \"mct_5ms\"\n"
                                "workloads:\n  b: 1\n");
    scenario_free(&s);
}

static void time_and_jobs_at_once_are_refused(void **state)
{
    (void)state;
    struct scenario s = example();
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct err e = {0};
    o.jobs = 5;
    o.duration_s = 5;
    assert_int_equal(run_options_apply(&o, &s, &e), -ERR_INPUT);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_options_change_nothing),
        cmocka_unit_test(a_name_chooses_by_label_then_by_policy_then_adds),
        cmocka_unit_test(a_look_is_two_replications_of_a_tenth),
        cmocka_unit_test(a_number_of_jobs_takes_the_place_of_the_time_and_back),
        cmocka_unit_test(the_text_says_what_is_run),
        cmocka_unit_test(time_and_jobs_at_once_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
