/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_batch_runs.c - rules that plan for many, in runs: the order among them that the literature reports, on the shipped
 * scenario; all jobs of a pool come to an end; and graphs take exactly as long as planned.
 */
#include "tests/simulate.h"

static const char *text_of(const char *path, char *text, size_t room)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, room - 1, f);
    fclose(f);
    text[n] = 0;
    return text;
}

static uint32_t policy_row(const struct simulated *sim, const char *name)
{
    for (uint32_t p = 0; p < sim->n_policy; p++) {
        if (strcmp(sim->s.experiment.policy[p].policy, name) == 0) {
            return p;
        }
    }
    fail_msg("no policy %s", name);
    return 0;
}

/* End of the last job of the burst, mean over replications. */
static double makespan_s(const struct simulated *sim, const char *name)
{
    double sum_s = 0;
    uint32_t p = policy_row(sim, name);
    for (uint32_t r = 0; r < sim->n_replication; r++) {
        const struct row_block *rows = sim->rows[p * sim->n_replication + r];
        double last_s = 0;
        assert_int_equal(rows->n, 66);
        for (uint32_t k = 0; k < rows->n; k++) {
            assert_int_equal(rows->end[k], TS_DONE);
            last_s = fmax(last_s, rows->release[k] + (double)rows->latency[k]);
        }
        sum_s += last_s;
    }
    return sum_s / sim->n_replication;
}

static double mean_s(const struct simulated *sim, const char *name)
{
    return simulated_estimate(sim, policy_row(sim, name), ALL_CLASSES, M_LATENCY_MEAN).mean;
}

/*
 * Maheswaran et al. 1999 and Braun et al. 2001 on machines of unequal speed: Min-Min has the shortest mean response; where
 * few tasks are long Max-Min ends before Min-Min; a rule that sees no speeds (their OLB; jsq here) is worst in both.
 */
static void the_rules_rank_as_in_the_literature(void **state)
{
    (void)state;
    static char text[8192];
    struct simulate_input in = {.scenario = text_of("scenarios/batch_rules.yaml", text, sizeof text), .rows = true,
                                .set = {"experiment.replications=10"}};
    struct simulated sim = simulate(&in);
    assert_true(mean_s(&sim, "min_min") < mean_s(&sim, "mct"));
    assert_true(mean_s(&sim, "hungarian") < mean_s(&sim, "mct"));
    assert_true(mean_s(&sim, "auction") < mean_s(&sim, "mct"));
    assert_true(mean_s(&sim, "mct") < mean_s(&sim, "max_min"));
    assert_true(mean_s(&sim, "max_min") < mean_s(&sim, "jsq"));
    assert_true(makespan_s(&sim, "max_min") < makespan_s(&sim, "min_min"));
    assert_true(makespan_s(&sim, "sufferage") < makespan_s(&sim, "min_min"));
    assert_true(makespan_s(&sim, "min_min") < makespan_s(&sim, "jsq"));
    simulated_clear(&sim);
}

/*
 * Two servers of 1.5 and 2 GFLOP/s (P1, P2), 1 Gbit/s between them, and the graph a -> b, c -> d of 3, 6, 6 and 3.6 GFLOP with
 * 0.5 Gbit on each arc.  Services: a 2 or 1.5 s, b and c 4 or 3 s, d 2.4 or 1.8 s; an arc 0.5 s.  HEFT: a on P2 until 1.5; b on
 * P2 until 4.5 (on P1 2 + 4 = 6); c on P1 until 6 (on P2 7.5); d on P2 from 6.5 to 8.3 (on P1 from 6 to 8.4).  The job's own
 * input and output are nothing, so its latency is 8.3 s.  CPOP's critical path is a, b, d, on P2 (6.3 s against 8.4): the same
 * plan.  PEFT: table of d 0; of b and c 2.3 on P1 (1.8 + .5) and 1.8; of a on P1 5.3 (3 + 1.8 + .5), on P2 4.8, so the same.
 */
