/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_orders.c - whatever is decided far away and by old rows (races, hedges, moves, cancellations, deferrals, at random), a run
 * is the same again, its audit holds, and when all is over nothing is left: no job, no entry of a ledger, no transfer of which a
 * controller believes that it is under way, no task that it believes to be somewhere.  With `in_order` results are those of the
 * first jobs that are there of their workloads at their nodes.
 */
#include "sim/run/control.h"
#include "tests/replicate.h"

enum { ARRIVALS_S = 30, END_S = 60 };

#define TEXT(controller)                                                                                                      \
    "tiersim: 1\nname: orders\n"                                                                                              \
    "nodes:\n"                                                                                                                \
    "  phone: {tier: end, count: 4, attach: edge, processors: {cpu: {speed: 1 GFLOP/s, discipline: ps}}}\n"                   \
    "  edge: {tier: edge, count: 2, processors: {cpu: {speed: 2 GFLOP/s, queue: 4}, "                                         \
    "gpu: {speed: 4 GFLOP/s, discipline: batch, batch: {max: 3, wait: 20 ms}}}, "                                             \
    "power: {busy: 20 W}}\n"                                                                                                  \
    "  cloud: {tier: cloud, processors: {cpu: {cores: 2, speed: 4 GFLOP/s, discipline: edf}}, power: {busy: 50 W}}\n"         \
    "links:\n"                                                                                                                \
    "  cell: {from: phone, to: edge, per: edge, sharing: fair, capacity: 20 Mbit/s, latency: {exponential: {mean: 5 ms}}, "    \
    "energy: 1 uJ/bit}\n"                                                                                                     \
    "  wan: {from: edge, to: cloud, per: edge, capacity: {markov: {good: {value: 50 Mbit/s, stays: 2 s}, "                     \
    "bad: {value: 5 Mbit/s, stays: 1 s}}}, latency: 20 ms}\n"                                                                 \
    "  ring: {from: edge, to: cloud, per: edge, capacity: 10 Mbit/s, latency: 50 ms}\n"                                       \
    "workloads:\n"                                                                                                            \
    "  frame: {at: phone, arrivals: {poisson: {rate: 2 /s}}, input: {exponential: {mean: 50 kB}}, output: 5 kB, state: 20 kB, "  \
    "work: {exponential: {mean: 0.5 GFLOP}}, deadline: {after: 1.5 s, late: drop}}\n"                                         \
    "  note: {at: phone, arrivals: {poisson: {rate: 1 /s}}, input: 10 kB, output: 1 kB, "                                     \
    "work: {exponential: {mean: 0.4 GFLOP}}}\n"                                                                               \
    "experiment:\n"                                                                                                           \
    "  policies: [jsq]\n"                                                                                                     \
    "  controller: {" controller "}\n"                                                                                        \
    "  duration: 60 s\n"

struct chance {
    double period_s;
};

static uint32_t n_verb[TS_SET], n_race, n_live;

/* So many replicas at random, the later ones as hedges. */
static void race(const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t task, struct ts_plan *p)
{
    const struct ts_task *t = ts_task_at(a, task);
    const uint32_t n = 2 + (h->uniform(h->ctx) < .5);
    for (uint32_t k = 0; k < n; k++) {
        struct ts_step *step = &p->step[p->n++];
        step->verb = TS_PLACE;
        step->task = task;
        step->replica = (uint16_t)k;
        step->place = ts_candidate(a, t, (uint32_t)(h->uniform(h->ctx) * t->n_cand));
        step->not_before_s = k && h->uniform(h->ctx) < .5 ? v->now_s + .3 * h->uniform(h->ctx) : 0;
    }
    n_race++;
}

static void answer(const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, uint32_t task, struct ts_plan *p)
{
    const struct ts_task *t = ts_task_at(a, task);
    const double u = h->uniform(h->ctx);
    struct ts_step *step = &p->step[p->n];
    step->task = task;
    step->place = ts_candidate(a, t, (uint32_t)(h->uniform(h->ctx) * t->n_cand));
    if (t->at != TS_NONE) {
        step->verb = u < .3 ? TS_CANCEL : TS_MIGRATE;
        n_live++;
        /* Not back to its own node. */
        if (u > .6 || (step->verb == TS_MIGRATE && v->col[TS_NODE][step->place] == t->origin)) {
            *step = (struct ts_step){0};
            return;
        }
    } else if (v->now_s > ARRIVALS_S) {
        step->verb = TS_REJECT;
    } else if (u < .4) {
        race(h, v, a, task, p);
        return;
    } else if (u < .5) {
        step->verb = TS_DEFER;
    } else {
        step->verb = TS_PLACE;
        step->patience_s = u < .6 ? .2 : 0;
    }
    n_verb[step->verb - 1]++;
    p->n++;
}

static int decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st;
    if (h->more(h->ctx, p, 4 * a->n_task + 4) < 0) {
        return (h->fail)(h->ctx, "no room");
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        answer(h, v, a, i, p);
    }
    return 0;
}

static const struct ts_param param[] = {
    {.key = "period", .unit = "s", .about = "x", .dflt = .25, .max = 10, .offset = offsetof(struct chance, period_s)}, {0}};
static const struct ts_policy chance = {.abi = TS_ABI, .size = sizeof chance, .name = "chance", .about = "x",
                                        .flags = TS_WANTS_LIVE | TS_TAKES_BACK,
                                        .triggers = 1u << TS_TICK | 1u << TS_FREED | 1u << TS_CHANGED, .needs = 1u << TS_IN_S,
                                        .cols = 1u << TS_NODE | 1u << TS_QUEUED, .state_size = sizeof(struct chance),
                                        .param_size = sizeof param[0], .param = param, .decide = decide, .tick = "period"};

