/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_loops.c - loops of tasks and jobs in a pipeline, by hand.
 *
 * The plant is the surveillance example of iFogSim (Gupta et al., Softw. Pract. Exper. 47, 2017; DCNS, 4 cameras, 1 area), whose
 * unit of time is 1 ms: a camera of 500 MI/ms, a router and a cloud of 2800 and 44800, links of 10000 B/ms and 2, 2, 100 ms.
 * Cameras take turns, so that nothing waits.
 */
#include "tests/simulate.h"

static const char dcns[] =
    "tiersim: 1\n"
    "name: dcns\n"
    "nodes:\n"
    "  camera: {tier: end, count: 4, attach: router, processors: {npu: {speed: 500 GFLOP/s}}}\n"
    "  router: {tier: edge, processors: {cpu: {speed: 2800 GFLOP/s}}}\n"
    "  proxy: {tier: edge}\n"
    "  cloud: {tier: cloud, processors: {gpu: {speed: 44800 GFLOP/s, cores: 4}}}\n"
    "links:\n"
    "  area: {from: camera, to: router, capacity: 10000 kB/s, latency: 2 ms}\n"
    "  up: {from: router, to: proxy, capacity: 10000 kB/s, latency: 2 ms}\n"
    "  wan: {from: proxy, to: cloud, capacity: 10000 kB/s, latency: 100 ms}\n"
    "workloads:\n"
    "  view:\n"
    "    at: camera\n"
    "    arrivals: {periodic: {period: 5 ms}}\n"
    "    output: 100 B\n"
    "    tasks:\n"
    "      motion: {work: 1000 MFLOP, runs_on: npu}\n"
    "      detect: {work: 2000 MFLOP, runs_on: [cpu, gpu], after: {motion: 2 kB}}\n"
    "      track: {work: 1000 MFLOP, runs_on: [cpu, gpu], after: {detect: 100 B}}\n"
    "      show: {work: 500 MFLOP, runs_on: gpu, after: {detect: {data: 2 kB, chance: 0.05}}, output: 0 B}\n"
    "    loops: {control: [motion, detect, track], seen: [motion], shown: [motion, detect, show]}\n"
    "experiment: {policies: [nearest_edge, cloud], duration: 10 s, warm_up: 1 s}\n";

static double own(const struct simulated *sim, uint32_t policy, const char *name)
{
    const struct tally *t = tallies_find(&simulated_record(sim, policy, 0)->own, name);
    assert_non_null(t);
    return t->sum / (double)t->n;
}

/*
 * At the edge, in ms: motion 1000/500 = 2; 2000 B up .2 + 2; detect 2000/2800, track 1000/2800; 100 B back .01 + 2.  In the
 * cloud: 2; three hops of .2 and 104; 3000/44800; three of .01 and 104 back.  Quantiles are of a sketch, to 1/256.
 */
static void the_loop_of_the_cameras(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = dcns});
    const double edge_s = 1e-3 * (2 + 0.2 + 2 + 3000 / 2800. + 0.01 + 2);
    const double cloud_s = 1e-3 * (2 + 0.6 + 104 + 3000 / 44800. + 0.03 + 104);
    assert_near(own(&sim, 0, "loop_control"), edge_s, 1e-9, 0);
    assert_near(own(&sim, 1, "loop_control"), cloud_s, 1e-9, 0);
    for (uint32_t p = 0; p < 2; p++) {
        assert_near(own(&sim, p, "loop_seen"), 2e-3, 1e-9, 0); /* its result goes on, not back */
        assert_near(own(&sim, p, "loop_control_p99"), p ? cloud_s : edge_s, 1. / 256, 0);
        assert_near(own(&sim, p, "loop_control_p50"), p ? cloud_s : edge_s, 1. / 256, 0);
    }
    simulated_clear(&sim);
}

/*
 * A loop is closed once for each job that gets there: of n = 4 * 2000 jobs all close control, and a share of .05 shown, to 4
 * standard errors.  The other branch makes jobs late, not the loop: the mean of jobs is that of control but for those with
 * show, which wait for 2 kB to the cloud, (.2 + 2 + .2 + 100), 500/44800 and 104 back instead of track and 2.01.
 */
