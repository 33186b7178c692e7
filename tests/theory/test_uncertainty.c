/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_uncertainty.c - what is not known exactly, drawn anew in each replication, adds to the variance of means over replications
 * what the law of total variance says, is the same for all policies, and does nothing where it is not asked for.
 */
#include <math.h>

#include "tests/simulate.h"

static const char one[] =
    "tiersim: 1\n"
    "name: one\n"
    "nodes:\n"
    "  host: {tier: edge, processors: {cpu: {cores: 100, speed: {value: 1 GFLOP/s, cv: 0.2}}}}\n"
    "  twin: {tier: edge, processors: {cpu: {cores: 100, speed: {value: 1 GFLOP/s, cv: 0.2}}}}\n"
    "workloads: {job: {at: host, arrivals: {periodic: {period: 1 s}}, work: {exponential: {mean: 1 GFLOP}}}}\n"
    "experiment: {policies: [local, mct], replications: 400, jobs: 25, uncertainty: sampled}\n";

struct spread {
    double mean, variance;
};

static struct spread over_replications(const struct simulated *sim, uint32_t policy)
{
    struct spread s = {0, 0};
    for (uint32_t r = 0; r < sim->n_replication; r++) {
        s.mean += simulated_record(sim, policy, r)->metric[M_LATENCY_MEAN] / sim->n_replication;
    }
    for (uint32_t r = 0; r < sim->n_replication; r++) {
        const double d = simulated_record(sim, policy, r)->metric[M_LATENCY_MEAN] - s.mean;
        s.variance += d * d / (sim->n_replication - 1);
    }
    return s;
}

/*
 * A core for each job, so its latency is W / V, W exponential of mean 1 s and V log-normal of mean 1 and cv c, once for a
 * replication.  1/V is log-normal, too, with E 1/V = 1 + c^2 and E 1/V^2 = (1 + c^2)^3, hence for the mean of n jobs
 *     mean 1 + c^2,  variance E[1/V^2] / n + Var[1/V] = (1 + c^2)^3 / n + c^2 (1 + c^2)^2,
 * with c = 0.2, n = 25: 0.0450 + 0.0433.  The estimate of a variance from R = 400 values with an excess kurtosis of about 1 has
 * a relative standard error of sqrt(3 / R) = 0.087.
 */
static void variances_add_up(void **state)
{
    const double c2 = 0.04, n = 25, want = pow(1 + c2, 3) / n + c2 * (1 + c2) * (1 + c2);
    struct simulated sim = simulate(&(struct simulate_input){.scenario = one});
    struct simulated off = simulate(&(struct simulate_input){.scenario = one, .set = {"experiment.uncertainty=ignored"}});
    (void)state;
    const struct spread with = over_replications(&sim, 0), without = over_replications(&off, 0);
    assert_near(with.mean, 1 + c2, 0, STANDARD_ERRORS * sqrt(want / 400));
    assert_near(with.variance, want, STANDARD_ERRORS * 0.087, 0);
    assert_near(without.mean, 1, 0, STANDARD_ERRORS * sqrt(1 / n / 400));
    assert_near(without.variance, 1 / n, STANDARD_ERRORS * 0.087, 0);
    for (uint32_t r = 0; r < 400; r++) { /* the other group is out of reach: both policies run the same jobs on the same host */
        assert_true(simulated_record(&sim, 0, r)->digest == simulated_record(&sim, 1, r)->digest);
    }
    simulated_clear(&off);
    simulated_clear(&sim);
}

/* Each value has its own draw: hosts of two groups are not fast together. */
static void values_are_drawn_apart(void **state)
{
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = one});
    double sum = 0;
    (void)state;
    for (uint32_t r = 0; r < 400; r++) {
        struct scenario drawn;
        struct err e = {0};
        assert_int_equal(scenario_sample(&drawn, &s, (struct stream_key){1, r}, &e), 0);
        assert_true(drawn.pool[0].speed_flops != drawn.pool[1].speed_flops);
        sum += (drawn.pool[0].speed_flops / 1e9 - 1) * (drawn.pool[1].speed_flops / 1e9 - 1) / 400;
        scenario_free(&drawn);
    }
    assert_near(sum, 0, 0, STANDARD_ERRORS * 0.04 / 20); /* a covariance of 0: its standard error is c^2 / sqrt(400) */
    scenario_free(&s);
}

