/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_golden.c - small systems whose every job was worked out by hand: each row of a table is a job of the run with
 * all parts of its latency, and the derivation stands above it.  Times in s; a row is stored as float, so 1e-6.
 */
#include "tests/simulate.h"

#include <tiersim/policy.h>

struct want {
    uint32_t workload;
    uint64_t number;
    double release, upload, queue, compute, download, energy;
    enum ts_end end;
    uint32_t place;
};

#define NEAR(got, want) assert_near((double)(got), (want), 1e-6, 1e-9)

static const char *const end_name[TS_N_END] = {
    [TS_DONE] = "done",      [TS_LATE] = "late",       [TS_REJECTED] = "rejected",    [TS_DROP_FULL] = "full",
    [TS_DROP_EXPIRED] = "expired", [TS_DROP_REFUSED] = "refused", [TS_DROP_LINK] = "link", [TS_DROP_LOST] = "lost",
    [TS_CANCELLED] = "cancelled",  [TS_OPEN] = "open",
};

/* The row of a job in a replication of a policy. */
static uint32_t row_of(const struct row_block *b, uint32_t workload, uint64_t number)
{
    for (uint32_t i = 0; i < b->n; i++) {
        if (b->workload[i] == workload && b->number[i] == number) {
            return i;
        }
    }
    fail_msg("no row of job %u.%lu", workload, (unsigned long)number);
    return 0;
}

static void check_rows(const struct simulated *sim, uint32_t policy, const struct want *w, size_t n)
{
    const struct row_block *b = sim->rows[policy * sim->n_replication];
    for (size_t k = 0; k < n; k++, w++) {
        uint32_t i = row_of(b, w->workload, w->number);
        if (getenv("TS_SHOW")) {
            printf("%u.%lu: release %g upload %g queue %g compute %g download %g energy %g %s at %u\n", w->workload,
                   (unsigned long)w->number, b->release[i], (double)b->upload[i], (double)b->queue[i],
                   (double)b->compute[i], (double)b->download[i], (double)b->energy[i], end_name[b->end[i]],
                   b->place[i]);
        }
        NEAR(b->release[i], w->release);
        NEAR(b->decide[i], 0);
        NEAR(b->upload[i], w->upload);
        NEAR(b->queue[i], w->queue);
        NEAR(b->compute[i], w->compute);
        NEAR(b->download[i], w->download);
        NEAR(b->other[i], 0);
        NEAR(b->latency[i], w->upload + w->queue + w->compute + w->download);
        NEAR(b->energy[i], w->energy);
        assert_string_equal(end_name[b->end[i]], end_name[w->end]);
        assert_int_equal(b->place[i], w->place);
    }
}

#define CHECK_ROWS(sim, policy, ...)                                   \
    do {                                                               \
        static const struct want want_[] = {__VA_ARGS__};              \
        check_rows((sim), (policy), want_, LEN(want_));                \
    } while (0)

static struct simulated rows_of(const char *scenario, const char *set)
{
    return simulate(&(struct simulate_input){.scenario = scenario, .set = {set}, .rows = true});
}

/*
 * Out: latency .01, 8 Mbit at 8 Mbit/s = 1, latency .05, 8 at 40 = .2: 1.26.  Back: .05, 4 at 40 = .1, .01, 4 at 8 =
 * .5: .66.  A frame every 1.5 s, 2 s of work each: the frame of 1.5 joins at 2.76 and waits until 3.26, that of 3 joins
 * at 4.26 and waits until 5.26.  Energy: 2 s at 100 W above idle, 12 Mbit over the air at 1 uJ/bit.
 */
static const char two_hops[] =
    "tiersim: 1\n"
    "name: two_hops\n"
    "nodes:\n"
    "  camera: {tier: end, attach: edge}\n"
    "  edge: {tier: edge}\n"
    "  cloud: {tier: cloud, power: {idle: 50 W, busy: 150 W}, processors: {gpu: {speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  air: {from: camera, to: edge, capacity: 8 Mbit/s, latency: 10 ms, energy: 1 uJ/bit}\n"
    "  wan: {from: edge, to: cloud, capacity: 40 Mbit/s, latency: 50 ms}\n"
    "workloads:\n"
    "  frame: {at: camera, arrivals: {periodic: {period: 1.5 s}}, input: 1 MB, work: 2 GFLOP, output: 500 kB}\n"
    "experiment: {policies: [cloud], duration: 4 s, drain: 20 s}\n";

