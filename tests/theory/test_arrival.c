/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_arrival.c - when jobs are released: rates, regularity and burstiness against their formulas, instants that must be
 * exact, and draws that must not move when something else changes.
 *
 * Statistics are judged by the standard error of the mean over independent replications: 5 of them.
 */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/base/fmath.h"
#include "sim/model/arrival.h"
#include "tests/mean.h"

enum { ENTITY = 77 };

static struct source *start(const struct arrivals *a, uint32_t n_members, uint32_t number, uint32_t replication)
{
    struct source *s = malloc(source_size(a, n_members));
    assert_non_null(s);
    source_start(s, a, n_members, number, (struct stream_key){5, replication}, ENTITY);
    return s;
}

/* Arrivals of the whole group in [0, until_s). */
static double count_until(const struct arrivals *a, uint32_t n_members, uint32_t replication, double until_s)
{
    double n = 0;
    for (uint32_t i = 0; i < arrivals_n_source(a, n_members); i++) {
        struct source *s = start(a, n_members, i, replication);
        struct arrival next;
        for (source_next(s, &next); next.look_s < until_s; source_next(s, &next)) {
            n++;
        }
        free(s);
    }
    return n;
}

/* Index of dispersion of the counts over until_s, its mean being known. */
static struct mean dispersion(const struct arrivals *a, uint32_t n_members, double until_s)
{
    struct mean t = {0};
    double want = arrivals_rate(a, n_members) * until_s;
    for (uint32_t r = 0; r < 3000; r++) {
        double off = count_until(a, n_members, r, until_s) - want;
        mean_add(&t, off * off / want);
    }
    return t;
}

static struct mean counts(const struct arrivals *a, uint32_t n_members, double until_s)
{
    struct mean t = {0};
    for (uint32_t r = 0; r < 1000; r++) {
        mean_add(&t, count_until(a, n_members, r, until_s));
    }
    return t;
}

static void a_poisson_group_has_its_rate_and_no_memory(void **state)
{
    (void)state;
    const struct arrivals a = {.kind = ARRIVAL_POISSON, .rate = 2};
    assert_near(arrivals_rate(&a, 10), 20, 0, 0);
    assert_mean(counts(&a, 10, 5), 100);
    assert_mean(dispersion(&a, 10, 5), 1);

    struct mean gap = {0}, square = {0}, member[10] = {{0}};
    struct source *s = start(&a, 10, 0, 0);
    double before_s = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        struct arrival next;
        source_next(s, &next);
        assert_true(next.index == i && next.release_s == next.look_s);
        double gap_s = next.look_s - before_s;
        mean_add(&gap, gap_s);
        mean_add(&square, gap_s * gap_s);
        for (uint32_t m = 0; m < 10; m++) {
            mean_add(&member[m], next.member == m);
        }
        before_s = next.look_s;
    }
    free(s);
    assert_mean(gap, 1.0 / 20);
    assert_mean(square, 2.0 / 400); /* CV 1 */
    for (uint32_t m = 0; m < 10; m++) {
        assert_mean(member[m], 0.1);
    }
}

static void draws_made_in_blocks_are_those_of_their_addresses(void **state)
{
    (void)state;
    const struct arrivals a = {.kind = ARRIVAL_POISSON, .rate = 0.125};
    struct source *s = start(&a, 8, 0, 3);
    double unit = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        struct draw_at at = {{5, 3}, ENTITY, 0, i, DRAW_INTERVAL, 0};
        struct arrival next;
        source_next(s, &next);
        unit -= ts_log(draw_uniform(&at, 0));
        at.purpose = DRAW_MEMBER;
        assert_true(next.look_s == unit); /* 8 members of rate 1/8 */
        assert_int_equal(next.member, (uint32_t)(8 * draw_uniform(&at, 0)));
    }
    free(s);
}

static void a_rate_rescales_the_same_exponentials(void **state)
{
    (void)state;
    const struct arrivals slow = {.kind = ARRIVAL_POISSON, .rate = 1}, fast = {.kind = ARRIVAL_POISSON, .rate = 4};
    struct source *s = start(&slow, 3, 0, 0), *f = start(&fast, 3, 0, 0);
    for (int i = 0; i < 500; i++) {
        struct arrival a, b;
        source_next(s, &a);
        source_next(f, &b);
        assert_true(a.look_s == 4 * b.look_s && a.member == b.member);
    }
    free(s);
    free(f);
}

