/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A policy that declares TS_CHANGED is asked where a link comes, goes or changes level, and nowhere else.
 *
 * The trace is 1 Mbit/s, twice in a row, then nothing from 4 s, then 2 Mbit/s from 7 s, and again from the first at 10 s: it
 * changes at 4 + 10 k and 7 + 10 k, and not at 2 + 10 k or 10 k.
 */
#include <stddef.h>

#include "tests/simulate.h"

static const struct simulate_file air = {"air.csv", "time_s,capacity_kbps\n0,1000\n2,1000\n4,0\n7,2000\n"};

#define TEXT(capacity, experiment)                                                                                      \
    "tiersim: 1\nname: changes\n"                                                                                       \
    "nodes:\n"                                                                                                          \
    "  device: {tier: end, attach: edge}\n"                                                                             \
    "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"                                                     \
    "links: {air: {from: device, to: edge, per: edge, capacity: " capacity "}}\n"                                       \
    "workloads:\n"                                                                                                      \
    "  job: {at: device, arrivals: {periodic: {period: 0.7 s}}, input: 1 kbit, work: 1 MFLOP}\n"                        \
    "experiment: {policies: [nearest_edge" experiment "}\n"
#define TRACE "{trace: {file: air.csv, format: throughput, start: first}}"

enum { CHANGES = 100000 };

static double changed_s[CHANGES], rate_bps; /* as at the last change */
static uint32_t n_changed, n_same, n_deferred, n_other;

/* What it defers it places at the next change; between changes the rate is what it was. */
static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    double rate, delay_s;
    (void)st;
    assert_int_equal(h->path(h->ctx, 0, 1, &rate, &delay_s), 0);
    if (a->why == TS_CHANGED) {
        assert_true(n_changed < CHANGES);
        n_same += rate == rate_bps;
        changed_s[n_changed++] = v->now_s;
        rate_bps = rate;
    } else {
        n_other += n_changed > 0 && rate != rate_bps;
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        p->step[i].task = i;
        p->step[i].verb = a->why == TS_CHANGED || rate > 0 ? TS_PLACE : TS_DEFER;
        p->step[i].place = ts_candidate(a, ts_task_at(a, i), 0);
        n_deferred += p->step[i].verb == TS_DEFER;
    }
    p->n = a->n_task;
    return 0;
}

static const struct ts_policy watcher = {.abi = TS_ABI, .size = sizeof watcher, .name = "watcher", .about = "x",
                                         .triggers = 1u << TS_CHANGED, .decide = decide};

static void nobody(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

static struct simulated go(const char *scenario, const char *set)
{
    n_changed = n_same = n_deferred = n_other = 0;
    return simulate(&(struct simulate_input){.scenario = scenario, .set = {set}, .file = {air}, .policy = &watcher});
}

static void a_trace_changes_where_it_stops_and_starts(void **state)
{
    (void)state;
    struct simulated sim = go(TEXT(TRACE, "], duration: 36 s, drain: 0 s"), NULL);
    static const double want_s[] = {4, 7, 14, 17, 24, 27, 34};
    assert_int_equal(n_changed, LEN(want_s));
    for (size_t i = 0; i < LEN(want_s); i++) {
        assert_near(changed_s[i], want_s[i], 0, 0);
    }
    assert_true(n_deferred > 10);
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_FINISHED_RATIO), 1, .1, 0);
    simulated_clear(&sim);
}

/* Two states and outages: the rate at each question is that of the last change. */
static void a_state_or_an_outage_is_a_change(void **state)
{
    (void)state;
    struct simulated sim = go(TEXT("{markov: {good: {value: 2 Mbit/s, stays: 1 s}, bad: {value: 1 Mbit/s, stays: 2 s}}, "
                                   "outage: {every: 5 s, lasts: 0.5 s}}", "], duration: 1 h"),
                              "workloads.job.input=0 bit"); /* so no data are ever under way */
    /* Of each direction: jumps at a mean of 1.5 s, of which 1 in 11 under an outage, and two ends of an outage each 5.5 s. */
    const double want = 2 * 3600 * (1 / 1.5 * 10 / 11 + 2 / 5.5);
    assert_near(n_changed, want, 4 * sqrt(want) / want, 0);
    assert_true(n_same > 0); /* the other direction */
    assert_true(n_other == 0);
    simulated_clear(&sim);
}