static void a_frame_takes_two_hops_and_back(void **state)
{
    (void)state;
    struct simulated sim = rows_of(two_hops, NULL);
    CHECK_ROWS(&sim, 0,
               {0, 0, 0, 1.26, 0, 2, .66, 212, TS_DONE, 0},
               {0, 1, 1.5, 1.26, .5, 2, .66, 212, TS_DONE, 0},
               {0, 2, 3, 1.26, 1, 2, .66, 212, TS_DONE, 0});
    const double *m = sim.record[0].metric;
    assert_near(m[M_JOBS], 3, 0, 0);
    assert_near(m[M_LATENCY_MEAN], 1.26 + .5 + 2 + .66, 1e-12, 0);
    assert_near(m[M_BYTES_PER_JOB], 2 * 1.5e6, 1e-12, 0);
    assert_near(m[M_ENERGY_PER_JOB], 212, 1e-12, 0);
    assert_near(m[M_UTILISATION], (4 - 1.26) / 4, 1e-12, 0); /* the cloud is busy from 1.26 on */
    /* Baseline 50 W, gpu 100 W; by 4 two frames have left the air, at 1.01 and 2.51, and one result, at 3.92. */
    assert_near(m[M_ENERGY_TOTAL], 4 * 50 + (4 - 1.26) * 100 + 16 + 4, 1e-12, 0);
    simulated_clear(&sim);
}

/*
 * A fair link of 8 Mbit/s.  The short (8 Mbit, every 3 s) and the long (24 Mbit) both start at 0, 4 Mbit/s each: the
 * short is there at 2, the long has 16 left, 8 of them at 3.  The second short shares again: both end at 5.  The third
 * is alone from 6 to 7.  Two cores, 1 s of work each.
 */
static const char fair_link[] =
    "tiersim: 1\n"
    "name: fair_link\n"
    "nodes:\n"
    "  robot: {tier: end, attach: edge}\n"
    "  edge: {tier: edge, processors: {cpu: {cores: 2, speed: 1 GFLOP/s}}}\n"
    "links: {air: {from: robot, to: edge, sharing: fair, capacity: 8 Mbit/s}}\n"
    "workloads:\n"
    "  short: {at: robot, arrivals: {periodic: {period: 3 s}}, input: 8 Mbit, work: 1 GFLOP}\n"
    "  long: {at: robot, arrivals: {periodic: {period: 100 s}}, input: 24 Mbit, work: 1 GFLOP}\n"
    "experiment: {policies: [nearest_edge], duration: 8 s, drain: 20 s}\n";

static void uploads_share_a_link(void **state)
{
    (void)state;
    struct simulated sim = rows_of(fair_link, NULL);
    CHECK_ROWS(&sim, 0,
               {0, 0, 0, 2, 0, 1, 0, 0, TS_DONE, 0},
               {1, 0, 0, 5, 0, 1, 0, 0, TS_DONE, 0},
               {0, 1, 3, 2, 0, 1, 0, 0, TS_DONE, 0},
               {0, 2, 6, 1, 0, 1, 0, 0, TS_DONE, 0});
    simulated_clear(&sim);
}

/*
 * All are released at 0 and go over one link of 8 Mbit/s, 8 Mbit each, in the order of the file; then 2 s of work.
 *   upload    0 to .5, taken out there by its deadline: 4 Mbit at 1 uJ/bit are wasted
 *   service   .5 to 1.5 on the link, served from 1.5 to its deadline at 3: 1.5 s at 10 W, 8 J of the link
 *   waiting   1.5 to 2.5, waits for the core until its deadline at 2.75
 *   late      2.5 to 3.5, served until 5.5, 1 Mbit back in .125: .625 after its deadline at 5, but let finish
 */
static const char deadlines[] =
    "tiersim: 1\n"
    "name: deadlines\n"
    "nodes:\n"
    "  robot: {tier: end, attach: edge}\n"
    "  edge: {tier: edge, power: {idle: 1 W, busy: 11 W}, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links: {air: {from: robot, to: edge, capacity: 8 Mbit/s, energy: 1 uJ/bit}}\n"
    "defaults: &job {at: robot, arrivals: {periodic: {period: 100 s}}, input: 8 Mbit, work: 2 GFLOP, output: 1 Mbit}\n"
    "workloads:\n"
    "  upload: {<<: *job, deadline: {after: 500 ms, late: drop}}\n"
    "  service: {<<: *job, deadline: {after: 3 s, late: drop}}\n"
    "  waiting: {<<: *job, deadline: {after: 2.75 s, late: drop}}\n"
    "  late: {<<: *job, deadline: {after: 5 s, late: finish}}\n"
    "experiment: {policies: [nearest_edge], duration: 10 s, drain: 20 s}\n";