static void separate_sources_are_nested(void **state)
{
    (void)state;
    const struct process_state calm_burst[] = {{"calm", 0.2, 9}, {"burst", 4, 1}};
    const struct arrivals kind[] = {
        {.kind = ARRIVAL_POISSON, .separate = true, .rate = 2},
        {.kind = ARRIVAL_MMPP, .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = calm_burst}},
        {.kind = ARRIVAL_MMPP,
         .separate = true,
         .shared = true,
         .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = calm_burst}},
        {.kind = ARRIVAL_PERIODIC, .separate = true, .period_s = 2, .jitter_s = 0.5, .phase = PHASE_RANDOM},
        {.kind = ARRIVAL_DIURNAL, .separate = true, .rate = 2, .period_s = 10, .swing = 0.5},
    };
    for (size_t k = 0; k < LEN(kind); k++) {
        assert_int_equal(arrivals_n_source(&kind[k], 5), 5);
        for (uint32_t number = 0; number < 3; number++) {
            struct source *few = start(&kind[k], 3, number, 0), *many = start(&kind[k], 500, number, 0);
            struct source *other = start(&kind[k], 500, number + 1, 0);
            int same = 0;
            for (int i = 0; i < 200; i++) {
                struct arrival a, b, c;
                source_next(few, &a);
                source_next(many, &b);
                source_next(other, &c);
                assert_true(a.release_s == b.release_s && a.member == number && b.member == number);
                same += a.release_s == c.release_s;
            }
            assert_int_equal(same, 0);
            free(few);
            free(many);
            free(other);
        }
    }
}

static void separate_poisson_sources_add_up(void **state)
{
    (void)state;
    const struct arrivals a = {.kind = ARRIVAL_POISSON, .separate = true, .rate = 2};
    assert_mean(counts(&a, 10, 5), 100);
    assert_mean(dispersion(&a, 10, 5), 1);
}

/*
 * Two states of rates r1, r2 and mean stays 1/q1, 1/q2: with q = q1 + q2 and shares p1 = q2/q, p2 = q1/q the rate has
 * covariance p1 p2 (r1-r2)^2 e^(-q s), so the count of N members with one state has
 *     IDC(t) = 1 + N 2 p1 p2 (r1-r2)^2 / (q r) (1 - (1 - e^(-qt)) / (qt)),  r = p1 r1 + p2 r2;
 * of members with a state each, the same with N = 1.
 */
static double mmpp_idc(const struct process_state s[2], double n, double t_s)
{
    double q1 = 1 / s[0].stay_s, q2 = 1 / s[1].stay_s, q = q1 + q2, p1 = q2 / q, p2 = q1 / q;
    double r = p1 * s[0].value + p2 * s[1].value, apart = s[0].value - s[1].value;
    return 1 + n * 2 * p1 * p2 * apart * apart / (q * r) * (1 - (1 - exp(-q * t_s)) / (q * t_s));
}

static void a_shared_state_makes_a_group_burstier_than_states_of_their_own(void **state)
{
    (void)state;
    static const struct process_state pair[2][2] = {{{"calm", 0.5, 3}, {"burst", 4, 1}}, {{"ON", 2, 1}, {"OFF", 0, 2}}};
    for (size_t k = 0; k < LEN(pair); k++) {
        struct arrivals a = {.kind = ARRIVAL_MMPP,
                             .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = pair[k]}};
        double rate = (pair[k][0].value * pair[k][0].stay_s + pair[k][1].value * pair[k][1].stay_s) /
                      (pair[k][0].stay_s + pair[k][1].stay_s);
        assert_near(arrivals_rate(&a, 6), 6 * rate, 1e-15, 0);
        assert_int_equal(arrivals_n_source(&a, 6), 6);
        assert_mean(counts(&a, 6, 8), 6 * rate * 8);
        assert_mean(dispersion(&a, 6, 8), mmpp_idc(pair[k], 1, 8));
        a.shared = true;
        assert_int_equal(arrivals_n_source(&a, 6), 1);
        assert_mean(counts(&a, 6, 8), 6 * rate * 8);
        assert_mean(dispersion(&a, 6, 8), mmpp_idc(pair[k], 6, 8));
    }
}

