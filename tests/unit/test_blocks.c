/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Blocks of a policy's state: of the run, of each site, of each device.
 *
 * Devices at two sites; place 0 is 10 ms from `left` and 50 ms from `right`, place 1 the other way round.  Each takes 10 ms for
 * a job; links take no time for bits, so a job at place 0 takes .03 s from left and .11 s from right.
 */
#include <stddef.h>

#include "sim/base/blobs.h"
#include "sim/run/drive.h"
#include "tests/replicate.h"

#define TEXT(state)                                                                                                     \
    "tiersim: 1\nname: blocks\n"                                                                                        \
    "nodes:\n"                                                                                                          \
    "  left: {tier: edge}\n"                                                                                            \
    "  right: {tier: edge}\n"                                                                                           \
    "  l: {tier: end, count: 2, attach: left}\n"                                                                        \
    "  r: {tier: end, count: 2, attach: right}\n"                                                                       \
    "  one: {tier: cloud, processors: {cpu: {speed: 1 GFLOP/s}}}\n"                                                     \
    "  two: {tier: cloud, processors: {cpu: {speed: 1 GFLOP/s}}}\n"                                                     \
    "links:\n"                                                                                                          \
    "  left_one: {from: left, to: one, capacity: unlimited, latency: 10 ms}\n"                                          \
    "  left_two: {from: left, to: two, capacity: unlimited, latency: 50 ms}\n"                                          \
    "  right_one: {from: right, to: one, capacity: unlimited, latency: 50 ms}\n"                                        \
    "  right_two: {from: right, to: two, capacity: unlimited, latency: 10 ms}\n"                                        \
    "  air_l: {from: l, to: left, capacity: unlimited}\n"                                                               \
    "  air_r: {from: r, to: right, capacity: unlimited}\n"                                                              \
    "workloads:\n"                                                                                                      \
    "  a: {at: l, arrivals: {periodic: {period: 1 s, phase: sync}}, work: 10 MFLOP}\n"                                 \
    "  b: {at: r, arrivals: {periodic: {period: 1 s, phase: sync}}, work: 10 MFLOP}\n"                                 \
    "experiment: {policies: [toy: {state: " state "}], duration: 20 s}\n"

enum { PLACES = 2, BLOCKS = 4 };

/* Learns the mean latency of each place: tries each, then takes the shortest; counts what it is asked and told. */
struct toy {
    double period_s;
    double sum_s[PLACES], n[PLACES];
    double n_asked, n_tick, n_pool, ctl;
};

static struct toy seen[BLOCKS]; /* as each block's save leaves it */
static uint32_t n_seen, place_of_job[64];
static double defer_until_s;

static int toy_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    (void)h;
    ((struct toy *)st)->ctl = v->ctl;
    return 0;
}

static double guess_s(const struct toy *t, uint32_t k)
{
    return t->n[k] > 0 ? t->sum_s[k] / t->n[k] : 0;
}

static int toy_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct toy *t = st;
    (void)h;
    assert_near(v->ctl, t->ctl, 0, 0);
    t->n_asked += a->why == TS_ARRIVED;
    t->n_tick += a->why == TS_TICK;
    t->n_pool += a->why == TS_TICK ? a->n_task : 0;
    p->n = a->n_task;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const uint32_t k = guess_s(t, 1) < guess_s(t, 0);
        p->step[i].task = i;
        p->step[i].verb = a->why == TS_ARRIVED && v->now_s < defer_until_s ? TS_DEFER : TS_PLACE;
        p->step[i].place = ts_candidate(a, ts_task_at(a, i), k);
        place_of_job[ts_task_at(a, i)->job % LEN(place_of_job)] = k;
    }
    return 0;
}

static int toy_ended(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    struct toy *t = st;
    (void)h;
    assert_near(v->ctl, t->ctl, 0, 0);
    t->sum_s[o->place] += o->ended_s - o->released_s;
    t->n[o->place]++;
    return 0;
}

static int toy_save(void *st, const struct ts_host *h)
{
    uint64_t n = sizeof(struct toy);
    seen[n_seen++ % BLOCKS] = *(struct toy *)st;
    return h->blob(h->ctx, 1, "toy.f64", st, &n);
}