static const char *const graph_text =
    "tiersim: 1\n"
    "name: fork\n"
    "nodes:\n"
    "  hub: {tier: edge}\n"
    "  device: {tier: end, attach: hub}\n"
    "  one: {tier: edge, processors: {cpu: {speed: 1.5 GFLOP/s}}}\n"
    "  two: {tier: edge, processors: {cpu: {speed: 2 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: hub, capacity: unlimited}\n"
    "  first: {from: one, to: hub, capacity: 1 Gbit/s}\n"
    "  second: {from: two, to: hub, capacity: unlimited}\n"
    "workloads:\n"
    "  job:\n"
    "    at: device\n"
    "    arrivals: {periodic: {period: 100 s}}\n"
    "    tasks:\n"
    "      a: {work: 3 GFLOP}\n"
    "      b: {work: 6 GFLOP, after: {a: 0.5 Gbit}}\n"
    "      c: {work: 6 GFLOP, after: {a: 0.5 Gbit}}\n"
    "      d: {work: 3.6 GFLOP, after: {b: 0.5 Gbit, c: 0.5 Gbit}}\n"
    "experiment:\n"
    "  policies: [heft, cpop, peft, lookahead, annealing, genetic, mct, min_min]\n"
    "  duration: 950 s\n";

static void a_graph_takes_as_long_as_planned(void **state)
{
    (void)state;
    struct simulate_input in = {.scenario = graph_text};
    struct simulated sim = simulate(&in);
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        double s = simulated_value(&sim, p, 0, ALL_CLASSES, M_LATENCY_MEAN);
        if (p < 3) {
            assert_near(s, 8.3, 1e-12, 0);
        } else {
            assert_true(s > 6.3); /* a, b and d on the faster server, without a way: no plan is shorter */
        }
        if (p < 6) {
            assert_true(s <= 8.3 + 1e-9);
        }
    }
    simulated_clear(&sim);
}

/* Deadlines take jobs out of the pool, off the way and out of service; none is forgotten by those that wait for a place. */
static void a_pool_outlives_what_is_dropped(void **state)
{
    (void)state;
    static const char *const busy =
        "tiersim: 1\n"
        "name: busy\n"
        "nodes:\n"
        "  device: {tier: end, count: 20, attach: edge}\n"
        "  edge: {tier: edge, count: 2, processors: {cpu: {cores: 2, speed: 10 GFLOP/s}}}\n"
        "links:\n"
        "  cell: {from: device, to: edge, per: edge, capacity: 100 Mbit/s, latency: 2 ms}\n"
        "workloads:\n"
        "  job:\n"
        "    at: device\n"
        "    arrivals: {poisson: {rate: 1.7 /s}}\n"
        "    input: 50 kB\n"
        "    work: {exponential: {mean: 1 GFLOP}}\n"
        "    deadline: {after: 300 ms, late: drop}\n"
        "experiment:\n"
        "  policies: [edf, min_min, max_min, sufferage, hungarian, auction, annealing: {evaluations: 20},\n"
        "             genetic: {evaluations: 20}, min_min: {slot: 50 ms, label: slots}]\n"
        "  duration: 60 s\n"
        "  drain: 5 s\n";
    struct simulate_input in = {.scenario = busy};
    struct simulated sim = simulate(&in);
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        double finished = simulated_value(&sim, p, 0, ALL_CLASSES, M_FINISHED_RATIO);
        assert_true(finished > .5 && finished < 1); /* load .85 of those that come: some are dropped, most are not */
    }
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rules_rank_as_in_the_literature),
        cmocka_unit_test(a_graph_takes_as_long_as_planned),
        cmocka_unit_test(a_pool_outlives_what_is_dropped),
    };
    return cmocka_run_group_tests_name("batch_runs", tests, NULL, NULL);
}