static void assert_nothing_left(const struct run *r)
{
    const struct run_control *c = r->control;
    for (uint32_t p = 0; p < r->s->n_place; p++) {
        assert_int_equal(r->place[p].n, 0);
        assert_int_equal(r->place[p].assigned, 0);
    }
    for (uint32_t i = 0; c && i < c->room_link; i++) {
        assert_int_equal(c->link[i].n_flow, 0);
    }
    for (uint32_t i = 0; c && i < c->room_cell; i++) {
        assert_int_equal(c->cell[i].n, 0);
        assert_int_equal(c->cell[i].first, ROW_NONE);
    }
    for (uint32_t k = 0; c && k < c->n_ctl; k++) {
        assert_int_equal(c->ctl[k].sent.first, ROW_NONE);
        assert_int_equal(c->ctl[k].deferred.first, ROW_NONE);
    }
}

/* Each result is that of the job which has been there longest, of its workload at its node; how many waited to be. */
static uint32_t assert_in_order(const struct scenario *s, const struct tape *tape)
{
    enum { MOST = 1 << 12 };
    static struct {
        uint32_t row, node, workload;
    } there[MOST];
    uint32_t n = 0, n_held = 0;
    for (size_t i = 0; i < tape->n; i++) {
        const struct transition *t = &tape->t[i];
        n_held += t->kind == TR_HOLD;
        if (t->kind == TR_RELEASE) {
            assert_true(n < MOST);
            there[n].row = t->row;
            there[n].node = t->to;
            there[n++].workload = t->source >= s->workload[1].first_source;
        } else if (t->kind == TR_END && t->part == 0) {
            uint32_t k = 0;
            while (there[k].row != t->row) {
                assert_true(++k < n);
            }
            for (uint32_t before = 0; before < k && (t->end == TS_DONE || t->end == TS_LATE); before++) {
                assert_true(there[before].node != there[k].node || there[before].workload != there[k].workload);
            }
            memmove(&there[k], &there[k + 1], (--n - k) * sizeof there[0]);
        }
    }
    return n_held;
}

static uint32_t n_waited;

static uint64_t go(const struct scenario *s, uint64_t seed, uint64_t tie_seed)
{
    struct tape tape = {0};
    struct run *r;
    struct err e = {0};
    const struct run_spec spec = {.scenario = s, .spec = &s->experiment.policy[0], .policy = &chance, .seed = seed,
                                  .tie_seed = tie_seed, .full = tape_take, .ctx = &tape};
    if (run_create(&r, &spec, &e) < 0 || drive_run(r, &spec, NULL, NULL, &e) < 0) {
        fail_msg("%s", e.text);
    }
    assert_true(r->now_s >= END_S);
    assert_nothing_left(r);
    run_free(r);
    const uint64_t digest = digest_of(s, &tape); /* and the audit holds */
    n_waited += s->workload[0].in_order ? assert_in_order(s, &tape) : 0;
    free(tape.t);
    return digest;
}

static void try_all(bool in_order)
{
    static const char *const text[] = {
        TEXT(""), /* an ideal one */
        TEXT("at: edge, think: 2 ms, max_tries: 3"),
        TEXT("at: edge, think: 2 ms, max_tries: 3, view: {period: 300 ms, delay: 50 ms}"),
        TEXT("at: cloud, think: {exponential: {mean: 5 ms}}, view: {period: 200 ms, via: links}, know: last"),
        TEXT("at: cloud, think: 1 ms, view: {period: 200 ms}, ledger: shared, know: {ewma: 0.3}"),
        TEXT("at: cloud, think: 1 ms, view: {period: 200 ms}, ledger: none"),
        TEXT("at: origin, view: {period: 100 ms, phase: sync}, know: nominal, max_tries: 2"),
        TEXT("think: 3 ms, know: nominal, news: false"),
    };
    /* A core with room for one: what is sent to a job's own node may find it full in no time. */
    static const char *const full[] = {"nodes.phone.processors.cpu={speed: 1 GFLOP/s, queue: 1}", NULL};
    for (size_t i = 0; i < 2 * LEN(text); i++) {
        struct scenario s;
        scenario_of_text(&s, text[i / 2], i % 2 ? full : NULL);
        s.workload[0].in_order = s.workload[1].in_order = in_order;
        n_waited = 0;
        memset(n_verb, 0, sizeof n_verb);
        n_race = n_live = 0;
        for (uint64_t seed = 1; seed <= 3; seed++) {
            assert_true(go(&s, seed, 0) == go(&s, seed, 0));
            go(&s, seed, seed);
        }
        assert_true(n_race > 100 && n_live > 100); /* and something has happened */
        assert_true(n_waited > 100 || !in_order);
        for (uint32_t verb = TS_PLACE; verb <= TS_CANCEL; verb++) {
            assert_true(n_verb[verb - 1] > 10);
        }
        scenario_free(&s);
    }
}

static void whatever_is_decided_nothing_is_left_in_the_end(void **state)
{
    (void)state;
    try_all(false);
}

static void results_in_order_are_so_whatever_is_decided(void **state)
{
    (void)state;
    try_all(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_is_decided_nothing_is_left_in_the_end),
        cmocka_unit_test(results_in_order_are_so_whatever_is_decided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
