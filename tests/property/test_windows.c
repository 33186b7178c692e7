/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_windows.c - where the window is cut, and Little's law, on a system with a bit of all: two kinds of jobs, links
 * shared both ways, several disciplines, queues that overflow and deadlines that drop.
 */
#include "tests/simulate.h"

static const char mixed[] =
    "tiersim: 1\n"
    "name: mixed\n"
    "nodes:\n"
    "  phone:\n"
    "    {tier: end, count: 6, attach: edge, power: {idle: 1 W, busy: 3 W}, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  edge:\n"
    "    tier: edge\n"
    "    count: 2\n"
    "    power: {idle: 20 W, busy: 60 W}\n"
    "    price: 0.5 USD/h\n"
    "    processors: {cpu: {cores: 2, speed: 2 GFLOP/s, discipline: ps}}\n"
    "  cloud:\n"
    "    tier: cloud\n"
    "    power: {idle: 100 W, busy: 300 W}\n"
    "    processors: {cpu: {cores: 2, speed: 4 GFLOP/s, discipline: priority, queue: 2}}\n"
    "links:\n"
    "  air: {from: phone, to: edge, per: edge, sharing: fair, capacity: 8 Mbit/s, latency: 5 ms, energy: 100 nJ/bit}\n"
    "  wan: {from: edge, to: cloud, per: cloud, capacity: 20 Mbit/s, latency: 30 ms, price: 0.1 USD/GB, idle: 2 W}\n"
    "workloads:\n"
    "  frame:\n"
    "    at: phone\n"
    "    arrivals: {periodic: {period: 1 s, jitter: 100 ms}}\n"
    "    input: {exponential: {mean: 80 kB}}\n"
    "    work: {lognormal: {mean: 1 GFLOP, cv: 1}}\n"
    "    output: {exponential: {mean: 20 kB}}\n"
    "    deadline: {after: 3 s, late: drop}\n"
    "  query:\n"
    "    at: phone\n"
    "    priority: 1\n"
    "    arrivals: {poisson: {rate: 0.5 /s}}\n"
    "    input: 10 kB\n"
    "    work: {exponential: {mean: 2 GFLOP}}\n"
    "experiment: {policies: [random], warm_up: 0 s, duration: 100 s, drain: 20 s, replications: 4}\n";

static struct simulated window(const char *from, const char *duration)
{
    char a[64], b[64];
    snprintf(a, sizeof a, "experiment.warm_up=%s s", from);
    snprintf(b, sizeof b, "experiment.duration=%s s", duration);
    return simulate(&(struct simulate_input){.scenario = mixed, .set = {a, b}});
}

/* Sums over a window, and what must add up when it is cut in two. */
enum { N_SUM = 11 };
static void sums(const struct record *r, double x[N_SUM])
{
    static const enum metric total[] = {M_ENERGY_TOTAL, M_ENERGY_IDLE, M_ENERGY_DYNAMIC, M_ENERGY_LINK,
                                        M_BYTES,        M_COST,        M_JOBS};
    static const enum metric mean[] = {M_UTILISATION, M_IN_SYSTEM, M_THROUGHPUT, M_GOODPUT};
    for (size_t i = 0; i < LEN(total); i++) {
        x[i] = r->metric[total[i]];
    }
    for (size_t i = 0; i < LEN(mean); i++) {
        x[LEN(total) + i] = r->metric[mean[i]] * (r->window_to_s - r->window_from_s);
    }
}

/* Nothing is lost or counted twice at a cut, wherever it is: so no figure depends on how often one looks. */
static void a_window_is_the_sum_of_its_parts(void **state)
{
    (void)state;
    static const char *const first[] = {"37.5", "0.75", "99.9"}, *const second[] = {"62.5", "99.25", "0.1"};
    struct simulated whole = window("0", "100");
    for (size_t i = 0; i < LEN(first); i++) {
        struct simulated one = window("0", first[i]), two = window(first[i], second[i]);
        for (uint32_t r = 0; r < whole.n_replication; r++) {
            double want[N_SUM], a[N_SUM], b[N_SUM];
            sums(&whole.record[r], want);
            sums(&one.record[r], a);
            sums(&two.record[r], b);
            for (int k = 0; k < N_SUM; k++) {
                assert_near(a[k] + b[k], want[k], 1e-9, 1e-9);
            }
            assert_near(want[0], want[1] + want[2], 1e-12, 0); /* total = idle + dynamic */
            /* Idle energy is power times time, whatever happens: 6 x 1, 2 x 20, 100 W, two directions of one wan. */
            assert_near(want[1], 100 * (6 + 40 + 100 + 4), 1e-12, 0);
        }
        simulated_clear(&one);
        simulated_clear(&two);
    }
    simulated_clear(&whole);
}

/* Every job of the cohort ends in one way, and what was spent on it is useful or waste. */
static void each_job_ends_once(void **state)
{
    (void)state;
    struct simulated sim = window("10", "80");
    for (uint32_t r = 0; r < sim.n_replication; r++) {
        const struct record *rec = &sim.record[r];
        const double *m = rec->metric;
        double n_job = 0, n_end = 0, n_drop = m[M_DROP_FULL] + m[M_DROP_EXPIRED];
        for (uint32_t c = 0; c < N_SEGMENT * rec->n_class; c++) {
            n_job += (double)rec->cohort[c].n_job;
            for (int end = 0; end < 16; end++) {
                n_end += (double)rec->cohort[c].n_end[end];
            }
        }
        assert_near(n_job, m[M_JOBS], 0, 0);
        assert_near(n_end, n_job, 0, 0);
        assert_true(m[M_DROP_FULL] > 0 && m[M_DROP_EXPIRED] > 0);
        assert_near(m[M_DROP_RATIO], n_drop, 1e-12, 0);
        assert_near(m[M_FINISHED_RATIO] + n_drop + m[M_OPEN_RATIO] + m[M_REJECT_RATIO], 1, 1e-12, 0);
        assert_near(m[M_ENERGY_PER_JOB] * n_job, m[M_ENERGY_USEFUL] + m[M_ENERGY_WASTE], 1e-12, 0);
        double parts = m[M_LATENCY_DECIDE] + m[M_LATENCY_UPLOAD] + m[M_LATENCY_QUEUE] + m[M_LATENCY_COMPUTE] +
                       m[M_LATENCY_DOWNLOAD] + m[M_LATENCY_OTHER];
        assert_near(parts, m[M_LATENCY_MEAN], 1e-9, 0);
    }
    simulated_clear(&sim);
}

/* L = lambda W in a long run where nobody is lost: 1 %, edges of the window included. */
static void the_number_present_is_rate_times_time(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = mixed,
        .set = {"workloads.frame.deadline=3 s", "nodes.cloud.processors.cpu.queue=unlimited", "experiment.warm_up=50 s",
                "experiment.duration=2000 s"}});
    for (uint32_t r = 0; r < sim.n_replication; r++) {
        const double *m = sim.record[r].metric;
        double rate = m[M_JOBS] / 2000;
        assert_near(m[M_FINISHED_RATIO], 1, 0, 0);
        assert_near(m[M_IN_SYSTEM], rate * m[M_LATENCY_MEAN], .01, 0);
        assert_near(m[M_THROUGHPUT], rate, .01, 0);
    }
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_is_the_sum_of_its_parts),
        cmocka_unit_test(each_job_ends_once),
        cmocka_unit_test(the_number_present_is_rate_times_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
