/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_race_far.c - replicas and hedges that a controller far away decides (SEMANTICS 5.1.5, 5.1.7, 5.3).
 *
 * A job of 0.1 GFLOP each 200 ms at `home`; place 0 is 10 ms away and takes 0.1 s, place 1 is 20 ms away and takes 0.2 s, shared,
 * each at 10 W.  The office, which decides, is 30 ms away and thinks for 15 ms.  So, since its release, a job is asked about at
 * 30 ms and its replicas start at 75 ms; place 0 has the result at home at 75 + 10 + 100 + 10 = 195 ms, and the order to place 1
 * leaves then: it is there at 215 ms and ends a service that began at 95 ms.  The office hears of the job at 225 ms, and of the
 * loser, by way of home, at 265 ms: after the question about the next job, at 230 ms.
 */
#include "tests/replicate.h"

#define TEXT(deadline)                                                                                                        \
    "tiersim: 1\nname: race_far\n"                                                                                            \
    "nodes:\n"                                                                                                                \
    "  home: {tier: edge}\n"                                                                                                  \
    "  near: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: ps}}, power: {busy: 10 W}}\n"                      \
    "  far: {tier: edge, processors: {cpu: {speed: 0.5 GFLOP/s, discipline: ps}}, power: {busy: 10 W}}\n"                     \
    "  office: {tier: cloud}\n"                                                                                               \
    "links:\n"                                                                                                                \
    "  short: {from: home, to: near, capacity: unlimited, latency: 10 ms}\n"                                                  \
    "  long: {from: home, to: far, capacity: unlimited, latency: 20 ms, energy: 1 uJ/bit}\n"                                  \
    "  wan: {from: home, to: office, capacity: unlimited, latency: 30 ms, energy: 1 uJ/bit}\n"                                \
    "workloads: {customer: {at: home, arrivals: {periodic: {period: 200 ms}}, work: 0.1 GFLOP" deadline "}}\n"                \
    "experiment:\n"                                                                                                           \
    "  policies: [jsq]\n"                                                                                                     \
    "  controller: {at: office, think: 15 ms, bytes: {request: 100 B, answer: 50 B, news: 10 B, report: 0 B}}\n"              \
    "  duration: 1 s\n"

/* Rows of an instant long ago, so that what is known of the places is what was sent there. */
#define OLD "experiment.controller.view={period: 1000 s, phase: sync}"

enum { JOBS = 5 };

static struct ts_outcome told[16];
static double hedge_s;            /* after the question, for replica 1; 0: at once */
static double known[2][16];       /* tasks at the places, question by question */
static uint32_t n_asked, n_told;

static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st;
    assert_true(n_asked < LEN(known[0]));
    for (uint32_t k = 0; k < 2; k++) {
        known[k][n_asked] = v->col[TS_BUSY][a->cand[k]] + v->col[TS_QUEUED][a->cand[k]];
        p->step[k].verb = TS_PLACE;
        p->step[k].place = a->cand[k];
        p->step[k].replica = (uint16_t)k;
        p->step[k].tag = 70 + k;
    }
    (void)h;
    p->step[1].not_before_s = hedge_s > 0 ? v->now_s + hedge_s : 0;
    p->n = 2;
    n_asked++;
    return 0;
}

static int ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    assert_true(o->job < LEN(told));
    told[o->job] = *o;
    n_told++;
    return 0;
}

static const struct ts_policy racer = {.abi = TS_ABI, .size = sizeof racer, .name = "racer", .about = "x",
                                       .cols = 1u << TS_BUSY | 1u << TS_QUEUED, .flags = TS_TAKES_BACK, .decide = decide,
                                       .ended = ended};

/* All audits hold, and a second run is the same. */
static struct record go(const char *text, const char *const *set)
{
    struct scenario s;
    struct tape tape, again;
    scenario_of_text(&s, text, set);
    const struct run_spec spec = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &racer, .seed = 1};
    n_asked = 0;
    replicate(spec, &again);
    n_asked = n_told = 0;
    replicate(spec, &tape);
    assert_true(digest_of(&s, &tape) == digest_of(&s, &again));
    struct record r = record_of(&s, tape.t, tape.n);
    assert_string_equal(r.text, "");
    assert_true(n_asked >= JOBS);
    free(tape.t);
    free(again.t);
    scenario_free(&s);
    return r;
}

