/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_process.c - quantities that vary over time: T6 (a transfer over a capacity trace ends where the integral of the
 * capacity has reached its size), the same calendar for whoever asks, and the laws of the random kinds.
 *
 * Statistics are judged by the standard error of the mean over independent members: 5 of them, which a right program
 * misses once in 2 million; the seeds are fixed, so a pass stays a pass.
 */
#include "tests/test.h"

#include "sim/base/fmath.h"
#include "sim/model/process.h"
#include "tests/mean.h"

enum { SEED = 11 };

static const struct stream_key key = {SEED, 0};

/* One cycle: 2 for 1 s, 0 for 2 s, 5 for .5 s, 1 for 1 s: 2 + 0 + 2.5 + 1 = 5.5 in 4.5 s. */
static const double steps_time_s[] = {0, 1, 3, 3.5}, steps_level[] = {2, 0, 5, 1};
static const double *const steps_value[] = {steps_level};
static const char *const steps_name[] = {"capacity"};
static const double steps_mean[] = {5.5 / 4.5};
static const struct series steps = {4, 1, steps_time_s, steps_value, steps_name, steps_mean, 4.5, .points = false};

static const struct process_state weather[] = {{"good", 30, 9}, {"fair", 12, 3}, {"bad", 0, 0.5}};

static const struct process a_trace = {.kind = PROCESS_TRACE, .series = &steps, .scale = 1};
static const struct process a_shifted_trace = {
    .kind = PROCESS_TRACE, .series = &steps, .scale = 2, .start_random = true};
static const struct process a_markov = {.kind = PROCESS_MARKOV, .n_state = 3, .state = weather};
static const struct process an_ar1 = {
    .kind = PROCESS_LOG_AR1, .mean = 600, .sd_log = 0.44, .correlation = 0.81, .step_s = 0.1};

static struct process with_outage(struct process p)
{
    p.outage_every_s = 3;
    p.outage_lasts_s = 0.6;
    p.outage_value = 1;
    return p;
}

/* Each kind, bare and with an outage. */
enum { N_KIND = 12 };

static struct process kind_number(int i)
{
    const struct process constant = {.kind = PROCESS_CONSTANT, .value = 7};
    struct process slow = an_ar1;
    slow.correlation = 0;
    const struct process bare[] = {constant, a_trace, a_shifted_trace, a_markov, an_ar1, slow};
    return i % 2 ? with_outage(bare[i / 2]) : bare[i / 2];
}

static double uniform(uint64_t index, uint8_t attempt)
{
    const struct draw_at at = {key, stream_entity("test"), 0, index, DRAW_USER, attempt};
    return draw_uniform(&at, 0);
}

static void a_transfer_ends_where_the_integral_reaches_its_size(void **state)
{
    (void)state;
    static const struct {
        double from_s, amount, want_s;
    } row[] = {
        {0, 1, 0.5},                   /* 1 / 2 */
        {0.5, 1, 1},                   /* all of the first row: the integral is flat after it, the end is its first instant */
        {0.5, 2.25, 3.25},             /* 1 until 1, nothing until 3, 1.25 / 5 */
        {2, 2.5, 3.5},                 /* starts stalled */
        {2, 2.75, 3.75},               /* 2.5 until 3.5, .25 / 1 */
        {4, 1.5, 5},                   /* .5 until 4.5, then 1 / 2 of the next cycle */
        {0.5, 5.5, 5},                 /* 4.5 until 4.5, then 1 / 2 of the next cycle */
        {0.25, 5.5 * 1000, 4500.25},   /* whole cycles */
        {0.25, 5.5 * 1e6 + 0.5, 4.5e6 + 0.5},
        {7, 0, 7},                     /* nothing to carry */
    };
    for (size_t i = 0; i < LEN(row); i++) {
        struct process_at at;
        process_start(&a_trace, &at, key, 1, 0);
        double end_s = process_finish(&a_trace, &at, row[i].from_s, row[i].amount);
        assert_near(end_s, row[i].want_s, 1e-9, 0);
        assert_true(at.from_s <= end_s && end_s < at.until_s);
    }
}

/* The integral of steps from 0 to t, by the definition. */
static double steps_until(double t_s)
{
    double cycle = floor(t_s / 4.5), u = t_s - cycle * 4.5;
    return cycle * 5.5 + (u < 1 ? 2 * u : u < 3 ? 2 : u < 3.5 ? 2 + 5 * (u - 3) : 4.5 + (u - 3.5));
}