static void a_modulated_gap_is_a_unit_exponential_of_its_integrated_rate(void **state)
{
    (void)state;
    static const struct process_state pair[] = {{"ON", 2, 1}, {"OFF", 0, 2}};
    const struct arrivals a = {.kind = ARRIVAL_MMPP,
                               .shared = true,
                               .modulation = {.kind = PROCESS_MARKOV, .n_state = 2, .state = pair}};
    struct source *s = start(&a, 4, 0, 0);
    struct process_at rate;
    process_start(&a.modulation, &rate, (struct stream_key){5, 0}, ENTITY, 0);
    double before_s = 0;
    for (uint64_t i = 0; i < 2000; i++) {
        const struct draw_at at = {{5, 0}, ENTITY, 0, i, DRAW_INTERVAL, 0};
        struct arrival next;
        source_next(s, &next);
        double grown = 4 * process_integral(&a.modulation, &rate, before_s, next.look_s);
        /* Times near 1000 s are rounded to 1e-13, eight arrivals a second: 1e-12 absolute. */
        assert_near(grown, -log(draw_uniform(&at, 0)), 1e-9, 1e-11);
        assert_true(rate.value == 2);
        before_s = next.look_s;
    }
    free(s);
}

static void a_periodic_ring_keeps_its_instants_exactly(void **state)
{
    (void)state;
    const struct arrivals a = {.kind = ARRIVAL_PERIODIC, .period_s = 0.1, .phase = PHASE_SPREAD};
    struct source *s = start(&a, 7, 0, 0);
    for (uint64_t i = 0; i < 100000; i++) {
        struct arrival next;
        source_next(s, &next);
        assert_int_equal(next.member, i % 7);
        assert_true(next.look_s == (double)(i % 7) / 7 * 0.1 + (double)(i / 7) * 0.1 && next.release_s == next.look_s);
    }
    free(s);

    const struct arrivals sync = {.kind = ARRIVAL_PERIODIC, .period_s = 0.1, .phase = PHASE_SYNC};
    s = start(&sync, 7, 0, 0);
    for (uint64_t i = 0; i < 700; i++) {
        struct arrival next;
        source_next(s, &next);
        assert_true(next.member == i % 7 && next.look_s == (double)(i / 7) * 0.1);
    }
    free(s);
    assert_near(arrivals_rate(&a, 7), 70, 1e-15, 0);
}

static void jitter_is_uniform_and_leaves_the_nominal_instant(void **state)
{
    (void)state;
    const struct arrivals a = {.kind = ARRIVAL_PERIODIC, .period_s = 1, .jitter_s = 0.25, .phase = PHASE_SPREAD};
    struct source *s = start(&a, 8, 0, 0);
    struct mean late = {0}, square = {0};
    for (uint64_t i = 0; i < 20000; i++) {
        struct arrival next;
        source_next(s, &next);
        assert_true(next.look_s == (double)(i % 8) / 8 + (double)(i / 8));
        double late_s = next.release_s - next.look_s;
        assert_true(late_s >= 0 && late_s < 0.25);
        mean_add(&late, late_s);
        mean_add(&square, late_s * late_s);
    }
    free(s);
    assert_mean(late, 0.125);
    assert_mean(square, 0.25 * 0.25 / 3);
}

static void random_phases_are_the_members_own(void **state)
{
    (void)state;
    enum { N = 300 };
    struct arrivals a = {.kind = ARRIVAL_PERIODIC, .period_s = 2, .phase = PHASE_RANDOM};
    struct source *ring = start(&a, N, 0, 0);
    double phase_s[N], before_s = 0;
    struct mean phase = {0};
    for (uint32_t i = 0; i < 3 * N; i++) {
        struct arrival next;
        source_next(ring, &next);
        assert_true(next.look_s >= before_s);
        before_s = next.look_s;
        if (i < N) {
            phase_s[next.member] = next.look_s;
            mean_add(&phase, next.look_s);
        } else {
            assert_true(next.look_s == phase_s[next.member] + (double)(i / N) * 2);
        }
    }
    free(ring);
    assert_mean(phase, 1);
    a.separate = true;
    for (uint32_t i = 0; i < N; i++) {
        struct source *one = start(&a, N, i, 0);
        struct arrival next;
        source_next(one, &next);
        assert_true(next.look_s == phase_s[i] && next.member == i);
        free(one);
    }
}

/* Mean arrivals of one member until t, by the definition of the rate. */
static double diurnal_until(const struct arrivals *a, double t_s)
{
    double w = 2 * acos(-1) / a->period_s;
    return a->rate * (t_s + a->swing / w * (sin(w * (t_s - a->peak_s)) + sin(w * a->peak_s)));
}

