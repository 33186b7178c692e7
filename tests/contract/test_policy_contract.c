/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_policy_contract.c - what every policy must keep to, checked on each that is registered; and liars of each kind,
 * each found out with the message that says what it did.
 */
#include "tests/test.h"

#include "policies/builtin.h"
#include "tests/contract/harness.h"

enum { QUESTIONS = 400 };

/* Every kind of world in turn; returns the digest of all answers. */
static uint64_t play(const struct ts_policy *p, uint32_t seed)
{
    struct harness h;
    assert_int_equal(harness_open(&h, p, 0, seed, NULL, 0), 0);
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        struct world w, before;
        world_init(&w, p, i % WORLD_N, seed + i);
        before = w;
        int rc = harness_ask(&h, &w.view, &w.ask);
        if (rc < 0) {
            fail_msg("%s", h.err.text);
        }
        before.ask.id = w.ask.id;
        assert_memory_equal(&w, &before, sizeof w); /* nothing that it was shown is changed */
    }
    uint64_t digest = h.digest;
    harness_close(&h);
    return digest;
}

static void answers_are_legal_and_the_same_again(void **state)
{
    const struct ts_policy *p = *state;
    for (uint32_t seed = 1; seed <= 5; seed++) {
        assert_true(play(p, seed) == play(p, seed));
    }
}

/* A policy that draws answers otherwise with another seed; one that does not draw answers the same. */
static void nothing_but_the_question_and_its_draws_counts(void **state)
{
    const struct ts_policy *p = *state;
    struct harness h[2];
    bool drawn = false;
    assert_int_equal(harness_open(&h[0], p, 0, 1, NULL, 0), 0);
    assert_int_equal(harness_open(&h[1], p, 0, 2, NULL, 0), 0);
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        struct world w;
        world_init(&w, p, WORLD_EQUAL, i);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(harness_ask(&h[k], &w.view, &w.ask), 0);
            drawn |= h[k].n_drawn > 0;
        }
    }
    assert_int_equal(h[0].digest != h[1].digest, drawn);
    harness_close(&h[0]);
    harness_close(&h[1]);
}

/* And is idle: a policy that plans for many at a time may hold back what could not start. */
static void one_candidate_is_taken(void **state)
{
    const struct ts_policy *p = *state;
    struct harness h;
    assert_int_equal(harness_open(&h, p, 0, 1, NULL, 0), 0);
    for (uint32_t i = 0; i < QUESTIONS; i++) {
        struct world w;
        world_init(&w, p, WORLD_ONE, i);
        w.col[TS_UP][w.cand[0]] = w.col[TS_UNITS][w.cand[0]] = 1;
        w.col[TS_BUSY][w.cand[0]] = w.col[TS_QUEUED][w.cand[0]] = 0;
        w.task.deadline_s = INFINITY;
        assert_int_equal(harness_ask(&h, &w.view, &w.ask), 0);
        if (p == &policy_lodco && h.plan.step[0].verb == TS_REJECT) {
            continue; /* its battery is empty: it drops even what could go to one place only */
        }
        assert_int_equal(h.plan.step[0].verb, TS_PLACE);
        assert_int_equal(h.plan.step[0].place, w.cand[0]);
    }
    harness_close(&h);
}

static void what_is_down_is_rejected(void **state)
{
    const struct ts_policy *p = *state;
    struct harness h;
    assert_int_equal(harness_open(&h, p, 0, 1, NULL, 0), 0);
    struct world w;
    world_init(&w, p, WORLD_DOWN, 3);
    assert_true(w.task.n_cand > 1);
    assert_int_equal(harness_ask(&h, &w.view, &w.ask), 0);
    assert_int_equal(h.plan.step[0].verb, TS_REJECT);
    harness_close(&h);
}

/* Liars.  All see the same world; what they do wrong is all that they do. */
#define LIAR(tag, body)                                                                                                \
    static int tag(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,                 \
                   struct ts_plan *p)                                                                                  \
    {                                                                                                                  \
        (void)st, (void)h, (void)v, (void)a;                                                                           \
        body                                                                                                           \
    }

LIAR(names_an_unknown_place, return ts_answer_place(p, v->n_place + 5);)
LIAR(leaves_the_candidates, return ts_answer_place(p, 11);)
LIAR(says_nothing, (void)p; return 0;)
LIAR(answers_twice, {
    h->more(h->ctx, p, 2);
    ts_answer_place(p, a->cand[0]);
    p->step[1] = p->step[0];
    p->step[1].place = a->cand[1];
    p->n = 2;
    return 0;
})
LIAR(names_no_time, {
    p->step[0].not_before_s = NAN;
    return ts_answer_place(p, a->cand[0]);
})
LIAR(defers_for_ever, {
    p->step[0].verb = TS_DEFER;
    p->n = 1;
    return 0;
})
LIAR(defers_into_the_past, {
    p->step[0].verb = TS_DEFER;
    p->step[0].not_before_s = v->now_s - 1;
    p->n = 1;
    return 0;
})
LIAR(rejects_what_it_was_not_asked, {
    ts_answer_reject(p);
    p->step[0].task = 3;
    return 0;
})
LIAR(gives_up_silently, (void)p; return -7;)
LIAR(gives_up_and_says_so, (void)p; return (h->fail)(h->ctx, "no model named %s", "x");)
LIAR(is_too_happy, ts_answer_place(p, a->cand[0]); return 1;)
LIAR(counts_too_many, {
    ts_answer_place(p, a->cand[0]);
    p->n = p->cap + 8;
    return 0;
})
LIAR(writes_behind_its_plan, {
    struct ts_step *behind = p->step + p->cap;
    behind->verb = TS_PLACE;
    return ts_answer_place(p, a->cand[0]);
})
LIAR(writes_behind_its_state, {
    ((char *)st)[8] = 1;
    return ts_answer_place(p, a->cand[0]);
})
LIAR(writes_before_its_state, {
    ((char *)st)[-1] = 1;
    return ts_answer_place(p, a->cand[0]);
})
LIAR(invents_a_verb, {
    ts_answer_place(p, a->cand[0]);
    p->step[0].verb = 99;
    return 0;
})
LIAR(moves_what_does_not_run, {
    ts_answer_place(p, a->cand[0]);
    p->step[0].verb = TS_MIGRATE;
    return 0;
})