static void the_integral_of_a_trace_is_its_definition(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        double from_s = 20 * uniform(i, 0), to_s = from_s + exp(12 * uniform(i, 1) - 4);
        struct process_at at;
        process_start(&a_trace, &at, key, 1, 0);
        assert_near(process_integral(&a_trace, &at, from_s, to_s), steps_until(to_s) - steps_until(from_s), 1e-9, 1e-12);
        process_start(&a_trace, &at, key, 1, 0);
        double amount = exp(12 * uniform(i, 2) - 4), end_s = process_finish(&a_trace, &at, from_s, amount);
        assert_near(steps_until(end_s) - steps_until(from_s), amount, 1e-9, 1e-12);
    }
}

static void finish_is_the_inverse_of_the_integral(void **state)
{
    (void)state;
    for (int kind = 0; kind < N_KIND; kind++) {
        const struct process p = kind_number(kind);
        for (uint64_t i = 0; i < 300; i++) {
            struct process_at at, again;
            process_start(&p, &at, key, 2, (uint32_t)i);
            again = at;
            double from_s = 10 * uniform(i, 0), amount = process_mean(&p) * exp(10 * uniform(i, 1) - 5);
            double end_s = process_finish(&p, &at, from_s, amount);
            assert_true(at.from_s <= end_s && end_s < at.until_s);
            assert_near(process_integral(&p, &again, from_s, end_s), amount, 1e-9, 0);
            assert_true(again.from_s == at.from_s && again.value == at.value);
        }
    }
}

static void assert_same_place(const struct process_at *a, const struct process_at *b)
{
    assert_true(a->from_s == b->from_s && a->until_s == b->until_s && a->value == b->value);
}

static void small_steps_and_one_jump_meet_in_the_same_bits(void **state)
{
    (void)state;
    for (int kind = 0; kind < N_KIND; kind++) {
        const struct process p = kind_number(kind);
        struct process_at slow, middle;
        process_start(&p, &slow, key, 3, 4);
        middle = slow;
        for (uint64_t i = 1; i <= 4000; i++) {
            double t_s = 0.037 * (double)i;
            process_seek(&p, &slow, t_s);
            assert_true(slow.from_s <= t_s && t_s < slow.until_s);
            if (i % 97 == 0) {
                struct process_at jump;
                process_start(&p, &jump, key, 3, 4);
                process_seek(&p, &jump, t_s);
                assert_same_place(&slow, &jump);
                process_seek(&p, &middle, t_s);
                assert_same_place(&slow, &middle);
            }
        }
    }
}

static void stepping_from_border_to_border_misses_nothing(void **state)
{
    (void)state;
    for (int kind = 2; kind < N_KIND; kind++) {
        const struct process p = kind_number(kind);
        struct process_at at;
        process_start(&p, &at, key, 3, 5);
        for (int i = 0; i < 500; i++) {
            double border_s = at.until_s;
            struct process_at jump;
            process_seek(&p, &at, border_s);
            assert_true(at.from_s == border_s);
            process_start(&p, &jump, key, 3, 5);
            process_seek(&p, &jump, 0.5 * (at.from_s + at.until_s));
            assert_same_place(&at, &jump);
        }
    }
}

static void what_never_flows_never_ends(void **state)
{
    (void)state;
    struct process p = {.kind = PROCESS_CONSTANT, .value = 0};
    struct process_at at;
    process_start(&p, &at, key, 1, 0);
    assert_true(process_finish(&p, &at, 3, 1) == INFINITY);
    assert_true(process_finish(&p, &at, 3, 0) == 3);

    static const double none[] = {0, 0, 0, 0};
    static const double *const none_value[] = {none};
    static const double none_mean[] = {0};
    static const struct series still = {4, 1, steps_time_s, none_value, steps_name, none_mean, 4.5, .points = false};
    p = (struct process){.kind = PROCESS_TRACE, .series = &still, .scale = 1};
    process_start(&p, &at, key, 1, 0);
    assert_true(process_finish(&p, &at, 3, 1) == INFINITY);
}

