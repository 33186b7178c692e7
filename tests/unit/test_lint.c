/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_lint.c - loads worked out by hand, and what is warned of. */
#include "tests/test.h"

#include <math.h>
#include <unistd.h>

#include "sim/io/scenario_read.h"
#include "sim/model/lint.h"

/* A scenario from text, without its first lines. */
static void read_text(struct scenario *s, const char *text)
{
    static struct errors errs;
    char path[] = "/tmp/tiersim-lint-XXXXXX";
    int fd = mkstemp(path);
    FILE *out = fdopen(fd, "w");
    fprintf(out, "tiersim: 1\nname: lint\n%s", text);
    fclose(out);
    int rc = scenario_read(s, path, NULL, 0, &errs);
    errors_print(&errs, stdout);
    errors_clear(&errs);
    unlink(path);
    assert_int_equal(rc, 0);
}

#define CELL                                                                                                          \
    "nodes:\n"                                                                                                        \
    "  device: {tier: end, count: 10, attach: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"                        \
    "  edge: {tier: edge, count: 2, processors: {gpu: {cores: 2, speed: 10 GFLOP/s}}}\n"                             \
    "  cloud: {tier: cloud, processors: {gpu: {cores: 4, speed: 20 GFLOP/s}}}\n"                                     \
    "links:\n"                                                                                                        \
    "  cell: {from: device, to: edge, per: edge, capacity: 10 Mbit/s, latency: 2 ms}\n"                              \
    "  wan: {from: edge, to: cloud, capacity: 100 Mbit/s, latency: 20 ms}\n"
#define EXPERIMENT "experiment: {policies: [local], duration: 10000 s}\n"

/*
 * 10 devices, 3 jobs a second each, 12.5 kB = 0.1 Mbit in and 1.25 kB = 0.01 Mbit out, 1 GFLOP, on gpu alone: 30 jobs/s ask
 * for 30 GFLOP/s of the edge's 2 * 2 * 10 = 40 and the cloud's 80, and for none of them there is a must of one processor.
 * All pass the cells, 3 Mbit/s of 2 * 10 up, 0.3 down.  Who goes to the other edge server passes the WAN up and down with
 * input and output, 3.3 Mbit/s each way.  Unloaded at the edge:
 * 2 ms + 0.1/10 s + 1/10 s + 2 ms + 0.01/10 s = 115 ms; in the cloud 20 ms + 1 ms + 50 ms + 20 ms + 0.1 ms more, less the
 * 100 ms: 106.1 ms, which is less.
 */
static void loads_are_those_worked_out_by_hand(void **state)
{
    (void)state;
    struct scenario s;
    struct loads l;
    struct err e = {0};
    read_text(&s, CELL "workloads: {job: {at: device, arrivals: {poisson: {rate: 3 /s}}, input: 12.5 kB, output: 1.25 kB, "
                       "work: 1 GFLOP, runs_on: gpu}}\n" EXPERIMENT);
    assert_int_equal(loads_find(&l, &s, NULL, &e), 0);
    assert_near(l.workload[0].rate, 30, 1e-12, 0);
    assert_near(l.pool[0].capacity, 10e9, 1e-12, 0);
    assert_near(l.pool[0].may, 0, 0, 0);
    assert_near(l.pool[1].capacity, 40e9, 1e-12, 0);
    assert_near(l.pool[1].must, 0, 0, 0);
    assert_near(l.pool[1].may, 30e9, 1e-12, 0);
    assert_near(l.pool[2].may, 30e9, 1e-12, 0);
    assert_int_equal(l.workload[0].n_pool, 2);
    assert_near(l.workload[0].capacity, 120e9, 1e-12, 0);
    assert_near(l.workload[0].must, 30e9, 1e-12, 0);
    assert_near(l.channel[0].capacity, 20e6, 1e-12, 0);
    assert_near(l.channel[0].must, 3e6, 1e-12, 0);
    assert_near(l.channel[1].must, 0.3e6, 1e-12, 0);
    assert_near(l.channel[2].must, 0, 0, 0);
    assert_near(l.channel[2].may, 3.3e6, 1e-12, 0);
    assert_near(l.channel[3].may, 3.3e6, 1e-12, 0);
    assert_int_equal(l.workload[0].best_pool, 2);
    assert_near(l.workload[0].unloaded_s, 0.1061, 1e-12, 0);
    loads_clear(&l);
    scenario_free(&s);
}

