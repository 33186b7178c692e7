/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each allocation on the way from a scenario's file to its results fails once, alone and with all that follow: whatever
 * call reports it says that memory was out (or that a file could not be handled), nothing crashes, and under the sanitizer
 * nothing leaks.
 */
#include "sim/experiment/runner.h"
#include "sim/io/results.h"
#include "sim/io/scenario_keys.h"
#include "sim/io/scenario_read.h"
#include "sim/model/lint.h"
#include "tests/allocations.h"
#include "tests/workshop.h"

enum { MOST = 200000 }; /* no step allocates so often */

/* A step of the way: 0, or < 0 with the code. */
typedef int step_function(void);

static struct scenario workshop, queue;
static char folder[] = "/tmp/tiersim-XXXXXX";

static int read_workshop(void)
{
    struct scenario s;
    struct errors errs = {0};
    int rc = scenario_read(&s, "tests/workshop.yaml", NULL, 0, &errs);
    if (rc == 0) {
        scenario_free(&s);
    } else {
        assert_true(errs.n > 0);
    }
    errors_clear(&errs);
    return rc;
}

static int count_value(void *ctx, const struct scenario_value *v)
{
    (void)v;
    ++*(size_t *)ctx;
    return 0;
}

/* Includes, policies and their parameters, and all that is told of a scenario: values, loads, warnings. */
static int understand_scenario(void)
{
    const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};
    const struct scenario_source from = {.path = "tests/good/every_key.yaml", .policies = &set};
    struct scenario s;
    struct yaml tree = {0};
    struct errors errs = {0};
    struct lints lints = {0};
    struct err e = {0};
    size_t n = 0;
    int rc = scenario_open(&s, &tree, &from, &errs);
    if (rc == 0) {
        rc = scenario_values(&tree, count_value, &n);
        rc = rc ? rc : lints_find(&lints, &s, &e);
    } else {
        assert_true(errs.n > 0);
    }
    lints_clear(&lints);
    scenario_free(&s);
    yaml_clear(&tree);
    errors_clear(&errs);
    return rc;
}

static void fold(void *ctx, const struct transition *t, size_t n)
{
    measure_fold(ctx, t, n);
}

/* Reads nothing and writes nothing: the run, the policy and the folds. */
static int run_policy(const struct scenario *s, uint32_t policy)
{
    struct measure m = {NULL};
    struct record r = {0};
    struct run_counts counts;
    struct err e = {0};
    struct run_spec spec = replication_of(s, policy);
    spec.full = fold;
    spec.ctx = &m;
    int rc = measure_init(&m, s, NULL, &e);
    if (!rc && !(rc = drive(&spec, NULL, NULL, &counts, &e)) && !(rc = measure_finish(&m, &r, &e))) {
        assert_string_equal(r.text, "");
        record_clear(&r);
    }
    measure_clear(&m);
    assert_int_equal(rc, -(int)e.code);
    assert_true(rc == 0 || e.text[0]);
    return rc;
}

static int run_random(void)
{
    return run_policy(&workshop, 0);
}

static int run_mct(void)
{
    return run_policy(&workshop, 3);
}

static int run_experiment(void)
{
    const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct runner_outcome out;
    struct err e = {0};
    char path[64];
    snprintf(path, sizeof path, "%s/queue.h5", folder);
    o.output = path;
    o.threads = 1;
    o.tasks = true;
    int rc = experiment_run(&queue, &set, &o, NULL, &out, &e);
    assert_int_equal(rc, -(int)e.code);
    assert_true(rc == 0 || e.text[0]);
    return rc;
}

static int read_results(void)
{
    struct result r;
    struct err e = {0};
    char path[64];
    snprintf(path, sizeof path, "%s/queue.h5", folder);
    int rc = result_read(&r, path, &e);
    result_free(&r);
    assert_int_equal(rc, -(int)e.code);
    return rc;
}

/* Every stride-th allocation, each of them in a long run. */
static void assert_fails_cleanly(step_function *step, size_t stride)
{
    stride = getenv("TS_LONG") ? 1 : stride;
    for (int for_good = 0; for_good < 2; for_good++) {
        size_t n;
        for (n = 0; n < MOST; n += stride) {
            allocations_fail(n, for_good);
            int rc = step();
            bool reached = allocations.n > n;
            allocations_fail(SIZE_MAX, false);
            if (!reached) {
                assert_int_equal(rc, 0);
                break;
            }
            if (rc != -ERR_MEMORY && rc != -ERR_IO) {
                fail_msg("allocation %zu failed%s, and the outcome is %d", n, for_good ? " with all after it" : "", rc);
            }
        }
        assert_true(n > 10 && n < MOST);
    }
}

static void reading_a_scenario(void **state)
{
    (void)state;
    assert_fails_cleanly(read_workshop, 1);
    assert_fails_cleanly(understand_scenario, 1);
}

static void a_run_and_its_folds(void **state)
{
    (void)state;
    assert_fails_cleanly(run_random, 1);
    assert_fails_cleanly(run_mct, 1);
}

static void an_experiment_with_its_file(void **state)
{
    (void)state;
    assert_fails_cleanly(run_experiment, 5); /* each makes a file */
}

static void reading_results(void **state)
{
    (void)state;
    assert_int_equal(run_experiment(), 0);
    assert_fails_cleanly(read_results, 1);
}

static int setup(void **state)
{
    static const char *const brief[] = {"experiment.duration=2 s", "experiment.warm_up=0 s", "experiment.drain=1 s",
                                        NULL};
    static const char text[] = "tiersim: 1\nname: queue\n"
                               "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                               "workloads: {customer: {at: server, arrivals: {poisson: {rate: 0.8 /s}},\n"
                               "            work: {exponential: {mean: 1 GFLOP}}}}\n"
                               "experiment: {policies: [local], jobs: 100}\n";
    workshop_setup(state);
    assert_non_null(mkdtemp(folder));
    workshop_read(&workshop, (struct workshop){.set = brief});
    scenario_of_text(&queue, text, NULL);
    return 0;
}

static int teardown(void **state)
{
    char path[64];
    (void)state;
    snprintf(path, sizeof path, "%s/queue.h5", folder);
    unlink(path);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left there */
    scenario_free(&workshop);
    scenario_free(&queue);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading_a_scenario),
        cmocka_unit_test(a_run_and_its_folds),
        cmocka_unit_test(an_experiment_with_its_file),
        cmocka_unit_test(reading_results),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
