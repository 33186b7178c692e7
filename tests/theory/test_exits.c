/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_exits.c - a network with exits in a run: what follows from the shares, by hand.
 *
 * Stages of 20, 30 and 50 ms on the phone, a tenth of that on the server; exits of 1 ms behind the first two.  Data between stages
 * take 12 ms (10 kB at 8 Mbit/s and 2 ms), a result of 100 B 2.1 ms.
 */
#include "tests/simulate.h"

/* Up to the tasks of a photo. */
#define PHOTOS(name) \
    "tiersim: 1\n" \
    "name: " name "\n" \
    "nodes:\n" \
    "  phone: {tier: end, attach: server, processors: {cpu: {speed: 1 GFLOP/s}}}\n" \
    "  server: {tier: edge, processors: {gpu: {speed: 10 GFLOP/s}}}\n" \
    "links: {wifi: {from: phone, to: server, latency: 2 ms, capacity: 8 Mbit/s}}\n" \
    "workloads:\n" \
    "  photo:\n" \
    "    at: phone\n" \
    "    arrivals: {periodic: {period: 1 s}}\n" \
    "    deadline: 60 ms\n" \
    "    input: 100 kB\n" \
    "    output: 100 B\n"

static const char exits[] =
    PHOTOS("exits")
    "    tasks:\n"
    "      a: {work: 20 MFLOP}\n"
    "      x1: {work: 1 MFLOP, after: {a: 0 B}, leaves: 0.4, accuracy: [[0.4, 0.95], [0.7, 0.8], [1, 0.4]]}\n"
    "      b: {work: 30 MFLOP, after: {a: 10 kB, x1: 0 B}}\n"
    "      x2: {work: 1 MFLOP, after: {b: 0 B}, leaves: 0.7, accuracy: [[0.7, 0.95], [1, 0.6]]}\n"
    "      c: {work: 50 MFLOP, after: {b: 10 kB, x2: 0 B}, accuracy: 0.96}\n"
    "experiment: {policies: [local, edgent, spinn], jobs: 4000, seed: 3}\n";

enum { LOCAL, EDGENT, SPINN };

/* A share of the jobs is known to 4 standard errors of 4000 draws: 0.032 at most. */
static void jobs_leave_where_they_are_easy(void **state)
{
    struct simulated sim = SIMULATE_JOBS(exits, 4000, NULL);
    (void)state;
    /* 40 % leave after 21 ms, 30 % after 52 ms, the others take 102 ms. */
    assert_near(simulated_record(&sim, LOCAL, 0)->metric[M_LATENCY_MEAN], .4 * .021 + .3 * .052 + .3 * .102, 0, .032 * .081);
    assert_near(simulated_record(&sim, LOCAL, 0)->metric[M_ACCURACY], .7 * .95 + .3 * .96, 0, .032 * .01);
    /* The whole network meets 60 ms if it is cut behind the first stage: 20 + 12 + 3 + 5 + 2.1 ms. */
    assert_near(simulated_record(&sim, EDGENT, 0)->metric[M_LATENCY_MEAN], .0421, 1e-9, 0);
    assert_near(simulated_record(&sim, EDGENT, 0)->metric[M_ACCURACY], .96, 1e-12, 0);
    /* Sure to 0.95, cut behind the first exit: 21 ms, or 21 + 12 + 3 + 0.1 + 2.1 ms, or 21 + 12 + 3 + 0.1 + 5 + 2.1 ms. */
    assert_near(simulated_record(&sim, SPINN, 0)->metric[M_LATENCY_MEAN], .4 * .021 + .3 * .0382 + .3 * .0432, 0, .032 * .0222);
    assert_near(simulated_record(&sim, SPINN, 0)->metric[M_ACCURACY], .7 * .95 + .3 * .96, 0, .032 * .01);
    simulated_clear(&sim);
}

/* At 1 Mbit/s 10 kB take 82 ms, so nothing goes: 51 ms to the second exit, and for 40 ms 21 ms to the first. */
static void a_shorter_deadline_takes_an_earlier_exit(void **state)
{
    static const struct {
        const char *deadline;
        double latency_s, accuracy;
    } want[] = {{"workloads.photo.deadline=60 ms", .051, .7 * .95 + .3 * .6},
                {"workloads.photo.deadline=40 ms", .021, .4 * .95 + .3 * .8 + .3 * .4}};
    (void)state;
    for (size_t i = 0; i < LEN(want); i++) {
        struct simulated sim = SIMULATE_JOBS(exits, 4000, "links.wifi.capacity=1 Mbit/s", want[i].deadline);
        assert_near(simulated_record(&sim, EDGENT, 0)->metric[M_LATENCY_MEAN], want[i].latency_s, 1e-9, 0);
        assert_near(simulated_record(&sim, EDGENT, 0)->metric[M_ACCURACY], want[i].accuracy, 0, .032 * .55);
        simulated_clear(&sim);
    }
}

/*
 * An exit that all data go through cannot be left out: 40 % of the jobs end there unless a plan says otherwise.  Cut behind the
 * first stage, where nothing has to be sent: 20 + 2 + 0.1 + 2.1 ms, or 3 ms more.  If the deadline is shorter all end there, after
 * 21 ms on the phone.
 */
static void an_exit_on_the_only_way_stays(void **state)
{
    static const char chain[] =
        PHOTOS("chain")
        "    tasks:\n"
        "      a: {work: 20 MFLOP}\n"
        "      x1: {work: 1 MFLOP, after: {a: 0 B}, leaves: 0.4, accuracy: [[0.4, 0.95], [1, 0.4]]}\n"
        "      b: {work: 30 MFLOP, after: {x1: 10 kB}, accuracy: 0.96}\n"
        "experiment: {policies: [local, edgent, spinn], jobs: 4000, seed: 3}\n";
    struct simulated sim = SIMULATE_JOBS(chain, 4000, NULL);
    (void)state;
    assert_near(simulated_record(&sim, LOCAL, 0)->metric[M_LATENCY_MEAN], .021 + .6 * .03, 0, .032 * .03);
    for (uint32_t p = EDGENT; p <= SPINN; p++) {
        assert_near(simulated_record(&sim, p, 0)->metric[M_LATENCY_MEAN], .0242 + .6 * .003, 0, .032 * .003);
        assert_near(simulated_record(&sim, p, 0)->metric[M_ACCURACY], .4 * .95 + .6 * .96, 0, .032 * .01);
    }
    simulated_clear(&sim);
    sim = SIMULATE_JOBS(chain, 400, "workloads.photo.deadline=23 ms");
    assert_near(simulated_record(&sim, EDGENT, 0)->metric[M_LATENCY_MEAN], .021, 1e-9, 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_leave_where_they_are_easy),
        cmocka_unit_test(a_shorter_deadline_takes_an_earlier_exit),
        cmocka_unit_test(an_exit_on_the_only_way_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
