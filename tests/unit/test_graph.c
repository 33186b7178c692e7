/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_graph.c - jobs of several tasks, with schedules worked out by hand.  One job at 1 s; a device, its edge and a cloud in a
 * row, each with a processor of 1 GFLOP/s, so that 1 GFLOP takes 1 s; links of 8 Mbit/s each way, so that 1 MB takes 1 s.  The
 * policy is fixed by runs_on: each processor has a name of its own.
 */
#include "tests/plant.h"
#include "tests/simulate.h"

static const char plant[] = PLANT("graph", "100 s");

/* The row of the only job, the audit holds. */
struct job_row {
    double latency, decide, upload, queue, compute, download, other, energy;
    uint32_t place;
    uint8_t end;
    double decisions;
};

/* Plans whole graphs: each task to its only candidate; of neighbours that have the same one, all as one service. */
static int plan_whole(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    const double *as_one = st;
    (void)v;
    for (uint32_t i = 0; i < a->n_task; i++) {
        if (plant_put(h, p, i, ts_candidate(a, ts_task_at(a, i), 0), *as_one > 0) < 0) {
            return -1;
        }
    }
    return 0;
}

static const struct ts_param alone_param[] = {{.key = "as_one", .about = "-", .max = 1, .flags = TS_WHOLE}, {0}};
static const struct ts_param as_one_param[] = {{.key = "as_one", .about = "-", .dflt = 1, .max = 1, .flags = TS_WHOLE},
                                               {0}};
#define PLANNER(params)                                                                                                \
    {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "mct", .about = "-", .flags = TS_WHOLE_GRAPHS,           \
     .state_size = sizeof(double), .param_size = sizeof(struct ts_param), .param = (params), .decide = plan_whole}
static const struct ts_policy planner = PLANNER(alone_param), planner_as_one = PLANNER(as_one_param);

/* So many jobs of these tasks, under the policy or that of the experiment's list, mct. */
static struct simulated run_jobs(const struct ts_policy *policy, const char *tasks, const char *more, uint32_t n)
{
    char text[8192];
    snprintf(text, sizeof text, "%s    tasks:\n%s%sexperiment: {policies: [mct], jobs: %u}\n", plant, tasks, more, n);
    struct simulate_input in = {.scenario = text, .rows = true, .policy = policy};
    struct simulated sim = simulate(&in);
    assert_int_equal(sim.rows[0]->n, n);
    return sim;
}

static struct job_row run_under(const struct ts_policy *policy, const char *tasks, const char *more)
{
    struct simulated sim = run_jobs(policy, tasks, more, 1);
    const struct row_block *b = sim.rows[0];
    struct job_row row = {.latency = b->latency[0],
                          .decide = b->decide[0],
                          .upload = b->upload[0],
                          .queue = b->queue[0],
                          .compute = b->compute[0],
                          .download = b->download[0],
                          .other = b->other[0],
                          .energy = b->energy[0],
                          .place = b->place[0],
                          .end = b->end[0],
                          .decisions = simulated_record(&sim, 0, 0)->metric[M_DECISIONS]};
    const struct record *r = simulated_record(&sim, 0, 0);
    double sum = row.decide + row.upload + row.queue + row.compute + row.download + row.other;
    assert_near(sum, row.latency, 0, 1e-5);
    assert_near(r->metric[M_ENERGY_USEFUL] + r->metric[M_ENERGY_WASTE], row.energy, 1e-6, 0);
    simulated_clear(&sim);
    return row;
}

static struct job_row run_one(const char *tasks, const char *more)
{
    return run_under(NULL, tasks, more);
}

static void assert_parts(struct job_row row, double upload, double queue, double compute, double download)
{
    assert_near(row.decide, 0, 0, 1e-6);
    assert_near(row.upload, upload, 0, 1e-5);
    assert_near(row.queue, queue, 0, 1e-5);
    assert_near(row.compute, compute, 0, 1e-5);
    assert_near(row.download, download, 0, 1e-5);
    assert_near(row.other, 0, 0, 1e-6);
    assert_near(row.latency, upload + queue + compute + download, 0, 1e-5);
}