static void a_diurnal_gap_is_a_unit_exponential_of_its_integrated_rate(void **state)
{
    (void)state;
    const double swing[] = {0, 0.7, 1};
    for (size_t k = 0; k < LEN(swing); k++) {
        const struct arrivals a = {
            .kind = ARRIVAL_DIURNAL, .rate = 0.5, .period_s = 86, .swing = swing[k], .peak_s = 30};
        struct source *s = start(&a, 4, 0, 0);
        double unit = 0, before_s = 0;
        for (uint64_t i = 0; i < 3000; i++) {
            const struct draw_at at = {{5, 0}, ENTITY, 0, i, DRAW_INTERVAL, 0};
            struct arrival next;
            source_next(s, &next);
            unit -= log(draw_uniform(&at, 0));
            assert_near(4 * diurnal_until(&a, next.look_s), unit, 1e-12, 1e-12);
            assert_true(next.look_s >= before_s);
            before_s = next.look_s;
        }
        free(s);
    }
    const struct arrivals a = {.kind = ARRIVAL_DIURNAL, .rate = 0.5, .period_s = 20, .swing = 0.9, .peak_s = 5};
    assert_mean(counts(&a, 6, 10), 6 * diurnal_until(&a, 10)); /* the better half of a day */
    assert_mean(counts(&a, 6, 20), 6 * 0.5 * 20);
    assert_mean(dispersion(&a, 6, 20), 1);
}

static void a_closed_loop_waits_for_its_user(void **state)
{
    (void)state;
    struct arrivals a = {.kind = ARRIVAL_CLOSED, .users = 3};
    assert_int_equal(dist_exponential(&a.think, 4, NULL), 0);
    assert_int_equal(arrivals_n_source(&a, 5), 15);
    assert_near(arrivals_rate(&a, 5), 15.0 / 4, 1e-15, 0);
    struct mean think = {0};
    for (uint32_t number = 0; number < 15; number++) {
        struct source *s = start(&a, 5, number, 0);
        struct arrival next, none;
        source_next(s, &next);
        mean_add(&think, next.release_s);
        for (uint64_t i = 1; i < 300; i++) {
            assert_true(next.index == i - 1 && next.member == number / 3 && next.look_s == next.release_s);
            source_next(s, &none);
            assert_true(none.look_s == INFINITY);
            double ended_s = next.release_s + 0.5;
            source_think(s, ended_s, &next);
            const struct draw_at at = {{5, 0}, ENTITY, number, i, DRAW_THINK, 0};
            assert_true(next.release_s == ended_s + dist_draw(&a.think, &at));
            mean_add(&think, next.release_s - ended_s);
        }
        free(s);
    }
    assert_mean(think, 4);
}

static const double stamp_s[] = {0, 0.5, 0.5, 3}, prompt[] = {10, 20, 30, 40};
static const double *const stamp_value[] = {prompt};
static const char *const stamp_name[] = {"prompt_tokens"};
static const double stamp_mean[] = {25};
static const struct series stamps = {4, 1, stamp_s, stamp_value, stamp_name, stamp_mean, 3.7, .points = true};

static void a_trace_goes_round_without_drift(void **state)
{
    (void)state;
    struct arrivals a = {.kind = ARRIVAL_TRACE, .trace = &stamps};
    assert_near(arrivals_rate(&a, 9), 4 / 3.7, 1e-15, 0);
    struct source *s = start(&a, 9, 0, 0);
    struct mean member = {0};
    for (uint64_t i = 0; i < 100000; i++) {
        struct arrival next;
        source_next(s, &next);
        assert_true(next.release_s == (double)(i / 4) * 3.7 + stamp_s[i % 4] && next.look_s == next.release_s);
        assert_true(next.trace_row == i % 4 && next.index == i && next.member < 9);
        mean_add(&member, next.member);
    }
    free(s);
    assert_mean(member, 4);
}

static void a_trace_starts_anywhere_in_every_replication(void **state)
{
    (void)state;
    struct arrivals a = {.kind = ARRIVAL_TRACE, .trace = &stamps, .start_random = true};
    struct mean first_row_share = {0}, n = {0};
    for (uint32_t r = 0; r < 2000; r++) {
        struct source *s = start(&a, 9, 0, r);
        const struct draw_at at = {{5, r}, ENTITY, 0, 0, DRAW_OFFSET, 0};
        double offset_s = draw_uniform(&at, 0) * 3.7;
        struct arrival next;
        source_next(s, &next);
        uint32_t want = offset_s <= 0.5 ? 1 : offset_s <= 3 ? 3 : 0;
        assert_int_equal(next.trace_row, want);
        assert_near(next.release_s, fmod(stamp_s[want] - offset_s + 3.7, 3.7), 0, 1e-14);
        mean_add(&first_row_share, next.trace_row == 1);
        uint32_t row = next.trace_row;
        for (int i = 1; i < 9; i++) {
            double before_s = next.release_s;
            source_next(s, &next);
            assert_true(next.trace_row == (row + 1) % 4 && next.release_s >= before_s);
            row = next.trace_row;
        }
        free(s);
        mean_add(&n, count_until(&a, 9, r, 37));
    }
    assert_mean(first_row_share, 0.5 / 3.7);
    assert_near(n.sum / n.n, 40, 0, 0); /* ten cycles hold ten of each row, wherever they start */

    a.separate = true;
    assert_near(arrivals_rate(&a, 9), 36 / 3.7, 1e-15, 0);
    struct source *one = start(&a, 9, 1, 0), *two = start(&a, 9, 2, 0);
    struct arrival x, y;
    source_next(one, &x);
    source_next(two, &y);
    assert_true(x.member == 1 && y.member == 2 && x.release_s != y.release_s);
    free(one);
    free(two);
}

