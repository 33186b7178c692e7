/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_controller.c - a busy controller is a queue, and what old news of a system costs.
 *
 * Questions come at rate lambda and take a time each, one after the other: the time until the decision is the sojourn of
 * M/D/1 or M/M/1, 1/mu + rho/(1 - rho) (1 + cv^2)/2 /mu (Pollaczek-Khinchine).
 *
 * Herding on reports: 20 servers at load .9, all report every 5 service times, and every job goes where the least are said
 * to be (Mitzenmacher, "How useful is old information?", IEEE TPDS 11 (2000), whose periodic update model this is).  Mean
 * times measured by a program of 30 lines of its own, to two digits: JSQ 15.9 without and 2.8 with what was sent since
 * added to the reports, the shorter of two 4.2 and 3.5.  10 % are allowed.
 */
#include "tests/queueing.h"
#include "tests/simulate.h"

static const char asked[] =
    "tiersim: 1\n"
    "name: asked\n"
    "nodes:\n"
    "  gate: {tier: edge}\n"
    "  server: {tier: cloud, processors: {cpu: {cores: 1000, speed: 1 GFLOP/s}}}\n"
    "links: {lan: {from: gate, to: server, capacity: unlimited}}\n"
    "workloads: {job: {at: gate, arrivals: {poisson: {rate: 80 /s}}, work: 1 MFLOP}}\n"
    "experiment:\n"
    "  policies: [jsq: {label: constant, think: 10 ms}, jsq: {label: exponential, think: {exponential: {mean: 10 ms}}}]\n"
    "  warm_up: 20 s\n"
    "  jobs: 50000\n"
    "  replications: 8\n";

static void decisions_wait_as_in_a_queue(void **state)
{
    (void)state;
    static const char *const rate[] = {"workloads.job.arrivals.poisson.rate=50 /s",
                                       "workloads.job.arrivals.poisson.rate=80 /s"};
    static const double rho[] = {.5, .8}, cv2[] = {0, 1};
    for (size_t i = 0; i < LEN(rho); i++) {
        struct simulated sim = SIMULATE_JOBS(asked, 50000, rate[i]);
        for (unsigned p = 0; p < 2; p++) {
            const double want_s = .01 * (1 + rho[i] / (1 - rho[i]) * (1 + cv2[p]) / 2);
            assert_estimate(simulated_estimate(&sim, p, 0, M_LATENCY_DECIDE), want_s, .05, true);
        }
        /* M/M/1: the sojourn is exponential, so its quantiles are -log(1 - q) of the mean. */
        const double mean_s = .01 / (1 - rho[i]);
        assert_near(simulated_estimate(&sim, 1, 0, M_DECIDE_P50).mean, mean_s * log(2), .05, 0);
        assert_near(simulated_estimate(&sim, 1, 0, M_DECIDE_P99).mean, mean_s * log(100), .1, 0);
        simulated_clear(&sim);
    }
}

static const char herd[] =
    "tiersim: 1\n"
    "name: herd\n"
    "nodes:\n"
    "  gate: {tier: edge}\n"
    "  server: {tier: cloud, count: 20, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links: {lan: {from: server, to: gate, capacity: unlimited}}\n"
    "workloads: {job: {at: gate, arrivals: {poisson: {rate: 18 /s}}, work: {exponential: {mean: 1 GFLOP}}}}\n"
    "experiment:\n"
    "  controller: {view: {period: 5 s, phase: sync}, news: false}\n"
    "  policies:\n"
    "    - jsq: {label: jsq none, ledger: none}\n"
    "    - jsq: {label: jsq own, ledger: own}\n"
    "    - power_of_d: {d: 2, label: two none, ledger: none}\n"
    "    - power_of_d: {d: 2, label: two own, ledger: own}\n"
    "    - jsq: {label: jsq told, news: true}\n"
    "  warm_up: 200 s\n"
    "  jobs: 100000\n"
    "  replications: 8\n";

static void old_news_make_a_herd(void **state)
{
    (void)state;
    static const double want_s[] = {15.9, 2.8, 4.2, 3.5};
    struct simulated sim = SIMULATE_JOBS(herd, 100000, NULL);
    double s[5];
    for (unsigned p = 0; p < LEN(s); p++) {
        s[p] = simulated_estimate(&sim, p, 0, M_LATENCY_MEAN).mean;
        if (p < LEN(want_s)) {
            assert_near(s[p], want_s[p], .1, 0);
        }
    }
    assert_true(s[0] > s[2] && s[1] < s[3]); /* the order flips */
    assert_true(s[4] < s[1]);                /* who hears of ends, too, knows more */
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_wait_as_in_a_queue),
        cmocka_unit_test(old_news_make_a_herd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
