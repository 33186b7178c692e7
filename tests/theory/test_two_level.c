/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_two_level.c - what a slow controller sets at the fast ones below it (SEMANTICS 5.1.10): limit cases, whose expectations are
 * runs without it, and instants that follow from the links.
 */
#include "sim/policy/text.h"
#include "tests/simulate.h"

static const char pair[] =
    "tiersim: 1\n"
    "name: pair\n"
    "nodes:\n"
    "  gate: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  server: {tier: edge, processors: {cpu: {speed: 2 GFLOP/s}}}\n"
    "links: {lan: {from: gate, to: server, capacity: unlimited, latency: 10 ms}}\n"
    "workloads:\n"
    "  job: {at: gate, arrivals: {poisson: {rate: 300 /s}}, work: {exponential: {mean: 2 MFLOP}}}\n"
    "experiment:\n"
    "  policies:\n"
    "    - mct: {label: under, at: gate, over: {policy: two_level, period: 500 ms}}\n"
    "    - mct: {label: alone, at: gate}\n"
    "    - mct: {label: with a margin, at: gate, margin: 30 ms}\n"
    "    - mct: {label: near, at: gate, edges: attached}\n"
    "  duration: 20 s\n"
    "  replications: 2\n";

enum { UNDER, ALONE, MARGIN, NEAR };

/* Slow ones that set the same at every tick. */
static int set_one(struct ts_plan *p, uint32_t knob, uint32_t what, double value)
{
    p->step[0] = (struct ts_step){.verb = TS_SET, .place = TS_NONE, .knob = knob, .task = what, .value = value};
    p->n = 1;
    return 0;
}

static int set_nothing(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a, (void)p;
    return 0;
}

static int set_margin(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct ts_param q;
    const int row = h->param(h->ctx, "margin", &q);
    (void)st, (void)v, (void)a;
    assert_true(row >= 0 && q.min <= .03 && .03 <= q.max && h->param(h->ctx, "no such", NULL) < 0);
    return set_one(p, TS_K_PARAM, (uint32_t)row, .03);
}

/* The server is node 1. */
static int forbid_the_server(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a;
    return set_one(p, TS_K_ALLOW, 1, 0);
}

static int admit_a_third(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                         struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a;
    return set_one(p, TS_K_ADMIT, 0, 1 / 3.);
}

static int admit_nobody(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h, (void)v, (void)a;
    return set_one(p, TS_K_ADMIT, 0, 0);
}

#define SLOW(function)                                                                                                 \
    {                                                                                                                  \
        .abi = TS_ABI, .size = sizeof(struct ts_policy), .name = #function, .about = "a constant",                     \
        .triggers = 1u << TS_TICK, .decide = function                                                                  \
    }
static const struct ts_policy nothing = SLOW(set_nothing), margin = SLOW(set_margin), forbids = SLOW(forbid_the_server),
                              a_third = SLOW(admit_a_third), nobody = SLOW(admit_nobody);

static struct simulated under(const struct ts_policy *over, const char *set)
{
    return simulate(&(struct simulate_input){.scenario = pair, .over = over, .set = {set}});
}

/* All that is measured of jobs and places; the slow one costs nothing where it is nowhere. */
static void assert_same_run(const struct simulated *sim, uint32_t as)
{
    static const enum metric m[] = {M_LATENCY_MEAN, M_LATENCY_QUEUE, M_LATENCY_UPLOAD, M_BYTES,        M_UTILISATION,
                                    M_ENERGY_TOTAL, M_THROUGHPUT,    M_CONTROL_BYTES,  M_REJECT_RATIO, M_DECIDE_P99};
    for (uint32_t r = 0; r < sim->n_replication; r++) {
        for (size_t i = 0; i < LEN(m); i++) {
            const double got = simulated_value(sim, UNDER, r, ALL_CLASSES, m[i]);
            const double want = simulated_value(sim, as, r, ALL_CLASSES, m[i]);
            assert_memory_equal(&got, &want, sizeof got);
        }
    }
}

static void a_slow_one_that_sets_nothing_changes_nothing(void **state)
{
    (void)state;
    struct simulated sim = under(&nothing, NULL);
    assert_same_run(&sim, ALONE);
    for (uint32_t r = 0; r < sim.n_replication; r++) {
        assert_true(simulated_record(&sim, UNDER, r)->digest == simulated_record(&sim, ALONE, r)->digest);
    }
    simulated_clear(&sim);
}

