/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_control.c - decisions as work at a place, by small cases worked out by hand: the rules of SEMANTICS 5.1 one by one.
 *
 * The world: one device behind a cell of 10 ms and 1 Mbit/s each way, an edge server, and a cloud 100 ms away over a link of
 * 1 Mbit/s.  Jobs have 1000 bits of input (1 ms on a link), none of output, and take 1 s at 1 GFLOP/s.
 */
#include "tests/simulate.h"


static const char world[] =
    "tiersim: 1\n"
    "name: world\n"
    "nodes:\n"
    "  device: {tier: end, attach: edge}\n"
    "  edge: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 11 W}}\n"
    "  cloud: {tier: cloud, count: 2, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, capacity: 1 Mbit/s, latency: 10 ms, energy: 1 uJ/bit}\n"
    "  wan: {from: edge, to: cloud, capacity: 1 Mbit/s, latency: 100 ms, energy: 1 uJ/bit}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {periodic: {period: 10 s}}, input: 125 B, work: 1 GFLOP}\n"
    "experiment: {policies: [jsq], duration: 10 s}\n";

static struct simulated run_with(const char *policies, const char *more, const char *again)
{
    return simulate(&(struct simulate_input){.scenario = world, .rows = true, .set = {policies, more, again}});
}

/* Request of 2000 bits: 10 + 2 ms to the edge, 100 + 2 ms on; thinking 20 ms; answer of 1000 bits: 101 + 11 ms. */
static void a_question_travels_and_waits_and_the_answer_travels(void **state)
{
    (void)state;
    struct simulated sim = run_with("experiment.policies=["
                                    "jsq: {label: origin, at: origin, think: 20 ms},"
                                    "jsq: {label: edge, at: edge, think: 20 ms, bytes: {request: 250 B, answer: 125 B}},"
                                    "jsq: {label: cloud, at: cloud, think: 20 ms, bytes: {request: 250 B, answer: 125 B}}]",
                                    NULL, NULL);
    static const double want_s[] = {.020, .012 + .020 + .011, .114 + .020 + .112};
    for (unsigned p = 0; p < LEN(want_s); p++) {
        assert_near(simulated_value(&sim, p, 0, 0, M_LATENCY_DECIDE), want_s[p], 1e-12, 0);
        assert_near(simulated_value(&sim, p, 0, 0, M_DECIDE_P50), want_s[p], 1. / 256, 0);
    }
    /* Bytes over all hops, and joules: 1 uJ a bit; thinking takes the 10 W of a core of the edge, none of the others. */
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_CONTROL_BYTES), 0, 0, 0);
    assert_near(simulated_value(&sim, 1, 0, ALL_CLASSES, M_CONTROL_BYTES), 375, 1e-12, 0);
    assert_near(simulated_value(&sim, 2, 0, ALL_CLASSES, M_CONTROL_BYTES), 750, 1e-12, 0);
    assert_near(simulated_value(&sim, 0, 0, ALL_CLASSES, M_ENERGY_CONTROL), 0, 0, 0);
    assert_near(simulated_value(&sim, 1, 0, ALL_CLASSES, M_ENERGY_CONTROL), 3e-3 + .2, 1e-12, 0);
    assert_near(simulated_value(&sim, 2, 0, ALL_CLASSES, M_ENERGY_CONTROL), 6e-3, 1e-12, 0);
    simulated_clear(&sim);
}

/* What a policy was shown of the first place, question by question. */
enum { QUESTIONS = 6 };
struct shown {
    double now_s[QUESTIONS], asof_s[QUESTIONS], there[QUESTIONS], work_s[QUESTIONS];
    uint32_t n;
};

static int first_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)v;
    return ts_answer_place(p, ts_candidate(a, ts_task_at(a, 0), 0));
}

/* Sends everything to its first candidate. */
static const struct ts_policy first_policy = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "first",
    .about = "the first candidate",
    .cols = 1u << TS_ASOF | 1u << TS_BUSY | 1u << TS_QUEUED | 1u << TS_WORK_S,
    .decide = first_decide,
};