/* Of each job; of the last one so much is lost when the run ends, at 1 s, 200 ms after its release. */
static void assert_energy(const struct record *r, double useful_j, double waste_j, double last_j)
{
    struct cohort sum = all_of(r);
    assert_near(sum.useful_j, JOBS * useful_j, 1e-9, 0);
    assert_near(sum.waste_j, (JOBS - 1) * waste_j + last_j, 1e-9, 0);
}

/* What the office believes to be at each place when it is asked about any job but the first. */
static void assert_known(double at_0, double at_1)
{
    for (uint32_t i = 0; i < n_asked; i++) {
        assert_near(known[0][i], i ? at_0 : 0, 0, 0);
        assert_near(known[1][i], i ? at_1 : 0, 0, 0);
    }
}

static void a_race_starts_when_the_answer_is_there(void **state)
{
    static const char *const old[] = {OLD, NULL};
    (void)state;
    hedge_s = 0;
    for (int i = 0; i < 2; i++) {
        struct record r = go(TEXT(""), i ? old : NULL);
        struct cohort sum = all_of(&r);
        assert_int_equal(sum.n_finished, JOBS);
        assert_near(sum.latency_s, JOBS * .195, 1e-12, 0);
        assert_near(sum.compute_s, JOBS * .1, 1e-12, 0);
        assert_energy(&r, 1, 1.2, 1.05);
        assert_int_equal(told[2].end, TS_DONE);
        assert_int_equal(told[2].replica, 0);
        assert_int_equal(told[2].tag, 70);
        assert_near(told[2].decide_s, .075, 1e-12, 0);
        assert_near(told[2].now_s, .4 + .225, 1e-12, 0);
        record_clear(&r);
    }
}

/* By old rows the ledger has the loser of the last job, and no longer its winner; exact rows have neither at 230 ms. */
static void the_ledger_counts_each_replica_until_there_is_news(void **state)
{
    static const char *const old[] = {OLD, NULL}, *const deaf[] = {OLD, "experiment.controller.ledger=none", NULL};
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT(""), old);
    assert_known(0, 1);
    record_clear(&r);
    r = go(TEXT(""), deaf);
    assert_known(0, 0);
    record_clear(&r);
    r = go(TEXT(""), NULL);
    assert_known(0, 0);
    record_clear(&r);
}

/*
 * For each job a request of 100 B and an answer of 50 B, an order of 64 B, news of 10 B, each over one link at 1 uJ/bit; and by
 * old rows, where the ledger needs it, news of the loser over two.
 */
static void messages_and_orders_cost_bytes_and_joules(void **state)
{
    static const char *const old[] = {OLD, NULL};
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT(""), NULL);
    /* All that is over within the window: of the fifth job, released at 800 ms, too. */
    assert_near(r.metric[M_CONTROL_BYTES], JOBS * (100 + 50 + 64) + (JOBS - 1) * 10, 0, 0);
    assert_near(r.metric[M_ENERGY_CONTROL], 8e-6 * (JOBS * (100 + 50 + 64) + (JOBS - 1) * 10), 1e-12, 0);
    record_clear(&r);
    r = go(TEXT(""), old);
    assert_near(r.metric[M_CONTROL_BYTES], JOBS * (100 + 50 + 64) + (JOBS - 1) * (10 + 20), 0, 0);
    record_clear(&r);
}

/* Meant for 30 + 20 ms it starts with the answer at 75 ms; for 30 + 100 ms it is at place 1 from 150 ms on. */
static void a_hedge_starts_at_its_instant_or_with_the_answer(void **state)
{
    static const char *const old[] = {OLD, NULL};
    (void)state;
    hedge_s = .02;
    struct record r = go(TEXT(""), old);
    assert_energy(&r, 1, 1.2, 1.05);
    assert_known(0, 1);
    record_clear(&r);
    hedge_s = .1;
    r = go(TEXT(""), old);
    assert_near(all_of(&r).latency_s, JOBS * .195, 1e-12, 0);
    assert_energy(&r, 1, .65, .5);
    assert_known(0, 1);
    record_clear(&r);
}