/* Work to think takes the time that the processor takes which was drawn. */
static void thinking_is_on_the_machines_that_are_drawn(void **state)
{
    struct scenario s = simulate_read(&(struct simulate_input){
        .scenario = one,
        .set = {"experiment.policies=[local, {mct: {at: host, think: {work: 1 GFLOP}, "
                "over: {policy: two_level, period: 1 s, at: twin, think: {work: 2 GFLOP}}}}]"}});
    (void)state;
    for (uint32_t r = 0; r < 3; r++) {
        struct scenario drawn;
        struct err e = {0};
        assert_int_equal(scenario_sample(&drawn, &s, (struct stream_key){1, r}, &e), 0);
        const struct control *c = &drawn.experiment.policy[1].control;
        assert_true(drawn.pool[0].speed_flops != s.pool[0].speed_flops);
        assert_near(c->think.u.constant.value, 1e9 / drawn.pool[0].speed_flops, 1e-12, 0);
        assert_near(c->over->control.think.u.constant.value, 2e9 / drawn.pool[1].speed_flops, 1e-12, 0);
        scenario_free(&drawn);
    }
    scenario_free(&s);
}

/* Of 400 replications the share in which busy is drawn as little as idle, and in which less. */
static void draw_powers(const char *busy, double *equal, double *less)
{
    struct scenario s = simulate_read(&(struct simulate_input){
        .scenario = one, .set = {"nodes.host.power.idle={value: 2 W, cv: 0.5}", busy}});
    *equal = *less = 0;
    for (uint32_t r = 0; r < 400; r++) {
        struct scenario drawn;
        struct err e = {0};
        assert_int_equal(scenario_sample(&drawn, &s, (struct stream_key){1, r}, &e), 0);
        const struct node_group *host = &drawn.group[0];
        assert_near(drawn.pool[0].busy_w_per_unit, (host->busy_w - host->idle_w) / 100, 1e-12, 0);
        *equal += host->busy_w == host->idle_w ? 1 / 400.0 : 0;
        *less += host->busy_w < host->idle_w ? 1 / 400.0 : 0;
        scenario_free(&drawn);
    }
    scenario_free(&s);
}

/*
 * Both log-normal with s^2 = log(1 + .5^2) = .2231, apart: busy of mean 3 W comes below idle of mean 2 W with
 * Phi(-log(1.5) / sqrt(2 s^2)) = Phi(-.6070) = .2719, and is idle then.  One of 1 W, written below, comes below with
 * Phi(log(2) / .6680) = Phi(1.0377) = .8503, and stays there.  Standard errors of sqrt(p (1 - p) / 400): .0222 and .0178.
 */
static void busy_is_not_drawn_below_idle(void **state)
{
    double equal, less;
    (void)state;
    draw_powers("nodes.host.power.busy={value: 3 W, cv: 0.5}", &equal, &less);
    assert_near(equal, 0.2719, 0, STANDARD_ERRORS * 0.0222);
    assert_near(less, 0, 0, 0);
    draw_powers("nodes.host.power.busy={value: 1 W, cv: 0.5}", &equal, &less);
    assert_near(equal, 0, 0, 0);
    assert_near(less, 0.8503, 0, STANDARD_ERRORS * 0.0178);
}

/* Where it is not asked for, a value with an uncertainty is that value. */
static void nothing_changes_unasked(void **state)
{
    static const char *const speed[] = {"nodes.host.processors.cpu.speed=1 GFLOP/s", "nodes.host.processors.cpu.speed.cv=0.2"};
    uint64_t digest[2];
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct simulated sim = simulate(&(struct simulate_input){
            .scenario = one, .set = {"experiment.uncertainty=ignored", "experiment.replications=1", speed[i]}});
        digest[i] = sim.record[0].digest;
        simulated_clear(&sim);
    }
    assert_true(digest[0] == digest[1]);
}

/*
 * 2 operators of 1 GFLOP by a law of 1 GFLOP/s with a spread of 0.3 take 2 s times a factor of mean 1 and cv 0.3.  Variance 0.36,
 * whose estimate has, with an excess kurtosis of 16 c^2 + .. = 1.6, a relative standard error of sqrt(3.6 / 400).
 */
static void laws_are_off_by_their_spread(void **state)
{
    static const char cpu[] = "nodes.host.processors.cpu={cores: 100, speed: 1 GFLOP/s, profile: {operators: {conv: "
                              "{speed: 1 GFLOP/s, spread: 0.3}}}}";
    static const char work[] = "workloads.job.work={operators: {conv: {count: 2, flop: 2 GFLOP}}}";
    struct simulated sim = simulate(&(struct simulate_input){.scenario = one, .set = {cpu, work}});
    (void)state;
    const struct spread s = over_replications(&sim, 0);
    assert_near(s.mean, 2, 0, STANDARD_ERRORS * 0.6 / 20);
    assert_near(s.variance, 0.36, STANDARD_ERRORS * sqrt(3.6 / 400), 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test(variances_add_up),
        cmocka_unit_test(values_are_drawn_apart),
        cmocka_unit_test(thinking_is_on_the_machines_that_are_drawn),
        cmocka_unit_test(busy_is_not_drawn_below_idle),
        cmocka_unit_test(nothing_changes_unasked),
        cmocka_unit_test(laws_are_off_by_their_spread),
    };
    return cmocka_run_group_tests_name("uncertainty", test, NULL, NULL);
}
