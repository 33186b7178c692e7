/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_warm_up.c - where the warm-up ends: on segment means that are known, and on queues that start empty.
 */
#include "sim/measure/warm_up.h"

#include <stdlib.h>

#include "policies/builtin.h"
#include "sim/base/stats.h"
#include "sim/experiment/pilot.h"
#include "tests/replicate.h"

enum { POLICIES = 2, REPLICATIONS = 3 };

/* Cohorts of one class with 10 jobs a segment, whose mean latency is y(segment) in each replication. */
static void fill(struct record *r, double (*y)(uint32_t segment, uint32_t replication))
{
    for (uint32_t k = 0; k < REPLICATIONS; k++) {
        r[k] = (struct record){.status = RECORD_OK, .n_class = 1, .cohort = calloc(N_SEGMENT, sizeof *r[k].cohort)};
        assert_non_null(r[k].cohort);
        for (uint32_t i = 0; i < N_SEGMENT; i++) {
            r[k].cohort[i].n_job = r[k].cohort[i].n_finished = 10;
            r[k].cohort[i].latency_s = 10 * y(i, k);
            r[k].cohort[i].in_system = 10;
        }
    }
}

static void clear(struct record r[POLICIES * REPLICATIONS])
{
    for (uint32_t k = 0; k < POLICIES * REPLICATIONS; k++) {
        record_clear(&r[k]);
    }
}

/* Alternating, so that every batch of an even number of segments has mean 5: what it adds averages out. */
static double level(uint32_t i, uint32_t k)
{
    return 5 + (i % 2 ? 0.1 : -0.1) * (1 + k);
}

/* In a replication alone nothing settles; over all three what they add is 0, and the first 20 segments are low. */
static double ramp(uint32_t i, uint32_t k)
{
    static const double wander[REPLICATIONS] = {3, -1, -2};
    return level(i, 0) + wander[k] * (i > 40) - (i < 20 ? 4 : 0);
}

static double drift(uint32_t i, uint32_t k)
{
    return level(i, k) + 0.5 * i;
}

/* Policy 0 needs no warm-up, policy 1 the first 20 segments, which are four batches of five: so do both. */
static void the_largest_cut_serves_all_policies(void **state)
{
    struct record r[POLICIES * REPLICATIONS];
    struct warm_up found;
    (void)state;
    fill(r, level);
    fill(r + REPLICATIONS, ramp);
    warm_up_find(r, 1, REPLICATIONS, &found);
    assert_true(found.n_segment <= 5); /* a batch of an odd number has the mean 5 +- 0.02 */
    assert_int_equal(found.unsteady, UINT32_MAX);
    warm_up_find(r, POLICIES, REPLICATIONS, &found);
    assert_int_equal(found.n_segment, 20);
    assert_int_equal(found.unsteady, UINT32_MAX);
    clear(r);
}

/* Segments without jobs have no mean: the cut is where the jobs are, segment 20 of 24. */
static void segments_without_jobs_are_passed_over(void **state)
{
    struct record r[POLICIES * REPLICATIONS] = {{0}};
    struct warm_up found;
    (void)state;
    fill(r, ramp);
    for (uint32_t k = 0; k < REPLICATIONS; k++) {
        for (uint32_t i = 2; i < 7; i++) {
            r[k].cohort[i] = (struct cohort){0};
        }
    }
    warm_up_find(r, 1, REPLICATIONS, &found);
    assert_int_equal(found.n_segment, 20); /* the 15th that has any */
    clear(r);
}

static void what_drifts_to_the_end_has_no_steady_state(void **state)
{
    struct record r[POLICIES * REPLICATIONS];
    struct warm_up found;
    (void)state;
    fill(r, level);
    fill(r + REPLICATIONS, drift);
    warm_up_find(r, POLICIES, REPLICATIONS, &found);
    assert_int_equal(found.unsteady, 1);
    assert_true(found.n_segment <= N_SEGMENT / 2);
    clear(r);
}

static const char queue[] =
    "tiersim: 1\nname: mm1\n"
    "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
    "workloads: {customer: {at: server, arrivals: {poisson: {rate: 0.95 /s}}, work: {exponential: {mean: 1 GFLOP}}}}\n"
    "experiment: {policies: [local], replications: 20, warm_up: auto, duration: 8000 s}\n";

