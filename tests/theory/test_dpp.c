/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_dpp.c - drift plus penalty where everything can be worked out.  One device with one core, 2 W busy, and an edge server
 * ten times as fast, 100 W, at no distance; jobs of .1 s on the device come at 15 /s.  A job takes .2 J there and 1 J at the
 * edge, so the least mean energy that keeps the queue of the device stable is (10 * .2 + 5 * 1) / 15 = 7/15 J.
 *
 * The rule is a threshold: with n jobs on the device, .1 n s of work, a job stays if .2 v + .1 n * .1 <= v + (next to nothing),
 * that is if n <= 80 v.  So with v = (K - 1/2) / 80 the device is an M/D/1/K queue and what it turns away goes to the edge;
 * its states come from the embedded chain, and with them energy and latency for each v.
 */
#include "tests/simulate.h"

static const char text[] =
    "tiersim: 1\n"
    "name: dpp\n"
    "nodes:\n"
    "  device: {tier: end, attach: edge, processors: {cpu: {cores: 1, speed: 1 GFLOP/s}}, power: {idle: 0 W, busy: 2 W}}\n"
    "  edge: {tier: edge, processors: {cpu: {cores: 1, speed: 10 GFLOP/s}}, power: {idle: 0 W, busy: 100 W}}\n"
    "links:\n"
    "  wire: {from: device, to: edge, per: edge, capacity: unlimited}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {poisson: {rate: 15 /s}}, input: 1 B, work: 0.1 GFLOP, output: 1 B}\n"
    "experiment: {policies: [dpp], warm_up: 50 s, replications: 8}\n";

enum { K_MAX = 16, JOBS = 6000 };
static const double rate = 15, service_s = .1, least_j = 7 / 15.;

struct theory {
    double energy_j, latency_s, backlog_s;
};

/* M/D/1/K by the chain of what a departure leaves behind, 0 .. K-1: arrivals in a service are Poisson of mean a. */
static struct theory theory_of(int k)
{
    double a = rate * service_s, left[K_MAX + 1] = {1}, sum = 1, chance[K_MAX + 1];
    chance[0] = exp(-a);
    for (int i = 1; i <= k; i++) {
        chance[i] = chance[i - 1] * a / i;
    }
    for (int j = 1; j < k; j++) { /* balance of state j-1 gives state j */
        double into = left[0] * chance[j - 1];
        for (int i = 1; i < j; i++) {
            into += left[i] * chance[j - i];
        }
        left[j] = (left[j - 1] - into) / chance[0];
        sum += left[j];
    }
    double empty = left[0] / sum, taken = 1 / (empty + a), jobs = k * (1 - taken);
    for (int j = 0; j < k; j++) {
        jobs += j * left[j] / sum * taken;
    }
    /* At the edge a job takes .01 s, and hardly ever waits. */
    return (struct theory){taken * .2 + (1 - taken), jobs / rate + (1 - taken) * .01, jobs * service_s};
}

static struct simulated run_at(const char *first, const char *second)
{
    return SIMULATE_JOBS(text, JOBS, first, second);
}

static void a_threshold_in_v(void **state)
{
    (void)state;
    const double drift = (service_s * service_s + .01 * .01 + 2 * 2 / (rate * rate)) / 2;
    for (int k = 2; k <= K_MAX; k *= 2) {
        char policy[64];
        double v = (k - .5) / 80;
        snprintf(policy, sizeof policy, "experiment.policies=[dpp: {v: %.17g}]", v);
        struct simulated sim = run_at(policy, NULL);
        struct theory want = theory_of(k);
        struct estimate energy = simulated_estimate(&sim, 0, ALL_CLASSES, M_ENERGY_PER_JOB);
        struct estimate latency = simulated_latency(&sim);
        assert_estimate(energy, want.energy_j, .05, false);
        assert_near(latency.mean, want.latency_s, .01, STANDARD_ERRORS * latency.error);
        /* What is promised of any v: within drift / v of the least, drift = half of (work added)^2 + (work done between two
         * arrivals)^2, summed over both queues; and no more work on the device than 80 v jobs and one. */
        assert_true(energy.mean <= least_j + drift / v + STANDARD_ERRORS * energy.error);
        assert_true(energy.mean >= least_j - STANDARD_ERRORS * energy.error);
        assert_true(want.backlog_s <= (80 * v + 1) * service_s);
        simulated_clear(&sim);
    }
}

/* Twice the v, about twice the wait: O(v).  And the excess of energy falls faster than 1 / v. */
static void queues_grow_with_v_and_energy_falls(void **state)
{
    (void)state;
    for (int k = 4; k < K_MAX; k *= 2) {
        struct theory one = theory_of(k), two = theory_of(2 * k);
        assert_near(two.backlog_s / one.backlog_s, 2, .25, 0);
        assert_true(two.energy_j - least_j <= (one.energy_j - least_j) / 2);
    }
}

/* With v = 0 queues alone count, and the edge takes what it can.  At most 2 W of it at 8 jobs a second leaves it a quarter:
 * .25 * 1 + .75 * .2 = .4 J a job. */
static void a_budget_is_kept(void **state)
{
    (void)state;
    struct simulated sim = run_at("experiment.policies=[dpp: {v: 0}]", "workloads.job.arrivals.poisson.rate=8 /s");
    struct estimate without = simulated_estimate(&sim, 0, ALL_CLASSES, M_ENERGY_PER_JOB);
    assert_true(without.mean > .45);
    simulated_clear(&sim);
    sim = run_at("experiment.policies=[dpp: {v: 0, budget: {edge: 2 W}}]", "workloads.job.arrivals.poisson.rate=8 /s");
    struct estimate with = simulated_estimate(&sim, 0, ALL_CLASSES, M_ENERGY_PER_JOB);
    assert_true(with.mean <= .4 + STANDARD_ERRORS * with.error);
    assert_true(with.mean > .3); /* and used */
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_threshold_in_v),
        cmocka_unit_test(queues_grow_with_v_and_energy_falls),
        cmocka_unit_test(a_budget_is_kept),
    };
    return cmocka_run_group_tests_name("dpp", tests, NULL, NULL);
}
