/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_migrate_far.c - tasks that run are moved and cancelled by a controller far away (SEMANTICS 5.1.1, 5.1.5, 5.3).
 *
 * One job of 1 GFLOP a minute at `home`; place 0, 10 ms away, does 1 GFLOP/s, shared, place 1, 20 ms away, 2 GFLOP/s, each at
 * 10 W; from one to the other it is 30 ms.  The office is 30 ms from home, so 40 ms from place 0: a job is asked about 30 ms after
 * its release, sent to place 0 at 60 ms and served there from 70 ms on.  Its state is 1 Mbit.
 */
#include <stddef.h>

#include "tests/replicate.h"

#define TEXT(duration)                                                                                                        \
    "tiersim: 1\nname: migrate_far\n"                                                                                         \
    "nodes:\n"                                                                                                                \
    "  home: {tier: edge}\n"                                                                                                  \
    "  near: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: ps}}, power: {busy: 10 W}}\n"                      \
    "  far: {tier: edge, processors: {cpu: {speed: 2 GFLOP/s}}, power: {busy: 10 W}}\n"                                       \
    "  office: {tier: cloud}\n"                                                                                               \
    "links:\n"                                                                                                                \
    "  short: {from: home, to: near, capacity: unlimited, latency: 10 ms, energy: 1 uJ/bit}\n"                                \
    "  long: {from: home, to: far, capacity: unlimited, latency: 20 ms, energy: 1 uJ/bit}\n"                                  \
    "  wan: {from: home, to: office, capacity: unlimited, latency: 30 ms, energy: 1 uJ/bit}\n"                                \
    "workloads: {customer: {at: home, arrivals: {periodic: {period: 1 min}}, work: 1 GFLOP, state: 125 kB}}\n"                \
    "experiment:\n"                                                                                                           \
    "  policies: [mover: {period: 510 ms}]\n"                                                                                 \
    "  controller: {at: office, bytes: {request: 100 B, answer: 50 B, news: 10 B, report: 0 B}}\n"                            \
    "  duration: " duration "\n"
#define OLD "experiment.controller.view={period: 1000 s, phase: sync}"

enum { JOBS = 3, TICKS = 64 };

struct mover {
    double period_s;
};

static uint32_t verb; /* what is done to a task at place 0 .. */
static double after_s; /* .. that was released so long ago */
/* Of the first ticks: the place where the task is said to be, TS_NONE: none is; what is known to be at the places. */
static uint32_t at[TICKS], n_tick;
static double known[2][TICKS];

static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h;
    if (a->why == TS_ARRIVED) {
        return ts_answer_place(p, a->cand[0]);
    }
    if (n_tick < TICKS) {
        at[n_tick] = a->n_task ? ts_task_at(a, 0)->at : TS_NONE;
        for (uint32_t k = 0; k < 2; k++) {
            known[k][n_tick] = v->col[TS_BUSY][k] + v->col[TS_QUEUED][k];
        }
        n_tick++;
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        if (t->at == 0 && v->now_s - t->released_s > after_s) {
            p->step[p->n].verb = verb;
            p->step[p->n].task = i;
            p->step[p->n++].place = ts_candidate(a, t, 1);
        }
    }
    return 0;
}

static const struct ts_param param[] = {
    {.key = "period", .unit = "s", .about = "x", .dflt = 1, .max = 10, .offset = offsetof(struct mover, period_s)}, {0}};
static const struct ts_policy mover = {.abi = TS_ABI, .size = sizeof mover, .name = "mover", .about = "x",
                                       .flags = TS_WANTS_LIVE, .triggers = 1u << TS_TICK,
                                       .cols = 1u << TS_BUSY | 1u << TS_QUEUED, .state_size = sizeof(struct mover),
                                       .param_size = sizeof param[0], .param = param, .decide = decide, .tick = "period"};

/* All audits hold, and a second run is the same. */
static struct cohort go(const char *text, const char *const *set, struct record *r)
{
    struct scenario s;
    struct tape tape, again;
    struct cohort sum = {0};
    scenario_of_text(&s, text, set);
    const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &mover, .seed = 1};
    n_tick = 0;
    replicate(spec, &again);
    n_tick = 0;
    replicate(spec, &tape);
    assert_true(digest_of(&s, &tape) == digest_of(&s, &again));
    *r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r->text, "");
    for (uint32_t i = 0; i < N_SEGMENT; i++) {
        cohort_add(&sum, &r->cohort[i]);
    }
    free(tape.t);
    free(again.t);
    scenario_free(&s);
    return sum;
}

/*
 * Ticks are at multiples of 0.51 s; 60 s = 117 * 0.51 + 0.33: jobs are first looked at later than 0.5 s at 0.51 s, 0.69 s and
 * 0.87 s after their releases.  40 ms after that the order is there: then place 0 has served them for so long less 30 ms; what
 * is left takes half as long.  Each job: a request, an answer, an order over two links, news of the end, and if rows are old
 * news of the move over two.
 */
