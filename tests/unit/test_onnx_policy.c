/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_onnx_policy.c - what the policy onnx tells a network and makes of its scores, with networks that are functions here.
 *
 *     place  tier   cores  tasks  work   input  service  back   energy
 *     0      end    1      1      .5 s   0 s    1.00 s   0 s    3 J
 *     1      edge   2      1      .5     .02    .25      .01    1
 *     2      cloud  4      0      0      .11    .0625    .06    2
 *
 * Work counts where no core is free: at place 0 alone.  The job's node is that of place 0; deadline in 2 s.
 */
#include "tests/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/model/scenario.h"
#include "sim/policy/set.h"
#include "tests/consult.h"
#include "tests/question.h"

enum { PLACES = 3, ROWS = 16, REJECT = -1 };

struct world {
    struct question q;
    struct ts_host host;
    float told[256]; /* what the network was told last */
    uint32_t n_told, n_run;
    float made[ROWS]; /* its scores, if they are given; else minus the sum */
    bool gives;
    char said[200];
};

static int run_network(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m)
{
    struct world *w = ctx;
    assert_null(model);
    assert_true(n <= LEN(w->told) && m <= ROWS);
    memcpy(w->told, in, n * sizeof *in);
    w->n_told = n;
    w->n_run++;
    if (w->gives) {
        memcpy(out, w->made, m * sizeof *out);
        return 0;
    }
    return infer_minus_the_sum(ctx, model, in, n, out, m);
}

__attribute__((format(printf, 2, 3)))
static int say(void *ctx, const char *fmt, ...)
{
    struct world *w = ctx;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(w->said, sizeof w->said, fmt, ap);
    va_end(ap);
    return -1;
}

static void world_init(struct world *w)
{
    struct question *q = &w->q;
    memset(w, 0, sizeof *w);
    question_init(q, TS_ARRIVED, PLACES);
    question_col(q, TS_NODE, (double[]){7, 8, 9});
    question_col(q, TS_TIER, (double[]){0, 1, 2});
    question_col(q, TS_UNITS, (double[]){1, 2, 4});
    question_col(q, TS_BUSY, (double[]){1, 1, 0});
    question_col(q, TS_WORK_S, (double[]){.5, .5, 0});
    question_col(q, TS_SPEED, (double[]){1e9, 4e9, 16e9});
    question_est(q, TS_IN_S, (double[]){0, .02, .11});
    question_est(q, TS_RUN_S, (double[]){1, .25, .0625});
    question_est(q, TS_OUT_S, (double[]){0, .01, .06});
    question_est(q, TS_RUN_J, (double[]){3, .5, 1});
    question_est(q, TS_NET_J, (double[]){0, .5, 1});
    struct ts_task *t = question_task(q);
    t->origin = 7;
    t->released_s = q->view.now_s = 100;
    t->deadline_s = 102;
    t->flop = 3e9;
    t->in_bits = 16e6;
    for (ts_id place = 0; place < PLACES; place++) {
        question_cand(q, place);
    }
    w->host = (struct ts_host){.size = sizeof w->host, .abi = TS_ABI, .ctx = w, .infer = run_network, .fail = say};
}