/* a at the device, 1 s; its 2 MB to the edge, 2 s; b there 3 s; its output of 3 MB back, 3 s. */
static void a_chain_of_two(void **state)
{
    (void)state;
    struct job_row row = run_one("      a: {work: 1 GFLOP, runs_on: npu}\n"
                                 "      b: {work: 3 GFLOP, runs_on: cpu, after: {a: 2 MB}}\n", "");
    assert_parts(row, 2, 0, 4, 3);
    /* Service 1 J and 3 * 10 J (one of two cores), and 5 MB = 4e7 bit at 1 uJ. */
    assert_near(row.energy, 1 + 30 + 40, 0, 1e-4);
    assert_int_equal(row.end, TS_DONE);
    assert_int_equal(row.place, 1);
}

/* Parts on one node send nothing: the input comes in 1 s, three services follow each other, the output goes in 3 s. */
static void nothing_moves_on_one_node(void **state)
{
    (void)state;
    struct job_row row = run_one("      a: {work: 1 GFLOP, runs_on: cpu}\n"
                                 "      b: {work: 1 GFLOP, runs_on: cpu, after: {a: 900 MB}}\n"
                                 "      c: {work: 1 GFLOP, runs_on: cpu, after: {b: 900 MB}}\n", "");
    assert_parts(row, 1, 0, 3, 3);
}

/*
 * A diamond over all three.  a at the edge until 1 + 1 = 2 s (from the release at 0).  left at the device: data 1 MB down, 3 s,
 * service 4 s, 7 s.  right at the cloud: .5 s + 1 MB, 3.5 s, service 2 s, 5.5 s.  join at the edge waits for left: asked at 7 s,
 * then both send: left 2 MB up the cell, 9 s; right 1 MB, 7 + .5 + 1 = 8.5 s.  So it starts at 9 s, serves 1 s, and sends 3 MB
 * down the cell, 13 s.  On the critical path: input 1, 1 MB down 1, 2 MB up 2; services 1, 4, 1; output 3.
 */
static void a_diamond_by_its_critical_path(void **state)
{
    (void)state;
    static const char tasks[] = "      a: {work: 1 GFLOP, runs_on: cpu}\n"
                                "      left: {work: 4 GFLOP, runs_on: npu, after: {a: 1 MB}}\n"
                                "      right: {work: 2 GFLOP, runs_on: gpu, after: {a: 1 MB}}\n"
                                "      join: {work: 1 GFLOP, runs_on: cpu, after: {left: 2 MB, right: 1 MB}}\n";
    struct job_row row = run_one(tasks, "");
    assert_parts(row, 4, 0, 6, 3);
    /* 1, 1 s at 10 W; 4 s at 1 W; 2 s at 100 W; 1 + 1 + 2 + 3 MB over the cell at 8 J each. */
    assert_near(row.energy, 20 + 4 + 200 + 56, 0, 1e-3);
}

/*
 * With 4 MB from right to join: asked about when left is done, at 7 s, the join has its data at 7 + .5 + 4 = 11.5 s.  Planned at
 * the release, right sends them at 5.5 s and they are there at 10 s, after those of left at 9 s: the critical path goes by right,
 * 1 + 1.5 + 4.5 s of transfers and 1 + 2 + 1 s of service.
 */
static void data_of_planned_tasks_go_on_at_once(void **state)
{
    (void)state;
    static const char tasks[] = "      a: {work: 1 GFLOP, runs_on: cpu}\n"
                                "      left: {work: 4 GFLOP, runs_on: npu, after: {a: 1 MB}}\n"
                                "      right: {work: 2 GFLOP, runs_on: gpu, after: {a: 1 MB}}\n"
                                "      join: {work: 1 GFLOP, runs_on: cpu, after: {left: 2 MB, right: 4 MB}}\n";
    struct job_row asked = run_one(tasks, ""), planned = run_under(&planner, tasks, "");
    assert_parts(asked, 6.5, 0, 6, 3);
    assert_parts(planned, 7, 0, 4, 3);
    assert_near(asked.energy, planned.energy, 1e-6, 0);
    assert_near(planned.decisions, 4, 0, 0);
}