static void an_order_to_move_holds_when_it_is_there(void **state)
{
    static const double order_s[JOBS] = {.51, .69, .87};
    static const char *const old[] = {OLD, NULL};
    (void)state;
    verb = TS_MIGRATE;
    after_s = .5;
    for (int i = 0; i < 2; i++) {
        struct record r;
        double latency_s = 0, compute_s = 0;
        struct cohort sum = go(TEXT("2.5 min"), i ? old : NULL, &r);
        for (int k = 0; k < JOBS; k++) {
            const double served_s = order_s[k] + .04 - .07, left_s = (1 - served_s) / 2;
            compute_s += served_s + left_s;
            latency_s += .07 + served_s + .03 + left_s + .02;
        }
        assert_int_equal(sum.n_finished, JOBS);
        assert_near(sum.latency_s, latency_s, 1e-9, 0);
        assert_near(sum.compute_s, compute_s, 1e-9, 0);
        assert_near(sum.other_s, JOBS * .03, 1e-9, 0);
        assert_near(sum.bits, JOBS * 2e6, 1e-3, 0);
        assert_near(sum.useful_j, 10 * compute_s + JOBS * 2, 1e-9, 0);
        assert_near(sum.waste_j, 0, 0, 0);
        assert_near(r.metric[M_STALE_ORDERS], 0, 0, 0);
        assert_near(r.metric[M_CONTROL_BYTES], JOBS * (100 + 50 + 2 * 50 + 10 + (i ? 20 : 0)), 0, 0);
        record_clear(&r);
    }
}

/* Served until the order is there. */
static void an_order_to_cancel_holds_when_it_is_there(void **state)
{
    struct record r;
    (void)state;
    verb = TS_CANCEL;
    after_s = .5;
    struct cohort sum = go(TEXT("2.5 min"), NULL, &r);
    assert_int_equal(sum.n_end[TS_CANCELLED], JOBS);
    assert_near(sum.waste_j, 10 * (.48 + .66 + .84), 1e-9, 0);
    assert_near(sum.useful_j, 0, 0, 0);
    assert_near(r.metric[M_CONTROL_BYTES], JOBS * (100 + 50 + 2 * 50 + 2 * 10), 0, 0); /* the place tells of the end */
    record_clear(&r);
}

/*
 * The job is served until 1.07 s.  An order of 1.05 s comes 20 ms too late and does nothing; the office hears of the end at 1.11 s:
 * by old rows it gives an order at 1.1 s, too, by exact rows it does not.
 */
static void an_order_for_what_has_ended_is_stale(void **state)
{
    static const struct {
        const char *set[3];
        bool ordered;
    } tick[] = {{{"experiment.policies=[mover: {period: 1.05 s}]"}, true},
                {{"experiment.policies=[mover: {period: 1.1 s}]", OLD}, true},
                {{"experiment.policies=[mover: {period: 1.1 s}]"}, false}};
    (void)state;
    after_s = .5;
    for (verb = TS_MIGRATE; verb <= TS_CANCEL; verb++) {
        for (size_t i = 0; i < LEN(tick); i++) {
            struct record r;
            struct cohort sum = go(TEXT("30 s"), tick[i].set, &r);
            assert_int_equal(sum.n_finished, 1);
            assert_near(sum.latency_s, 1.08, 1e-12, 0);
            assert_near(sum.waste_j, 0, 0, 0);
            assert_near(r.metric[M_STALE_ORDERS], tick[i].ordered, 0, 0);
            assert_int_equal(at[0], tick[i].ordered ? 0 : TS_NONE);
            assert_int_equal(at[1], TS_NONE); /* news have come */
            record_clear(&r);
        }
    }
}

/*
 * By old rows, looked at each 50 ms: at 50 ms the task is said to be at place 0, to which it is on its way, and ordered away; the
 * order is there at 90 ms, and news of that come at 130 ms.  So it is ordered away once more at 100 ms, for nothing, and said to be
 * at place 1 from 150 ms on.  The ledger has it at place 1 from the first order on, once, until the news of its end: served
 * 20 ms at place 0, 490 ms from 120 ms on at place 1, it is at home at 630 ms, and the office hears of that at 660 ms.
 */
static void a_controller_hears_of_moves_by_news(void **state)
{
    static const char *const set[] = {"experiment.policies=[mover: {period: 50 ms}]", OLD, NULL};
    struct record r;
    (void)state;
    verb = TS_MIGRATE;
    after_s = 0;
    struct cohort sum = go(TEXT("30 s"), set, &r);
    assert_near(sum.latency_s, .63, 1e-9, 0);
    assert_near(r.metric[M_STALE_ORDERS], 1, 0, 0);
    for (uint32_t i = 0; i < 14; i++) {
        const double t_s = .05 * (i + 1);
        assert_int_equal(at[i], t_s < .14 ? 0 : t_s < .66 ? 1 : TS_NONE);
        assert_near(known[0][i], i == 0, 0, 0); /* before its first order */
        assert_near(known[1][i], i > 0 && t_s < .66, 0, 0);
    }
    record_clear(&r);
}

/* Who is to move what it has sent must hear of its ends, or see them. */
static void who_hears_nothing_moves_nothing(void **state)
{
    static const char *const set[] = {OLD, "experiment.controller.news=false", NULL};
    struct scenario s;
    struct run *r = NULL;
    struct err e = {0};
    (void)state;
    scenario_of_text(&s, TEXT("30 s"), set);
    const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &mover, .seed = 1};
    assert_int_equal(run_create(&r, &spec, &e), -ERR_INPUT);
    assert_string_equal(e.text, "policy mover moves and cancels tasks, of whose ends it must hear: wanted news: true, or "
                                "view: exact");
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_to_move_holds_when_it_is_there),
        cmocka_unit_test(an_order_to_cancel_holds_when_it_is_there),
        cmocka_unit_test(an_order_for_what_has_ended_is_stale),
        cmocka_unit_test(a_controller_hears_of_moves_by_news),
        cmocka_unit_test(who_hears_nothing_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