/* Meant for 30 + 180 ms, after the result: it is not sent, no order either, and no ledger ever has it. */
static void a_hedge_that_is_not_needed_leaves_no_trace(void **state)
{
    static const char *const old[] = {OLD, NULL};
    (void)state;
    hedge_s = .18;
    struct record r = go(TEXT(""), old);
    assert_near(all_of(&r).latency_s, JOBS * .195, 1e-12, 0);
    assert_energy(&r, 1, 0, 0);
    assert_known(0, 0);
    assert_near(r.metric[M_CONTROL_BYTES], JOBS * (100 + 50) + (JOBS - 1) * 10, 0, 0);
    record_clear(&r);
}

/*
 * With a job each 100 ms the last one, whose result the office hears of 195 ms after its question, is the only one that it knows to
 * be somewhere: at place 0, as the hedge, 900 ms later, is not sent yet.
 */
static void a_hedge_is_in_the_ledger_from_when_it_is_sent(void **state)
{
    static const char *const old[] = {OLD, "workloads.customer.arrivals={periodic: {period: 100 ms}}", NULL};
    (void)state;
    hedge_s = .9;
    struct record r = go(TEXT(""), old);
    assert_near(all_of(&r).latency_s, 2 * JOBS * .195, 1e-12, 0);
    assert_known(1, 0);
    record_clear(&r);
}

/* Dropped at 150 ms at home: 65 ms at place 0 and 55 ms at place 1 are lost, and one piece of news tells of both at 180 ms. */
static void a_deadline_ends_all_replicas(void **state)
{
    static const char *const old[] = {OLD, NULL};
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT(", deadline: {after: 150 ms, late: drop}"), old);
    assert_int_equal(all_of(&r).n_end[TS_DROP_EXPIRED], JOBS);
    assert_energy(&r, 0, 1.2, 1.2);
    assert_known(0, 0);
    assert_int_equal(n_told, n_asked);
    record_clear(&r);
}

/* The answer comes at 75 ms to a job that is no more: nothing starts, and nothing stays in the ledger. */
static void a_race_may_be_decided_too_late(void **state)
{
    static const char *const old[] = {OLD, NULL};
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT(", deadline: {after: 60 ms, late: drop}"), old);
    assert_int_equal(all_of(&r).n_end[TS_DROP_EXPIRED], JOBS);
    assert_energy(&r, 0, 0, 0);
    assert_known(0, 0);
    record_clear(&r);
}

/*
 * Place 0 takes 100 s and has room for one.  Place 1 has the result of a job at 75 + 20 + 200 + 20 = 315 ms, so that place 0 is
 * held from 85 ms to 325 ms: the second job comes at 285 ms and is lost there, which the office hears 40 ms later from the place
 * itself.  At 230 ms it counts the first job at both; at 430 ms, when all news of that have come, the second at place 1 alone;
 * then so on.
 */
static void a_replica_without_room_is_told_by_its_place(void **state)
{
    static const char *const tight[] = {OLD, "nodes.near.processors.cpu.queue=1", "nodes.near.processors.cpu.speed=1 MFLOP/s",
                                        NULL};
    static const double at_0[] = {0, 1, 0, 1, 0};
    (void)state;
    hedge_s = 0;
    struct record r = go(TEXT(""), tight);
    assert_near(all_of(&r).latency_s, JOBS * .315, 1e-12, 0);
    for (uint32_t i = 0; i < JOBS; i++) {
        assert_near(known[0][i], at_0[i], 0, 0);
        assert_near(known[1][i], i > 0, 0, 0);
    }
    record_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_race_starts_when_the_answer_is_there),
        cmocka_unit_test(the_ledger_counts_each_replica_until_there_is_news),
        cmocka_unit_test(messages_and_orders_cost_bytes_and_joules),
        cmocka_unit_test(a_hedge_starts_at_its_instant_or_with_the_answer),
        cmocka_unit_test(a_hedge_that_is_not_needed_leaves_no_trace),
        cmocka_unit_test(a_hedge_is_in_the_ledger_from_when_it_is_sent),
        cmocka_unit_test(a_deadline_ends_all_replicas),
        cmocka_unit_test(a_race_may_be_decided_too_late),
        cmocka_unit_test(a_replica_without_room_is_told_by_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
