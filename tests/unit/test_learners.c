/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_learners.c - the bandits and the actor-critic against worlds whose best choice is known, with rewards that come later
 * and out of order; and that what learners save is what they load, and nothing else is.
 *
 * A world asks about 5 candidates with random features; the reward of candidate k is theta_k' x + noise, uniform in +-.1.
 * Regret is what the best expected reward exceeds that of the choice by, summed up.  For LinUCB it is O(d sqrt(T log T)) (Chu,
 * Li, Reyzin, Schapire, AISTATS 2011), so the slope of its logarithm over log T tends to 1/2; asked is .65 at most.
 */
#include "tests/test.h"

#include <stdarg.h>
#include <stdlib.h>

#include "policies/builtin.h"
#include "policies/context.h"
#include "sim/base/blobs.h"
#include "sim/base/err.h"
#include "sim/base/stream.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"
#include "tests/question.h"

enum { ARMS = 5, LATER = 16, ROUNDS = 32768, FIRST_SEEN = 1024 };

struct world {
    const struct ts_policy *policy;
    void *state;
    struct blobs kept;
    char said[200];
    struct draw_at at; /* of the policy's draws, and by another purpose of the world's */
    uint32_t j;
    double theta[ARMS][CONTEXT_D];
    struct question q;
    struct ts_host host;
    struct ts_outcome due[LATER]; /* tag 0: none */
    double regret;
    unsigned n_best;
};

static double roll(void *ctx)
{
    struct world *w = ctx;
    return draw_uniform(&w->at, w->j++);
}

static double chance(struct world *w, uint32_t j)
{
    struct draw_at at = w->at;
    at.purpose = DRAW_USER;
    return draw_uniform(&at, j);
}

static int keep(void *ctx, int put, const char *key, void *buf, uint64_t *n)
{
    struct world *w = ctx;
    if (put) {
        return blobs_put(&w->kept, key, buf, *n);
    }
    const struct blob *b = blobs_find(&w->kept, key);
    if (!b || (buf && *n != b->n)) {
        return -1;
    }
    *n = b->n;
    if (buf) {
        memcpy(buf, b->bytes, b->n);
    }
    return 0;
}

