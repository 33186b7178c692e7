/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The digest of a run says what happened, and nothing else reaches it: no fold, no way of computing, no seed that is not
 * its own.  What threads leave in the file is looked at in tests/e2e/threads.sh.
 */
#include "tests/workshop.h"

static uint64_t digest_with(struct workshop w, uint32_t policy, struct run_spec change)
{
    struct scenario s;
    struct tape tape;
    workshop_read(&s, w);
    struct run_spec spec = replication_of(&s, policy);
    spec.replication = change.replication;
    spec.tie_seed = change.tie_seed;
    spec.queued = change.queued;
    spec.seed += change.seed;
    replicate(spec, &tape);
    uint64_t digest = digest_of(&s, &tape);
    free(tape.t);
    scenario_free(&s);
    return digest;
}

static void the_same_run_has_the_same_digest(void **state)
{
    (void)state;
    assert_true(digest_with((struct workshop){0}, 0, (struct run_spec){0}) ==
                digest_with((struct workshop){0}, 0, (struct run_spec){0}));
}

/* 7 policies, 3 replications, 2 seeds: 42 runs of which no two are alike. */
static void policy_replication_and_seed_show_in_the_digest(void **state)
{
    uint64_t digest[42];
    size_t n = 0;
    (void)state;
    for (uint32_t p = 0; p < 7; p++) {
        for (uint32_t r = 0; r < 3; r++) {
            for (uint64_t seed = 0; seed < 2; seed++) {
                digest[n++] = digest_with((struct workshop){0}, p, (struct run_spec){.replication = r, .seed = seed});
            }
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(digest[i] != digest[j]);
        }
    }
}

/*
 * Departures are computed ahead where nobody can be taken out of a queue; the records are then made at the instants of
 * the departures all the same.  Without `late: drop`, every FIFO place and link is such a station.
 */
static void computing_departures_ahead_does_not_show(void **state)
{
    static const char *const fifo[] = {"workloads.alarm.deadline=70 ms", "nodes.edge.processors.gpu.discipline=fifo",
                                       "links.cell.sharing=fifo",
                                       "nodes.robot.processors.cpu={cores: 2, speed: 10 GFLOP/s}", NULL};
    (void)state;
    for (uint32_t p = 0; p < 7; p++) {
        const struct workshop w = {.set = fifo};
        assert_true(digest_with(w, p, (struct run_spec){0}) == digest_with(w, p, (struct run_spec){.queued = true}));
    }
}

/* All cameras at the same instants: a tie seed puts them in another order, always the same for the same seed. */
static void a_tie_seed_shuffles_and_repeats(void **state)
{
    static const char *const sync[] = {"workloads.frame.arrivals={periodic: {period: 500 ms, phase: sync}}", NULL};
    const struct workshop w = {.set = sync};
    uint64_t digest[4];
    (void)state;
    for (uint64_t seed = 0; seed < LEN(digest); seed++) {
        digest[seed] = digest_with(w, 1, (struct run_spec){.tie_seed = seed});
        assert_true(digest[seed] == digest_with(w, 1, (struct run_spec){.tie_seed = seed}));
        for (uint64_t other = 0; other < seed; other++) {
            assert_true(digest[seed] != digest[other]);
        }
    }
}

static uint64_t ties_of(const struct scenario *s, const struct tape *tape)
{
    struct record r = record_of(s, tape->t, tape->n);
    uint64_t n_tie = r.n_tie;
    record_clear(&r);
    return n_tie;
}

/* Where no two things happen at one instant there is nothing to shuffle. */
static void without_ties_a_tie_seed_does_not_show(void **state)
{
    static const char text[] = "tiersim: 1\nname: queue\n"
                               "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                               "workloads: {customer: {at: server, arrivals: {poisson: {rate: 0.8 /s}},\n"
                               "            work: {exponential: {mean: 1 GFLOP}}}}\n"
                               "experiment: {policies: [local], jobs: 2000}\n";
    struct scenario s;
    struct tape tape[2];
    (void)state;
    scenario_of_text(&s, text, NULL);
    struct run_spec spec = replication_of(&s, 0);
    for (uint64_t seed = 0; seed < 2; seed++) {
        spec.tie_seed = seed;
        replicate(spec, &tape[seed]);
        assert_int_equal(ties_of(&s, &tape[seed]), 0);
    }
    assert_true(digest_of(&s, &tape[0]) == digest_of(&s, &tape[1]));
    free(tape[0].t);
    free(tape[1].t);
    scenario_free(&s);
}

/*
 * Five devices release at 0, 1, ..., 9 s each.  Served at home, each has its processor for itself.  At the hub, they join
 * the link together, which is four ties, end their equal inputs together and join the processor together, four more; it
 * serves one after the other, so that results come back alone.
 */
static void ties_between_users_of_a_resource_are_counted(void **state)
{
    static const char text[] =
        "tiersim: 1\nname: drum\n"
        "nodes: {drum: {tier: end, count: 5, attach: hub, processors: {cpu: {speed: 1 GFLOP/s}}},\n"
        "        hub: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
        "links: {air: {from: drum, to: hub, per: hub, sharing: fair, capacity: 8 Mbit/s}}\n"
        "workloads: {beat: {at: drum, arrivals: {periodic: {period: 1 s, phase: sync}}, input: 10 kB, work: 0.1 GFLOP,\n"
        "            output: 1 kB}}\n"
        "experiment: {policies: [local, nearest_edge], duration: 9.5 s}\n";
    struct scenario s;
    (void)state;
    scenario_of_text(&s, text, NULL);
    for (uint32_t policy = 0; policy < 2; policy++) {
        struct tape tape;
        struct run_counts counts = replicate(replication_of(&s, policy), &tape);
        assert_int_equal(counts.n_released, 50);
        assert_int_equal(ties_of(&s, &tape), policy == 0 ? 0 : 10 * (4 + 4));
        free(tape.t);
    }
    scenario_free(&s);
}

static void count_rows(void *ctx, const struct row_block *b)
{
    *(size_t *)ctx += b->n;
}

static void rows_do_not_show(void **state)
{
    struct scenario s;
    struct tape tape;
    struct measure m;
    struct record r = {0};
    size_t n_row = 0;
    struct row_sink sink = {count_rows, &n_row};
    const struct measure_options with_rows = {.member_max = 0, .rows = &sink};
    (void)state;
    workshop_read(&s, (struct workshop){0});
    struct run_counts counts = replicate(replication_of(&s, 1), &tape);
    assert_int_equal(measure_init(&m, &s, &with_rows, NULL), 0);
    for (size_t i = 0; i < tape.n; i++) { /* one by one, where the run hands over 512 */
        measure_fold(&m, tape.t + i, 1);
    }
    assert_int_equal(measure_finish(&m, &r, NULL), 0);
    assert_int_equal(n_row, counts.n_released);
    assert_true(r.digest == digest_of(&s, &tape));
    measure_clear(&m);
    record_clear(&r);
    free(tape.t);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_run_has_the_same_digest),
        cmocka_unit_test(policy_replication_and_seed_show_in_the_digest),
        cmocka_unit_test(computing_departures_ahead_does_not_show),
        cmocka_unit_test(a_tie_seed_shuffles_and_repeats),
        cmocka_unit_test(without_ties_a_tie_seed_does_not_show),
        cmocka_unit_test(ties_between_users_of_a_resource_are_counted),
        cmocka_unit_test(rows_do_not_show),
    };
    return cmocka_run_group_tests(tests, workshop_setup, NULL);
}