/*
 * One service of a and b, 1 s each, at the edge, when all that either reads is there: a's input at 1 s, 1 MB from u, which is done
 * at 1 s, at 2 s.  Its output of 3 MB is back at 2 + 2 + 3 s.  Alone, a would be served from 1 to 2 s and b follow at once.
 */
static void a_range_of_tasks_is_one_service(void **state)
{
    (void)state;
    static const char tasks[] = "      u: {work: 1 GFLOP, runs_on: npu}\n"
                                "      a: {work: 1 GFLOP, runs_on: cpu}\n"
                                "      b: {work: 1 GFLOP, runs_on: cpu, after: {u: 1 MB, a: 900 MB}}\n";
    struct job_row as_one = run_under(&planner_as_one, tasks, ""), alone = run_under(&planner, tasks, "");
    assert_parts(as_one, 1, 0, 3, 3);
    assert_parts(alone, 1, 0, 2, 3);
    assert_near(as_one.decisions, 2, 0, 0);
    assert_near(alone.decisions, 3, 0, 0);
}

/* A branch in the middle of a range that is not taken costs nothing: of jobs of 1 or 3 s of service a share of .3 takes 3 s. */
static void a_range_leaves_out_what_is_no_part_of_the_job(void **state)
{
    (void)state;
    struct simulated sim = run_jobs(&planner_as_one, "      a: {work: 0.5 GFLOP, runs_on: npu}\n"
                                                     "      hard: {work: 2 GFLOP, runs_on: npu, after: a, when: {above: 0.7}}\n"
                                                     "      b: {work: 0.5 GFLOP, runs_on: npu, output: 0 B, after: [a, hard]}\n",
                                                     "", 2000);
    const struct row_block *rows = sim.rows[0];
    double hard = 0;
    for (uint32_t i = 0; i < rows->n; i++) {
        assert_true(fabs(rows->latency[i] - 1) < 1e-5 || fabs(rows->latency[i] - 3) < 1e-5);
        hard += rows->latency[i] > 2;
    }
    assert_near(hard / 2000, 0.3, 0, 3 * sqrt(0.21 / 2000));
    simulated_clear(&sim);
}

/*
 * Fork and join on one device: three tasks of 1, 2 and 3 s queue for its only core in that order of release.  The last waits
 * 3 s and ends at 6 s; the join, 1 s, follows at once: 7 s.
 */
static void a_fork_queues(void **state)
{
    (void)state;
    struct job_row row = run_one("      u: {work: 1 GFLOP, runs_on: npu}\n"
                                 "      v: {work: 2 GFLOP, runs_on: npu}\n"
                                 "      w: {work: 3 GFLOP, runs_on: npu}\n"
                                 "      join: {work: 1 GFLOP, runs_on: npu, after: {u: 1 MB, v: 1 MB, w: 1 MB}}\n", "");
    assert_parts(row, 0, 3, 4, 0);
    assert_near(row.energy, 7, 0, 1e-5);
}

/*
 * Any: the join starts when u is done, at 1 s, and waits for the core while v (until 3 s) and w (until 6 s) are served before it.
 * With two cores at the edge (all data come over the cell one after another: the inputs at 1, 2, 3 s): u from 1 to 2 s, the
 * join from 2 s on one core, v from 2 s on the other; the output of 3 MB goes down from 3 s to 6 s.
 */
static void any_is_enough(void **state)
{
    (void)state;
    struct job_row row = run_one("      u: {work: 1 GFLOP, runs_on: npu}\n"
                                 "      v: {work: 2 GFLOP, runs_on: npu}\n"
                                 "      w: {work: 3 GFLOP, runs_on: npu}\n"
                                 "      join: {work: 1 GFLOP, runs_on: npu, after: [u, v, w], join: any}\n", "");
    assert_parts(row, 0, 5, 2, 0);
    row = run_one("      u: {work: 1 GFLOP, runs_on: cpu}\n"
                  "      v: {work: 2 GFLOP, runs_on: cpu}\n"
                  "      join: {work: 1 GFLOP, runs_on: cpu, after: [u, v], join: any}\n", "");
    assert_parts(row, 1, 0, 2, 3);
}

