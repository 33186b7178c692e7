/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tasks that run are listed at a tick, moved and cancelled.
 *
 * One job of 1 GFLOP a minute at `home`; place 0, 10 ms away, does 1 GFLOP/s, place 1, 20 ms away, 2 GFLOP/s, each at 10 W; from
 * one to the other it is 30 ms.  Links take no time for bits, and 1 uJ each.
 */
#include <stddef.h>

#include "tests/replicate.h"

#define TEXT(workload, near)                                                                                                  \
    "tiersim: 1\nname: migrate\n"                                                                                       \
    "nodes:\n"                                                                                                          \
    "  home: {tier: edge}\n"                                                                                            \
    "  near: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s" near "}}, power: {busy: 10 W}}\n"                        \
    "  far: {tier: edge, processors: {cpu: {speed: 2 GFLOP/s}}, power: {busy: 10 W}}\n"                                 \
    "links:\n"                                                                                                          \
    "  short: {from: home, to: near, capacity: unlimited, latency: 10 ms, energy: 1 uJ/bit}\n"                          \
    "  long: {from: home, to: far, capacity: unlimited, latency: 20 ms, energy: 1 uJ/bit}\n"                            \
    "workloads: {customer: {at: home, arrivals: {periodic: {period: 1 min}}, work: 1 GFLOP" workload "}}\n"             \
    "experiment: {policies: [mover], duration: 2.5 min}\n"

enum { JOBS = 3 };

struct mover {
    double period_s;
};

static uint32_t verb; /* what is done to a task that runs, at the tick at 0.51 s after its release */
static uint32_t later;          /* the same, 0.5 s later; 0: nothing else */
static uint32_t n_live, n_told;
static double think_s, patience_s;
static double work_s[JOBS];    /* that is said to be at place 1 when a task is there */
static double told_j[JOBS];

static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h;
    if (a->why == TS_ARRIVED) {
        p->step[0].patience_s = patience_s;
        return ts_answer_place(p, a->cand[0]);
    }
    p->think_s = think_s > 0 ? think_s : NAN;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        n_live++;
        if (t->at == 1) {
            work_s[t->job] = v->col[TS_WORK_S][1];
        }
        if (t->at == 0 && v->now_s - t->released_s > .509) {
            p->step[p->n].verb = later && v->now_s - t->released_s > 1 ? later : verb;
            p->step[p->n].task = i;
            p->step[p->n++].place = ts_candidate(a, t, 1);
        }
    }
    return 0;
}

static int ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    told_j[o->job] = o->energy_j;
    n_told++;
    return 0;
}

static const struct ts_param param[] = {
    {.key = "period", .unit = "s", .about = "x", .dflt = .51, .max = 1, .offset = offsetof(struct mover, period_s)}, {0}};
static const struct ts_policy mover = {.abi = TS_ABI, .size = sizeof mover, .name = "mover", .about = "x",
                                       .flags = TS_WANTS_LIVE | TS_TAKES_BACK, .triggers = 1u << TS_TICK,
                                       .state_size = sizeof(struct mover), .param_size = sizeof param[0], .param = param,
                                       .cols = 1u << TS_WORK_S, .decide = decide, .ended = ended, .tick = "period"};

static struct cohort go_with(const char *text, const char *const *set, struct record *r)
{
    struct scenario s;
    struct tape tape;
    struct cohort sum = {0};
    n_live = n_told = 0;
    scenario_of_text(&s, text, set);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = &mover, .seed = 1}, &tape);
    *r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r->text, ""); /* the audit holds */
    for (uint32_t i = 0; i < N_SEGMENT; i++) {
        cohort_add(&sum, &r->cohort[i]);
    }
    free(tape.t);
    scenario_free(&s);
    return sum;
}

static struct cohort go(const char *text, struct record *r)
{
    return go_with(text, NULL, r);
}

/*
 * Ticks are at multiples of 0.51 s; 60 s = 117 * 0.51 + 0.33: jobs 1 and 2, released at 60 s and 120 s, are looked at 0.18 s,
 * 0.69 s, .. and 0.36 s, 0.87 s after.  So they have been served 0.5, 0.68 and 0.86 s when they are moved with 1 Mbit of state;
 * what is left takes half as long.  Over two links the state costs 2 J.
 */
static void a_task_goes_on_elsewhere(void **state)
{
    static const double served_s[JOBS] = {.5, .68, .86};
    struct record r;
    double latency_s = 0, compute_s = 0;
    (void)state;
    verb = TS_MIGRATE;
    struct cohort sum = go(TEXT(", state: 125 kB", ""), &r);
    for (int k = 0; k < JOBS; k++) {
        compute_s += served_s[k] + (1 - served_s[k]) / 2;
        latency_s += .01 + served_s[k] + .03 + (1 - served_s[k]) / 2 + .02;
    }
    assert_int_equal(sum.n_finished, JOBS);
    assert_near(sum.latency_s, latency_s, 1e-9, 0);
    assert_near(sum.compute_s, compute_s, 1e-9, 0);
    assert_near(sum.upload_s, JOBS * .01, 1e-9, 0);
    assert_near(sum.other_s, JOBS * .03, 1e-9, 0);
    assert_near(sum.download_s, JOBS * .02, 1e-9, 0);
    assert_near(sum.bits, JOBS * 2e6, 1e-3, 0);
    assert_near(sum.useful_j, 10 * compute_s + JOBS * 2, 1e-9, 0);
    assert_near(sum.waste_j, 0, 0, 0);
    assert_near(r.metric[M_CONTROL_BYTES], JOBS * 64, 0, 0); /* the orders */
    assert_true(n_live >= JOBS);
    assert_int_equal(n_told, JOBS);
    for (int k = 0; k < JOBS; k++) {
        assert_near(told_j[k], 10 * (served_s[k] + (1 - served_s[k]) / 2) + 2, 1e-9, 0);
    }
    record_clear(&r);
}