static void loops_are_not_their_jobs(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = dcns});
    const struct record *r = simulated_record(&sim, 0, 0);
    const double all = (double)tallies_find(&r->own, "loop_control")->n, shown = (double)tallies_find(&r->own, "loop_shown")->n;
    const double shown_s = 1e-3 * (2 + 0.2 + 2 + 2000 / 2800. + 0.2 + 2 + 0.2 + 100 + 500 / 44800. + 104);
    assert_near(all, 8000, 0, 0);
    assert_near(shown / all, 0.05, 0, 4 * sqrt(0.05 * 0.95 / all));
    assert_near(own(&sim, 0, "loop_shown"), shown_s, 1e-2, 0); /* some meet another on the way up */
    assert_near(r->metric[M_LATENCY_MEAN],
                (own(&sim, 0, "loop_control") * (all - shown) + own(&sim, 0, "loop_shown") * shown) / all, 1e-9, 0);
    simulated_clear(&sim);
}

/* What a run does is not touched by who looks: with and without loops the digest is the same. */
static void loops_are_not_in_the_digest(void **state)
{
    (void)state;
    char text[sizeof dcns];
    snprintf(text, sizeof text, "%s", dcns);
    struct simulated with = simulate(&(struct simulate_input){.scenario = dcns});
    char *line = strstr(text, "    loops:");
    memset(line, ' ', (size_t)(strchr(line, '\n') - line));
    struct simulated without = simulate(&(struct simulate_input){.scenario = text});
    assert_int_equal(simulated_record(&with, 0, 0)->digest, simulated_record(&without, 0, 0)->digest);
    assert_int_equal(simulated_record(&without, 0, 0)->own.n, 0);
    simulated_clear(&with);
    simulated_clear(&without);
}

/* Two devices at a time release jobs of 1, 3 and 2 s, on a device, the edge and the cloud; links of 500 and 250 ms. */
static const char apart[] =
    "tiersim: 1\n"
    "name: apart\n"
    "nodes:\n"
    "  device: {tier: end, count: 2, attach: edge, processors: {npu: {speed: 1 GFLOP/s}}}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  cloud: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, capacity: unlimited, latency: 500 ms}\n"
    "  wan: {from: edge, to: cloud, capacity: unlimited, latency: 250 ms}\n"
    "workloads:\n"
    "  job:\n"
    "    at: device\n"
    "    arrivals: {periodic: {period: 20 s, phase: sync}}\n"
    "    tasks:\n"
    "      one: {work: 1 GFLOP, runs_on: npu}\n"
    "      two: {work: 3 GFLOP, runs_on: cpu, after: one}\n"
    "      three: {work: 2 GFLOP, runs_on: gpu, after: two}\n"
    "    loops:\n"
    "      all: {tasks: [one, two, three]}\n"
    "      begin: {tasks: [one], upto: received}\n"
    "      hop: {tasks: [one, two], from: sent, upto: received}\n"
    "      stage: {tasks: [two], from: received}\n"
    "      stages: {tasks: [two, three], from: received, upto: received}\n"
    "      rest: {tasks: [two, three], from: sent}\n"
    "      back: {tasks: [three], from: sent}\n"
    "experiment: {policies: [mct, heft], duration: 100 s}\n";

/*
 * At the edge the second job waits for the first, 1.5 s in the mean; nowhere else does one.  The output goes back in .75 s.
 * Whether a policy is asked about each task or plans all changes nothing.
 */
static void loops_start_and_end_where_they_say(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        double want_s;
    } t[] = {{"loop_all", 1 + .5 + 1.5 + 3 + .25 + 2 + .75},
             {"loop_begin", 0},
             {"loop_hop", .5},
             {"loop_stage", 1.5 + 3},
             {"loop_stages", 1.5 + 3 + .25},
             {"loop_rest", .25 + 2 + .75},
             {"loop_back", .75}};
    struct simulated sim = simulate(&(struct simulate_input){.scenario = apart});
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        for (size_t i = 0; i < LEN(t); i++) {
            assert_near(own(&sim, p, t[i].name), t[i].want_s, 0, 1e-12);
        }
    }
    simulated_clear(&sim);
}