/* Renewal theory (Cox, Renewal Theory, 1962, 4.3): in the long run the counts have the dispersion cv^2 of the intervals. */
static void a_renewal_process_has_the_rate_and_dispersion_of_its_intervals(void **state)
{
    struct arrivals a = {.kind = ARRIVAL_RENEWAL, .shared = true};
    (void)state;
    assert_int_equal(dist_gamma(&a.interval, 0.5, 2, NULL), 0);
    assert_near(arrivals_rate(&a, 1), 2, 1e-15, 0);
    assert_int_equal(arrivals_n_source(&a, 7), 1);
    struct mean n = counts(&a, 1, 2000);
    assert_near(n.sum / n.n, 4000, 0, 5 * sqrt(4 * 4000 / n.n) + 1.5); /* the first interval is a whole one: (cv^2 - 1) / 2 */
    struct mean idc = dispersion(&a, 1, 2000);
    assert_near(idc.sum / idc.n, 4, 0.15, 0); /* sd of 3000 squares: 4 sqrt(2 / 3000) = .1, 5 of them, and the start */
    a.shared = false;
    assert_int_equal(arrivals_n_source(&a, 7), 7);
    n = counts(&a, 3, 100);
    assert_near(n.sum / n.n, 600, 0, 5 * sqrt(4 * 600 / n.n) + 3 * 1.5);
}

/* One process for a group of N is N times as fast, and its jobs are anybody's. */
static void a_shared_renewal_process_serves_the_group(void **state)
{
    enum { N = 5, JOBS = 10000 };
    struct arrivals a = {.kind = ARRIVAL_RENEWAL, .shared = true};
    struct arrival next;
    uint32_t of[N] = {0};
    (void)state;
    assert_int_equal(dist_constant(&a.interval, 2, NULL), 0);
    struct source *s = start(&a, N, 0, 0);
    for (uint32_t k = 1; k <= JOBS; k++) {
        source_next(s, &next);
        assert_near(next.release_s, 0.4 * k, 1e-12, 0);
        of[next.member]++;
    }
    for (uint32_t i = 0; i < N; i++) {
        assert_near(of[i], JOBS / N, 0, 5 * sqrt(JOBS * .2 * .8));
    }
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poisson_group_has_its_rate_and_no_memory),
        cmocka_unit_test(draws_made_in_blocks_are_those_of_their_addresses),
        cmocka_unit_test(a_rate_rescales_the_same_exponentials),
        cmocka_unit_test(separate_sources_are_nested),
        cmocka_unit_test(separate_poisson_sources_add_up),
        cmocka_unit_test(a_shared_state_makes_a_group_burstier_than_states_of_their_own),
        cmocka_unit_test(a_modulated_gap_is_a_unit_exponential_of_its_integrated_rate),
        cmocka_unit_test(a_periodic_ring_keeps_its_instants_exactly),
        cmocka_unit_test(jitter_is_uniform_and_leaves_the_nominal_instant),
        cmocka_unit_test(random_phases_are_the_members_own),
        cmocka_unit_test(a_diurnal_gap_is_a_unit_exponential_of_its_integrated_rate),
        cmocka_unit_test(a_closed_loop_waits_for_its_user),
        cmocka_unit_test(a_trace_goes_round_without_drift),
        cmocka_unit_test(a_trace_starts_anywhere_in_every_replication),
        cmocka_unit_test(a_renewal_process_has_the_rate_and_dispersion_of_its_intervals),
        cmocka_unit_test(a_shared_renewal_process_serves_the_group),
    };
    return cmocka_run_group_tests_name("arrival", tests, NULL, NULL);
}
