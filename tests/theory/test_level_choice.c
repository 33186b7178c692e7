/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_level_choice.c - LODCO, LyDROO and DROO choose the frequency in runs, too.  A device of 1 GFLOP/s and 20 W, whose
 * power goes with the cube of its speed, does 0.1 GFLOP a second: at x GFLOP/s a job takes 0.1 s / x and 2 J x^2.  Its way
 * to the server carries an input in 1.6 s, so that it pays to compute.
 */
#include "tests/simulate.h"

#define TEXT(levels)                                                                                                  \
    "tiersim: 1\n"                                                                                                    \
    "name: choice\n"                                                                                                  \
    "nodes:\n"                                                                                                        \
    "  device: {tier: end, attach: edge, processors: {cpu: {speed: 1 GFLOP/s" levels "}}, power: {busy: 20 W}}\n"     \
    "  edge: {tier: edge, processors: {cpu: {speed: 100 GFLOP/s}}}\n"                                                 \
    "links:\n"                                                                                                        \
    "  cell: {from: device, to: edge, per: edge, sharing: fifo, capacity: 0.5 Mbit/s}\n"                              \
    "workloads: {job: {at: device, arrivals: {periodic: {period: 1 s}}, input: 100 kB, work: 0.1 GFLOP}}\n"           \
    "experiment:\n"                                                                                                   \
    "  policies: [lodco: {energy: {most: 10 J, least: 0.01 J}, penalty: 1 s, harvest: 0 W}, droo, lydroo: {allowance: 0.6 W}]\n" \
    "  duration: 14 s\n  drain: 1 s\n"
#define LEVELS ", levels: [{speed: 0.25 GFLOP/s}, {speed: 0.5 GFLOP/s}, {speed: 1 GFLOP/s}, {speed: 2 GFLOP/s}]"

enum { LODCO, DROO, LYDROO };

/*
 * LODCO.  The battery begins at its offset, b = 0: time alone counts, 2 GFLOP/s, 8 J.  Then with e joules spent,
 * the least of e 2 x^2 + v 0.1 / x, in closed form at x* = (v / 40 e)^(1/3), which lies between the levels it is taken from:
 *     v  10, e  8 ..: x* = .315 or less; .25 costs 1 + 4 against .5 with 4 + 2: 0.25 from then on
 *     v 100, e  8 .. 14: x* = .68 to .56; .5 costs 4 + 20 against 1 with 16 + 10, .25 with 1 + 40: 0.5
 *     v 400, e  8, 10 .. 26: x* = 1.08 to .73; 1 costs 16 + 40 against .5 with 4 + 80, 2 with 64 + 20, and 52 + 40 < 13 + 80
 *            e 28: 56 + 40 > 14 + 80: 0.5 from the twelfth job on
 */
static void lodco_computes_at_the_best_level(void **state)
{
    (void)state;
    static const struct {
        const char *v;
        double first, then, from_twelfth; /* GFLOP/s */
    } row[] = {{"experiment.policies[0].lodco.v=10", 2, .25, .25},
               {"experiment.policies[0].lodco.v=100", 2, .5, .5},
               {"experiment.policies[0].lodco.v=400", 2, 1, .5}};
    for (size_t i = 0; i < LEN(row); i++) {
        struct simulate_input in = {.scenario = TEXT(LEVELS), .rows = true, .set = {row[i].v}};
        struct simulated sim = simulate(&in);
        const struct row_block *rows = sim.rows[LODCO];
        assert_int_equal(rows->n, 14);
        for (uint32_t k = 0; k < rows->n; k++) {
            double x = rows->number[k] == 0 ? row[i].first : rows->number[k] < 11 ? row[i].then : row[i].from_twelfth;
            assert_near(rows->compute[k], .1 / x, 1e-6, 0);
            assert_near(rows->energy[k], 2 * x * x, 1e-6, 0);
        }
        simulated_clear(&sim);
    }
}

/* All that was measured was computed in so long. */
static void check_computing(const struct row_block *rows, double s)
{
    for (uint32_t k = 0; k < rows->n; k++) {
        assert_true(!rows->measured[k] || rows->end[k] == TS_DONE);
        assert_near(rows->measured[k] ? rows->compute[k] : s, s, 1e-6, 0);
    }
}

/* Without levels there is one frequency; at v = 400 e 2 + 40 stays below the 400 of a drop. */
static void one_speed_is_no_choice(void **state)
{
    (void)state;
    struct simulate_input in = {.scenario = TEXT(""), .rows = true, .set = {"experiment.policies[0].lodco.v=400"}};
    struct simulated sim = simulate(&in);
    for (uint32_t p = LODCO; p <= DROO; p++) {
        check_computing(sim.rows[p], .1);
    }
    simulated_clear(&sim);
}

/* DROO: nothing but the rate counts, and the fastest level has the highest. */
static void droo_computes_at_the_fastest_level(void **state)
{
    (void)state;
    struct simulate_input in = {.scenario = TEXT(LEVELS), .rows = true};
    struct simulated sim = simulate(&in);
    check_computing(sim.rows[DROO], .05);
    simulated_clear(&sim);
}

/*
 * LyDROO.  At half the speed a job a second takes 0.5 W of the 0.6 W allowed: the queue of energy, 1000 times what was spent
 * beyond the allowance, brings the frequency down, and all is done; what was spent beyond it is what is left in that queue
 * over 1000, with a worth of a Mbit of 20 and some a few joules of 600 at most.  The usual speed takes 2 W: while k jobs are
 * paid off 3.3 k come, which are then done together, and so on: at the end some of more than half of all jobs wait.
 */
static void lydroo_lives_on_its_allowance_with_levels(void **state)
{
    (void)state;
    static const char *const text[] = {TEXT(""), TEXT(LEVELS)};
    double finished[2], job_j = 0;
    for (size_t i = 0; i < LEN(text); i++) {
        struct simulate_input in = {.scenario = text[i], .set = {"experiment.duration=1000 s", "experiment.drain=10 s"}};
        struct simulated sim = simulate(&in);
        finished[i] = simulated_value(&sim, LYDROO, 0, ALL_CLASSES, M_FINISHED_RATIO);
        job_j = simulated_value(&sim, LYDROO, 0, ALL_CLASSES, M_ENERGY_PER_JOB); /* a job a second: W */
        simulated_clear(&sim);
    }
    assert_true(finished[0] < .9);
    assert_true(finished[1] > .97);
    assert_near(job_j, .6, .02, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lodco_computes_at_the_best_level),
        cmocka_unit_test(one_speed_is_no_choice),
        cmocka_unit_test(droo_computes_at_the_fastest_level),
        cmocka_unit_test(lydroo_lives_on_its_allowance_with_levels),
    };
    return cmocka_run_group_tests_name("level_choice", tests, NULL, NULL);
}