static const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};

static double found_for(const char *const *change, double *mean_s)
{
    struct scenario s;
    struct err e = {0};
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct stats_sum sum = {0};
    scenario_of_text(&s, queue, change);
    assert_true(s.experiment.warm_up_auto && s.experiment.warm_up_s == 0);
    assert_int_equal(pilot_find_warm_up(&s, &set, &o, NULL, &e), 0);
    assert_int_equal(s.experiment.unsteady, ROW_NONE);
    double found_s = s.experiment.warm_up_s;
    for (uint32_t k = 0; k < s.experiment.replications; k++) {
        struct tape tape = {0};
        struct run_spec spec = replication_of(&s, 0);
        spec.replication = k;
        replicate(spec, &tape);
        struct record r = record_of(&s, tape.t, tape.n);
        assert_near(r.window_from_s, found_s, 0, 0);
        assert_near(r.window_to_s - r.window_from_s, 8000, 0, 1e-9);
        stats_sum_add(&sum, r.metric[M_LATENCY_MEAN]);
        record_clear(&r);
        free(tape.t);
    }
    *mean_s = stats_sum_value(&sum) / s.experiment.replications;
    scenario_free(&s);
    return found_s;
}

/*
 * M/M/1 at load .95 that starts empty: its relaxation time is 1 / (1 - sqrt(.95))^2 = 1560 s (Cohen, The Single Server
 * Queue, II.2), its mean time in the system 1 / (1 - .95) = 20 s.  The mean number over 8000 s has the variance
 * 2 rho (1 + rho) / (1 - rho)^4 / 8000 = 8.6^2 (Whitt, Manage. Sci. 35, 1989), so the mean of 20 replications has the
 * standard error 8.6 / .95 / sqrt(20) = 2.0 s.  At load .1 the start is over after 2 s.
 */
static void a_busy_queue_that_starts_empty_is_given_time(void **state)
{
    static const char *const calm[] = {"workloads.customer.arrivals.poisson.rate=0.1 /s", NULL};
    double mean_s, calm_s;
    (void)state;
    double warm_up_s = found_for(NULL, &mean_s);
    assert_true(warm_up_s >= 625 && warm_up_s <= 4000); /* at least one batch of five segments, at most half */
    assert_near(fmod(warm_up_s, 125), 0, 0, 1e-9);
    found_for(calm, &calm_s);
    assert_near(calm_s, 1 / 0.9, 0.02, 0); /* 20 * 800 jobs, sd 1.1 s: 3 standard errors are .026 s */
    assert_near(mean_s, 20, 0, 3 * 2.0);
}

/*
 * Load .6 of a server of which only the mean of its speed is known: log-normal with a cv of .5, s^2 = log(1.25), it is below
 * .6 with Phi((log(.6) + s^2 / 2) / s) = Phi(-.845) = .20.  Of 20 replications none is overloaded with a chance of .01, and
 * where one is, the queue grows to the end.  With the speed as it is written it has a steady state.
 */
static void drawn_systems_are_those_of_the_experiment(void **state)
{
    static const char *const uncertainty[] = {"ignored", "sampled"};
    (void)state;
    for (int sampled = 0; sampled < 2; sampled++) {
        char how[40];
        const char *const change[] = {"workloads.customer.arrivals.poisson.rate=0.6 /s", "experiment.duration=4000 s",
                                      "nodes.server.processors.cpu.speed={value: 1 GFLOP/s, cv: 0.5}", how, NULL};
        struct scenario s;
        struct err e = {0};
        struct run_options o = RUN_OPTIONS_DEFAULT;
        snprintf(how, sizeof how, "experiment.uncertainty=%s", uncertainty[sampled]);
        scenario_of_text(&s, queue, change);
        assert_int_equal(pilot_find_warm_up(&s, &set, &o, NULL, &e), 0);
        assert_int_equal(s.experiment.unsteady, sampled ? 0 : ROW_NONE);
        scenario_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_largest_cut_serves_all_policies),
        cmocka_unit_test(segments_without_jobs_are_passed_over),
        cmocka_unit_test(what_drifts_to_the_end_has_no_steady_state),
        cmocka_unit_test(a_busy_queue_that_starts_empty_is_given_time),
        cmocka_unit_test(drawn_systems_are_those_of_the_experiment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
