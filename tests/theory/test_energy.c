/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_energy.c - joules by hand, from scenario files.  A node takes `idle` watts, and of the difference to `busy` the
 * share of its cores that work; what is above idle belongs to the jobs (SEMANTICS 8).
 */
#include "tests/simulate.h"

static const char hosts[] =
    "tiersim: 1\n"
    "name: hosts\n"
    "nodes:\n"
    "  host: {tier: edge, count: 2, power: {idle: 95 W, busy: 203 W}, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "workloads: {job: {at: host, arrivals: {periodic: {period: 100 s, phase: sync}}, work: 3 GFLOP}}\n"
    "experiment: {policies: [local], duration: 3 s}\n";

/* 3 s at 203 W on 2 hosts = 1218 J (batsim issue 51); a job's part has no idle energy in it (batsim issue 38). */
static void two_hosts_for_three_seconds(void **state)
{
    (void)state;
    static const char *const duration[] = {"experiment.duration=3 s", "experiment.duration=10 s"};
    for (size_t i = 0; i < LEN(duration); i++) {
        struct simulated sim = simulate(&(struct simulate_input){.scenario = hosts, .set = {duration[i]}});
        const double *m = sim.record[0].metric, rest_s = i == 0 ? 0 : 7;
        assert_near(m[M_ENERGY_TOTAL], 1218 + 2 * rest_s * 95, 0, 0);
        assert_near(m[M_ENERGY_IDLE], 2 * (3 + rest_s) * 95, 0, 0);
        assert_near(m[M_ENERGY_DYNAMIC], 2 * 3 * 108, 0, 0);
        assert_near(m[M_ENERGY_PER_JOB], 3 * 108, 0, 0);
        assert_near(m[M_ENERGY_USEFUL], 2 * 3 * 108, 0, 0);
        assert_near(m[M_ENERGY_WASTE], 0, 0, 0);
        assert_near(sim.record[0].tier_energy[1].dynamic_j, 2 * 3 * 108, 0, 0);
        assert_near(sim.record[0].group_energy[0].idle_j, 2 * (3 + rest_s) * 95, 0, 0);
        simulated_clear(&sim);
    }
}

static const char overlap[] =
    "tiersim: 1\n"
    "name: overlap\n"
    "nodes: {host: {tier: edge, power: {idle: 100 W, busy: 200 W}, processors: {cpu: {cores: 4, speed: 1 GFLOP/s}}}}\n"
    "workloads:\n"
    "  long: {at: host, arrivals: {periodic: {period: 100 s}}, work: 2 GFLOP}\n"
    "  short: {at: host, arrivals: {periodic: {period: 100 s}}, work: 1 GFLOP}\n"
    "experiment: {policies: [local], duration: 2 s}\n";

#define CPU "nodes.host.processors.cpu={speed: 1 GFLOP/s, "

struct share {
    const char *cpu, *duration;
    double total_j, long_j, short_j;
};

static void check_share(const struct share *want)
{
    struct simulated sim = simulate(&(struct simulate_input){.scenario = overlap, .set = {want->cpu, want->duration}});
    const struct record *r = &sim.record[0];
    assert_near(r->metric[M_ENERGY_TOTAL], want->total_j, 1e-12, 0);
    assert_near(r->metric[M_ENERGY_DYNAMIC], want->long_j + want->short_j, 1e-12, 0);
    assert_near(r->class_metric[0][M_ENERGY_PER_JOB], want->long_j, 1e-12, 0);
    assert_near(r->class_metric[1][M_ENERGY_PER_JOB], want->short_j, 1e-12, 0);
    simulated_clear(&sim);
}

static void what_runs_together_shares_the_power(void **state)
{
    (void)state;
    static const struct share of[] = {
        /* The case of SEMANTICS 8.8 with equal cores, 25 W each: 150 W for 1 s, 125 W for another; 25 + 25 and 25 J. */
        {CPU "cores: 4}", "experiment.duration=2 s", 275, 50, 25},
        /* In equal shares of four cores nobody is slowed down. */
        {CPU "cores: 4, discipline: ps}", "experiment.duration=2 s", 275, 50, 25},
        /* Of one core, 200 W throughout: half of 2 s each, then the long one alone for 1 s. */
        {CPU "discipline: ps}", "experiment.duration=3 s", 600, 200, 100},
        /* One after the other. */
        {CPU "cores: 1}", "experiment.duration=3 s", 600, 200, 100},
        /* One batch of 1 s + 2 s: equally; and 1 s of rest, as a round counts where it ends. */
        {CPU "discipline: batch, batch: {max: 2, wait: 1 s, overhead: 1 s}}", "experiment.duration=4 s", 700, 150, 150},
    };
    for (size_t i = 0; i < LEN(of); i++) {
        check_share(&of[i]);
    }
}

static const char radio[] =
    "tiersim: 1\n"
    "name: radio\n"
    "nodes:\n"
    "  phone: {tier: end, attach: edge, power: {idle: 1 W}}\n"
    "  edge: {tier: edge, power: {idle: 10 W, busy: 30 W}, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  air: {from: phone, to: edge, capacity: 8 Mbit/s, idle: 250 mW, energy: 500 nJ/bit, down: {energy: 100 nJ/bit}}\n"
    "workloads: {job: {at: phone, arrivals: {periodic: {period: 100 s}}, input: 1 MB, work: 2 GFLOP, output: 1 MB}}\n"
    "experiment: {policies: [nearest_edge], duration: 10 s}\n";

/*
 * Up: 8 Mbit at 500 nJ = 4 J; 2 s at 20 W = 40 J; down: .8 J.  Idle in 10 s: 10 + 100 J of nodes, 2 x 2.5 J of the
 * link's directions.
 */
static void bits_have_a_price_in_joules(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = radio});
    const struct record *r = &sim.record[0];
    assert_near(r->metric[M_ENERGY_PER_JOB], 44.8, 1e-12, 0);
    assert_near(r->metric[M_ENERGY_LINK], 4.8, 1e-12, 0);
    assert_near(r->metric[M_ENERGY_IDLE], 115, 1e-12, 0);
    assert_near(r->metric[M_ENERGY_TOTAL], 115 + 44.8, 1e-12, 0);
    assert_near(r->channel[0].dynamic_j, 4, 1e-12, 0);
    assert_near(r->channel[1].dynamic_j, .8, 1e-12, 0);
    assert_near(r->channel[0].idle_j, 2.5, 1e-12, 0);
    double tiers = 0;
    for (uint32_t t = 0; t <= r->n_tier; t++) {
        tiers += r->tier_energy[t].dynamic_j + r->tier_energy[t].idle_j;
    }
    assert_near(tiers, r->metric[M_ENERGY_TOTAL], 1e-12, 0);
    simulated_clear(&sim);

    /* Cut off after 3 Mbit: what was carried is wasted. */
    struct simulated cut = simulate(&(struct simulate_input){
        .scenario = radio, .set = {"workloads.job.deadline={after: 375 ms, late: drop}"}});
    assert_near(cut.record[0].metric[M_ENERGY_USEFUL], 0, 0, 0);
    assert_near(cut.record[0].metric[M_ENERGY_WASTE], 1.5, 1e-12, 0);
    assert_near(cut.record[0].metric[M_ENERGY_TOTAL], 115 + 1.5, 1e-12, 0);
    simulated_clear(&cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hosts_for_three_seconds),
        cmocka_unit_test(what_runs_together_shares_the_power),
        cmocka_unit_test(bits_have_a_price_in_joules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