/* On the devices alone: 3 GFLOP/s at each of 1 GFLOP/s; nothing passes a link. */
static void what_runs_at_home_loads_no_link(void **state)
{
    (void)state;
    struct scenario s;
    struct loads l;
    struct err e = {0};
    read_text(&s, CELL "workloads: {job: {at: device, arrivals: {poisson: {rate: 3 /s}}, input: 1 MB, work: 1 GFLOP, "
                       "runs_on: cpu}}\n" EXPERIMENT);
    assert_int_equal(loads_find(&l, &s, NULL, &e), 0);
    assert_near(l.pool[0].must, 30e9, 1e-12, 0);
    assert_near(l.channel[0].may, 0, 0, 0);
    assert_near(l.workload[0].unloaded_s, 1, 1e-12, 0);
    loads_clear(&l);
    scenario_free(&s);
}

/* Jobs at the edge servers themselves cross no cell; with edges: attached a policy's jobs stay at their own, or go to the cloud. */
static void jobs_may_start_at_servers(void **state)
{
    (void)state;
    struct scenario s;
    struct loads l;
    struct err e = {0};
    read_text(&s, CELL "workloads: {job: {at: edge, arrivals: {poisson: {rate: 1 /s}}, input: 12.5 kB, work: 1 GFLOP}}\n"
                       "experiment: {policies: [random: {edges: attached, run_in: edge}], duration: 1 s}\n");
    assert_int_equal(loads_find(&l, &s, NULL, &e), 0);
    assert_near(l.channel[0].may, 0, 0, 0);
    assert_near(l.channel[2].may, 0.2e6, 1e-12, 0);
    assert_near(l.workload[0].unloaded_s, 0.091, 1e-12, 0); /* 20 + 1 + 50 + 20 ms in the cloud */
    loads_clear(&l);
    assert_int_equal(loads_find(&l, &s, &s.experiment.policy[0], &e), 0);
    assert_near(l.channel[2].may, 0, 0, 0);
    assert_near(l.pool[1].must, 2e9, 1e-12, 0);
    loads_clear(&l);
    scenario_free(&s);
}

static void assert_warned(const char *text, const char *const *want)
{
    struct scenario s;
    struct lints l = {0};
    struct err e = {0};
    read_text(&s, text);
    assert_int_equal(lints_find(&l, &s, &e), 0);
    uint32_t n = 0;
    for (; want[n]; n++) {
        char found[512] = "nothing";
        if (n < l.n) {
            snprintf(found, sizeof found, "%s: %s", l.lint[n].path, l.lint[n].text);
        }
        assert_string_equal(found, want[n]);
    }
    assert_int_equal(l.n, n);
    lints_clear(&l);
    scenario_free(&s);
}

#define WARNED(text, ...) assert_warned(text, (const char *const[]){__VA_ARGS__, NULL})
#define JOB(rate, rest)   "workloads: {job: {at: device, arrivals: {poisson: {rate: " rate "}}, " rest "}}\n"

static void a_sound_scenario_is_not_warned_of(void **state)
{
    (void)state;
    assert_warned(CELL JOB("1 /s", "input: 12.5 kB, work: 0.5 GFLOP, deadline: 1 s") EXPERIMENT, (const char *const[]){NULL});
}

static void a_job_larger_than_its_node_is_told(void **state)
{
    (void)state;
    WARNED("nodes: {box: {tier: edge, memory: 1 MB, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
           "workloads: {job: {at: box, arrivals: {poisson: {rate: 0.1 /s}}, work: 1 GFLOP, input: 900 kB, output: 200 kB}}\n"
           EXPERIMENT,
           "workloads.job: input and output are 1.1 MB in the mean, and box has a memory of 1 MB");
}