static void a_parameter_set_at_once_is_as_if_written(void **state)
{
    (void)state;
    struct simulated sim = under(&margin, NULL);
    assert_same_run(&sim, MARGIN);
    assert_true(simulated_record(&sim, MARGIN, 0)->digest != simulated_record(&sim, ALONE, 0)->digest);
    simulated_clear(&sim);
}

static void a_site_that_may_not_be_used_is_as_if_out_of_reach(void **state)
{
    (void)state;
    struct simulated sim = under(&forbids, NULL);
    assert_same_run(&sim, NEAR);
    simulated_clear(&sim);
}

/* 300 jobs a second for 20 s in 2 replications: the share is within 5 standard errors of a third. */
static void a_share_of_the_jobs_is_turned_away(void **state)
{
    (void)state;
    struct simulated sim = under(&a_third, NULL);
    assert_near(simulated_estimate(&sim, UNDER, 0, M_REJECT_RATIO).mean, 2 / 3., 0, 5 * sqrt(2 / 9. / 12000));
    simulated_clear(&sim);
}

/*
 * A language model sets, by answers that are written here: all as it is, but what `name` says.  The parameters that it may set
 * have the ranges of mct's table.
 */
struct model {
    const char *name;
    double value;
    uint32_t status;
    double think_s;
};

static int answer(void *ctx, const struct ts_prompt *q, double *value, struct ts_said *said, struct err *e)
{
    const struct model *m = ctx;
    (void)e;
    for (uint32_t k = 0; value && k < q->n_slot; k++) {
        const struct ts_slot *s = &q->slot[k];
        const bool param = strcmp(s->name, "param_margin") == 0, admit = strncmp(s->name, "admit", 5) == 0;
        assert_true(!param || (s->min == policy_mct.param[0].min && s->max == policy_mct.param[0].max));
        value[k] = strcmp(s->name, m->name) == 0 ? m->value : param ? 0 : admit ? 100 : s->max;
    }
    if (value) {
        *said = (struct ts_said){.size = sizeof *said, .status = m->status, .think_s = m->think_s};
    }
    return 0;
}

static struct simulated asked(struct model *m, const char *fallback)
{
    char set[400];
    const struct text_service text = {.consult = answer, .ctx = m};
    snprintf(set, sizeof set,
             "experiment.policies=[{mct: {label: under, at: gate, over: {policy: {llm: {use: settings, fallback: %s}}, "
             "period: 500 ms}}}, {mct: {label: alone, at: gate}}, {mct: {label: with a margin, at: gate, margin: 30 ms}}, "
             "{mct: {label: near, at: gate, edges: attached}}, "
             "{mct: {label: two, at: gate, over: {policy: two_level, period: 500 ms}}}]",
             fallback);
    return simulate(&(struct simulate_input){.scenario = pair, .set = {set}, .text = &text});
}

static void what_a_model_says_is_set(void **state)
{
    (void)state;
    struct model margin_30 = {"param_margin", .03, TS_S_FINE, 0}, keeps = {"offer2", 0, TS_S_FINE, 0},
                 third = {"admit1", 33, TS_S_FINE, 0}, stays = {"none", 0, TS_S_FINE, 0};
    struct simulated sim = asked(&margin_30, "mct");
    assert_same_run(&sim, MARGIN);
    simulated_clear(&sim);
    sim = asked(&keeps, "mct"); /* the server is the second site */
    assert_same_run(&sim, NEAR);
    simulated_clear(&sim);
    sim = asked(&third, "mct");
    assert_near(simulated_estimate(&sim, UNDER, 0, M_REJECT_RATIO).mean, .67, 0, 5 * sqrt(.33 * .67 / 12000));
    simulated_clear(&sim);
    sim = asked(&stays, "mct");
    assert_same_run(&sim, ALONE);
    simulated_clear(&sim);
}

static void without_an_answer_the_fallback_sets(void **state)
{
    enum { TWO = 4 };
    (void)state;
    struct model silent = {"param_margin", .03, TS_S_LATE, 0};
    struct simulated sim = asked(&silent, "mct"); /* which sets nothing */
    assert_same_run(&sim, ALONE);
    simulated_clear(&sim);
    sim = asked(&silent, "two_level");
    assert_same_run(&sim, TWO);
    for (uint32_t r = 0; r < sim.n_replication; r++) {
        assert_true(simulated_record(&sim, UNDER, r)->digest == simulated_record(&sim, TWO, r)->digest);
        assert_true(simulated_record(&sim, UNDER, r)->digest != simulated_record(&sim, ALONE, r)->digest);
    }
    simulated_clear(&sim);
}