static int toy_load(void *st, const struct ts_host *h)
{
    uint64_t n = sizeof(struct toy);
    const double ctl = ((struct toy *)st)->ctl;
    int rc = h->blob(h->ctx, 0, "toy.f64", st, &n);
    ((struct toy *)st)->ctl = ctl;
    return rc;
}

static const struct ts_param toy_param[] = {
    {.key = "period", .unit = "s", .about = "x", .dflt = 0, .max = 100, .offset = offsetof(struct toy, period_s)}, {0}};
static const struct ts_policy toy = {.abi = TS_ABI, .size = sizeof toy, .name = "toy", .about = "x",
                                     .triggers = 1u << TS_TICK, .state_size = sizeof(struct toy),
                                     .param_size = sizeof toy_param[0], .param = toy_param, .init = toy_init,
                                     .decide = toy_decide, .ended = toy_ended, .save = toy_save, .load = toy_load,
                                     .tick = "period"};

static void nobody(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

/* A run that begins with `in` and saves to out, either of which may be NULL. */
static int learn(const char *text, const struct policy_param *param, const struct blobs *in, struct blobs *out, struct err *e)
{
    struct scenario s;
    struct run_counts counts;
    scenario_of_text(&s, text, NULL);
    struct policy_spec spec = s.experiment.policy[0];
    spec.param = param;
    spec.n_param = param ? 1 : 0;
    n_seen = 0;
    int rc = drive(&(struct run_spec){.scenario = &s, .spec = &spec, .policy = &toy, .seed = 1, .full = nobody, .state_in = in,
                                      .state_out = out}, "x", NULL, &counts, e);
    scenario_free(&s);
    return rc;
}

/*
 * 20 jobs of each device, both of a site at once, of which one waits for the other: .03 s and .04 s at the near place, .11 s and
 * .12 s at the far one.  Each is tried once by both, the other 38 jobs go to the near one.
 */
static void a_learner_of_each_site_learns_its_own(void **state)
{
    struct blobs out = {0};
    struct err e = {0};
    (void)state;
    defer_until_s = 0;
    assert_int_equal(learn(TEXT("site"), NULL, NULL, &out, &e), 0);
    assert_int_equal(n_seen, 2);
    for (int k = 0; k < 2; k++) {
        assert_near(seen[k].ctl, k, 0, 0);
        assert_near(seen[k].n_asked, 40, 0, 0);
        assert_near(seen[k].n[k], 38, 0, 0);
        assert_near(seen[k].n[1 - k], 2, 0, 0);
        assert_near(seen[k].sum_s[k], 38 * .035, 1e-9, 0);
        assert_near(seen[k].sum_s[1 - k], 2 * .115, 1e-9, 0);
    }
    assert_int_equal(out.n, 3);
    assert_string_equal(out.blob[0].key, "block0.toy.f64");
    assert_string_equal(out.blob[1].key, "block1.toy.f64");
    assert_string_equal(out.blob[2].key, "blocks.txt");

    struct blobs more = {0}; /* going on with them */
    if (learn(TEXT("site"), NULL, &out, &more, &e) != 0) {
        fail_msg("%s", e.text);
    }
    for (int k = 0; k < 2; k++) {
        assert_near(seen[k].n_asked, 80, 0, 0);
        assert_near(seen[k].n[1 - k], 2, 0, 0);
    }
    assert_int_equal(learn(TEXT("device"), NULL, &out, NULL, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "is of 2 blocks of state, wanted 4 as here, or one"));
    e = (struct err){0};
    assert_int_equal(learn(TEXT("run"), NULL, &out, NULL, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "is of 2 blocks of state, wanted 1 as here, or one"));
    blobs_clear(&more);
    blobs_clear(&out);
}

/* One learner for all: what one site learns misleads the other. */
static void what_one_block_learned_is_taken_in_by_all(void **state)
{
    struct blobs one = {0}, four = {0};
    struct err e = {0};
    (void)state;
    assert_int_equal(learn(TEXT("run"), NULL, NULL, &one, &e), 0);
    assert_int_equal(one.n, 1);
    assert_near(seen[0].n_asked, 80, 0, 0);
    assert_int_equal(learn(TEXT("device"), NULL, &one, &four, &e), 0);
    assert_int_equal(n_seen, 4);
    assert_int_equal(four.n, 5);
    for (int k = 0; k < 4; k++) {
        assert_near(seen[k].ctl, k, 0, 0);
        assert_near(seen[k].n_asked, 80 + 20, 0, 0);
    }
    blobs_clear(&one);
    blobs_clear(&four);
}

/*
 * Jobs before 10 s are deferred to the next tick; the clock of each of 4 devices ticks each 2.5 s, so 8 times until 20 s and maybe
 * once more.  Each block is asked about its own 10 deferred jobs.
 */
static void each_block_has_a_clock_and_jobs_of_its_own(void **state)
{
    static const struct policy_param period = {.key = "period", .value = 2.5, .text = "2.5 s"};
    struct blobs out = {0};
    struct err e = {0};
    (void)state;
    defer_until_s = 10;
    assert_int_equal(learn(TEXT("device"), &period, NULL, &out, &e), 0);
    for (int k = 0; k < 4; k++) {
        assert_near(seen[k].n_asked, 20, 0, 0);
        assert_in_range((uint64_t)seen[k].n_tick, 7, 9);
        assert_near(seen[k].n_pool, 10, 0, 0);
    }
    defer_until_s = 0;
    blobs_clear(&out);
}

static uint64_t digest(const char *text, const char *const *change, const struct ts_policy *p)
{
    struct scenario s;
    struct tape tape;
    scenario_of_text(&s, text, change);
    replicate((struct run_spec){.scenario = &s, .spec = &s.experiment.policy[0], .policy = p, .seed = 1}, &tape);
    const uint64_t d = digest_of(&s, &tape);
    free(tape.t);
    scenario_free(&s);
    return d;
}

/* Where all devices are at one site, a block of each site is one of the run. */
static void one_site_is_the_run(void **state)
{
    (void)state;
    static const char *const at_left[] = {"nodes.r.attach=left", "links.air_r.to=left", NULL};
    assert_true(digest(TEXT("site"), at_left, &toy) == digest(TEXT("run"), at_left, &toy));
    assert_true(digest(TEXT("device"), at_left, &policy_round_robin) != digest(TEXT("run"), at_left, &policy_round_robin));
    assert_true(digest(TEXT("site"), NULL, &toy) != digest(TEXT("run"), NULL, &toy));
}

static const struct ts_policy *rule; /* what alternates in its block */

static int alternate_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            struct ts_plan *p)
{
    int rc = rule->decide(st, h, v, a, p);
    assert_true(ts_task_at(a, 0)->job < LEN(place_of_job));
    place_of_job[ts_task_at(a, 0)->job] = p->step[0].place;
    return rc;
}