static void a_deadline_takes_out_a_job_wherever_it_is(void **state)
{
    (void)state;
    struct simulated sim = rows_of(deadlines, NULL);
    CHECK_ROWS(&sim, 0,
               {0, 0, 0, .5, 0, 0, 0, 4, TS_DROP_EXPIRED, 0},
               {1, 0, 0, 1.5, 0, 1.5, 0, 8 + 15, TS_DROP_EXPIRED, 0},
               {2, 0, 0, 2.5, .25, 0, 0, 8, TS_DROP_EXPIRED, 0},
               {3, 0, 0, 3.5, 0, 2, .125, 8 + 20 + 1, TS_LATE, 0});
    const double *m = sim.record[0].metric;
    NEAR(sim.rows[0]->slack[row_of(sim.rows[0], 3, 0)], -.625);
    assert_near(m[M_MISS_RATIO], 1, 0, 0);
    assert_near(m[M_DROP_EXPIRED], .75, 0, 0);
    assert_near(m[M_FINISHED_RATIO], .25, 0, 0);
    assert_near(m[M_ENERGY_USEFUL], 29, 1e-12, 0);
    assert_near(m[M_ENERGY_WASTE], 4 + 23 + 8, 1e-12, 0);
    assert_near(m[M_ENERGY_DYNAMIC], 29 + 35, 1e-12, 0); /* all lives lie within the window */
    assert_near(m[M_ENERGY_IDLE], 10, 1e-12, 0);
    assert_near(m[M_GOODPUT], 0, 0, 0);
    assert_near(m[M_THROUGHPUT], .1, 1e-12, 0);
    simulated_clear(&sim);
}

/*
 * Admission, 1 s of work each, deadline 2.5 after the release, every .4 s.  Ahead of job 1 there is 1 s: .4 + 1 + 1 =
 * 2.4 <= 2.9.  Ahead of job 2, 2 s: 3.8 > 3.3, rejected.  At 1.2 job 0 has gone: 1.2 + 1 + 1 = 3.2 <= 3.7.  Ahead of
 * job 4, 2 s again: 4.6 > 4.1.  Served from 0, 1 and 2 on.
 */
static const char admission[] =
    "tiersim: 1\n"
    "name: admission\n"
    "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: edf}}}}\n"
    "workloads: {job: {at: server, deadline: 2.5 s, arrivals: {periodic: {period: 400 ms}}, work: 1 GFLOP}}\n"
    "experiment: {policies: [edf_admission], duration: 1.7 s, drain: 10 s}\n";

static void who_would_be_late_is_turned_away(void **state)
{
    (void)state;
    struct simulated sim = rows_of(admission, NULL);
    CHECK_ROWS(&sim, 0,
               {0, 0, 0, 0, 0, 1, 0, 0, TS_DONE, 0},
               {0, 1, .4, 0, .6, 1, 0, 0, TS_DONE, 0},
               {0, 2, .8, 0, 0, 0, 0, 0, TS_REJECTED, TS_NONE},
               {0, 3, 1.2, 0, .8, 1, 0, 0, TS_DONE, 0},
               {0, 4, 1.6, 0, 0, 0, 0, 0, TS_REJECTED, TS_NONE});
    assert_near(sim.record[0].metric[M_REJECT_RATIO], .4, 1e-15, 0);
    assert_near(sim.record[0].metric[M_MISS_RATIO], .4, 1e-15, 0);
    simulated_clear(&sim);
}

/*
 * Low (3 s of work) and high (.5 s, every 2 s) on one core.  Preempted: high 0 to .5, low .5 to 2, high 2 to 2.5, low
 * 2.5 to 4, where it ends before the next high is released.  Not preempted: low is first, 0 to 3; high of 0 from 3,
 * that of 2 from 3.5, that of 4 from 4.
 */
static const char priorities[] =
    "tiersim: 1\n"
    "name: priorities\n"
    "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: priority}}}}\n"
    "workloads:\n"
    "  low: {at: server, priority: 1, arrivals: {periodic: {period: 100 s}}, work: 3 GFLOP}\n"
    "  high: {at: server, priority: 2, arrivals: {periodic: {period: 2 s}}, work: 0.5 GFLOP}\n"
    "experiment: {policies: [local], duration: 5 s}\n";

