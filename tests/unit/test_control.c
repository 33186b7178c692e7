/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_control.c - decisions as work at a place, by small cases worked out by hand: the rules of SEMANTICS 5.1 one by one.
 *
 * The world: one device behind a cell of 10 ms and 1 Mbit/s each way, an edge server, and a cloud 100 ms away over a link of
 * 1 Mbit/s.  Jobs have 1000 bits of input (1 ms on a link), none of output, and take 1 s at 1 GFLOP/s.
 */
#include "tests/simulate.h"


static const char world[] =
    "tiersim: 1\n"
    "name: world\n"
    "nodes:\n"
    "  device: {tier: end, attach: edge}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 11 W}}\n"
    "  cloud: {tier: cloud, count: 2, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, capacity: 1 Mbit/s, latency: 10 ms, energy: 1 uJ/bit}\n"
    "  wan: {from: edge, to: cloud, capacity: 1 Mbit/s, latency: 100 ms, energy: 1 uJ/bit}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {periodic: {period: 10 s}}, input: 125 B, work: 1 GFLOP}\n"
    "experiment: {policies: [jsq], duration: 10 s}\n";

static struct simulated run_with(const char *policies, const char *more, const char *again)
{
    return simulate(&(struct simulate_input){.scenario = world, .rows = true, .set = {policies, more, again}});
}

/* Request of 2000 bits: 10 + 2 ms to the edge, 100 + 2 ms on; thinking 20 ms; answer of 1000 bits: 101 + 11 ms. */
static void a_question_travels_and_waits_and_the_answer_travels(void **state)
{
    (void)state;
    struct simulated sim = run_with("experiment.policies=["
                                    "jsq: {label: origin, at: origin, think: 20 ms},"
                                    "jsq: {label: edge, at: edge, think: 20 ms, bytes: {request: 250 B, answer: 125 B}},"
                                    "jsq: {label: cloud, at: cloud, think: 20 ms, bytes: {request: 250 B, answer: 125 B}}]",
                                    NULL, NULL);
    static const double want_s[] = {.020, .012 + .020 + .011, .114 + .020 + .112};
    for (unsigned p = 0; p < LEN(want_s); p++) {
        assert_near(simulated_value(&sim, p, 0, 0, M_LATENCY_DECIDE), want_s[p], 1e-12, 0);
        assert_near(simulated_value(&sim, p, 0, 0, M_DECIDE_P50), want_s[p], 1. / 256, 0);
    }
    /* Bytes over all hops, and joules: 1 uJ a bit; thinking takes the 10 W of a core of the edge, none of the others. */
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_CONTROL_BYTES), 0, 0, 0);
    assert_near(simulated_value(&sim, 1, 0, ALL_CLASSES, M_CONTROL_BYTES), 375, 1e-12, 0);
    assert_near(simulated_value(&sim, 2, 0, ALL_CLASSES, M_CONTROL_BYTES), 750, 1e-12, 0);
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_ENERGY_CONTROL), 0, 0, 0);
    assert_near(simulated_value(&sim, 1, 0, ALL_CLASSES, M_ENERGY_CONTROL), 3e-3 + .2, 1e-12, 0);
    assert_near(simulated_value(&sim, 2, 0, ALL_CLASSES, M_ENERGY_CONTROL), 6e-3, 1e-12, 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_travels_and_waits_and_the_answer_travels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