static void steps_of_an_autoregression_are_no_changes(void **state)
{
    (void)state;
    static const char smooth[] =
        TEXT("{log_ar1: {mean: 1 Mbit/s, sd_log: 0.5, correlation: 0.9, step: 1 s}}", "], duration: 1 min");
    struct simulated sim = go(smooth, NULL);
    assert_int_equal(n_changed, 0);
    simulated_clear(&sim);
}

/* Nor are they events for a policy that does not ask for them. */
static void who_does_not_ask_has_no_events(void **state)
{
    static struct ts_policy deaf;
    static const char text[] = TEXT("{value: 1 Mbit/s, outage: {every: 1 s, lasts: 10 ms}}", "], duration: 10 min");
    struct simulated a = go(text, NULL);
    (void)state;
    assert_true(n_changed > 1000);
    deaf = watcher;
    deaf.triggers = 1u << TS_FREED;
    n_changed = 0;
    struct run_counts counts;
    struct err e = {0};
    const struct run_spec run = {.scenario = &a.s, .spec = &a.s.experiment.policy[0], .policy = &deaf,
                                 .seed = a.s.experiment.seed, .full = nobody};
    assert_int_equal(drive(&run, NULL, NULL, &counts, &e), 0);
    assert_int_equal(n_changed, 0);
    /* Arrivals, messages, services, borders: 8 events a job at most, one job each 0.7 s. */
    assert_true((double)counts.n_event < 900 / .7 * 8);
    simulated_clear(&a);
}

/* Node 1 may be used, may not from 4 s on, may again from 8 s on, ..: said every 4 s, and twice. */
static int let_in_and_out(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)a;
    for (p->n = 0; p->n < 2; p->n++) {
        p->step[p->n] = (struct ts_step){.verb = TS_SET, .knob = TS_K_ALLOW, .task = 1, .place = TS_NONE,
                                         .value = fmod(v->now_s, 8) == 0};
    }
    return 0;
}

static uint32_t n_cand[CHANGES];

static int count_candidates(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h;
    if (a->why == TS_CHANGED) {
        n_cand[n_changed] = a->n_task ? ts_task_at(a, 0)->n_cand : UINT32_MAX;
        changed_s[n_changed++] = v->now_s;
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        p->step[i].task = i;
        p->step[i].verb = TS_DEFER;
    }
    p->n = a->n_task;
    return 0;
}

/* All jobs are put off, so that each change is asked about with them, and with the candidates that are left. */
static void places_come_and_go_as_a_slow_controller_says(void **state)
{
    static const char text[] = TEXT("1 Mbit/s", ": {over: {policy: two_level, period: 4 s}}], duration: 23 s, drain: 0 s");
    struct ts_policy slow = watcher, fast = watcher;
    (void)state;
    slow.decide = let_in_and_out;
    slow.triggers = 1u << TS_TICK;
    fast.decide = count_candidates;
    n_changed = 0;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = text, .policy = &fast, .over = &slow});
    assert_int_equal(n_changed, 5);
    for (uint32_t i = 0; i < n_changed; i++) {
        assert_near(changed_s[i], 4. * (i + 1), 0, 0);
        assert_int_equal(n_cand[i], i % 2);
    }
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trace_changes_where_it_stops_and_starts),
        cmocka_unit_test(a_state_or_an_outage_is_a_change),
        cmocka_unit_test(steps_of_an_autoregression_are_no_changes),
        cmocka_unit_test(who_does_not_ask_has_no_events),
        cmocka_unit_test(places_come_and_go_as_a_slow_controller_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