/* The chain on the edge as one service of 6 s: its tasks receive when it begins and send at its end, between them nothing. */
static void tasks_of_one_service_start_and_end_together(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = apart,
        .set = {"nodes.device.count=1", "workloads.job.tasks={one: {work: 1 GFLOP, runs_on: cpu}, two: {work: 3 GFLOP, "
                "runs_on: cpu, after: one}, three: {work: 2 GFLOP, runs_on: cpu, after: two}}",
                "experiment.policies=[neurosurgeon]"}});
    assert_near(own(&sim, 0, "loop_all"), .5 + 6 + .5, 0, 1e-12);
    assert_near(own(&sim, 0, "loop_begin"), .5, 0, 1e-12);
    assert_null(tallies_find(&simulated_record(&sim, 0, 0)->own, "loop_hop"));
    assert_near(own(&sim, 0, "loop_stage"), 6, 0, 1e-12);
    assert_near(own(&sim, 0, "loop_back"), .5, 0, 1e-12);
    simulated_clear(&sim);
}

/*
 * What goes on with the first of two results does not wait for the slow one: its loop is open still when it would close, and
 * counts no job; that by the fast one takes the last task's 1 s.
 */
static void a_loop_that_has_not_started_does_not_close(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = apart,
        .set = {"nodes.device.count=1",
                "workloads.job.tasks={fast: {work: 1 GFLOP, runs_on: npu}, slow: {work: 9 GFLOP, runs_on: cpu}, "
                "last: {work: 1 GFLOP, runs_on: npu, after: [fast, slow], join: any}}",
                "workloads.job.loops={by_fast: {tasks: [fast, last], from: sent}, by_slow: {tasks: [slow, last], from: sent}}"}});
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        assert_near(own(&sim, p, "loop_by_fast"), 1, 0, 1e-12);
        assert_null(tallies_find(&simulated_record(&sim, p, 0)->own, "loop_by_slow"));
    }
    simulated_clear(&sim);
}

/* Stages of 1, 3 and 2 s on three machines, with links that take no time. */
static const char pipeline[] =
    "tiersim: 1\n"
    "name: pipeline\n"
    "nodes:\n"
    "  device: {tier: end, attach: edge, processors: {npu: {speed: 1 GFLOP/s}}}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  cloud: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, capacity: unlimited}\n"
    "  wan: {from: edge, to: cloud, capacity: unlimited}\n"
    "workloads:\n"
    "  job:\n"
    "    at: device\n"
    "    arrivals: {periodic: {period: 4 s}}\n"
    "    tasks:\n"
    "      one: {work: 1 GFLOP, runs_on: npu}\n"
    "      two: {work: 3 GFLOP, runs_on: cpu, after: one}\n"
    "      three: {work: 2 GFLOP, runs_on: gpu, after: two}\n"
    "experiment: {policies: [mct, heft], warm_up: 120 s, duration: 1200 s}\n";

static void assert_stream(const char *period, double throughput, double latency_s)
{
    char set[80];
    snprintf(set, sizeof set, "workloads.job.arrivals.periodic.period=%s", period);
    struct simulated sim = simulate(&(struct simulate_input){.scenario = pipeline, .set = {set}});
    for (uint32_t p = 0; p < 2; p++) {
        assert_near(simulated_value(&sim, p, 0, ALL_CLASSES, M_THROUGHPUT), throughput, 0, 1.01 / 1200);
        if (latency_s > 0) {
            assert_near(simulated_value(&sim, p, 0, ALL_CLASSES, M_LATENCY_MEAN), latency_s, 1e-9, 0);
        }
    }
    simulated_clear(&sim);
}

/*
 * Successive jobs overlap stage by stage: 6 s each, and yet one every 4 s, or every 3 s, the time of the slowest stage; more than
 * that no stream gets, which is twice the rate of one job after the other.  At most one end more or less falls into the window.
 */
static void the_slowest_stage_limits_a_stream(void **state)
{
    (void)state;
    assert_stream("10 s", 0.1, 6);
    assert_stream("4 s", 0.25, 6);
    assert_stream("3 s", 1. / 3, 6);
    assert_stream("2 s", 1. / 3, 0);
    assert_stream("1 s", 1. / 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_loop_of_the_cameras),
        cmocka_unit_test(loops_are_not_their_jobs),
        cmocka_unit_test(loops_are_not_in_the_digest),
        cmocka_unit_test(loops_start_and_end_where_they_say),
        cmocka_unit_test(tasks_of_one_service_start_and_end_together),
        cmocka_unit_test(a_loop_that_has_not_started_does_not_close),
        cmocka_unit_test(the_slowest_stage_limits_a_stream),
    };
    return cmocka_run_group_tests_name("loops", tests, NULL, NULL);
}