/* What held, and when. */
struct seen {
    uint32_t n_set;
    double set_s[64], value[64], asked_s[64];
    double first_rejected_s, last_placed_s;
};

static void look(void *ctx, const struct transition *t, size_t n)
{
    struct seen *seen = ctx;
    for (size_t i = 0; i < n; i++) {
        if (t[i].kind == TR_SET && seen->n_set < LEN(seen->set_s)) {
            seen->set_s[seen->n_set] = t[i].time_s;
            seen->asked_s[seen->n_set] = t[i].b;
            seen->value[seen->n_set++] = t[i].a;
        } else if (t[i].kind == TR_PLACE) {
            seen->last_placed_s = t[i].time_s;
        } else if (t[i].kind == TR_END && t[i].end == TS_REJECTED && !(seen->first_rejected_s > 0)) {
            seen->first_rejected_s = t[i].time_s;
        }
    }
}

static const char apart[] =
    "tiersim: 1\n"
    "name: apart\n"
    "nodes:\n"
    "  gate: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  office: {tier: cloud}\n"
    "links: {wan: {from: gate, to: office, capacity: 1 Mbit/s, latency: 30 ms}}\n"
    "workloads:\n"
    "  job: {at: gate, arrivals: {periodic: {period: 100 ms, phase: sync}}, work: 2 MFLOP}\n"
    "experiment:\n"
    "  policies: [local: {at: gate, bytes: {set: 125 B}, over: {policy: two_level, at: office, period: 700 ms, think: 15 ms}}]\n"
    "  duration: 2 s\n";

static struct seen watch(const char *scenario, const struct ts_policy *over, const char *set, const char *also, struct model *m)
{
    const struct text_service text = {.consult = answer, .ctx = m};
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = scenario, .set = {set, also}});
    const struct policy_spec *spec = &s.experiment.policy[0];
    struct seen seen = {.n_set = 0};
    const struct run_spec run = {.scenario = &s, .spec = spec, .policy = &policy_local, .over = over, .seed = 1, .full = look,
                                 .ctx = &seen, .text = &text};
    struct run_counts counts;
    struct err e = {0};
    if (drive(&run, NULL, NULL, &counts, &e) < 0) {
        fail_msg("%s", e.text);
    }
    scenario_free(&s);
    return seen;
}

/*
 * Asked at 0, .7, 1.4, 2.1 s; 15 ms of thinking, 30 ms of latency, 125 B at 1 Mbit/s are 1 ms: it holds 46 ms later.  Jobs come at
 * 0, .1, .. s: the last that is placed is the one of 0 s, with latency 100 ms that of .1 s, too.
 */
static void a_setting_holds_when_it_has_arrived(void **state)
{
    (void)state;
    const struct seen near = watch(apart, &nobody, NULL, NULL, NULL),
                      far = watch(apart, &nobody, "links.wan.latency=100 ms", NULL, NULL);
    assert_true(near.n_set >= 3 && far.n_set >= 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_near(near.asked_s[i], .7 * i, 0, 1e-12);
        assert_near(near.set_s[i], .7 * i + .046, 0, 1e-12);
        assert_near(far.set_s[i], .7 * i + .116, 0, 1e-12);
        assert_true(near.value[i] == 0);
    }
    assert_near(near.last_placed_s, 0, 0, 0);
    assert_near(near.first_rejected_s, .1, 0, 1e-12);
    assert_near(far.last_placed_s, .1, 0, 1e-12);
    assert_near(far.first_rejected_s, .2, 0, 1e-12);
}

/* Thinking is work on the office's server of 2 GFLOP/s: 30 MFLOP take the same 15 ms; 50 ms more on its other processor. */
static void thinking_may_be_work(void **state)
{
    (void)state;
    static const char office[] = "nodes.office.processors={gpu: {speed: 2 GFLOP/s}, cpu: {speed: 200 MFLOP/s}}";
    static const struct {
        const char *think;
        double holds_s;
    } t[] = {{"{work: 30 MFLOP}", .046}, {"{work: 13 MFLOP, processor: cpu}", .096}};
    for (size_t k = 0; k < LEN(t); k++) {
        char set[300];
        snprintf(set, sizeof set,
                 "experiment.policies=[{local: {at: gate, bytes: {set: 125 B}, over: {policy: two_level, at: office, "
                 "period: 700 ms, think: %s}}}]",
                 t[k].think);
        const struct seen seen = watch(apart, &nobody, office, set, NULL);
        assert_true(seen.n_set >= 3);
        for (uint32_t i = 0; i < 3; i++) {
            assert_near(seen.set_s[i], .7 * i + t[k].holds_s, 0, 1e-12);
        }
    }
}

