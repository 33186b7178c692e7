/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speed levels of a processor.  One core of 1 GFLOP/s, 20 W above idle; jobs of 0.1 GFLOP each second take
 *     0.1 s and 2 J at the usual speed, 0.2 s and 0.8 J at level 1 (0.5 GFLOP/s, 4 W), 0.05 s and 8 J at level 2
 * (2 GFLOP/s; its power is not given: 20 W times 2^3).
 */
#include "tests/replicate.h"

#define TEXT(discipline, deadline)                                                                                      \
    "tiersim: 1\nname: levels\n"                                                                                        \
    "nodes:\n"                                                                                                          \
    "  server:\n"                                                                                                       \
    "    tier: edge\n"                                                                                                  \
    "    processors: {cpu: {speed: 1 GFLOP/s, levels: [{speed: 0.5 GFLOP/s, power: 4 W}, {speed: 2 GFLOP/s}]" discipline "}}\n" \
    "    power: {idle: 10 W, busy: 30 W}\n"                                                                             \
    "workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP" deadline "}}\n"           \
    "experiment: {policies: [levels], duration: 9 s}\n"

enum { JOBS = 9 };

/* Job k at level k mod 3, or all at the level that is the parameter. */
static int decide_in_turn(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                          struct ts_plan *p)
{
    double speed = 0, power = 0;
    const uint16_t level = (uint16_t)(ts_task_at(a, 0)->job % 3);
    (void)st;
    assert_near(ts_known(v, TS_LEVEL, 0), 2, 0, 0);
    assert_int_equal(h->level(h->ctx, 0, level, &speed, &power), 0);
    assert_near(speed, level == 0 ? 1e9 : level == 1 ? .5e9 : 2e9, 0, 0);
    assert_near(power, level == 0 ? 20 : level == 1 ? 4 : 160, 0, 0);
    assert_true(h->level(h->ctx, 0, 3, &speed, &power) < 0 && h->level(h->ctx, 1, 0, &speed, &power) < 0);
    p->step[0].level = level;
    return ts_answer_place(p, a->cand[0]);
}

static int decide_too_high(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    (void)st, (void)h, (void)v;
    p->step[0].level = 3;
    return ts_answer_place(p, a->cand[0]);
}

struct fixed {
    double level;
};
static int decide_fixed(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    (void)h, (void)v;
    p->step[0].level = (uint16_t)((const struct fixed *)st)->level;
    return ts_answer_place(p, a->cand[0]);
}
static const struct ts_param fixed_param[] = {{.key = "level", .about = "x", .max = 8}, {0}};

static const struct ts_policy in_turn = {.abi = TS_ABI, .size = sizeof in_turn, .name = "levels", .about = "x",
                                         .cols = 1u << TS_LEVEL, .decide = decide_in_turn};

static struct record run(const char *text, const struct ts_policy *p, const struct policy_param *param)
{
    struct scenario s;
    struct tape tape;
    scenario_of_text(&s, text, NULL);
    struct policy_spec policy = s.experiment.policy[0];
    policy.param = param;
    policy.n_param = param ? 1 : 0;
    replicate((struct run_spec){.scenario = &s, .spec = &policy, .policy = p, .seed = 1}, &tape);
    struct record r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r.text, ""); /* the audit holds */
    free(tape.t);
    scenario_free(&s);
    return r;
}

/* Alone, none waits: each discipline serves alike.  Three of each level. */
static void a_level_changes_time_and_power(void **state)
{
    (void)state;
    static const char *const text[] = {TEXT("", ""), TEXT(", discipline: ps", ""), TEXT(", discipline: edf", ""),
                                       TEXT(", discipline: batch, batch: {max: 4}", "")};
    for (size_t i = 0; i < LEN(text); i++) {
        struct record r = run(text[i], &in_turn, NULL);
        struct cohort sum = all_of(&r);
        assert_int_equal(sum.n_finished, JOBS);
        assert_near(sum.latency_s, 3 * (.1 + .2 + .05), 1e-12, 0);
        assert_near(sum.compute_s, 3 * (.1 + .2 + .05), 1e-12, 0);
        assert_near(sum.useful_j, 3 * (2 + .8 + 8), 1e-12, 0);
        assert_near(sum.waste_j, 0, 0, 0);
        assert_near(r.group_energy[0].dynamic_j, 3 * (2 + .8 + 8), 1e-12, 0); /* the node's account */
        assert_near(r.group_energy[0].idle_j, 90, 1e-12, 0);
        assert_near(r.pool[0].busy_s, 3 * (.1 + .2 + .05), 1e-12, 0);
        record_clear(&r);
    }
}