static int say(void *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int say(void *ctx, const char *fmt, ...)
{
    struct world *w = ctx;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(w->said, sizeof w->said, fmt, ap);
    va_end(ap);
    return -1;
}

static void world_init(struct world *w, const struct ts_policy *p, const struct policy_spec *spec)
{
    struct err e = {0};
    *w = (struct world){.policy = p, .at = {.key = {7, 0}, .entity = 1, .purpose = DRAW_POLICY}};
    w->host = (struct ts_host){.size = sizeof w->host, .abi = TS_ABI, .ctx = w, .uniform = roll, .blob = keep, .fail = say};
    w->state = calloc(1, p->state_size);
    assert_non_null(w->state);
    assert_int_equal(policy_set_params(p, NULL, spec, w->state, &e), 0);
    question_init(&w->q, TS_ARRIVED, ARMS);
    question_task(&w->q);
    for (uint32_t k = 0; k < ARMS; k++) {
        question_cand(&w->q, k);
        w->q.col[TS_TIER][k] = 1;
        for (uint32_t i = 0; i < CONTEXT_D; i++) {
            w->theta[k][i] = -((k * 5 + i * 3) % 7 / 7.0); /* best in other features */
        }
    }
    assert_int_equal(p->init ? p->init(w->state, &w->host, &w->q.view) : 0, 0);
}

static void world_clear(struct world *w)
{
    w->policy->clear(w->state);
    free(w->state);
    blobs_clear(&w->kept);
}

/* Question n: features from 0 to 1, one more than a queue of one so that the work counts. */
static void ask(struct world *w, uint64_t n)
{
    w->at.index = n;
    w->j = 0;
    w->q.view.now_s = w->q.task[0].released_s = (double)n;
    for (uint32_t k = 0; k < ARMS; k++) {
        w->q.est[TS_IN_S][k] = chance(w, 5 * k);
        w->q.col[TS_WORK_S][k] = chance(w, 5 * k + 1);
        w->q.est[TS_RUN_S][k] = chance(w, 5 * k + 2);
        w->q.est[TS_OUT_S][k] = chance(w, 5 * k + 3);
        w->q.col[TS_BUSY][k] = 1 + chance(w, 5 * k + 4);
    }
}

static uint32_t decide(struct world *w, uint64_t *tag)
{
    struct ts_step step = {0};
    struct ts_plan plan = {.size = sizeof plan, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    assert_int_equal(w->policy->decide(w->state, &w->host, &w->q.view, &w->q.ask, &plan), 0);
    assert_int_equal(plan.n, 1);
    assert_int_equal(step.verb, TS_PLACE);
    *tag = step.tag;
    return step.place;
}

/* News of the decision comes up to LATER questions later, in any order. */
static void tell_later(struct world *w, uint64_t tag, double reward, enum ts_end end)
{
    uint32_t slot = (uint32_t)(chance(w, 30) * LATER);
    if (w->due[slot].tag) {
        w->due[slot].now_s = w->q.view.now_s;
        assert_int_equal(w->policy->ended(w->state, &w->host, &w->q.view, &w->due[slot]), 0);
    }
    w->due[slot] = (struct ts_outcome){.size = sizeof w->due[slot], .end = end, .tag = tag, .reward = reward,
                                       .released_s = w->q.view.now_s};
}

static double expected(const struct world *w, uint32_t k)
{
    double x[CONTEXT_D];
    context_of(1, &w->q.view, &w->q.ask, w->q.task, k, x);
    return context_dot(w->theta[k], x);
}

static void round_of(struct world *w, uint64_t n)
{
    uint64_t tag;
    ask(w, n);
    double best = -INFINITY;
    for (uint32_t k = 0; k < ARMS; k++) {
        best = fmax(best, expected(w, k));
    }
    uint32_t k = decide(w, &tag);
    w->regret += best - expected(w, k);
    w->n_best += expected(w, k) == best;
    tell_later(w, tag, expected(w, k) + .2 * chance(w, 31) - .1, TS_DONE);
}

/* Least-squares slope of log regret over log T at T = FIRST_SEEN, 2 FIRST_SEEN, .. ROUNDS. */
static double regret_slope(struct world *w)
{
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    int n = 0;
    uint64_t next = FIRST_SEEN;
    for (uint64_t i = 1; i <= ROUNDS; i++) {
        round_of(w, i);
        if (i == next) {
            double x = log((double)i), y = log(w->regret);
            sx += x, sy += y, sxx += x * x, sxy += x * y;
            n++;
            next *= 2;
        }
    }
    return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

static const struct policy_param per_candidate = {.key = "arms", .value = 2, .text = "candidate"};

static void the_regret_of_bandits_grows_like_a_root(void **state)
{
    static const struct ts_policy *const p[] = {&policy_linucb, &policy_thompson};
    const struct policy_spec spec = {.n_param = 1, .param = &per_candidate};
    (void)state;
    for (size_t i = 0; i < LEN(p); i++) {
        struct world w;
        world_init(&w, p[i], &spec);
        double slope = regret_slope(&w);
        if (getenv("TS_SHOW")) {
            printf("%s: regret %.1f after %d, slope %.3f\n", p[i]->name, w.regret, ROUNDS, slope);
        }
        assert_true(slope <= .65);
        world_clear(&w);
    }
}

/* After half of the rounds the arms change places; how much regret the second half costs. */
static double regret_of_drift(const struct ts_policy *p, double discount)
{
    const struct policy_param param[2] = {per_candidate, {.key = "discount", .value = discount}};
    const struct policy_spec spec = {.n_param = 2, .param = param};
    struct world w;
    double before = 0, swap[CONTEXT_D];
    world_init(&w, p, &spec);
    for (uint64_t i = 1; i <= 8000; i++) {
        if (i == 4001) {
            before = w.regret;
            for (int k = 0; k < ARMS / 2; k++) {
                memcpy(swap, w.theta[k], sizeof swap);
                memcpy(w.theta[k], w.theta[ARMS - 1 - k], sizeof swap);
                memcpy(w.theta[ARMS - 1 - k], swap, sizeof swap);
            }
        }
        round_of(&w, i);
    }
    double after = w.regret - before;
    world_clear(&w);
    return after;
}

static void a_discount_follows_drift(void **state)
{
    static const struct ts_policy *const p[] = {&policy_linucb, &policy_thompson};
    (void)state;
    for (size_t i = 0; i < LEN(p); i++) {
        double faithful = regret_of_drift(p[i], 1), quick = regret_of_drift(p[i], .999);
        if (getenv("TS_SHOW")) {
            printf("%s under drift: regret %.1f, with discount %.1f\n", p[i]->name, faithful, quick);
        }
        assert_true(quick < .5 * faithful);
    }
}

/* How often the best of 1000 chances is taken: after 1000 rounds, or right after the best and the worst changed places. */
static double share_of_best(double discount, bool second_half)
{
    static const double good[ARMS] = {.3, .5, .9, .6, .4}, turned[ARMS] = {.9, .5, .3, .6, .4};
    const struct policy_param param[2] = {{.key = "places", .value = ARMS}, {.key = "discount", .value = discount}};
    const struct policy_spec spec = {.n_param = 2, .param = param};
    struct world w;
    unsigned n_best = 0;
    world_init(&w, &policy_thompson_beta, &spec);
    for (uint64_t i = 1; i <= 3000; i++) {
        uint64_t tag;
        ask(&w, i);
        uint32_t k = decide(&w, &tag);
        const double *is = i > 2000 ? turned : good;
        if (second_half ? i > 2000 && i <= 3000 : i > 1000 && i <= 2000) {
            n_best += is[k] == .9;
        }
        tell_later(&w, tag, NAN, chance(&w, 31) < is[k] ? TS_DONE : TS_LATE);
    }
    world_clear(&w);
    return n_best / 1000.0;
}

static void beta_finds_the_most_reliable(void **state)
{
    (void)state;
    assert_true(share_of_best(1, false) > .9);
    assert_true(share_of_best(.98, true) > .6);
    assert_true(share_of_best(.98, true) > share_of_best(1, true) + .2);
}

/* The mean regret of a question in the last eighth is below a third of that of a choice by lot, which is that at first. */
static void the_actor_learns(void **state)
{
    (void)state;
    for (double hidden = 0; hidden <= 8; hidden += 8) {
        const struct policy_param param[2] = {{.key = "hidden", .value = hidden}, {.key = "rate.actor", .value = .05}};
        const struct policy_spec spec = {.n_param = 2, .param = param};
        struct world w;
        double first = 0, last = 0;
        world_init(&w, &policy_actor_critic, &spec);
        for (int k = 0; k < ARMS; k++) {
            memcpy(w.theta[k], (double[CONTEXT_D]){0, -1, -.2, -1, -.5, -.3}, sizeof w.theta[k]); /* one way for all */
        }
        for (uint64_t i = 1; i <= 16000; i++) {
            double before = w.regret;
            round_of(&w, i);
            first += i <= 200 ? w.regret - before : 0;
            last += i > 14000 ? w.regret - before : 0;
        }
        if (getenv("TS_SHOW")) {
            printf("actor with %g hidden units: regret of a question %.3f at first, %.3f at last\n", hidden, first / 200,
                   last / 2000);
        }
        assert_true(last / 2000 < first / 200 / 3);
        world_clear(&w);
    }
}

static const struct ts_policy *const learner[] = {&policy_q_learning, &policy_sarsa,    &policy_expected_sarsa,
                                                  &policy_double_q,   &policy_linucb,   &policy_thompson,
                                                  &policy_thompson_beta, &policy_actor_critic};

/* A learner after some questions. */
static void world_learned(struct world *w, const struct ts_policy *p)
{
    world_init(w, p, NULL);
    for (uint64_t i = 1; i <= 200; i++) {
        round_of(w, i);
    }
    assert_int_equal(p->save(w->state, &w->host), 0);
    assert_true(w->kept.n > 0);
}

static void what_is_saved_is_loaded(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(learner); i++) {
        struct world w, again;
        world_learned(&w, learner[i]);
        world_init(&again, learner[i], NULL);
        again.kept = w.kept;
        assert_int_equal(learner[i]->load(again.state, &again.host), 0);
        again.kept = (struct blobs){0};
        assert_int_equal(learner[i]->save(again.state, &again.host), 0);
        assert_int_equal(again.kept.n, w.kept.n);
        for (size_t k = 0; k < w.kept.n; k++) {
            assert_string_equal(again.kept.blob[k].key, w.kept.blob[k].key);
            assert_int_equal(again.kept.blob[k].n, w.kept.blob[k].n);
            assert_memory_equal(again.kept.blob[k].bytes, w.kept.blob[k].bytes, w.kept.blob[k].n);
        }
        world_clear(&w);
        world_clear(&again);
    }
}

/* One learner's part of a round is taken as it is; of two like ones, too where values are averaged. */
static void one_learner_merges_into_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(learner); i++) {
        struct world w, base;
        world_learned(&w, learner[i]);
        world_init(&base, learner[i], NULL);
        base.kept = w.kept;
        assert_int_equal(learner[i]->merge(base.state, &base.host, 0, 1), 0);
        base.kept = (struct blobs){0};
        assert_int_equal(learner[i]->save(base.state, &base.host), 0);
        for (size_t k = 0; k < w.kept.n; k++) {
            const double *a = w.kept.blob[k].bytes, *b = base.kept.blob[k].bytes;
            for (size_t j = 0; j < w.kept.blob[k].n / sizeof *a && strstr(w.kept.blob[k].key, ".f64"); j++) {
                assert_near(b[j], a[j], 1e-12, 1e-12);
            }
        }
        world_clear(&w);
        world_clear(&base);
    }
}