/* Two of three: done at 1 and 3 s; the join waits until w is done at 6 s and the core is free, ends at 7 s; its queue is 3 s. */
static void two_of_three(void **state)
{
    (void)state;
    struct job_row row = run_one("      u: {work: 1 GFLOP, runs_on: npu}\n"
                                 "      v: {work: 2 GFLOP, runs_on: npu}\n"
                                 "      w: {work: 3 GFLOP, runs_on: npu}\n"
                                 "      join: {work: 1 GFLOP, runs_on: npu, after: [u, v, w], join: {at_least: 2}}\n", "");
    /* Critical: v waits 1 s for u, is served 2 s, the join waits 3 s, 1 s. */
    assert_parts(row, 0, 4, 3, 0);
}

/*
 * What nobody waits for any more goes when the job ends: the join at the device needs u alone and is done at 2 s; the cloud has
 * had 1.5 + 1 s of input to receive (the cell at 1 s, the wan .5 + 1 s: 2.5 s), so v has not begun and only the cell's 8 J are
 * spent on it; of the wan nothing is charged.
 */
static void the_rest_is_waste(void **state)
{
    (void)state;
    struct job_row row = run_one("      u: {work: 1 GFLOP, runs_on: npu}\n"
                                 "      v: {work: 2 GFLOP, runs_on: gpu}\n"
                                 "      join: {work: 1 GFLOP, runs_on: npu, after: [u, v], join: any}\n", "");
    assert_parts(row, 0, 0, 2, 0);
    assert_near(row.energy, 2 + 8, 0, 1e-5);
}

/* Branches: of the 2000 jobs a share of 1 - .7 runs the hard task; binomial, 3 standard errors of sqrt(.21 / 2000). */
static void a_branch_is_taken_by_its_share(void **state)
{
    (void)state;
    struct simulated sim = run_jobs(NULL, "      small: {work: 1 GFLOP, runs_on: npu, output: 0 B}\n"
                                          "      hard: {work: 2 GFLOP, runs_on: npu, output: 0 B, after: [small], "
                                          "when: {above: 0.7}}\n", "", 2000);
    const struct row_block *b = sim.rows[0];
    double hard = 0;
    for (uint32_t i = 0; i < b->n; i++) {
        assert_true(fabs(b->latency[i] - 1) < 1e-5 || fabs(b->latency[i] - 3) < 1e-5);
        hard += b->latency[i] > 2;
    }
    assert_near(hard / 2000, 0.3, 0, 3 * sqrt(0.21 / 2000));
    assert_near(sim.s.workload[0].work.mean, 1e9 + 0.3 * 2e9, 1e-12, 0);
    simulated_clear(&sim);
}

/* Selectivity: every second job has b, 1 + 2 s at the device, and the join does not wait for it in the others. */
static void every_second_job_has_the_data(void **state)
{
    (void)state;
    struct simulated sim = run_jobs(NULL, "      a: {work: 1 GFLOP, runs_on: npu}\n"
                                          "      b: {work: 2 GFLOP, runs_on: npu, after: {a: {data: 1 kB, every: 2}}}\n"
                                          "      c: {work: 4 GFLOP, runs_on: npu, after: {a: 1 kB, b: 1 kB}, output: 0 B}\n",
                                          "", 6);
    for (uint32_t i = 0; i < 6; i++) {
        assert_near(sim.rows[0]->latency[i], i % 2 ? 7 : 5, 0, 1e-5);
    }
    assert_near(sim.s.workload[0].work.mean, 1e9 + 0.5 * 2e9 + 4e9, 1e-12, 0);
    simulated_clear(&sim);
}

/*
 * By chance, apart from each other and from the job's latent value: b with .5, c with .2 of those, d with all that
 * have b.  Latency 1 without b, 1 + 2 + 4 with b alone, 8 more with c; binomial, 4 standard errors.
 */