static void the_more_urgent_goes_first(void **state)
{
    (void)state;
    struct simulated resume = rows_of(priorities, NULL);
    CHECK_ROWS(&resume, 0,
               {0, 0, 0, 0, 1, 3, 0, 0, TS_DONE, 0},
               {1, 0, 0, 0, 0, .5, 0, 0, TS_DONE, 0},
               {1, 1, 2, 0, 0, .5, 0, 0, TS_DONE, 0},
               {1, 2, 4, 0, 0, .5, 0, 0, TS_DONE, 0});
    simulated_clear(&resume);
    struct simulated none = rows_of(priorities, "nodes.server.processors.cpu.preempt=none");
    CHECK_ROWS(&none, 0,
               {0, 0, 0, 0, 0, 3, 0, 0, TS_DONE, 0},
               {1, 0, 0, 0, 3, .5, 0, 0, TS_DONE, 0},
               {1, 1, 2, 0, 1.5, .5, 0, 0, TS_DONE, 0},
               {1, 2, 4, 0, 0, .5, 0, 0, TS_DONE, 0});
    simulated_clear(&none);
}

/*
 * The device takes 1 s; the edge .25 s and .5 s to get there, 1 s while another message is under way (it would share).
 * A job every .4 s; place 0 is the device, 1 the edge. Margin .2.  0: device 1, edge .5 + .25 + .2 = .95: edge.  .4:
 * device 1, edge 1 + .25 + .2: device, until 1.4.  .8: device
 *   busy, 1 + 1; edge .95: edge.  1.2: device 2, edge 1.45: edge; the link is busy until 1.3, so it is there at 1.8.
 * Margin .3.  0: edge 1.05: device, until 1.  .4: device 2, edge 1.05: edge.  .8: device 2, edge 1.55: edge, there at
 * 1.4.
 *   1.2: device 1, edge 1.55: device.
 */
static const char choice[] =
    "tiersim: 1\n"
    "name: choice\n"
    "nodes:\n"
    "  device: {tier: end, attach: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 4 GFLOP/s}}}\n"
    "links: {air: {from: device, to: edge, capacity: 8 Mbit/s}}\n"
    "workloads: {job: {at: device, arrivals: {periodic: {period: 400 ms}}, input: 4 Mbit, work: 1 GFLOP}}\n"
    "experiment: {policies: [mct: {margin: 200 ms}, mct: {margin: 300 ms}], duration: 1.3 s, drain: 10 s}\n";

static void a_job_leaves_its_device_for_a_gain(void **state)
{
    (void)state;
    struct simulated sim = rows_of(choice, NULL);
    CHECK_ROWS(&sim, 0,
               {0, 0, 0, .5, 0, .25, 0, 0, TS_DONE, 1},
               {0, 1, .4, 0, 0, 1, 0, 0, TS_DONE, 0},
               {0, 2, .8, .5, 0, .25, 0, 0, TS_DONE, 1},
               {0, 3, 1.2, .6, 0, .25, 0, 0, TS_DONE, 1});
    CHECK_ROWS(&sim, 1,
               {0, 0, 0, 0, 0, 1, 0, 0, TS_DONE, 0},
               {0, 1, .4, .5, 0, .25, 0, 0, TS_DONE, 1},
               {0, 2, .8, .6, 0, .25, 0, 0, TS_DONE, 1},
               {0, 3, 1.2, 0, 0, 1, 0, 0, TS_DONE, 0});
    simulated_clear(&sim);
}

/*
 * Batches of three at most, 1 s for them and .5 s before, waiting up to 1 s; a job every .6 s.  The first has waited
 * for 1 s at 1: two are served until 2.5.  By then 1.2, 1.8, 2.4 are there: a full batch until 4.  3.0 has waited for 1
 * s then, and is served with 3.6 until 5.5.  Everybody is in service for the 1.5 s of a round.
 */
static const char batches[] =
    "tiersim: 1\n"
    "name: batches\n"
    "nodes:\n"
    "  server:\n"
    "    tier: edge\n"
    "    power: {idle: 20 W, busy: 80 W}\n"
    "    processors:\n"
    "      gpu: {speed: 1 GFLOP/s, discipline: batch, batch: {max: 3, wait: 1 s, overhead: 500 ms}}\n"
    "workloads: {job: {at: server, arrivals: {periodic: {period: 600 ms}}, work: 1 GFLOP}}\n"
    "experiment: {policies: [local], duration: 4 s, drain: 10 s}\n";