static void an_unlimited_link_takes_no_time(void **state)
{
    (void)state;
    struct process p = {.kind = PROCESS_CONSTANT, .value = INFINITY};
    struct process_at at;
    process_start(&p, &at, key, 1, 0);
    assert_true(process_finish(&p, &at, 3, 1e30) == 3);
    assert_true(process_integral(&p, &at, 3, 3) == 0);
    assert_true(process_integral(&p, &at, 3, 4) == INFINITY);

    /* With an outage at capacity 0 the end is the instant at which the outage is over. */
    p = with_outage(p);
    p.outage_value = 0;
    process_start(&p, &at, key, 1, 0);
    while (!at.down) {
        process_seek(&p, &at, at.until_s);
    }
    double up_s = at.until_s;
    assert_true(process_finish(&p, &at, 0.5 * (at.from_s + up_s), 1e30) == up_s);
}

static void a_shifted_trace_is_the_trace_seen_from_its_offset(void **state)
{
    (void)state;
    struct mean offset = {0};
    for (uint32_t member = 0; member < 2000; member++) {
        struct process_at at;
        process_start(&a_shifted_trace, &at, key, 5, member);
        assert_true(at.offset_s >= 0 && at.offset_s < 4.5);
        mean_add(&offset, at.offset_s);
        double t_s = 1000 * uniform(member, 0), u = fmod(t_s + at.offset_s, 4.5);
        process_seek(&a_shifted_trace, &at, t_s);
        assert_true(at.value == 2 * (u < 1 ? 2.0 : u < 3 ? 0.0 : u < 3.5 ? 5.0 : 1.0));
    }
    assert_mean(offset, 2.25);
}

static void the_ar1_is_its_sum_over_the_past(void **state)
{
    (void)state;
    /* Innovations of steps 0..1999 as documented; x at 1500 needs 53 ln 2 / -ln .81 = 175 of them. */
    double eps[2000];
    for (uint64_t k = 0; k < LEN(eps); k++) {
        const struct draw_at at = {key, 6, 7, (UINT64_C(1) << 20) - 1 + k, DRAW_NOISE, 0};
        eps[k] = ts_probit(draw_uniform(&at, 0));
    }
    for (size_t k = 1500; k < LEN(eps); k += 7) {
        double x = 0, weight = sqrt(1 - 0.81 * 0.81);
        for (size_t j = 0; j < 400; j++, weight *= 0.81) {
            x += weight * eps[k - j];
        }
        struct process_at at;
        process_start(&an_ar1, &at, key, 6, 7);
        process_seek(&an_ar1, &at, ((double)k + 0.5) * 0.1);
        assert_near(at.value, 600 * exp(0.44 * x - 0.44 * 0.44 / 2), 1e-13, 0);
    }
}

static void the_ar1_has_its_mean_spread_and_memory(void **state)
{
    (void)state;
    enum { N_MEMBER = 400, N_STEP = 500 };
    struct mean mean = {0}, x_mean = {0}, x_square = {0}, lag1 = {0}, first = {0};
    for (uint32_t member = 0; member < N_MEMBER; member++) {
        struct process_at at;
        double v = 0, x1 = 0, x2 = 0, x12 = 0, before = 0;
        process_start(&an_ar1, &at, key, 8, member);
        for (int k = 0; k < N_STEP; k++) {
            process_seek(&an_ar1, &at, (k + 0.5) * 0.1);
            double x = (log(at.value / 600) + 0.44 * 0.44 / 2) / 0.44;
            v += at.value / N_STEP;
            x1 += x / N_STEP;
            x2 += x * x / N_STEP;
            x12 += k ? x * before / (N_STEP - 1) : 0;
            before = x;
            if (k == 0) {
                mean_add(&first, x * x);
            }
        }
        mean_add(&mean, v);
        mean_add(&x_mean, x1);
        mean_add(&x_square, x2);
        mean_add(&lag1, x12);
    }
    assert_mean(mean, 600);
    assert_mean(x_mean, 0);
    assert_mean(x_square, 1);
    assert_mean(lag1, 0.81);
    assert_mean(first, 1); /* in steady state from the first step on */
}