/* Each thing that was saved, spoiled in turn: gone, shorter, longer, not a number. */
static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(learner); i++) {
        struct world w;
        world_learned(&w, learner[i]);
        for (size_t k = 0; k < w.kept.n; k++) {
            struct blob *b = &w.kept.blob[k];
            struct blob whole = *b;
            double *spoiled = calloc(1, whole.n + sizeof *spoiled);
            char other[] = "nothing";
            assert_non_null(spoiled);
            for (int how = 0; how < 4; how++) {
                struct world fresh;
                memcpy(spoiled, whole.bytes, whole.n);
                *b = (struct blob){.key = whole.key, .bytes = spoiled, .n = whole.n};
                if (how == 0) {
                    b->key = other;
                } else if (how == 1) {
                    b->n -= 2;
                } else if (how == 2) {
                    b->n += sizeof(double);
                } else {
                    spoiled[0] = NAN;
                }
                world_init(&fresh, learner[i], NULL);
                fresh.kept = w.kept;
                assert_int_equal(learner[i]->load(fresh.state, &fresh.host), -1);
                assert_true(fresh.said[0] != '\0');
                fresh.kept = (struct blobs){0};
                world_clear(&fresh);
            }
            free(spoiled);
            *b = whole;
        }
        world_clear(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_regret_of_bandits_grows_like_a_root),
        cmocka_unit_test(a_discount_follows_drift),
        cmocka_unit_test(beta_finds_the_most_reliable),
        cmocka_unit_test(the_actor_learns),
        cmocka_unit_test(what_is_saved_is_loaded),
        cmocka_unit_test(one_learner_merges_into_itself),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