#define QUESTION "policy liar, question 0 (arrived, t = 100 s): "

/* The task's candidates are places 0, 1, 4. */
static struct liar {
    const char *name;
    int (*decide)(void *, const struct ts_host *, const struct ts_view *, const struct ts_ask *, struct ts_plan *);
    const char *want;
} liars[] = {
    {"a liar names an unknown place", names_an_unknown_place,
     QUESTION "step 0 places task 0 on place 17, which does not exist; its candidates are 0, 1, 4"},
    {"a liar leaves the candidates", leaves_the_candidates,
     QUESTION "step 0 places task 0 on place 11, which is not among its candidates 0, 1, 4"},
    {"a liar says nothing", says_nothing, QUESTION "0 steps and none for task 0: wanted place, defer or reject"},
    {"a liar answers twice", answers_twice, QUESTION "step 1 is a second answer to task 0 (place, replica 0)"},
    {"a liar names no time", names_no_time, QUESTION "step 0 has not_before_s = nan, wanted 0 or a positive number"},
    {"a liar defers for ever", defers_for_ever,
     QUESTION
     "step 0 defers task 0 until something changes, but the policy has no trigger (freed, report, changed) and no clock (tick): "
     "it would never be asked again"},
    {"a liar defers into the past", defers_into_the_past,
     QUESTION "step 0 defers task 0 to 99 s, wanted a later instant than now"},
    {"a liar rejects what it was not asked", rejects_what_it_was_not_asked,
     QUESTION "step 0 answers task 3 (reject), but the question has 1"},
    {"a liar gives up silently", gives_up_silently, "policy liar: decide returned -7 without saying why by host->fail"},
    {"a policy gives up and says so", gives_up_and_says_so, "policy liar: no model named x"},
    {"a liar returns more than 0", is_too_happy, "policy liar: decide returned 1, wanted 0, or < 0 after host->fail"},
    {"a liar counts too many steps", counts_too_many,
     QUESTION "9 steps, but there is room for 1: wanted host->more first"},
    {"a liar writes behind its plan", writes_behind_its_plan,
     "policy liar: decide wrote behind the 1 steps that there is room for"},
    {"a liar writes behind its state", writes_behind_its_state,
     "policy liar: decide wrote outside its state of 8 bytes"},
    {"a liar writes before its state", writes_before_its_state,
     "policy liar: decide wrote outside its state of 8 bytes"},
    {"a liar invents a verb", invents_a_verb, QUESTION "step 0 has verb 99, wanted 1 (place) to 6 (set)"},
    {"a liar moves what does not run", moves_what_does_not_run, QUESTION "step 0: this run cannot carry out migrate"},
};

static void a_liar_is_found_out(void **state)
{
    const struct liar *liar = *state;
    const struct ts_policy p = {
        .abi = TS_ABI, .size = sizeof p, .name = "liar", .about = "lies", .state_size = 8, .decide = liar->decide};
    struct harness h;
    struct world w;
    assert_int_equal(harness_open(&h, &p, 0, 1, NULL, 0), 0);
    world_init(&w, &p, WORLD_PLAIN, 1);
    static const ts_id cand[] = {0, 1, 4};
    w.ask.cand = cand;
    w.ask.n_cand = w.task.n_cand = LEN(cand);
    int rc = harness_ask(&h, &w.view, &w.ask);
    assert_string_equal(h.err.text, liar->want);
    assert_int_equal(rc, -ERR_POLICY);
    harness_close(&h);
}

int main(void)
{
    static const struct {
        const char *name;
        CMUnitTestFunction test;
    } rule[] = {
        {"answers are legal and the same again", answers_are_legal_and_the_same_again},
        {"nothing but the question and its draws counts", nothing_but_the_question_and_its_draws_counts},
        {"one candidate is taken", one_candidate_is_taken},
        {"what is down is rejected", what_is_down_is_rejected},
    };
    static char name[N_BUILTIN_POLICY * LEN(rule)][96];
    struct CMUnitTest tests[N_BUILTIN_POLICY * LEN(rule) + LEN(liars)];
    size_t n = 0;
    for (size_t i = 0; i < N_BUILTIN_POLICY; i++) {
        for (size_t j = 0; j < LEN(rule); j++, n++) {
            snprintf(name[n], sizeof name[n], "%s: %s", builtin_policy[i]->name, rule[j].name);
            void *policy = (void *)(uintptr_t)builtin_policy[i];
            tests[n] = (struct CMUnitTest){name[n], rule[j].test, NULL, NULL, policy};
        }
    }
    for (size_t i = 0; i < LEN(liars); i++, n++) {
        tests[n] = (struct CMUnitTest){liars[i].name, a_liar_is_found_out, NULL, NULL, &liars[i]};
    }
    return cmocka_run_group_tests_name("policy_contract", tests, NULL, NULL);
}
