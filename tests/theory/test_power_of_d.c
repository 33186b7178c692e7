/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_power_of_d.c - the supermarket model: jobs come at rate lambda a server, each looks at d of n servers drawn at
 * random and joins the shortest queue.  As n grows, the share of servers with k jobs or more tends to s_k =
 * lambda^((d^k - 1)/(d - 1)), and the mean time to (1/lambda) sum over k >= 1 of s_k (Vvedenskaya, Dobrushin,
 * Karpelevich, Problems of Information Transmission 32 (1996)).  n = 500 adds O(1/n): 3 % are allowed.
 */
#include "tests/queueing.h"
#include "tests/simulate.h"

enum { SERVERS = 500 };
static const double ALLOWED = 0.03;

/* All jobs are released at one gate without a processor of its own. */
static const char supermarket[] =
    "tiersim: 1\n"
    "name: supermarket\n"
    "nodes:\n"
    "  gate: {tier: edge}\n"
    "  server: {tier: cloud, count: 500, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links: {lan: {from: server, to: gate, capacity: unlimited}}\n"
    "workloads: {job: {at: gate, arrivals: {poisson: {rate: 450 /s}}, work: {exponential: {mean: 1 GFLOP}}}}\n"
    "experiment: {policies: [random], warm_up: 60 s, jobs: 60000, replications: 2}\n";

static double mean_field(double lambda, unsigned d)
{
    double sum = 0, exponent = 1; /* of s_k: 1, 1 + d, 1 + d + d^2, ... */
    for (double power = d; exponent < 1e6 && pow(lambda, exponent) > 1e-18; power *= d) {
        sum += pow(lambda, exponent);
        exponent += power;
    }
    return sum / lambda;
}

static struct simulated crowd(double lambda, const char *policies, const char *jobs)
{
    char rate[80];
    snprintf(rate, sizeof rate, "workloads.job.arrivals.poisson.rate=%g /s", lambda * SERVERS);
    return simulate(&(struct simulate_input){.scenario = supermarket, .set = {rate, policies, jobs}});
}

static void a_second_look_is_worth_much(void **state)
{
    (void)state;
    assert_near(mean_field(.5, 1), 2, 1e-9, 0);
    assert_near(mean_field(.5, 2), 1.2657, 0, 5e-5); /* published figures */
    assert_near(mean_field(.5, 3), 1.1252, 0, 5e-5);
    assert_near(mean_field(.9, 2), 2.6141, 0, 5e-5);
    assert_near(mean_field(.9, 3), 2.0279, 0, 5e-5);
    static const double lambda[] = {.5, .9};
    for (size_t i = 0; i < LEN(lambda); i++) {
        struct simulated sim =
            crowd(lambda[i], "experiment.policies=[power_of_d: {d: 2}, power_of_d: {d: 3}]", "experiment.jobs=50000");
        for (unsigned p = 0; p < 2; p++) {
            double time_s = simulated_estimate(&sim, p, 0, M_LATENCY_MEAN).mean;
            assert_near(time_s, mean_field(lambda[i], p + 2), ALLOWED, 0);
        }
        simulated_clear(&sim);
    }
}

/* One look is M/M/1 at each server, and is what `random` does with the same draws, transition for transition. */
static void one_look_is_no_choice(void **state)
{
    (void)state;
    struct simulated sim = crowd(.5, "experiment.policies=[power_of_d: {d: 1}, random]", "experiment.jobs=20000");
    assert_near(simulated_estimate(&sim, 0, 0, M_LATENCY_MEAN).mean, mean_field(.5, 1), ALLOWED, 0);
    for (uint32_t r = 0; r < sim.n_replication; r++) {
        assert_int_equal(simulated_record(&sim, 0, r)->digest, simulated_record(&sim, 1, r)->digest);
    }
    simulated_clear(&sim);
}

/* With a look at all, fewer wait than with three; but in no time less than with one queue for all servers, M/M/500. */
static void a_look_at_all_is_best(void **state)
{
    (void)state;
    struct simulated sim = crowd(.9, "experiment.policies=[jsq]", "experiment.jobs=20000");
    double time_s = simulated_estimate(&sim, 0, 0, M_LATENCY_MEAN).mean;
    assert_true(time_s > mmc_time(SERVERS, .9 * SERVERS, 1) * (1 - ALLOWED));
    assert_true(time_s < mean_field(.9, 3));
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_second_look_is_worth_much),
        cmocka_unit_test(one_look_is_no_choice),
        cmocka_unit_test(a_look_at_all_is_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
