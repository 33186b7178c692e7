/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_transfers.c - a transfer over a capacity that varies is through when the integral of the capacity has reached
 * its bits, to 1e-9: alone, one after the other, in equal shares, over several rounds of the trace, and back.
 *
 * The trace, whose last row lasts as long as the one before, and what it carries:
 *     from s          0     4000    9000    12000   15000   (18000: again from the first)
 *     kbit/s       1000      400       0      800    2000
 *     Gbit in it      4        2       0      2.4       6   14.4 in all
 */
#include "tests/simulate.h"

static const struct simulate_file air = {
    "air.csv", "time_s,capacity_kbps\n0,1000\n4000,400\n9000,0\n12000,800\n15000,2000\n"};

/* Two devices send 7 Gbit each, at 0 and 10000 s; .3 s later their bits begin to flow. */
static const char scenario[] =
    "tiersim: 1\n"
    "name: transfers\n"
    "nodes:\n"
    "  device: {tier: end, count: 2, attach: edge}\n"
    "  edge: {tier: edge, processors: {cpu: {cores: 2, speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  air:\n"
    "    from: device\n"
    "    to: edge\n"
    "    per: edge\n"
    "    latency: 300 ms\n"
    "    capacity: {trace: {file: air.csv, format: throughput, start: first}}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {periodic: {period: 20000 s}}, input: 7 Gbit, work: 1 GFLOP}\n"
    "experiment: {policies: [nearest_edge], duration: 20000 s, drain: 100000 s}\n";

#define ONE      "nodes.device.count=1"
#define INPUT(x) "workloads.job.input=" x

static struct simulated over_trace(const char *a, const char *b, const char *c)
{
    return simulate(&(struct simulate_input){.scenario = scenario, .set = {a, b, c}, .file = {air}, .rows = true});
}

static double upload_of(const struct simulated *sim, double release_s)
{
    const struct row_block *b = sim->rows[0];
    for (uint32_t i = 0; i < b->n; i++) {
        if (b->release[i] == release_s) {
            return (double)b->upload[i];
        }
    }
    fail_msg("no job released at %g s", release_s);
    return NAN;
}

static void one_message_after_the_other(void **state)
{
    (void)state;
    /*
     * The first: 3.9997 Gbit by 4000, 5.9997 by 9000, the rest of 1.0003 at 800 kbit/s from 12000: until 13250.375.
     * The second from then on: 1.3997 by 15000, the rest of 5.6003 at 2 Mbit/s: until 17800.15, released at 10000.
     */
    struct simulated sim = over_trace(NULL, NULL, NULL);
    assert_near(sim.record[0].metric[M_LATENCY_UPLOAD], (13250.375 + 7800.15) / 2, 1e-9, 0);
    assert_near(upload_of(&sim, 0), 13250.375, 1e-6, 0);
    assert_near(upload_of(&sim, 10000), 7800.15, 1e-6, 0);
    simulated_clear(&sim);
}

static void two_messages_at_once(void **state)
{
    (void)state;
    /*
     * The second starts during the outage.  From 12000 on each gets 400 kbit/s; the first has 1.0003 Gbit left: until
     * 14500.75.  The second has carried as much, 5.9997 are left: .3994 by 15000, 5.6003 at 2 Mbit/s: until 17800.15.
     */
    struct simulated sim = over_trace("links.air.sharing=fair", NULL, NULL);
    assert_near(sim.record[0].metric[M_LATENCY_UPLOAD], (14500.75 + 7800.15) / 2, 1e-9, 0);
    assert_near(upload_of(&sim, 0), 14500.75, 1e-6, 0);
    assert_near(upload_of(&sim, 10000), 7800.15, 1e-6, 0);
    simulated_clear(&sim);
}

/* 30 Gbit: two whole rounds carry 28.8 from .3 to 36000.3, the rest takes 1200 s.  All disciplines, alone. */
static void a_trace_goes_round(void **state)
{
    (void)state;
    static const char *const sharing[] = {"links.air.sharing=fifo", "links.air.sharing=fair"};
    for (size_t i = 0; i < LEN(sharing); i++) {
        struct simulated sim = over_trace(sharing[i], ONE,
                                          "workloads.job={at: device, arrivals: {periodic: {period: 100000 s}}, "
                                          "input: 30 Gbit, work: 1 GFLOP}");
        assert_near(sim.record[0].metric[M_LATENCY_UPLOAD], 37200.3, 1e-9, 0);
        simulated_clear(&sim);
    }
    /* The way that queues take where jobs can be taken out of them. */
    struct simulated sim = over_trace(ONE, "workloads.job.deadline={after: 19000 s, late: drop}", INPUT("7 Gbit"));
    assert_near(sim.record[0].metric[M_LATENCY_UPLOAD], 13250.375, 1e-9, 0);
    simulated_clear(&sim);
}

/* Up until 13250.375, computed until 13251.375; the bits of the result from 13251.675 on at 800 kbit/s. */
static void the_way_back_has_a_capacity_of_its_own(void **state)
{
    (void)state;
    struct simulated sim = over_trace(ONE, "workloads.job.output=1 Gbit", NULL);
    assert_near(sim.record[0].metric[M_LATENCY_DOWNLOAD], .3 + 1250, 1e-9, 0);
    simulated_clear(&sim);
    struct simulated wide = over_trace(ONE, "workloads.job.output=1 Gbit",
                                       "links.air.down={capacity: 100 Mbit/s, latency: 50 ms}");
    assert_near(wide.record[0].metric[M_LATENCY_UPLOAD], 13250.375, 1e-9, 0);
    assert_near(wide.record[0].metric[M_LATENCY_DOWNLOAD], .05 + 10, 1e-9, 0);
    simulated_clear(&wide);
}

/* Two flows of 1000 B over a shared link of 1000 B/s: both end at 2 s (SimGrid, cm02). */
static void equal_flows_end_together(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = scenario,
        .file = {air},
        .set = {"links.air={from: device, to: edge, per: edge, sharing: fair, capacity: 8 kbit/s}",
                "workloads.job.arrivals.periodic.phase=sync", INPUT("1000 B")}});
    assert_near(sim.record[0].metric[M_JOBS], 2, 0, 0);
    assert_near(sim.record[0].metric[M_LATENCY_UPLOAD], 2, 1e-9, 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message_after_the_other),
        cmocka_unit_test(two_messages_at_once),
        cmocka_unit_test(a_trace_goes_round),
        cmocka_unit_test(the_way_back_has_a_capacity_of_its_own),
        cmocka_unit_test(equal_flows_end_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