static void note(void *ctx, const struct ts_view *v, const struct ts_ask *a, const struct ts_plan *p)
{
    struct shown *s = ctx;
    const ts_id place = p->step[0].place;
    (void)a;
    if (s->n < QUESTIONS) {
        s->now_s[s->n] = v->now_s;
        s->asof_s[s->n] = v->col[TS_ASOF][place];
        s->there[s->n] = v->col[TS_BUSY][place] + v->col[TS_QUEUED][place];
        s->work_s[s->n++] = v->col[TS_WORK_S][place];
    }
}

static void ignore(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

/* A job every 4 s from 0 on, each of 100 s at the one server, so that all stay. */
static const char pile[] =
    "tiersim: 1\n"
    "name: pile\n"
    "nodes:\n"
    "  gate: {tier: edge}\n"
    "  server: {tier: cloud, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "links: {lan: {from: gate, to: server, capacity: unlimited, latency: 0 s}}\n"
    "workloads: {job: {at: gate, arrivals: {periodic: {period: 4 s}}, work: 100 GFLOP}}\n"
    "experiment: {policies: [jsq], duration: 22 s, drain: 0 s}\n";

static struct shown show(const char *controller, const char *latency)
{
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = pile, .set = {controller, latency}});
    struct shown shown = {.n = 0};
    const struct drive_watch watch = {.asked = note, .ctx = &shown};
    const struct run_spec run = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &first_policy, .seed = 1,
                                 .full = ignore};
    struct run_counts counts;
    struct err e = {0};
    int rc = drive(&run, s.file, &watch, &counts, &e);
    if (rc) {
        printf("%s\n", e.text);
    }
    assert_int_equal(rc, 0);
    assert_int_equal(shown.n, QUESTIONS);
    scenario_free(&s);
    return shown;
}

#define ROW(...) ((const double[QUESTIONS]){__VA_ARGS__})

/* The questions are put every 4 s from from_s on; rows are as of asof_s[] and have n[] jobs. */
static void assert_shown(double from_s, const char *controller, const char *latency, const double *asof_s, const double *n)
{
    const struct shown got = show(controller, latency);
    for (unsigned i = 0; i < QUESTIONS; i++) {
        assert_near(got.now_s[i], from_s + 4. * i, 0, 0);
        assert_near(got.asof_s[i], asof_s[i], 0, 0);
        assert_near(got.there[i], n[i], 0, 0);
        assert_near(got.work_s[i], 100 * n[i], 1e-12, 0);
    }
}

/* Rule 2: rows of the instant, with all that was sent there. */
static void exact_rows_are_live(void **state)
{
    (void)state;
    assert_shown(0, "experiment.controller={think: 0 s}", NULL, ROW(0, 4, 8, 12, 16, 20), ROW(0, 1, 2, 3, 4, 5));
}

/*
 * Rule 3: samples at 0, 5, 10, ..., read when they are 2 s old.  At 8 s that of 5 is read, which saw the jobs of 0 and 4;
 * that of 0 did not see the job of 0, whose answer came after it.
 */
static void samples_are_old(void **state)
{
    (void)state;
    assert_shown(0, "experiment.controller={view: {period: 5 s, delay: 2 s, phase: sync}, ledger: none}", NULL,
                 ROW(0, 0, 5, 10, 10, 15), ROW(0, 0, 2, 3, 3, 4));
    /* Without a delay the sample of an instant is read in it: that of 20 saw the job of 16, not that of 20. */
    assert_shown(0, "experiment.controller={view: {period: 4 s, phase: sync}, ledger: none}", NULL,
                 ROW(0, 4, 8, 12, 16, 20), ROW(0, 1, 2, 3, 4, 5));
}

