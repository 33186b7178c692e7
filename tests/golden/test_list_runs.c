/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_list_runs.c - the examples of the papers on list scheduling as scenarios that are run: the makespans of the papers come
 * out of the simulation, not only of the plan.
 */
#include "tests/simulate.h"

#include "tests/contract/graphs.h"

/* The example: a group P1, P2, .. of one node for each processor, whose links carry 1 bit/s to each message, 1 job. */
static void write_example(FILE *out, const struct graph_example *g)
{
    fprintf(out, "tiersim: 1\nname: %s\nnodes:\n  user: {tier: end, attach: P1}\n", g->name);
    for (uint32_t p = 1; p <= g->n_place; p++) {
        fprintf(out, "  P%u: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n", p);
    }
    fprintf(out, "links:\n  desk: {from: user, to: P1, capacity: unlimited}\n");
    for (uint32_t p = 1; p <= g->n_place; p++) {
        for (uint32_t q = p + 1; q <= g->n_place; q++) {
            fprintf(out, "  l%u%u: {from: P%u, to: P%u, sharing: none, capacity: 1 bit/s}\n", p, q, p, q);
        }
    }
    fprintf(out, "workloads:\n  example:\n    at: user\n    arrivals: {periodic: {period: 1 h}}\n    tasks:\n");
    for (uint32_t k = 1; k <= g->n_task; k++) {
        fprintf(out, "      t%u:\n        work: {seconds: {", k);
        for (uint32_t p = 1; p <= g->n_place; p++) {
            fprintf(out, "%sP%u: %.17g s", p > 1 ? ", " : "", p, g->run_s[k - 1][p - 1]);
        }
        fprintf(out, "}}\n");
        for (uint32_t e = 0, n = 0; e < g->n_edge; e++) {
            if (g->edge[e].to == k) {
                fprintf(out, "%st%u: %.17g bit", n++ ? ", " : "        after: {", g->edge[e].from, g->edge[e].bits);
            }
        }
        bool reads = false;
        for (uint32_t e = 0; e < g->n_edge; e++) {
            reads |= g->edge[e].to == k;
        }
        fprintf(out, reads ? "}\n" : "");
    }
    fprintf(out, "experiment: {policies: [heft, cpop, peft, lookahead], jobs: 1}\n");
}

static struct simulated simulate_example(const struct graph_example *g)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    write_example(out, g);
    assert_int_equal(fclose(out), 0);
    struct simulated sim = simulate(&(struct simulate_input){.scenario = text});
    free(text);
    return sim;
}

static double makespan_s(const struct simulated *sim, uint32_t policy)
{
    return simulated_value(sim, policy, 0, ALL_CLASSES, M_LATENCY_MEAN);
}

/* Topcuoglu, Hariri, Wu 2002, figure 3: HEFT 80, CPOP 86. */
static void heft_takes_80_and_cpop_86(void **state)
{
    (void)state;
    struct simulated sim = simulate_example(&graph_topcuoglu);
    assert_near(makespan_s(&sim, 0), 80, 1e-12, 0);
    assert_near(makespan_s(&sim, 1), 86, 1e-12, 0);
    simulated_clear(&sim);
}

/* The same from the scenario that comes with the program. */
static void the_shipped_scenario_says_so_too(void **state)
{
    (void)state;
    static struct errors errs;
    struct simulated sim = {.n_replication = 1};
    assert_int_equal(scenario_read(&sim.s, "scenarios/list_scheduling.yaml", NULL, 0, &errs), 0);
    struct record record[2];
    sim.record = record;
    for (uint32_t p = 0; p < 2; p++) {
        struct err e = {0};
        assert_int_equal(simulate_one(&sim, p, 0, &e), 0);
        assert_near(makespan_s(&sim, p), p == 0 ? 80 : 86, 1e-12, 0);
        record_clear(&record[p]);
    }
    scenario_free(&sim.s);
}

/* Arabnejad, Barbosa 2014, figure 3: PEFT 122, HEFT 133. */
static void peft_takes_122(void **state)
{
    (void)state;
    struct simulated sim = simulate_example(&graph_arabnejad);
    assert_near(makespan_s(&sim, 2), 122, 1e-12, 0);
    assert_near(makespan_s(&sim, 0), 133, 1e-12, 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heft_takes_80_and_cpop_86),
        cmocka_unit_test(the_shipped_scenario_says_so_too),
        cmocka_unit_test(peft_takes_122),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
