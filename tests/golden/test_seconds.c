/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_seconds.c - work that is given in seconds by kind of processor or group: where a job may go, what it takes there, and
 * what policies are told of it.  Times by hand.
 */
#include "tests/simulate.h"

#include "sim/model/load.h"

/* Jobs a second apart at a device with a cpu of its own; an edge server with cpu, gpu and dsp; a cloud with cpu and gpu. */
#define WORLD                                                                                                          \
    "tiersim: 1\n"                                                                                                     \
    "name: seconds\n"                                                                                                  \
    "nodes:\n"                                                                                                         \
    "  device: {tier: end, attach: edge, processors: {cpu: {speed: 3 GFLOP/s}}}\n"                                     \
    "  edge: {tier: edge, processors: {cpu: {speed: 7 GFLOP/s}, gpu: {speed: 11 GFLOP/s}, dsp: {speed: 1 GFLOP/s}}}\n" \
    "  cloud: {tier: cloud, processors: {cpu: {speed: 1 GFLOP/s, levels: [{speed: 0.5 GFLOP/s}]},\n"                  \
    "                                    gpu: {speed: 1 GFLOP/s}}}\n"                                                 \
    "links:\n"                                                                                                         \
    "  cell: {from: device, to: edge, capacity: unlimited}\n"                                                          \
    "  wan: {from: edge, to: cloud, capacity: unlimited}\n"                                                            \
    "workloads:\n"

/* pools, in the order of the file */
enum { DEVICE_CPU, EDGE_CPU, EDGE_GPU, EDGE_DSP, CLOUD_CPU, CLOUD_GPU, N_POOL };

/* What a policy was told of the candidates last; NAN: it is none. */
static double told_s[N_POOL], told_j[N_POOL];

/* All go to one place, the parameter. */
struct sender {
    double place;
};

static int send_there(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)h, (void)v;
    for (uint32_t pool = 0; pool < N_POOL; pool++) {
        told_s[pool] = told_j[pool] = NAN;
    }
    for (uint32_t k = 0; k < a->task[0].n_cand; k++) {
        told_s[ts_candidate(a, &a->task[0], k)] = ts_estimate(a, &a->task[0], k, TS_RUN_S);
        told_j[ts_candidate(a, &a->task[0], k)] = ts_estimate(a, &a->task[0], k, TS_RUN_J);
    }
    p->step[0] = (struct ts_step){.verb = TS_PLACE, .place = (ts_id)((struct sender *)st)->place};
    p->n = 1;
    return 0;
}

static const struct ts_param place_param[] = {{.key = "place", .about = "where all go", .max = N_POOL, .offset = 0}, {.key = NULL}};
static const struct ts_policy sender = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "sender",
                                        .about = "sends all there", .needs = 1u << TS_RUN_S | 1u << TS_RUN_J,
                                        .state_size = sizeof(struct sender),
                                        .param_size = sizeof(struct ts_param), .param = place_param, .decide = send_there};

static struct simulated send(const char *work, uint32_t place)
{
    char text[4096];
    snprintf(text, sizeof text,
             WORLD "  job: {at: device, arrivals: {periodic: {period: 100 s}}, work: %s}\n"
                   "experiment: {policies: [{sender: {place: %u}}], jobs: 4}\n", work, place);
    return simulate(&(struct simulate_input){.scenario = text, .rows = true, .policy = &sender});
}

/* 5 s on the cpu of the device and of the edge, 250 ms on the edge's gpu, 4 s on the cloud's cpu; nowhere else. */
#define CLASSES "cpu: 5 s, edge: {gpu: 250 ms}, cloud: {cpu: 4 s}"

static void the_time_said_most_exactly_counts(void **state)
{
    const double want_s[N_POOL] = {5, 5, 0.25, NAN, 4, NAN};
    (void)state;
    for (uint32_t place = 0; place < N_POOL; place++) {
        if (isnan(want_s[place])) {
            continue;
        }
        struct simulated sim = send("{seconds: {" CLASSES "}}", place);
        const struct row_block *b = sim.rows[0];
        for (uint32_t i = 0; i < b->n; i++) {
            assert_int_equal(b->place[i], place);
            assert_near((double)b->compute[i], want_s[place], 1e-7, 0);
            assert_near((double)b->latency[i], want_s[place], 1e-7, 0);
        }
        for (uint32_t p = 0; p < N_POOL; p++) {
            if (isnan(want_s[p])) {
                assert_true(isnan(told_s[p])); /* no candidate */
            } else {
                assert_near(told_s[p], want_s[p], 1e-15, 0);
            }
        }
        simulated_clear(&sim);
    }
}