/* Job 0 is on its way from place to place at 0.52 s; but its service had begun. */
static void patience_ends_where_service_begins(void **state)
{
    patience_s = .52;
    a_task_goes_on_elsewhere(state);
    patience_s = 0;
}

/* Both places do 0.5 GFLOP/s.  Work is believed to be twice what it is, 4 s: of that as much is left as of the true 2 s. */
static void what_is_left_stays_an_estimate(void **state)
{
    static const char *const wrong[] = {"nodes.near.processors.cpu.speed=0.5 GFLOP/s", "nodes.far.processors.cpu.speed=0.5 GFLOP/s",
                                        "workloads.customer.estimate={bias: 1}", NULL};
    static const double served_s[JOBS] = {.5, .68, .86};
    struct record r;
    (void)state;
    verb = TS_MIGRATE;
    struct cohort sum = go_with(TEXT("", ""), wrong, &r);
    assert_int_equal(sum.n_finished, JOBS);
    for (int k = 0; k < JOBS; k++) {
        assert_near(work_s[k], 4 * (1 - served_s[k] / 2), 1e-9, 0);
    }
    record_clear(&r);
}

/*
 * Both places do 0.5 GFLOP/s, orders take 0.6 s.  A task is moved, then cancelled where it was: that order comes when it runs
 * elsewhere.
 */
static void an_order_is_for_the_place_where_the_task_was(void **state)
{
    static const char *const slow[] = {"nodes.near.processors.cpu.speed=0.5 GFLOP/s", "nodes.far.processors.cpu.speed=0.5 GFLOP/s",
                                       NULL};
    struct record r;
    (void)state;
    verb = TS_MIGRATE;
    later = TS_CANCEL;
    think_s = .6;
    struct cohort sum = go_with(TEXT("", ""), slow, &r);
    think_s = 0;
    later = 0;
    assert_int_equal(sum.n_finished, JOBS);
    assert_near(r.metric[M_STALE_ORDERS], JOBS, 0, 0);
    record_clear(&r);
}

/* Each order is a message of 64 B over one link, at 1 uJ/bit; on a core that preempts nobody the task goes on to its end. */
static void a_task_is_cancelled(void **state)
{
    static const struct {
        const char *text;
        double waste_j;
    } near[] = {{TEXT("", ", discipline: ps"), 10 * (.5 + .68 + .86)},
                {TEXT("", ", discipline: edf"), 10 * (.5 + .68 + .86)},
                {TEXT("", ", discipline: edf, preempt: none"), 30},
                {TEXT("", ""), 30}};
    struct record r;
    (void)state;
    verb = TS_CANCEL;
    for (size_t i = 0; i < LEN(near); i++) {
        struct cohort sum = go(near[i].text, &r);
        assert_int_equal(sum.n_end[TS_CANCELLED], JOBS);
        assert_near(sum.waste_j, near[i].waste_j, 1e-9, 0);
        assert_near(sum.useful_j, 0, 0, 0);
        assert_near(r.metric[M_CONTROL_BYTES], JOBS * 64, 0, 0);
        assert_near(r.metric[M_ENERGY_CONTROL], JOBS * 512e-6, 1e-12, 0);
        record_clear(&r);
    }
}

/* The order goes out 0.1 s after the tick: served 0.6, 0.78 and 0.96 s. */
static void a_cancellation_may_take_thought(void **state)
{
    struct record r;
    (void)state;
    verb = TS_CANCEL;
    think_s = .1;
    struct cohort sum = go(TEXT("", ", discipline: ps"), &r);
    think_s = 0;
    assert_int_equal(sum.n_end[TS_CANCELLED], JOBS);
    assert_near(sum.waste_j, 10 * (.6 + .78 + .96), 1e-9, 0);
    record_clear(&r);
}

/* What only an end device joins: it does not forward. */
static void none_is_moved_where_no_link_leads(void **state)
{
    static const char *const end[] = {"nodes.home.tier=end", NULL};
    struct scenario s;
    struct run *r;
    struct err e = {0};
    (void)state;
    verb = TS_MIGRATE;
    scenario_of_text(&s, TEXT("", ""), end);
    const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &mover, .seed = 1};
    assert_int_equal(run_create(&r, &spec, &e), 0);
    assert_true(drive_run(r, &spec, NULL, NULL, &e) < 0);
    assert_non_null(strstr(e.text, "policy mover moved job 0 to where no link leads from its place"));
    run_free(r);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_goes_on_elsewhere),
        cmocka_unit_test(patience_ends_where_service_begins),
        cmocka_unit_test(what_is_left_stays_an_estimate),
        cmocka_unit_test(an_order_is_for_the_place_where_the_task_was),
        cmocka_unit_test(a_task_is_cancelled),
        cmocka_unit_test(a_cancellation_may_take_thought),
        cmocka_unit_test(none_is_moved_where_no_link_leads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