/* Dropped at 0.15 s: level 1 alone comes so far, and 0.15 s at 4 W are lost. */
static void what_is_cut_off_is_charged_at_its_level(void **state)
{
    (void)state;
    struct record r = run(TEXT("", ", deadline: {after: 150 ms, late: drop}"), &in_turn, NULL);
    struct cohort sum = all_of(&r);
    assert_int_equal(sum.n_finished, 6);
    assert_near(sum.useful_j, 3 * (2 + 8), 1e-12, 0);
    assert_near(sum.waste_j, 3 * .15 * 4, 1e-12, 0);
    assert_near(r.group_energy[0].dynamic_j, 3 * (2 + 8) + 3 * .15 * 4, 1e-12, 0);
    record_clear(&r);
}

/*
 * With power 20 W x^3 at x GFLOP/s, work of W GFLOP takes W/x s and 20 W x^2 J: V times the time plus the energy is least at
 * x* = (V/40)^(1/3), which is 0.5 for V = 5 J/s: 15 W there, 21.25 W and 25 W at half and twice of it.
 */
static void the_best_level_is_that_of_the_formula(void **state)
{
    static const char *const text =
        "tiersim: 1\nname: levels\n"
        "nodes:\n"
        "  server:\n"
        "    tier: edge\n"
        "    processors: {cpu: {speed: 1 GFLOP/s, levels: [{speed: 0.25 GFLOP/s}, {speed: 0.5 GFLOP/s}, {speed: 1 GFLOP/s}]}}\n"
        "    power: {busy: 20 W}\n"
        "workloads: {customer: {at: server, arrivals: {periodic: {period: 1 s}}, work: 0.1 GFLOP}}\n"
        "experiment: {policies: [levels], duration: 9 s}\n";
    static const double want[] = {21.25, 15, 25}, v = 5;
    struct ts_policy p = in_turn;
    (void)state;
    p.decide = decide_fixed;
    p.state_size = sizeof(struct fixed);
    p.param = fixed_param;
    p.param_size = sizeof fixed_param[0];
    for (int level = 1; level <= 3; level++) {
        const struct policy_param param = {.key = "level", .value = level};
        struct record r = run(text, &p, &param);
        struct cohort sum = all_of(&r);
        assert_near((v * sum.latency_s + sum.useful_j) / JOBS / .1, want[level - 1], 1e-12, 0);
        record_clear(&r);
    }
}

static void a_level_that_is_none_is_illegal(void **state)
{
    struct ts_policy p = in_turn;
    struct scenario s;
    struct run_counts counts;
    struct tape tape = {0};
    struct err e = {0};
    (void)state;
    p.decide = decide_too_high;
    scenario_of_text(&s, TEXT("", ""), NULL);
    const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &p, .seed = 1,
                                  .full = tape_take, .ctx = &tape};
    assert_int_equal(drive(&spec, NULL, NULL, &counts, &e), -ERR_POLICY);
    assert_string_equal(e.text, "policy levels, question 0 (arrived, t = 0 s): step 0 runs task 0 at level 3 of place 0, "
                                "which has 2");
    free(tape.t);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_changes_time_and_power),
        cmocka_unit_test(what_is_cut_off_is_charged_at_its_level),
        cmocka_unit_test(the_best_level_is_that_of_the_formula),
        cmocka_unit_test(a_level_that_is_none_is_illegal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