static void markov_states_have_their_shares_of_time(void **state)
{
    (void)state;
    /* Every state is entered equally often, so the shares are 9, 3 and .5 of 12.5. */
    const double share[] = {9 / 12.5, 3 / 12.5, 0.5 / 12.5};
    enum { N_MEMBER = 1000 };
    struct mean at_0[3] = {{0}}, over[3] = {{0}}, level = {0};
    for (uint32_t member = 0; member < N_MEMBER; member++) {
        struct process_at at, whole;
        double spent_s[3] = {0};
        process_start(&a_markov, &at, key, 9, member);
        whole = at;
        for (uint32_t i = 0; i < 3; i++) {
            mean_add(&at_0[i], at.state == i);
        }
        while (at.from_s < 200) {
            spent_s[at.state] += fmin(at.until_s, 200) - at.from_s;
            process_seek(&a_markov, &at, at.until_s);
        }
        for (uint32_t i = 0; i < 3; i++) {
            mean_add(&over[i], spent_s[i] / 200);
        }
        mean_add(&level, process_integral(&a_markov, &whole, 0, 200) / 200);
    }
    for (uint32_t i = 0; i < 3; i++) {
        assert_mean(at_0[i], share[i]);
        assert_mean(over[i], share[i]);
    }
    assert_near(process_mean(&a_markov), 30 * share[0] + 12 * share[1], 1e-15, 0);
    assert_mean(level, process_mean(&a_markov));
}

static void an_outage_takes_its_share_and_leaves_the_rest_alone(void **state)
{
    (void)state;
    const struct process p = with_outage(an_ar1);
    struct mean down = {0}, down_at_0 = {0}, level = {0}, lasts = {0};
    for (uint32_t member = 0; member < 1000; member++) {
        struct process_at at, bare, whole;
        double down_s = 0;
        process_start(&p, &at, key, 10, member);
        process_start(&an_ar1, &bare, key, 10, member);
        whole = at;
        mean_add(&down_at_0, at.down);
        while (at.from_s < 60) {
            process_seek(&an_ar1, &bare, at.from_s);
            assert_true(at.value == (at.down ? 1 : bare.value));
            down_s += at.down ? fmin(at.until_s, 60) - at.from_s : 0;
            if (at.down && at.from_s > 0 && at.from_s < 30) {
                mean_add(&lasts, at.until_s - at.from_s);
            }
            process_seek(&p, &at, at.until_s);
        }
        mean_add(&down, down_s / 60);
        mean_add(&level, process_integral(&p, &whole, 0, 60) / 60);
    }
    assert_mean(down_at_0, 0.6 / 3.6);
    assert_mean(down, 0.6 / 3.6);
    assert_mean(lasts, 0.6);
    assert_near(process_mean(&p), 600 * 3 / 3.6 + 0.6 / 3.6, 1e-15, 0);
    assert_mean(level, process_mean(&p));
}

static void every_member_and_replication_has_its_own_calendar(void **state)
{
    (void)state;
    for (int kind = 4; kind < N_KIND; kind++) {
        const struct process p = kind_number(kind);
        struct process_at at[4];
        process_start(&p, &at[0], key, 12, 0);
        process_start(&p, &at[1], key, 12, 1);
        process_start(&p, &at[2], key, 13, 0);
        process_start(&p, &at[3], (struct stream_key){SEED, 1}, 12, 0);
        double grown[4];
        for (int i = 0; i < 4; i++) {
            grown[i] = process_integral(&p, &at[i], 0, 20);
            for (int j = 0; j < i; j++) {
                assert_true(grown[i] != grown[j]);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transfer_ends_where_the_integral_reaches_its_size),
        cmocka_unit_test(the_integral_of_a_trace_is_its_definition),
        cmocka_unit_test(finish_is_the_inverse_of_the_integral),
        cmocka_unit_test(small_steps_and_one_jump_meet_in_the_same_bits),
        cmocka_unit_test(stepping_from_border_to_border_misses_nothing),
        cmocka_unit_test(what_never_flows_never_ends),
        cmocka_unit_test(an_unlimited_link_takes_no_time),
        cmocka_unit_test(a_shifted_trace_is_the_trace_seen_from_its_offset),
        cmocka_unit_test(the_ar1_is_its_sum_over_the_past),
        cmocka_unit_test(the_ar1_has_its_mean_spread_and_memory),
        cmocka_unit_test(markov_states_have_their_shares_of_time),
        cmocka_unit_test(an_outage_takes_its_share_and_leaves_the_rest_alone),
        cmocka_unit_test(every_member_and_replication_has_its_own_calendar),
    };
    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