/* The same, 15 ms of which the model's 115 ms of thinking replace; and what is set already is not sent again. */
static void what_a_model_says_holds_when_it_was_thought_and_has_arrived(void **state)
{
    (void)state;
    struct model admits_none = {"admit1", 0, TS_S_FINE, .115};
    const struct seen seen = watch(apart, &policy_llm,
                                   "experiment.policies=[{local: {at: gate, bytes: {set: 125 B}, over: {policy: {llm: "
                                   "{use: settings}}, at: office, period: 700 ms, think: 15 ms}}}]",
                                   NULL, &admits_none);
    assert_int_equal(seen.n_set, 1);
    assert_near(seen.asked_s[0], 0, 0, 0);
    assert_near(seen.set_s[0], .146, 0, 1e-12);
    assert_near(seen.first_rejected_s, .2, 0, 1e-12);
}

/* In the window of 2 s those of 0, .7 and 1.4 s: 3 messages of 125 B over one link. */
static void settings_count_as_messages(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = apart, .over = &nobody});
    const struct record *r = simulated_record(&sim, 0, 0);
    assert_near(r->metric[M_SETTINGS], 3, 0, 0);
    assert_near(r->metric[M_SET_DELAY], .046, 0, 1e-12);
    assert_near(r->metric[M_CONTROL_BYTES], 375, 0, 1e-9);
    simulated_clear(&sim);
}

/* The slow one hears of the gate at 0, .2, .4, .. s, one latency later; in 2 s ten reports of 64 B and no settings. */
static void what_a_slow_one_hears_travels_too(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = apart, .over = &nothing,
        .set = {"experiment.policies=[{local: {at: gate, over: {policy: two_level, at: office, period: 700 ms, "
                "view: {period: 200 ms, via: links}}}}]"}});
    const struct record *r = simulated_record(&sim, 0, 0);
    assert_near(r->metric[M_CONTROL_BYTES], 10 * 64, 0, 1e-9);
    simulated_clear(&sim);
}

/*
 * The shipped scenario, shorter: the slow one takes most misses from those told as rarely, has the results in time of those told
 * 25 times as often, for a third of their messages at most, and 97 % of those of deciding all in the region.
 */
static void the_shipped_scenario_shows_what_it_says(void **state)
{
    (void)state;
    enum { ALL_ALONE, SELDOM, OFTEN, REGION, TWO };
    static char text[1 << 14];
    FILE *f = fopen("scenarios/two_level.yaml", "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = text,
        .set = {"experiment.duration=20 s", "experiment.warm_up=10 s", "experiment.replications=3"}});
    double missed[TWO + 1], bytes[TWO + 1];
    assert_int_equal(sim.n_policy, TWO + 1);
    for (uint32_t p = 0; p < sim.n_policy; p++) {
        missed[p] = simulated_estimate(&sim, p, ALL_CLASSES, M_MISS_RATIO).mean;
        bytes[p] = simulated_estimate(&sim, p, ALL_CLASSES, M_CONTROL_BYTES).mean;
    }
    assert_true(missed[TWO] < missed[SELDOM] / 2);
    assert_true(1 - missed[TWO] > .99 * (1 - missed[OFTEN]));
    assert_true(1 - missed[TWO] > .97 * (1 - missed[REGION]));
    assert_true(bytes[TWO] < bytes[OFTEN] / 3);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slow_one_that_sets_nothing_changes_nothing),
        cmocka_unit_test(a_parameter_set_at_once_is_as_if_written),
        cmocka_unit_test(a_site_that_may_not_be_used_is_as_if_out_of_reach),
        cmocka_unit_test(a_share_of_the_jobs_is_turned_away),
        cmocka_unit_test(what_a_model_says_is_set),
        cmocka_unit_test(without_an_answer_the_fallback_sets),
        cmocka_unit_test(what_a_model_says_holds_when_it_was_thought_and_has_arrived),
        cmocka_unit_test(a_setting_holds_when_it_has_arrived),
        cmocka_unit_test(thinking_may_be_work),
        cmocka_unit_test(settings_count_as_messages),
        cmocka_unit_test(what_a_slow_one_hears_travels_too),
        cmocka_unit_test(the_shipped_scenario_shows_what_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
