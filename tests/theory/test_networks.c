/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_networks.c - links and processors together, and closed loops, against product forms: Kelly, Reversibility and
 * Stochastic Networks (1979).
 */
#include "tests/queueing.h"
#include "tests/simulate.h"

/*
 * A message link, two cores, a link back; each sees Poisson arrivals as if it stood alone (Burke), and so it does
 * behind a link that is shared equally, whatever the sizes (Kelly, theorem 3.10).
 */
static const char tandem[] =
    "tiersim: 1\n"
    "name: tandem\n"
    "nodes:\n"
    "  device: {tier: end, count: 8, attach: edge}\n"
    "  edge: {tier: edge, processors: {cpu: {cores: 2, speed: 1 GFLOP/s}}}\n"
    "links: {air: {from: device, to: edge, per: edge, sharing: fifo, capacity: 1 Mbit/s, up: {latency: 300 ms}}}\n"
    "workloads:\n"
    "  job:\n"
    "    at: device\n"
    "    arrivals: {poisson: {rate: 0.2 /s}}\n"
    "    input: {exponential: {mean: 0.4 Mbit}}\n"
    "    work: {exponential: {mean: 1 GFLOP}}\n"
    "    output: {exponential: {mean: 0.3 Mbit}}\n"
    "experiment: {policies: [nearest_edge], warm_up: 500 s, jobs: 20000, replications: 20}\n";

static void links_and_processors_in_tandem(void **state)
{
    (void)state;
    static const char *const sharing[][2] = {
        {"links.air.sharing=fifo", "workloads.job.input={exponential: {mean: 0.4 Mbit}}"},
        {"links.air.sharing=fair", "workloads.job.input={lognormal: {mean: 0.4 Mbit, cv: 1}}"}};
    for (size_t i = 0; i < LEN(sharing); i++) {
        struct simulated sim = SIMULATE_JOBS(tandem, 20000, sharing[i][0], sharing[i][1]);
        double up = .3 + mmc_time(1, 1.6, .4), at_place = mmc_time(2, 1.6, 1), down = mmc_time(1, 1.6, .3);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_UPLOAD), up, .04, true);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_QUEUE), at_place - 1, .08, true);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_COMPUTE), 1, .02, true);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_DOWNLOAD), down, .04, true);
        assert_estimate(simulated_latency(&sim), up + at_place + down, .05, true);
        simulated_clear(&sim);
    }
}

/*
 * A Jackson network: two sites of 100 devices, a fifth of the jobs, by lot, goes on to the cloud.  All splits and
 * merges are of Poisson streams, so each station is an M/M/c by itself.
 */
static const char jackson[] =
    "tiersim: 1\n"
    "name: jackson\n"
    "nodes:\n"
    "  device: {tier: end, count: 200, attach: edge}\n"
    "  edge:   {tier: edge, count: 2, processors: {cpu: {cores: 8, speed: 100 GFLOP/s}}}\n"
    "  cloud:  {tier: cloud, processors: {cpu: {cores: 6, speed: 62.5 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, per: edge, capacity: 100 Mbit/s}\n"
    "  wan:  {from: edge, to: cloud, capacity: unlimited, latency: 50 ms}\n"
    "workloads:\n"
    "  job:\n"
    "    at: device\n"
    "    arrivals: {poisson: {rate: 1 /s}}\n"
    "    input:  {exponential: {mean: 75 kB}}\n"
    "    work:   {exponential: {mean: 7 GFLOP}}\n"
    "    output: {exponential: {mean: 37.5 kB}}\n"
    "experiment:\n"
    "  policies: [random: {weights: {edge: 0.8, cloud: 0.2}, edges: attached}]\n"
    "  warm_up: 50 s\n"
    "  jobs: 20000\n"
    "  replications: 20\n";

static void a_jackson_network(void **state)
{
    (void)state;
    struct simulated sim = simulate_jobs(jackson, 50000, NULL);
    const double cell_up = mmc_time(1, 100, .006), cell_down = mmc_time(1, 100, .003); /* loads .6 and .3 */
    const double edge = mmc_time(8, 80, .07), cloud = mmc_time(6, 40, .112);           /* .7 and .747 */
    const double compute = .8 * .07 + .2 * .112;
    assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_UPLOAD), cell_up + .2 * .05, .02, true);
    assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_QUEUE), .8 * edge + .2 * cloud - compute, .07, true);
    assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_COMPUTE), compute, .02, true);
    assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_DOWNLOAD), cell_down + .2 * .05, .02, true);
    assert_estimate(simulated_latency(&sim), cell_up + .8 * edge + .2 * cloud + .2 * .1 + cell_down, .02, true);
    assert_estimate(simulated_estimate(&sim, 0, 0, M_BYTES_PER_JOB), 75e3 + 37.5e3 + .2 * (75e3 + 37.5e3), .02, true);
    simulated_clear(&sim);
}

/*
 * N users think for Z in the mean, then wait for one server of mean S (the machine repairman, M/M/1//N): with r = S/Z,
 * p0 = 1 / sum N!/(N-k)! r^k, throughput (1 - p0)/S, and the mean time at the server is N/throughput - Z.  Thinking is
 * an infinite server, so only its mean counts (Kelly, section 3.3); under PS that holds for the service, too.
 */
static const char closed[] =
    "tiersim: 1\n"
    "name: closed\n"
    "nodes:\n"
    "  user: {tier: end, attach: server}\n"
    "  server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links: {lan: {from: user, to: server, capacity: unlimited}}\n"
    "workloads: {job: {at: user, arrivals: {poisson: {rate: 1 /s}}, work: 1 GFLOP}}\n"
    "experiment: {policies: [nearest_edge], warm_up: 500 s, jobs: 10000, replications: 20}\n";

static void users_who_think(void **state)
{
    (void)state;
    enum { N = 10 };
    const double r = 1 / 8.0;
    double term = 1, sum = 1;
    for (int k = 1; k <= N; k++) {
        term *= (N - k + 1) * r;
        sum += term;
    }
    const double throughput = 1 - 1 / sum, time = N / throughput - 8;
    static const struct {
        const char *arrivals, *discipline, *work;
    } of[] = {
        {"{closed: {users: 10, think: {exponential: {mean: 8 s}}}}", "fifo", "{exponential: {mean: 1 GFLOP}}"},
        {"{closed: {users: 10, think: 8 s}}", "fifo", "{exponential: {mean: 1 GFLOP}}"},
        {"{closed: {users: 10, think: {lognormal: {mean: 8 s, cv: 2}}}}", "ps", "{lognormal: {mean: 1 GFLOP, cv: 1}}"},
    };
    for (size_t i = 0; i < LEN(of); i++) {
        char arrivals[128], work[128], discipline[128];
        snprintf(arrivals, sizeof arrivals, "workloads.job.arrivals=%s", of[i].arrivals);
        snprintf(work, sizeof work, "workloads.job.work=%s", of[i].work);
        snprintf(discipline, sizeof discipline, "nodes.server.processors.cpu.discipline=%s", of[i].discipline);
        struct simulated sim = SIMULATE_JOBS(closed, 10000, arrivals, work, discipline);
        assert_estimate(simulated_estimate(&sim, 0, 0, M_LATENCY_MEAN), time, .04, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_THROUGHPUT), throughput, .02, true);
        assert_estimate(simulated_estimate(&sim, 0, ALL_CLASSES, M_UTILISATION), throughput, .02, true);
        simulated_clear(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_and_processors_in_tandem),
        cmocka_unit_test(a_jackson_network),
        cmocka_unit_test(users_who_think),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
