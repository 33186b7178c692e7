/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_qos_weighted.c - when a source of jobs changes its place: sequences made by hand.  Two places on other nodes, of
 * which only the latency counts, over a reference of 1 s; a change needs a gain above .1 and 10 s since the last.
 */
#include "tests/test.h"

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"

enum { A, B, PLACES };

static const struct policy_param latency_alone[] = {
    {.key = "weights.load"},      {.key = "weights.privacy"},          {.key = "weights.energy"},
    {.key = "weights.migration"}, {.key = "cool_down", .value = 10}, {.key = "hysteresis", .value = .1}};

struct source {
    ts_id origin, cls;
};

/* The place for a job of a source at an instant, when A and B would take so long. */
static int ask(void *state, double now_s, struct source from, double a_s, double b_s)
{
    static const double up[PLACES] = {1, 1}, idle[PLACES], cores[PLACES] = {1, 1}, none[PLACES];
    const double run_s[PLACES] = {a_s, b_s};
    const double *col[TS_N_COL] = {[TS_UP] = up, [TS_UNITS] = cores, [TS_BUSY] = idle, [TS_QUEUED] = idle, [TS_WORK_S] = idle};
    const double *est[TS_N_EST] = {[TS_IN_S] = none, [TS_RUN_S] = run_s, [TS_OUT_S] = none, [TS_RUN_J] = none,
                                   [TS_NET_J] = none, [TS_EXPOSURE] = none, [TS_LOAD_S] = none};
    static const ts_id cand[PLACES] = {A, B};
    const struct ts_task task = {.origin = from.origin, .cls = from.cls, .site = TS_NONE, .at = TS_NONE, .in_bits = 1e6,
                                 .released_s = now_s, .deadline_s = INFINITY, .n_cand = PLACES};
    const struct ts_view view = {sizeof view, PLACES, TS_N_COL, 0, now_s, col};
    const struct ts_ask ask = {.size = sizeof ask, .why = TS_ARRIVED, .n_task = 1, .task_size = sizeof task, .n_cand = PLACES,
                               .n_est = TS_N_EST, .task = &task, .cand = cand, .est = est};
    const struct ts_host host = {.size = sizeof host, .abi = TS_ABI};
    struct ts_step step = {0};
    struct ts_plan plan = {.size = sizeof plan, .cap = 1, .step = &step};
    assert_int_equal(policy_qos_weighted.decide(state, &host, &view, &ask, &plan), 0);
    assert_int_equal(step.verb, TS_PLACE);
    return (int)step.place;
}

static uint64_t block[64];

static void *fresh(const struct policy_param *param, uint32_t n)
{
    struct policy_spec spec = {.param = param, .n_param = n};
    struct err err = {0};
    assert_true(policy_qos_weighted.state_size <= sizeof block);
    assert_int_equal(policy_set_params(&policy_qos_weighted, NULL, &spec, block, &err), 0);
    return block;
}

static void a_change_needs_gain_and_time(void **state)
{
    (void)state;
    static const struct {
        double now_s, a_s, b_s;
        int want;
    } row[] = {
        {0, .5, .6, A},      /* the better one at first */
        {5, .5, .3, A},      /* better by .2, but 5 s after the choice */
        {10, .5, .45, A},    /* time enough, but only .05 */
        {10, .5, .41, A},    /* .09 */
        {11, .5, .39, B},    /* .11: changes at 11 s */
        {12, .1, .39, B},    /* 1 s later */
        {20.9, .1, .39, B},  /* 9.9 s later */
        {21, .1, .39, A},    /* changes at 21 s */
        {22, INFINITY, .39, B}, /* lost: left at once, at 22 s */
        {23, .1, .39, B},    /* it is back, but that was a change, too */
        {31.9, .1, .39, B},
        {32, .1, .39, A},
    };
    void *own = fresh(latency_alone, LEN(latency_alone));
    for (size_t i = 0; i < LEN(row); i++) {
        assert_int_equal(ask(own, row[i].now_s, (struct source){1, 0}, row[i].a_s, row[i].b_s), row[i].want);
    }
    policy_qos_weighted.clear(own);
}

/* Without brakes every gust of load is followed; with them one change in ten seconds at most. */
static void brakes_stop_the_flitting(void **state)
{
    (void)state;
    struct policy_param loose[LEN(latency_alone)];
    memcpy(loose, latency_alone, sizeof loose);
    loose[4].value = loose[5].value = 0;
    uint32_t changes[2] = {0};
    for (int braked = 0; braked < 2; braked++) {
        void *own = fresh(braked ? latency_alone : loose, LEN(latency_alone));
        int last = A;
        for (int t = 0; t < 100; t++) {
            int place = ask(own, t, (struct source){1, 0}, t % 2 ? .6 : .4, .5);
            changes[braked] += place != last;
            last = place;
        }
        policy_qos_weighted.clear(own);
    }
    assert_int_equal(changes[0], 99);
    assert_int_equal(changes[1], 0); /* .1 is never gained */
}

static void every_source_has_its_own_place(void **state)
{
    (void)state;
    void *own = fresh(latency_alone, LEN(latency_alone));
    for (ts_id origin = 0; origin < 500; origin++) { /* more than there is room for at first */
        assert_int_equal(ask(own, 0, (struct source){origin, 0}, origin % 2 ? .1 : .9, .5), origin % 2 ? A : B);
    }
    assert_int_equal(ask(own, 1, (struct source){7, 1}, .9, .5), B); /* the same device, another workload */
    for (ts_id origin = 0; origin < 500; origin++) {
        assert_int_equal(ask(own, 2, (struct source){origin, 0}, .5, .5), origin % 2 ? A : B);
    }
    policy_qos_weighted.clear(own);
}

/* With weight 1 a change counts 1, so a place must be better by more than 1.1. */
static void a_change_has_its_price(void **state)
{
    (void)state;
    struct policy_param param[] = {{.key = "weights.load"},
                                   {.key = "weights.privacy"},
                                   {.key = "weights.energy"},
                                   {.key = "weights.migration", .value = 1},
                                   {.key = "cool_down"},
                                   {.key = "hysteresis", .value = .1}};
    void *own = fresh(param, LEN(param));
    assert_int_equal(ask(own, 0, (struct source){1, 0}, .1, .2), A);
    assert_int_equal(ask(own, 1, (struct source){1, 0}, 1.29, .2), A); /* 1.09 */
    assert_int_equal(ask(own, 2, (struct source){1, 0}, 1.31, .2), B); /* 1.11 > 1 + .1 */
    policy_qos_weighted.clear(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_needs_gain_and_time),
        cmocka_unit_test(brakes_stop_the_flitting),
        cmocka_unit_test(every_source_has_its_own_place),
        cmocka_unit_test(a_change_has_its_price),
    };
    return cmocka_run_group_tests_name("qos_weighted", tests, NULL, NULL);
}
