/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_in_order.c - results that are handed on in the order of release, by hand.
 *
 * Jobs of 4 GFLOP are released every second and go in turn to a server that takes 4 s and to one that takes 1 s, 100 ms away, so
 * that every second result is there before the one before it: that of job k, released at k, at k + 1.2 instead of k - 1 + 4.2.
 */
#include "tests/simulate.h"

static const char text[] =
    "tiersim: 1\n"
    "name: in_order\n"
    "nodes:\n"
    "  device: {tier: end}\n"
    "  slow: {tier: edge, processors: {cpu: {cores: 9, speed: 1 GFLOP/s}}}\n"
    "  fast: {tier: edge, processors: {cpu: {cores: 9, speed: 4 GFLOP/s}}}\n"
    "links:\n"
    "  a: {from: device, to: slow, capacity: unlimited, latency: 100 ms}\n"
    "  b: {from: device, to: fast, capacity: unlimited, latency: 100 ms}\n"
    "workloads:\n"
    "  frame: {at: device, arrivals: {periodic: {period: 1 s, phase: sync}}, work: 4 GFLOP, in_order: true}\n"
    "experiment: {policies: [round_robin], warm_up: 10 s, duration: 100 s}\n";

static void assert_means(const char *set, double latency_s, double compute_s, double other_s, double finished, double missed)
{
    struct simulated sim = simulate(&(struct simulate_input){.scenario = text, .set = {set}});
    const struct record *r = simulated_record(&sim, 0, 0);
    assert_near(r->metric[M_LATENCY_MEAN], latency_s, 0, 1e-9);
    assert_near(r->metric[M_LATENCY_COMPUTE], compute_s, 0, 1e-9);
    assert_near(r->metric[M_LATENCY_OTHER], other_s, 0, 1e-9);
    assert_near(r->metric[M_LATENCY_UPLOAD], 0.1, 0, 1e-9);
    assert_near(r->metric[M_LATENCY_DOWNLOAD], 0.1, 0, 1e-9);
    assert_near(r->metric[M_LATENCY_QUEUE] + r->metric[M_LATENCY_DECIDE], 0, 0, 1e-9);
    assert_near(r->metric[M_FINISHED_RATIO], finished, 0, 1e-12);
    assert_near(r->metric[M_MISS_RATIO], missed, 0, 1e-12);
    simulated_clear(&sim);
}

/* Every second job takes 3.2 s instead of 1.2, the difference in no part of its own: 4.2 and 3.2, 1 s of other in the mean. */
static void a_result_waits_for_those_before_it(void **state)
{
    (void)state;
    assert_means("workloads.frame.in_order=true", 3.7, 2.5, 1, 1, 0);
    assert_means("workloads.frame.in_order=false", 2.7, 2.5, 0, 1, 0);
}

/* In time when it was there, late when it is handed on. */
static void it_is_late_by_then(void **state)
{
    (void)state;
    assert_means("workloads.frame.deadline=3.1 s", 3.7, 2.5, 1, 1, 1);
    assert_means("workloads.frame.deadline=3.3 s", 3.7, 2.5, 1, 1, 0.5);
}

/* The slow ones are taken out 3 s after their release, and so the fast ones handed on 2 s after theirs, .8 s after they came. */
static void what_ends_without_a_result_blocks_nobody(void **state)
{
    (void)state;
    assert_means("workloads.frame.deadline={after: 3 s, late: drop}", 2, 1, 0.8, 0.5, 0.5);
}

/* The same jobs, each as a graph of one task. */
static void jobs_of_several_tasks_wait_as_well(void **state)
{
    (void)state;
    assert_means("workloads.frame={at: device, arrivals: {periodic: {period: 1 s, phase: sync}}, in_order: true, "
                 "tasks: {only: {work: 4 GFLOP}}}", 3.7, 2.5, 1, 1, 0);
}

/*
 * Random work, tasks that are left when the first of two has been enough, outputs of two tasks, and deadlines: whatever the policy,
 * results of a device are in order, and a job's parts add up to its latency.
 */
static void rows_are_in_order_and_parts_add_up(void **state)
{
    enum { DEVICES = 3 };
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = text, .rows = true,
        .set = {"nodes.device.count=3", "nodes.device.attach=slow", "experiment.policies=[mct, heft, random]",
                "links={a: {from: device, to: slow, capacity: 1 Mbit/s}, b: {from: slow, to: fast, capacity: 1 Mbit/s, "
                "latency: 100 ms}}",
                "workloads.frame={at: device, arrivals: {poisson: {rate: 1 /s}}, in_order: true, deadline: {after: 8 s, "
                "late: drop}, output: 1 kB, tasks: {one: {work: {exponential: {mean: 2 GFLOP}}}, two: {work: {exponential: "
                "{mean: 2 GFLOP}}}, first: {work: {exponential: {mean: 1 GFLOP}}, after: [one, two], join: any}, "
                "also: {work: {exponential: {mean: 1 GFLOP}}, after: one}}}"}});
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        const struct row_block *rows = sim.rows[p];
        double last_s[DEVICES] = {0};
        uint32_t n_waited = 0;
        for (uint32_t i = 0; i < rows->n; i++) {
            if (rows->end[i] != TS_DONE && rows->end[i] != TS_LATE) {
                continue;
            }
            const double parts_s = (double)rows->decide[i] + rows->upload[i] + rows->queue[i] + rows->compute[i] +
                                   rows->download[i] + rows->other[i];
            assert_near(parts_s, rows->latency[i], 1e-6, 1e-6); /* floats of seconds */
            assert_true(rows->release[i] > last_s[rows->origin[i]]);
            last_s[rows->origin[i]] = rows->release[i];
            n_waited += rows->other[i] > 0;
        }
        assert_true(n_waited > 20);
    }
    simulated_clear(&sim);
}

/* One device's results wait for no other's. */
static void each_device_has_an_order_of_its_own(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = text, .set = {"nodes.device.count=2", "links.a.per=device", "links.b.per=device"}});
    /* Released .5 s apart they take turns, too: all of one device go to the slow server, all of the other to the fast one. */
    assert_near(simulated_record(&sim, 0, 0)->metric[M_LATENCY_MEAN], 2.7, 0, 1e-9);
    assert_near(simulated_record(&sim, 0, 0)->metric[M_LATENCY_OTHER], 0, 0, 1e-9);
    simulated_clear(&sim);
}

/* Where results come in order anyway, it is the same run. */
static void where_none_overtakes_nothing_is_held(void **state)
{
    (void)state;
    struct simulated sim[2];
    for (int i = 0; i < 2; i++) {
        sim[i] = simulate(&(struct simulate_input){
            .scenario = text,
            .set = {i ? "workloads.frame.in_order=true" : "workloads.frame.in_order=false", "experiment.policies=[nearest_edge]"}});
    }
    assert_true(simulated_record(&sim[0], 0, 0)->digest == simulated_record(&sim[1], 0, 0)->digest);
    simulated_clear(&sim[0]);
    simulated_clear(&sim[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_waits_for_those_before_it),
        cmocka_unit_test(it_is_late_by_then),
        cmocka_unit_test(what_ends_without_a_result_blocks_nobody),
        cmocka_unit_test(jobs_of_several_tasks_wait_as_well),
        cmocka_unit_test(rows_are_in_order_and_parts_add_up),
        cmocka_unit_test(each_device_has_an_order_of_its_own),
        cmocka_unit_test(where_none_overtakes_nothing_is_held),
    };
    return cmocka_run_group_tests_name("in_order", tests, NULL, NULL);
}
