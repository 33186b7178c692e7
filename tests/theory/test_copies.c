/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_copies.c - tasks of which there are several: what k copies take on k cores and on one, how many there are by chance, and
 * that they are the graph which one would write out.
 */
#include "sim/model/graph.h"
#include "tests/simulate.h"

static const char text[] =
    "tiersim: 1\n"
    "name: copies\n"
    "nodes:\n"
    "  gate: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, cores: 4}}}\n"
    "workloads:\n"
    "  frame:\n"
    "    at: gate\n"
    "    arrivals: {periodic: {period: 1000 s}}\n"
    "    tasks:\n"
    "      cut: {work: 1 GFLOP}\n"
    "      look: {work: {exponential: {mean: 2 GFLOP}}, after: cut, copies: 4}\n"
    "      merge: {work: 1 GFLOP, after: look}\n"
    "    loops: {all: [cut, look.3, merge]}\n"
    "experiment: {policies: [local, heft], duration: 400000 s, replications: 20}\n";

/* The mean over replications, within its standard errors; a job has 1000 s to itself. */
static void assert_mean(struct simulate_input in, enum metric m, double want)
{
    in.scenario = text;
    struct simulated sim = simulate(&in);
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        const struct estimate got = simulated_estimate(&sim, p, ALL_CLASSES, m);
        assert_near(got.mean, want, 0, STANDARD_ERRORS * got.error + 1e-9);
    }
    simulated_clear(&sim);
}

/* The largest of 4 exponential variates of mean 2 has the mean 2 (1 + 1/2 + 1/3 + 1/4); their sum has 8. */
static void copies_take_the_longest_or_the_sum(void **state)
{
    (void)state;
    assert_mean((struct simulate_input){.set = {NULL}}, M_LATENCY_MEAN, 1 + 2 * (1 + 1. / 2 + 1. / 3 + 1. / 4) + 1);
    assert_mean((struct simulate_input){.set = {"nodes.gate.processors.cpu.cores=1"}}, M_LATENCY_MEAN, 1 + 4 * 2 + 1);
    assert_mean((struct simulate_input){.set = {"workloads.frame.tasks.look.work=2 GFLOP"}}, M_LATENCY_MEAN, 1 + 2 + 1);
}

/* The first of 4 has the mean 2/4; with 3 of 4 the mean of the third smallest is 2 (1/4 + 1/3 + 1/2). */
static void joins_count_copies(void **state)
{
    (void)state;
    assert_mean((struct simulate_input){.set = {"workloads.frame.tasks.merge.join=any"}}, M_LATENCY_MEAN, 1 + 0.5 + 1);
    assert_mean((struct simulate_input){.set = {"workloads.frame.tasks.merge.join={at_least: 3}"}}, M_LATENCY_MEAN,
                1 + 2 * (1. / 4 + 1. / 3 + 1. / 2) + 1);
}

/* Each copy gets its data or not: of 4 at a chance of .25 one in the mean, 2 GFLOP; none of them in .75^4 of the jobs. */
static void there_are_so_many_by_chance(void **state)
{
    (void)state;
    const char *chance = "workloads.frame.tasks.look.after={cut: {data: 1 kB, chance: 0.25}}";
    const char *work = "workloads.frame.tasks.look.work=2 GFLOP", *also = "workloads.frame.tasks.merge.after=[look, cut]";
    const double none = 0.75 * 0.75 * 0.75 * 0.75;
    assert_mean((struct simulate_input){.set = {chance, work, also}}, M_LATENCY_MEAN, 1 + 2 * (1 - none) + 1);
    assert_mean((struct simulate_input){.set = {chance, work, also, "nodes.gate.processors.cpu.cores=1"}}, M_LATENCY_MEAN,
                1 + 4 * 0.25 * 2 + 1);
}

/* A second stage of as many: 4 lanes, each of which goes on by itself; a longest of sums, not a sum of longest. */
static void lanes_go_on_by_themselves(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = text,
        .set = {"workloads.frame.tasks={cut: {work: 1 GFLOP}, look: {work: 2 GFLOP, after: cut, copies: 3}, name: {work: 3 GFLOP, "
                "after: look, copies: 3}, merge: {work: 1 GFLOP, after: name}}",
                "workloads.frame.loops={all: [cut, look.3, name.3, merge]}", "experiment.replications=1"}});
    const struct graph *g = sim.s.workload[0].graph;
    assert_int_equal(g->n_task, 8);
    assert_int_equal(g->n_edge, 9);
    for (uint32_t e = 0; e < g->n_edge; e++) {
        const char *from = g->task[g->edge[e].from].name, *to = g->task[g->edge[e].to].name;
        assert_true(!strchr(from, '.') || !strchr(to, '.') || strcmp(strchr(from, '.'), strchr(to, '.')) == 0);
    }
    assert_near(simulated_record(&sim, 0, 0)->metric[M_LATENCY_MEAN], 1 + 2 + 3 + 1, 0, 1e-9);
    simulated_clear(&sim);
}

/* Where nothing is drawn it is the same run, to the bit. */
static void copies_are_what_one_would_write_out(void **state)
{
    (void)state;
    static const char *const tasks[] = {
        "workloads.frame.tasks={cut: {work: 1 GFLOP}, look: {work: 2 GFLOP, after: {cut: 1 kB}, copies: 3}, "
        "merge: {work: 1 GFLOP, after: {look: 2 kB}}}",
        "workloads.frame.tasks={cut: {work: 1 GFLOP}, a: {work: 2 GFLOP, after: {cut: 1 kB}}, "
        "b: {work: 2 GFLOP, after: {cut: 1 kB}}, "
        "c: {work: 2 GFLOP, after: {cut: 1 kB}}, merge: {work: 1 GFLOP, after: {a: 2 kB, b: 2 kB, c: 2 kB}}}"};
    struct simulated sim[2];
    for (int i = 0; i < 2; i++) {
        sim[i] = simulate(&(struct simulate_input){
            .scenario = text,
            .set = {tasks[i], i ? "workloads.frame.loops.all=[cut, c, merge]" : "workloads.frame.loops.all=[cut, look.3, merge]",
                    "experiment.replications=1"}});
    }
    for (uint32_t p = 0; p < sim[0].n_policy; p++) {
        assert_true(simulated_record(&sim[0], p, 0)->digest == simulated_record(&sim[1], p, 0)->digest);
    }
    simulated_clear(&sim[0]);
    simulated_clear(&sim[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_take_the_longest_or_the_sum), cmocka_unit_test(joins_count_copies),
        cmocka_unit_test(there_are_so_many_by_chance),        cmocka_unit_test(lanes_go_on_by_themselves),
        cmocka_unit_test(copies_are_what_one_would_write_out),
    };
    return cmocka_run_group_tests_name("copies", tests, NULL, NULL);
}