static void nodes_without_use_are_told(void **state)
{
    (void)state;
    WARNED("nodes:\n"
           "  server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
           "  island: {tier: cloud, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 5 W, busy: 4 W}}\n"
           "  idle: {tier: end, attach: server, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
           "  gpus: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s}}}\n"
           "  switch: {tier: edge}\n"
           "links:\n"
           "  wire: {from: idle, to: server, capacity: 1 Mbit/s}\n"
           "  wan: {from: server, to: gpus, capacity: 1 Mbit/s}\n"
           "workloads: {job: {at: server, arrivals: {poisson: {rate: 0.1 /s}}, work: 1 GFLOP, runs_on: cpu}}\n" EXPERIMENT,
           "nodes.island: takes less power when it is busy than when it is idle",
           "nodes.island: unreachable: no job has a way to it", "nodes.idle: unused: no workload is at it",
           "nodes.gpus: unreachable: no job has a way to it",
           "nodes.switch: unused: it has no processor, and no route leads over it");
}

/* 10 devices, 5 jobs/s of 0.4 GFLOP each: 20 GFLOP/s of 10 where they start. */
static void processors_that_are_too_slow_are_told(void **state)
{
    (void)state;
    WARNED(CELL JOB("5 /s", "work: 0.4 GFLOP, runs_on: cpu") EXPERIMENT,
           "nodes.edge: unused: no workload may run on its processors",
           "nodes.cloud: unreachable: no job has a way to it",
           "nodes.device.processors.cpu: surely overloaded: jobs that can run nowhere else need 20 GFLOP/s, and it does "
           "10 GFLOP/s");
    /* 10 * 5 * 3 = 150 GFLOP/s of 10 + 40 + 80 */
    WARNED(CELL JOB("5 /s", "work: 3 GFLOP") EXPERIMENT,
           "workloads.job: surely overloaded: jobs that can run nowhere else need 150 GFLOP/s, and all processors where "
           "they can run do 130 GFLOP/s");
    /* 10 * 5 = 50 GFLOP/s of 40 if the policy stays at the edge */
    WARNED(CELL JOB("5 /s", "work: 1 GFLOP") "experiment: {policies: [local, random: {run_in: edge}], duration: 10000 s}\n",
           "nodes.edge.processors.gpu: surely overloaded: jobs that can run nowhere else need 50 GFLOP/s, and it does 40 "
           "GFLOP/s, under the policy random");
}

/* 10 devices, 5 jobs/s of 0.6 Mbit: 30 Mbit/s over two cells of 10. */
static void links_that_are_too_slow_are_told(void **state)
{
    (void)state;
    WARNED(CELL JOB("5 /s", "work: 1 GFLOP, input: 75 kB, runs_on: gpu") EXPERIMENT,
           "nodes.device: unused: no workload may run on its processors",
           "links.cell.up: surely overloaded: 30 Mbit/s must pass, and all of its instances together carry 20 Mbit/s");
}

/* A closed loop waits for its results and overloads nothing. */
static void closed_loops_overload_nothing(void **state)
{
    (void)state;
    assert_warned(CELL "workloads: {job: {at: device, arrivals: {closed: {users: 100, think: 1 s}}, work: 10 GFLOP}}\n" EXPERIMENT,
                  (const char *const[]){NULL});
}

/* At best the 106.1 ms worked out above. */
static void deadlines_that_cannot_be_met_are_told(void **state)
{
    (void)state;
    WARNED(CELL JOB("1 /s", "work: 1 GFLOP, input: 12.5 kB, output: 1.25 kB, deadline: 100 ms") EXPERIMENT,
           "workloads.job.deadline: 100 ms is less than the 106.1 ms that a mean job takes at the best place when nothing "
           "else runs");
}

/* 10 devices: 50 jobs/s, so 20 s for a thousand, of which ten are beyond the p99. */
static void windows_with_too_few_jobs_are_told(void **state)
{
    (void)state;
    const char *sound = CELL JOB("5 /s", "work: 0.1 GFLOP");
    char text[2048];
    snprintf(text, sizeof text, "%sexperiment: {policies: [local], duration: 20 s}\n", sound);
    assert_warned(text, (const char *const[]){NULL});
    snprintf(text, sizeof text, "%sexperiment: {policies: [local], duration: 5 s}\n", sound);
    WARNED(text, "experiment.duration: about 250 jobs of job a replication: too few for its p99, which wants 10 times above "
                 "it; 20 s instead of 5 s would have 1000");
    snprintf(text, sizeof text, "%sexperiment: {policies: [local], jobs: 500}\n", sound);
    WARNED(text, "experiment.jobs: about 500 jobs of job a replication: too few for its p99, which wants 10 times above it; "
                 "1000 jobs instead of 500 jobs would have 1000");
}

