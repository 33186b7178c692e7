/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_ifogsim.c - the published delays of iFogSim's surveillance example (Gupta et al., Softw. Pract. Exper. 47, 2017; DCNSFog of
 * its distribution as it stands: 1 area, 4 cameras that send together every 5 ms): 8.467 ms with object detector and tracker at
 * the router, 210.383 ms with both in the cloud.
 *
 * What they are.  The example watches two loops, and these are their sums.  The clock of a loop of modules starts when the first of
 * them sends and stops when that of its last receives, so neither the motion detector's 2 ms nor the tracker's service count:
 *
 *   ms                                 at the router               in the cloud
 *   motion's 2000 B, links of 10000/ms 0.2 + 2                     3 * 0.2 + 2 + 2 + 100
 *   behind the other cameras' data     -                           (0 + 0.2 + 0.4 + 0.6) / 4 at the router, in line
 *   detector, 2000 MI                  4 * 2000/2800, shared by 4  2000/44800, alone: data come 0.2 apart
 *   tracker's 100 B to a camera        0.01 + 2                    3 * 0.01 + 100 + 2 + 2
 *   its actuator                       1                           1
 *   sum                                8.0671                      209.9746
 *   ticks                              4 * 0.1                     4 * 0.1
 *   sum with ticks                     8.4671                      210.3746
 *
 * A tick of 0.1 ms is the least time between two events there: it is taken by each of the three messages, which a device sends to
 * itself first, and by the end of the detector's service.  Its printed parts agree: 5.35714 and 3.11 at the router, and
 * 2.95714 for the detector alone.  We have no ticks, so we are 0.4 ms below it, to the third decimal at the router; in the
 * cloud, where services are shorter than a tick, to a tenth of a tick.
 */
#include "tests/simulate.h"

/* 1 ms and 1 MI are 1 ms and 1 MFLOP; the actuator is a processor of the camera that takes 1 ms. */
static const char dcns[] =
    "tiersim: 1\n"
    "name: dcns\n"
    "nodes:\n"
    "  camera: {tier: end, count: 4, attach: router, processors: {npu: {speed: 500 GFLOP/s}, ptz: {speed: 1 GFLOP/s}}}\n"
    "  router: {tier: edge, processors: {cpu: {speed: 2800 GFLOP/s, discipline: ps}}}\n"
    "  proxy: {tier: edge}\n"
    "  cloud: {tier: cloud, processors: {cpu: {speed: 44800 GFLOP/s, discipline: ps}}}\n"
    "links:\n"
    "  area: {from: camera, to: router, capacity: 10000 kB/s, latency: 2 ms}\n"
    "  up: {from: router, to: proxy, capacity: 10000 kB/s, latency: 2 ms, sharing: fifo}\n"
    "  wan: {from: proxy, to: cloud, capacity: 10000 kB/s, latency: 100 ms, sharing: fifo}\n"
    "workloads:\n"
    "  view:\n"
    "    at: camera\n"
    "    arrivals: {periodic: {period: 5 ms, phase: sync}}\n"
    "    tasks:\n"
    "      motion: {work: 1000 MFLOP, runs_on: npu}\n"
    "      detect: {work: 2000 MFLOP, runs_on: cpu, after: {motion: 2 kB}}\n"
    "      track: {work: 1000 MFLOP, runs_on: cpu, after: {detect: 100 B}}\n"
    "      move: {work: 1 MFLOP, runs_on: ptz, after: {track: 100 B}, output: 0 B}\n"
    "    loops:\n"
    "      watch: {tasks: [motion, detect, track], from: sent, upto: received}\n"
    "      move: {tasks: [track, move], from: sent}\n"
    "experiment: {policies: [nearest_edge, cloud], duration: 10 s, warm_up: 1 s}\n";

static const double at_router_ms = 8.467, in_cloud_ms = 210.383, tick_ms = 0.1;

static double mean_ms(const struct simulated *sim, uint32_t policy, const char *loop)
{
    const struct tally *t = tallies_find(&simulated_record(sim, policy, 0)->own, loop);
    assert_non_null(t);
    return 1e3 * t->sum / (double)t->n;
}

static void the_published_delays_less_their_ticks(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = dcns});
    const double watch_ms[] = {mean_ms(&sim, 0, "loop_watch"), mean_ms(&sim, 1, "loop_watch")},
                 move_ms[] = {mean_ms(&sim, 0, "loop_move"), mean_ms(&sim, 1, "loop_move")};
    assert_near(watch_ms[0], 0.2 + 2 + 4 * 2000 / 2800., 1e-9, 0);
    assert_near(watch_ms[1], 0.6 + 104 + 0.3 + 2000 / 44800., 1e-9, 0);
    assert_near(move_ms[0], 0.01 + 2 + 1, 1e-9, 0);
    assert_near(move_ms[1], 0.03 + 104 + 1, 1e-9, 0);
    assert_near(watch_ms[0] + move_ms[0] + 4 * tick_ms, at_router_ms, 0, 0.0005);
    assert_near(watch_ms[1] + move_ms[1] + 4 * tick_ms, in_cloud_ms, 0, tick_ms / 10);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_delays_less_their_ticks),
    };
    return cmocka_run_group_tests_name("ifogsim", tests, NULL, NULL);
}