/* A group's time is for all its processors, and counts before that of a kind. */
static void a_group_counts_before_a_kind(void **state)
{
    (void)state;
    struct simulated sim = send("{seconds: {edge: 2 s, cpu: 5 s}}", EDGE_DSP);
    const double want_s[N_POOL] = {5, 2, 2, 2, 5, NAN};
    for (uint32_t p = 0; p < CLOUD_GPU; p++) {
        assert_near(told_s[p], want_s[p], 1e-15, 0);
    }
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_LATENCY_MEAN), 2, 1e-12, 0);
    simulated_clear(&sim);
}

/* The factor is drawn once for a job, so that two places see the same luck: their services are in the ratio of the times. */
static void a_job_is_equally_lucky_everywhere(void **state)
{
    static const char work[] = "{seconds: {" CLASSES ", times: {lognormal: {mean: 1.5, cv: 0.4}}}}";
    (void)state;
    struct simulated slow = send(work, DEVICE_CPU), fast = send(work, EDGE_GPU);
    for (uint32_t i = 0; i < slow.rows[0]->n; i++) {
        assert_near((double)slow.rows[0]->compute[i] / (double)fast.rows[0]->compute[i], 20, 1e-6, 0);
        assert_true(slow.rows[0]->compute[i] != slow.rows[0]->compute[(i + 1) % slow.rows[0]->n]);
    }
    assert_near(told_s[DEVICE_CPU], 1.5 * 5, 1e-12, 0);
    simulated_clear(&slow);
    simulated_clear(&fast);
}

/* 10 W above idle for 5 s on the device: by the estimate, and by the meter. */
static void its_energy_is_that_of_its_seconds(void **state)
{
    static const char text[] =
        WORLD "  job: {at: device, arrivals: {periodic: {period: 100 s}}, work: {seconds: {" CLASSES "}}}\n"
              "experiment: {policies: [{sender: {place: 0}}], jobs: 4}\n";
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = text, .set = {"nodes.device.power={idle: 1 W, busy: 11 W}"}, .policy = &sender});
    assert_near(told_j[DEVICE_CPU], 50, 1e-12, 0);
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_ENERGY_PER_JOB), 50, 1e-12, 0);
    simulated_clear(&sim);
}

/* Half the speed, twice the time: level 1 of the cloud's cpu. */
static int slowly(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    int rc = send_there(st, h, v, a, p);
    p->step[0].level = 1;
    return rc;
}

static void a_level_stretches_it(void **state)
{
    struct ts_policy slow = sender;
    (void)state;
    slow.decide = slowly;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = WORLD "  job: {at: device, arrivals: {periodic: {period: 100 s}}, work: {seconds: {" CLASSES "}}}\n"
                          "experiment: {policies: [{sender: {place: 4}}], jobs: 2}\n", .policy = &slow});
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_LATENCY_MEAN), 8, 1e-12, 0);
    simulated_clear(&sim);
}

/* Where jobs run best, and what a bound says: 250 ms on the edge's gpu. */
static void loads_know_the_seconds(void **state)
{
    struct loads loads;
    struct err e = {0};
    (void)state;
    struct simulated sim = send("{seconds: {" CLASSES "}}", EDGE_GPU);
    assert_int_equal(loads_find(&loads, &sim.s, NULL, &e), 0);
    assert_int_equal(loads.workload[0].best_pool, EDGE_GPU);
    assert_near(loads.workload[0].unloaded_s, 0.25, 1e-12, 0);
    assert_int_equal(loads.workload[0].n_pool, 4);
    assert_near(loads.pool[EDGE_GPU].may / loads.pool[EDGE_GPU].capacity, 0.0025, 1e-12, 0);
    assert_near(loads.pool[DEVICE_CPU].may / loads.pool[DEVICE_CPU].capacity, 0.05, 1e-12, 0);
    loads_clear(&loads);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_time_said_most_exactly_counts),
        cmocka_unit_test(a_group_counts_before_a_kind),
        cmocka_unit_test(a_job_is_equally_lucky_everywhere),
        cmocka_unit_test(its_energy_is_that_of_its_seconds),
        cmocka_unit_test(a_level_stretches_it),
        cmocka_unit_test(loads_know_the_seconds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