/* The place, REJECT, or what a call returned with *failed set; the parameters end with a key NULL. */
static int decide(struct world *w, const struct policy_param *param, bool *failed)
{
    const struct ts_policy *p = &policy_onnx;
    struct policy_spec spec = {.param = param};
    struct ts_step step = {0};
    struct ts_plan plan = {.size = sizeof plan, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    struct err err = {0};
    while (param && param[spec.n_param].key) {
        spec.n_param++;
    }
    void *state = calloc(1, p->state_size);
    assert_non_null(state);
    assert_int_equal(policy_set_params(p, NULL, &spec, state, &err), 0);
    int rc = p->init(state, &w->host, &w->q.view);
    w->n_run = 0;
    rc = rc ? rc : p->decide(state, &w->host, &w->q.view, &w->q.ask, &plan);
    p->clear(state);
    free(state);
    *failed = rc != 0;
    return rc ? rc : step.verb == TS_REJECT ? REJECT : (int)step.place;
}

static int decides(struct world *w, const struct policy_param *param)
{
    bool failed;
    int place = decide(w, param, &failed);
    assert_false(failed);
    return place;
}

/* Rows are 1, input, work, service, back, tasks per core: place 1 is 1 + .02 + 0 + .25 + .01 + .5, place 2 the least. */
static void a_row_is_what_a_learner_sees(void **state)
{
    static const double want[PLACES][6] = {{1, 0, .5, 1, 0, 1}, {1, .02, 0, .25, .01, .5}, {1, .11, 0, .0625, .06, 0}};
    struct world w;
    (void)state;
    world_init(&w);
    assert_int_equal(decides(&w, NULL), 2);
    assert_int_equal(w.n_run, 1);
    assert_int_equal(w.n_told, PLACES * 6);
    for (int i = 0; i < PLACES * 6; i++) {
        assert_near(w.told[i], want[i / 6][i % 6], 0, 1e-7);
    }
    w.q.col[TS_UP][1] = 0; /* what is down is no row */
    assert_int_equal(decides(&w, NULL), 2);
    assert_int_equal(w.n_told, 2 * 6);
    assert_int_equal(decides(&w, (const struct policy_param[]){{.key = "best", .text = "least"}, {0}}), 0);
    assert_int_equal(decides(&w, (const struct policy_param[]){{.key = "scale", .value = .1}, {0}}), 2);
    assert_near(w.told[3], 10, 0, 1e-6);
}

/* Slack: 2 s less a finish of .5 + 1, of .28 and of .2325; energy 3, 1, 2 J; then the rest in the order of the table. */
static void features_are_chosen(void **state)
{
    static const struct policy_param chosen[] = {
        {.key = "features.one", .value = 0},     {.key = "features.input", .value = 0},  {.key = "features.work", .value = 0},
        {.key = "features.service", .value = 0}, {.key = "features.back", .value = 0},   {.key = "features.tasks", .value = 0},
        {.key = "features.slack", .value = 1},   {.key = "features.energy", .value = 1}, {.key = "features.tier", .value = 1},
        {.key = "features.own", .value = 1},     {.key = "features.speed", .value = 1},  {.key = "features.flop", .value = 1},
        {.key = "features.size", .value = 1},    {0}};
    static const double want[PLACES][7] = {{.5, 3, 0, 1, .01, 3, 2}, {1.72, 1, 1, 0, .04, 3, 2}, {1.7675, 2, 2, 0, .16, 3, 2}};
    struct world w;
    (void)state;
    world_init(&w);
    decides(&w, chosen);
    assert_int_equal(w.n_told, PLACES * 7);
    for (int i = 0; i < PLACES * 7; i++) {
        assert_near(w.told[i], want[i / 7][i % 7], 0, 1e-6);
    }
    w.q.task[0].deadline_s = INFINITY;
    w.q.est[TS_RUN_J][0] = NAN;
    decides(&w, chosen);
    assert_near(w.told[0], 100, 0, 0);
    assert_near(w.told[1], 100, 0, 0);
}

/* Energy by a unit of 2 J, money, exposure; a deadline that was 500 s ago is no more than 100 s late. */
static void features_have_units_and_bounds(void **state)
{
    static const struct policy_param chosen[] = {
        {.key = "features.one", .value = 0},      {.key = "features.input", .value = 0},  {.key = "features.work", .value = 0},
        {.key = "features.service", .value = 0},  {.key = "features.back", .value = 0},   {.key = "features.tasks", .value = 0},
        {.key = "features.slack", .value = 1},    {.key = "features.energy", .value = 1}, {.key = "features.cost", .value = 1},
        {.key = "features.exposure", .value = 1}, {.key = "unit", .value = 2},            {0}};
    static const double want[PLACES][4] = {{-100, 1.5, 0, 0}, {-100, .5, .25, 1}, {-100, 1, .5, 1}};
    struct world w;
    (void)state;
    world_init(&w);
    w.q.task[0].deadline_s = -400;
    question_est(&w.q, TS_COST, (double[]){0, .25, .5});
    question_est(&w.q, TS_EXPOSURE, (double[]){0, 3, 1});
    decides(&w, chosen);
    assert_int_equal(w.n_told, PLACES * 4);
    for (int i = 0; i < PLACES * 4; i++) {
        assert_near(w.told[i], want[i / 4][i % 4], 0, 1e-6);
    }
}

/* Four places in one row: the one that is down and the one that is not there are zeros, the best score, and not taken. */
static void one_row_holds_all_places(void **state)
{
    static const struct policy_param four[] = {{.key = "input", .text = "places"}, {.key = "places", .value = 4}, {0}};
    static const struct policy_param one[] = {{.key = "input", .text = "places"}, {.key = "places", .value = 1}, {0}};
    struct world w;
    (void)state;
    world_init(&w);
    w.q.col[TS_UP][1] = 0;
    assert_int_equal(decides(&w, four), 2);
    assert_int_equal(w.n_told, 4 * 6);
    for (int i = 0; i < 6; i++) {
        assert_near(w.told[6 + i], 0, 0, 0);
        assert_near(w.told[18 + i], 0, 0, 0);
    }
    assert_int_equal(decides(&w, one), 0);
    w.q.col[TS_UP][0] = 0;
    assert_int_equal(decides(&w, one), REJECT);
}

static void of_equal_scores_the_first_is_taken(void **state)
{
    struct world w;
    (void)state;
    world_init(&w);
    w.gives = true;
    memcpy(w.made, (float[]){.25f, .5f, .5f}, 3 * sizeof(float));
    assert_int_equal(decides(&w, NULL), 1);
}

static void without_a_candidate_nothing_is_run(void **state)
{
    struct world w;
    (void)state;
    world_init(&w);
    memset(w.q.col[TS_UP], 0, sizeof w.q.col[TS_UP]);
    assert_int_equal(decides(&w, NULL), REJECT);
    assert_int_equal(w.n_run, 0);
}

static void a_score_that_is_no_number_ends_the_run(void **state)
{
    struct world w;
    bool failed;
    (void)state;
    world_init(&w);
    w.gives = true;
    memcpy(w.made, (float[]){.25f, NAN, .5f}, 3 * sizeof(float));
    decide(&w, NULL, &failed);
    assert_true(failed);
    assert_string_equal(w.said, "its network gives candidate 1 the score nan, wanted a finite number");
}

static void without_features_it_does_not_start(void **state)
{
    static const struct policy_param none[] = {
        {.key = "features.one", .value = 0},     {.key = "features.input", .value = 0}, {.key = "features.work", .value = 0},
        {.key = "features.service", .value = 0}, {.key = "features.back", .value = 0},  {.key = "features.tasks", .value = 0}, {0}};
    struct world w;
    bool failed;
    (void)state;
    world_init(&w);
    decide(&w, none, &failed);
    assert_true(failed);
    assert_string_equal(w.said, "all features are off, wanted one at least");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_what_a_learner_sees),       cmocka_unit_test(features_are_chosen),
        cmocka_unit_test(one_row_holds_all_places),           cmocka_unit_test(of_equal_scores_the_first_is_taken),
        cmocka_unit_test(without_a_candidate_nothing_is_run), cmocka_unit_test(a_score_that_is_no_number_ends_the_run),
        cmocka_unit_test(without_features_it_does_not_start), cmocka_unit_test(features_have_units_and_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