/* Rule 6: to each row is added what was sent since, or is under way: so all jobs are known, none twice. */
static void the_ledger_adds_what_rows_cannot_have(void **state)
{
    (void)state;
    assert_shown(0, "experiment.controller={view: {period: 5 s, delay: 2 s, phase: sync}, ledger: own}", NULL,
                 ROW(0, 0, 5, 10, 10, 15), ROW(0, 1, 2, 3, 4, 5));
    assert_shown(0, "experiment.controller={view: {period: 5 s, delay: 2 s, phase: sync}, ledger: shared}",
                 "links.lan.latency=1.5 s", ROW(0, 0, 5, 10, 10, 15), ROW(0, 1, 2, 3, 4, 5));
}

/*
 * Rule 4: reports of 0, 5, 10 s over a link of 1 s, on which jobs take 1 s, too: what was sent at 0, 4, 8 is there at 1, 5, 9.
 * At 8 s the report of 5 is there, which saw those of 1 and of 5; at 16 s that of 15 has just come.
 */
static void reports_travel(void **state)
{
    (void)state;
    assert_shown(0, "experiment.controller={at: gate, view: {period: 5 s, phase: sync, via: links}, ledger: none}",
                 "links.lan.latency=1 s", ROW(0, 0, 5, 10, 15, 15), ROW(0, 0, 2, 3, 4, 4));
    assert_shown(0, "experiment.controller={at: gate, view: {period: 5 s, phase: sync, via: links}}",
                 "links.lan.latency=1 s", ROW(0, 0, 5, 10, 15, 15), ROW(0, 1, 2, 3, 4, 5));
    /* Of its own node a controller sees what is there: asked 1 s after a release, of the jobs that came 3 s after theirs. */
    assert_shown(1, "experiment.controller={at: server, view: {period: 5 s, phase: sync, via: links}, ledger: none}",
                      "links.lan.latency=1 s", ROW(1, 5, 9, 13, 17, 21), ROW(0, 1, 2, 3, 4, 5));
}

/* Rule 9: the error is of the job, so each is estimated alike wherever it is seen; without variation it is the bias. */
static void estimates_are_wrong_by_job(void **state)
{
    (void)state;
    struct shown live = show("experiment.controller={think: 0 s}", "workloads.job.estimate={bias: 20 %}");
    struct shown varied = show("experiment.controller={think: 0 s}", "workloads.job.estimate={cv: 0.5}");
    struct shown late = show("experiment.controller={view: {period: 4 s, phase: sync}, ledger: none}",
                             "workloads.job.estimate={cv: 0.5}");
    for (unsigned i = 0; i < QUESTIONS; i++) {
        assert_near(live.work_s[i], 120. * i, 1e-12, 0);
        assert_near(late.work_s[i], varied.work_s[i], 1e-12, 0);
        assert_true(i == 0 || fabs(varied.work_s[i] - varied.work_s[i - 1] - 100) > 1);
    }
}

/*
 * A place with room for one: the first job stays in it, the second is sent at 4 s, refused at 5, back at 6, sent again, and
 * dropped at 7 s when it is refused for the second time.
 */
static void what_is_refused_comes_back(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = pile, .rows = true,
        .set = {"experiment.controller={at: gate, max_tries: 2}", "links.lan.latency=1 s", "experiment.duration=8 s",
                "experiment.drain=20 s", "nodes.server.processors.cpu.queue=1"}});
    const struct record *r = simulated_record(&sim, 0, 0);
    assert_near(r->metric[M_DROP_REFUSED], .5, 1e-12, 0);
    assert_near(r->metric[M_DECISIONS], 3, 0, 0);
    assert_near(sim.rows[0]->latency[0], 3, 1e-6, 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_travels_and_waits_and_the_answer_travels),
        cmocka_unit_test(exact_rows_are_live),
        cmocka_unit_test(samples_are_old),
        cmocka_unit_test(the_ledger_adds_what_rows_cannot_have),
        cmocka_unit_test(reports_travel),
        cmocka_unit_test(estimates_are_wrong_by_job),
        cmocka_unit_test(what_is_refused_comes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