static void a_batch_waits_for_company(void **state)
{
    (void)state;
    struct simulated sim = rows_of(batches, NULL);
    CHECK_ROWS(&sim, 0,
               {0, 0, 0, 0, 1, 1.5, 0, 45, TS_DONE, 0}, /* 60 W for 1.5 s, shared by two */
               {0, 1, .6, 0, .4, 1.5, 0, 45, TS_DONE, 0},
               {0, 2, 1.2, 0, 1.3, 1.5, 0, 30, TS_DONE, 0},
               {0, 3, 1.8, 0, .7, 1.5, 0, 30, TS_DONE, 0},
               {0, 4, 2.4, 0, .1, 1.5, 0, 30, TS_DONE, 0},
               {0, 5, 3, 0, 1, 1.5, 0, 45, TS_DONE, 0},
               {0, 6, 3.6, 0, .4, 1.5, 0, 45, TS_DONE, 0});
    simulated_clear(&sim);
}

/*
 * Two jobs of 10 s at 0 on one core: one after the other, the second runs from 10 to 20 (cloudsimplus issue 53); in
 * equal shares, both end at 20; with room for one, the second is dropped on the spot.
 */
static const char two_jobs[] =
    "tiersim: 1\n"
    "name: two_jobs\n"
    "nodes: {host: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
    "workloads:\n"
    "  first: {at: host, arrivals: {periodic: {period: 1000 s}}, work: 10 GFLOP}\n"
    "  second: {at: host, arrivals: {periodic: {period: 1000 s}}, work: 10 GFLOP}\n"
    "experiment: {policies: [local], duration: 30 s}\n";

static void space_and_time_are_shared(void **state)
{
    (void)state;
    struct simulated space = rows_of(two_jobs, NULL);
    CHECK_ROWS(&space, 0,
               {0, 0, 0, 0, 0, 10, 0, 0, TS_DONE, 0},
               {1, 0, 0, 0, 10, 10, 0, 0, TS_DONE, 0});
    assert_near(space.record[0].class_metric[1][M_LATENCY_MEAN], 20, 1e-9, 0);
    simulated_clear(&space);
    struct simulated time = rows_of(two_jobs, "nodes.host.processors.cpu.discipline=ps");
    CHECK_ROWS(&time, 0,
               {0, 0, 0, 0, 0, 20, 0, 0, TS_DONE, 0},
               {1, 0, 0, 0, 0, 20, 0, 0, TS_DONE, 0});
    assert_near(time.record[0].class_metric[0][M_LATENCY_MEAN], 20, 1e-9, 0);
    assert_near(time.record[0].class_metric[1][M_LATENCY_MEAN], 20, 1e-9, 0);
    simulated_clear(&time);
    struct simulated full = rows_of(two_jobs, "nodes.host.processors.cpu.queue=1");
    CHECK_ROWS(&full, 0,
               {0, 0, 0, 0, 0, 10, 0, 0, TS_DONE, 0},
               {1, 0, 0, 0, 0, 0, 0, 0, TS_DROP_FULL, 0});
    simulated_clear(&full);
}

/* An end at the deadline meets it (SEMANTICS 3.6), whether a late job would be dropped or not. */
static void the_last_moment_is_in_time(void **state)
{
    (void)state;
    static const char *const deadline[] = {"workloads.first.deadline={after: 10 s, late: finish}",
                                           "workloads.first.deadline={after: 10 s, late: drop}"};
    for (size_t i = 0; i < LEN(deadline); i++) {
        struct simulated sim = rows_of(two_jobs, deadline[i]);
        CHECK_ROWS(&sim, 0, {0, 0, 0, 0, 0, 10, 0, 0, TS_DONE, 0});
        assert_near(sim.record[0].class_metric[0][M_MISS_RATIO], 0, 0, 0);
        simulated_clear(&sim);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_takes_two_hops_and_back),
        cmocka_unit_test(uploads_share_a_link),
        cmocka_unit_test(a_deadline_takes_out_a_job_wherever_it_is),
        cmocka_unit_test(who_would_be_late_is_turned_away),
        cmocka_unit_test(the_more_urgent_goes_first),
        cmocka_unit_test(a_job_leaves_its_device_for_a_gain),
        cmocka_unit_test(a_batch_waits_for_company),
        cmocka_unit_test(space_and_time_are_shared),
        cmocka_unit_test(the_last_moment_is_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