/* Jobs come in the order a of l[0], a of l[1], b of r[0], b of r[1], then again: all devices take turns by themselves. */
static void a_round_robin_of_each_device(void **state)
{
    (void)state;
    rule = &policy_round_robin;
    struct ts_policy watched = *rule;
    watched.decide = alternate_decide;
    static const char *const until[] = {"experiment.duration=10 s", NULL};
    digest(TEXT("device"), until, &watched);
    for (int j = 0; j < 40; j++) {
        assert_int_equal(place_of_job[j], j / 4 % 2);
    }
    digest(TEXT("run"), until, &watched);
    for (int j = 0; j < 40; j++) {
        assert_int_equal(place_of_job[j], j % 2);
    }
}

static void too_much_state_is_refused(void **state)
{
    (void)state;
    struct ts_policy big = toy;
    struct run_counts counts;
    struct scenario s;
    struct err e = {0};
    big.state_size = 300 << 20;
    scenario_of_text(&s, TEXT("device"), NULL);
    const struct run_spec run = {.scenario = &s, .spec = &s.experiment.policy[0], .policy = &big, .full = nobody};
    assert_int_equal(drive(&run, "x", NULL, &counts, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "makes 4 blocks of 314572800 bytes, wanted at most 1048576, and 1073741824 bytes in all"));
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_learner_of_each_site_learns_its_own),
        cmocka_unit_test(what_one_block_learned_is_taken_in_by_all),
        cmocka_unit_test(each_block_has_a_clock_and_jobs_of_its_own),
        cmocka_unit_test(one_site_is_the_run),
        cmocka_unit_test(a_round_robin_of_each_device),
        cmocka_unit_test(too_much_state_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