/* traces/wan.csv and assistant.csv last as long as their makers say, far less than a day. */
static void traces_that_are_shorter_than_the_run_are_told(void **state)
{
    (void)state;
    struct scenario s;
    struct lints l = {0};
    struct err e = {0};
    static struct errors errs;
    const char *const set[] = {"experiment.duration=1 d"};
    assert_int_equal(scenario_read(&s, "scenarios/factory.yaml", set, 1, &errs), 0);
    assert_int_equal(lints_find(&l, &s, &e), 0);
    assert_int_equal(l.n, 2);
    assert_string_equal(l.lint[0].path, "links.wan.up");
    assert_string_equal(l.lint[1].path, "workloads.assistant.arrivals");
    assert_non_null(strstr(l.lint[1].text, "is repeated: the run lasts 8.642e+04 s"));
    lints_clear(&l);
    scenario_free(&s);
}

/*
 * Data between tasks: 10 devices, 1 job a second each.  a runs at the device alone, b in the cloud alone, so their 25 kB = 0.2 Mbit
 * must take the cells up and the WAN up, 2 Mbit/s; c runs on any gpu and has 12.5 kB = 0.1 Mbit of b in half of the jobs: from the
 * cloud to an edge server 0.5 Mbit/s may take the WAN down, or go nowhere.  d is at the device again: 5 kB = 0.04 Mbit of c in half
 * of the jobs must come down the cell, 0.2 Mbit/s, and may come down the WAN, and, as c may be at another edge server, go up it.
 */
static void loads_are_by_task(void **state)
{
    (void)state;
    struct scenario s;
    struct loads l;
    struct err e = {0};
    read_text(&s, CELL "workloads: {job: {at: device, arrivals: {poisson: {rate: 1 /s}}, tasks: {"
                       "a: {work: 1 MFLOP, runs_on: cpu}, b: {work: {seconds: {cloud: 1 ms}}, after: {a: 25 kB}}, "
                       "c: {work: 1 MFLOP, runs_on: gpu, after: {b: {data: 12.5 kB, chance: 0.5}}}, "
                       "d: {work: 1 MFLOP, runs_on: cpu, after: {c: 5 kB}}}}}\n" EXPERIMENT);
    assert_int_equal(loads_find(&l, &s, NULL, &e), 0);
    const struct load_use *cell_up = &l.channel[0], *cell_down = &l.channel[1], *wan_up = &l.channel[2], *wan_down = &l.channel[3];
    assert_near(cell_up->must, 2e6, 1e-12, 0);
    assert_near(cell_up->may, 2e6, 1e-12, 0);
    assert_near(wan_up->must, 2e6, 1e-12, 0);
    assert_near(wan_up->may, 2e6 + 0.2e6, 1e-12, 0);
    assert_near(cell_down->must, 0.2e6, 1e-12, 0);
    assert_near(cell_down->may, 0.2e6, 1e-12, 0);
    assert_near(wan_down->must, 0, 0, 0);
    assert_near(wan_down->may, 0.5e6 + 0.2e6, 1e-12, 0);
    loads_clear(&l);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_are_those_worked_out_by_hand),
        cmocka_unit_test(loads_are_by_task),
        cmocka_unit_test(what_runs_at_home_loads_no_link),
        cmocka_unit_test(jobs_may_start_at_servers),
        cmocka_unit_test(a_sound_scenario_is_not_warned_of),
        cmocka_unit_test(a_job_larger_than_its_node_is_told),
        cmocka_unit_test(nodes_without_use_are_told),
        cmocka_unit_test(processors_that_are_too_slow_are_told),
        cmocka_unit_test(links_that_are_too_slow_are_told),
        cmocka_unit_test(closed_loops_overload_nothing),
        cmocka_unit_test(deadlines_that_cannot_be_met_are_told),
        cmocka_unit_test(windows_with_too_few_jobs_are_told),
        cmocka_unit_test(traces_that_are_shorter_than_the_run_are_told),
    };
    return cmocka_run_group_tests_name("lint", tests, NULL, NULL);
}