static void data_come_by_chance(void **state)
{
    (void)state;
    double with_b = 0, with_c = 0;
    struct simulated sim = run_jobs(NULL, "      a: {work: 1 GFLOP, runs_on: npu, output: 0 B}\n"
                                          "      b: {work: 2 GFLOP, runs_on: npu, after: {a: {constant: 1 kB, chance: 0.5}}}\n"
                                          "      c: {work: 8 GFLOP, runs_on: npu, after: {b: {data: 0 B, chance: 20 %}}}\n"
                                          "      d: {work: 4 GFLOP, runs_on: npu, after: [b, c], output: 0 B}\n",
                                          "", 2000);
    const struct row_block *b = sim.rows[0];
    for (uint32_t i = 0; i < b->n; i++) {
        const double s = b->latency[i];
        assert_true(fabs(s - 1) < 1e-5 || fabs(s - 7) < 1e-5 || fabs(s - 15) < 1e-5);
        with_b += s > 2;
        with_c += s > 8;
    }
    assert_near(with_b / 2000, 0.5, 0, 4 * sqrt(0.25 / 2000));
    assert_near(with_c / 2000, 0.1, 0, 4 * sqrt(0.09 / 2000));
    assert_near(sim.s.workload[0].work.mean, 1e9 + 0.5 * 2e9 + 0.1 * 8e9 + 0.5 * 4e9, 1e-12, 0);
    simulated_clear(&sim);
}

/* A planner of whole graphs is not told which edges are quiet, and its jobs go the same way. */
static void a_plan_does_not_wait_for_quiet_data(void **state)
{
    (void)state;
    static const char tasks[] = "      a: {work: 1 GFLOP, runs_on: npu}\n"
                                "      b: {work: 2 GFLOP, runs_on: cpu, after: {a: {data: 1 MB, every: 2}}}\n"
                                "      c: {work: 4 GFLOP, runs_on: npu, after: {a: 1 MB, b: 1 MB}, output: 0 B}\n";
    assert_parts(run_under(&planner, tasks, ""), 0, 0, 5, 0);
    assert_parts(run_under(&planner_as_one, tasks, ""), 0, 0, 5, 0);
}

/* Dropped at its deadline with parts under way everywhere: at 2.25 s the edge serves a (1 to 11 s), the wan carries b's input. */
static void a_deadline_takes_all_parts_out(void **state)
{
    (void)state;
    struct job_row row = run_one("      a: {work: 10 GFLOP, runs_on: cpu}\n"
                                 "      b: {work: 1 GFLOP, runs_on: gpu}\n"
                                 "      c: {work: 10 GFLOP, runs_on: npu}\n"
                                 "      d: {work: 1 GFLOP, runs_on: npu, after: [a, b, c]}\n",
                                 "    deadline: {after: 2250 ms, late: drop}\n");
    assert_int_equal(row.end, TS_DROP_EXPIRED);
    assert_near(row.latency, 2.25, 0, 1e-6);
    /* Two inputs over the cell 16 J, 1.25 s of a at 10 W, 2.25 s of c at 1 W. */
    assert_near(row.energy, 16 + 12.5 + 2.25, 0, 1e-5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_of_two),
        cmocka_unit_test(nothing_moves_on_one_node),
        cmocka_unit_test(a_diamond_by_its_critical_path),
        cmocka_unit_test(data_of_planned_tasks_go_on_at_once),
        cmocka_unit_test(a_range_of_tasks_is_one_service),
        cmocka_unit_test(a_range_leaves_out_what_is_no_part_of_the_job),
        cmocka_unit_test(a_fork_queues),
        cmocka_unit_test(any_is_enough),
        cmocka_unit_test(two_of_three),
        cmocka_unit_test(the_rest_is_waste),
        cmocka_unit_test(a_branch_is_taken_by_its_share),
        cmocka_unit_test(every_second_job_has_the_data),
        cmocka_unit_test(data_come_by_chance),
        cmocka_unit_test(a_plan_does_not_wait_for_quiet_data),
        cmocka_unit_test(a_deadline_takes_all_parts_out),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
