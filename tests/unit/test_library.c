/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_library.c - the public library: another program drives a run, and gets what the built-in driver gets. */
#include "tests/test.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <tiersim/tiersim.h>
#include <unistd.h>

static const char scenario[] =
    "tiersim: 1\n"
    "name: small\n"
    "nodes:\n"
    "  device: {tier: end, count: 5, attach: edge, processors: {cpu: {cores: 1, speed: 1 GFLOP/s}}}\n"
    "  edge: {tier: edge, count: 2, processors: {cpu: {cores: 2, speed: 4 GFLOP/s}}}\n"
    "links:\n"
    "  cell: {from: device, to: edge, per: edge, sharing: fair, capacity: 20 Mbit/s, latency: 2 ms}\n"
    "workloads:\n"
    "  job: {at: device, arrivals: {poisson: {rate: 0.6 /s}}, input: {exponential: {mean: 100 kB}},\n"
    "        work: {exponential: {mean: 1 GFLOP}}, output: 1 kB, deadline: 2 s}\n"
    "experiment:\n"
    "  policies: [mct, random: {weights: {end: 1, edge: 3}}, llm: {use: score, candidates: 3, label: score},\n"
    "             llm: {use: weights, period: 5 s, label: weights}, llm: {use: watch, period: 5 s, label: watch}]\n"
    "  duration: 200 s\n"
    "  seed: 4\n";

struct fixture {
    char path[64];
    struct ts_scenario *s;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char message[1000];
    snprintf(f->path, sizeof f->path, "/tmp/tiersim-library-XXXXXX");
    int fd = mkstemp(f->path);
    if (write(fd, scenario, sizeof scenario - 1) != (ssize_t)sizeof scenario - 1 || close(fd)) {
        return -1;
    }
    if (ts_scenario_open(&f->s, f->path, NULL, 0, message, sizeof message)) {
        fprintf(stderr, "%s", message);
        return -1;
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ts_scenario_close(f->s);
    unlink(f->path);
    free(f);
    return 0;
}

static struct ts_run *open_run(struct fixture *f, const char *policy)
{
    struct ts_run *r;
    char message[1000] = "";
    struct ts_run_options o = {.size = sizeof o, .policy = policy};
    if (ts_run_open(&r, f->s, &o, message, sizeof message)) {
        fail_msg("%s", message);
    }
    return r;
}

/* A driver of our own: asks the table of mct as the built-in driver would. */
static void a_stepped_run_is_a_driven_run(void **state)
{
    struct fixture *f = *state;
    const struct ts_policy *mct = ts_policy_find("mct");
    assert_non_null(mct);
    struct ts_run *driven = open_run(f, "mct"), *stepped = open_run(f, "mct");
    assert_int_equal(ts_run_drive(driven, mct), 0);

    double *policy_state = calloc(1, mct->state_size + 8); /* the only parameter is a margin, and it is 0 */
    const struct ts_host host = {.size = sizeof host, .abi = TS_ABI};
    const struct ts_view *v;
    const struct ts_ask *a;
    const struct ts_outcome *o;
    int what, questions = 0;
    while ((what = ts_run_next(stepped, &v, &a, &o)) == TS_QUESTION) {
        struct ts_step step = {0};
        struct ts_plan plan = {.size = sizeof plan, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
        assert_int_equal(mct->decide(policy_state, &host, v, a, &plan), 0);
        assert_int_equal(ts_run_answer(stepped, &plan), 0);
        questions++;
    }
    assert_int_equal(what, TS_ENDED);
    assert_true(questions > 400); /* 5 * 0.6/s * 200 s = 600 on average, sd 24 */
    assert_true(ts_run_digest(driven) == ts_run_digest(stepped) && ts_run_digest(driven) != 0);
    double x, y;
    assert_int_equal(ts_run_metric(driven, "latency_mean", &x), 0);
    assert_int_equal(ts_run_metric(stepped, "latency_mean", &y), 0);
    assert_true(x == y && x > 0);
    assert_int_equal(ts_run_metric(driven, "latency", &x), TS_E_INPUT);
    free(policy_state);
    ts_run_close(driven);
    ts_run_close(stepped);
}

static void an_illegal_answer_is_an_error_that_says_so(void **state)
{
    struct ts_run *r = open_run(*state, "mct");
    const struct ts_view *v;
    const struct ts_ask *a;
    const struct ts_outcome *o;
    assert_int_equal(ts_run_next(r, &v, &a, &o), TS_QUESTION);
    struct ts_step step = {.verb = TS_PLACE, .place = v->n_place};
    struct ts_plan plan = {.size = sizeof plan, .n = 1, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    assert_int_equal(ts_run_answer(r, &plan), TS_E_POLICY);
    assert_non_null(strstr(ts_run_message(r), "mct"));
    ts_run_close(r);
}

/* Steps a run of two levels: mct, with the margin that was set last, under a slow one that admits half of the jobs. */
struct stepped {
    uint64_t digest;
    uint32_t n_slow, n_setting;
    double rejected;
};

static int slow_answer(const struct ts_view *v, struct ts_plan *p)
{
    p->step[0] = (struct ts_step){.verb = TS_SET, .knob = TS_K_PARAM, .task = 0, .place = TS_NONE, .value = v->now_s / 1000};
    p->step[1] = (struct ts_step){.verb = TS_SET, .knob = TS_K_ADMIT, .place = TS_NONE, .value = .5};
    p->n = 2;
    return 0;
}

static struct stepped step_two_levels(const struct ts_scenario *s)
{
    enum { FAST = 2 };
    const struct ts_policy *mct = ts_policy_find("mct");
    const struct ts_host host = {.size = sizeof host, .abi = TS_ABI};
    const struct ts_run_options o = {.size = sizeof o, .policy = "under"};
    const struct ts_view *v;
    const struct ts_ask *a;
    const struct ts_outcome *outcome;
    struct stepped got = {.n_slow = 0};
    double margin_s[FAST][2] = {{0}};
    struct ts_run *r;
    char message[300] = "";
    if (ts_run_open(&r, s, &o, message, sizeof message)) {
        fail_msg("%s", message);
    }
    assert_int_equal(ts_run_fast(r), FAST);
    assert_true(mct->state_size <= sizeof margin_s[0]);
    for (int what; (what = ts_run_next(r, &v, &a, &outcome)) > 0;) {
        struct ts_step step[2] = {{0}};
        struct ts_plan plan = {.size = sizeof plan, .cap = 2, .step = step, .think_s = NAN, .tokens = NAN};
        ts_id ctl;
        uint32_t param;
        double value;
        assert_int_equal(ts_run_setting(r, &ctl, &param, &value), what == TS_SETTING ? 0 : TS_E_INPUT);
        if (what == TS_SETTING) {
            assert_true(ctl < FAST && param == 0);
            margin_s[ctl][0] = value;
            got.n_setting++;
        } else if (what == TS_QUESTION) {
            const bool slow = v->ctl >= FAST;
            got.n_slow += slow;
            assert_true(slow || v->now_s < 10 || margin_s[v->ctl][0] > 0);
            assert_int_equal(slow ? slow_answer(v, &plan) : mct->decide(margin_s[v->ctl], &host, v, a, &plan), 0);
            if (ts_run_answer(r, &plan)) {
                fail_msg("%s", ts_run_message(r));
            }
        }
    }
    assert_string_equal(ts_run_message(r), "");
    double finished;
    assert_int_equal(ts_run_metric(r, "finished_ratio", &finished), 0);
    got.rejected = 1 - finished;
    got.digest = ts_run_digest(r);
    ts_run_close(r);
    return got;
}

/* Each of two slow ones, asked at 0, 10, .. and 190 s, sets the one that is at its own edge server; half of 600 jobs, sd 12. */
static void two_levels_can_be_stepped(void **state)
{
    const struct fixture *f = *state;
    const char *set[] = {"experiment.policies=[mct: {label: under, at: edge, over: {policy: two_level, period: 10 s, at: edge}}]"};
    struct ts_scenario *s;
    char message[300] = "";
    if (ts_scenario_open(&s, f->path, set, LEN(set), message, sizeof message)) {
        fail_msg("%s", message);
    }
    const struct stepped once = step_two_levels(s), again = step_two_levels(s);
    assert_true(once.digest == again.digest && once.digest != 0);
    assert_true(once.n_slow >= 2 * 20 && once.n_setting >= once.n_slow - 2);
    assert_near(once.rejected, .5, 0, 4 * sqrt(.25 / 600));
    ts_scenario_close(s);
}

static void policies_and_errors_are_told(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(ts_scenario_name(f->s), "small");
    assert_string_equal(ts_scenario_policy(f->s, 1), "random");
    assert_null(ts_scenario_policy(f->s, 5));
    assert_null(ts_policy_find("no_such"));
    struct ts_run *r;
    char message[300] = "";
    struct ts_run_options o = {.size = sizeof o, .policy = "jsq"};
    assert_int_equal(ts_run_open(&r, f->s, &o, message, sizeof message), TS_E_INPUT);
    assert_string_equal(message, "policy: found jsq, wanted a label of the scenario's list");
    struct ts_scenario *s;
    const char *set[] = {"nodes.edge.count=-2"};
    assert_int_equal(ts_scenario_open(&s, f->path, set, 1, message, sizeof message), TS_E_INPUT);
    assert_non_null(strstr(message, "nodes.edge.count: found -2, wanted a whole number"));
}

/* One of three replications of a policy. */
struct share {
    struct fixture *f;
    const char *policy;
    uint32_t replication, rc;
    uint64_t digest;
};

static void *drive_one(void *ctx)
{
    struct share *x = ctx;
    struct ts_run *r = NULL;
    struct ts_run_options o = {.size = sizeof o, .policy = x->policy, .replication = x->replication};
    x->rc = ts_run_open(&r, x->f->s, &o, NULL, 0) || ts_run_drive(r, ts_policy_find("llm"));
    x->digest = x->rc ? 0 : ts_run_digest(r);
    ts_run_close(r);
    return NULL;
}

/* Without a word about language models the rules of the program answer, in a run of the library as well, and in each of
 * several threads, which ask the same models, the same. */
static void a_policy_that_asks_runs_in_any_number_of_threads(void **state)
{
    enum { RUNS = 3, MOST_THREADS = 3 };
    static const char *const policy[] = {"score", "weights", "watch"};
    for (size_t p = 0; p < LEN(policy); p++) {
        uint64_t first[RUNS];
        for (uint32_t n_thread = 1; n_thread <= MOST_THREADS; n_thread++) {
            struct share share[RUNS];
            pthread_t thread[RUNS];
            for (uint32_t i = 0; i < RUNS; i++) {
                share[i] = (struct share){.f = *state, .policy = policy[p], .replication = i};
            }
            for (uint32_t i = 0; i < RUNS; i += n_thread) {
                for (uint32_t k = i; k < i + n_thread && k < RUNS; k++) {
                    assert_int_equal(pthread_create(&thread[k], NULL, drive_one, &share[k]), 0);
                }
                for (uint32_t k = i; k < i + n_thread && k < RUNS; k++) {
                    assert_int_equal(pthread_join(thread[k], NULL), 0);
                }
            }
            for (uint32_t i = 0; i < RUNS; i++) {
                assert_int_equal(share[i].rc, 0);
                assert_true(share[i].digest != 0);
                first[i] = n_thread == 1 ? share[i].digest : first[i];
                assert_true(share[i].digest == first[i]);
                assert_true(i == 0 || share[i].digest != first[0]);
            }
        }
    }
}

/* What is missing to ask is told when the run begins. */
static void a_model_that_cannot_be_asked_is_an_error(void **state)
{
    struct fixture *f = *state;
    const char *set[] = {"language_models.far.backend=http", "language_models.far.url=http://127.0.0.1:9/v1",
                         "language_models.far.key_from=TIERSIM_NO_SUCH_KEY"};
    struct ts_scenario *s;
    struct ts_run *r;
    struct ts_run_options o = {.size = sizeof o, .policy = "score"};
    assert_int_equal(ts_scenario_open(&s, f->path, set, LEN(set), NULL, 0), 0);
    assert_int_equal(ts_run_open(&r, s, &o, NULL, 0), 0);
    assert_int_equal(ts_run_drive(r, ts_policy_find("llm")), TS_E_INPUT);
    assert_string_equal(ts_run_message(r),
                        "language_models.far.key_from: the environment variable TIERSIM_NO_SUCH_KEY holds no key");
    ts_run_close(r);
    ts_scenario_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stepped_run_is_a_driven_run),
        cmocka_unit_test(an_illegal_answer_is_an_error_that_says_so),
        cmocka_unit_test(two_levels_can_be_stepped),
        cmocka_unit_test(policies_and_errors_are_told),
        cmocka_unit_test(a_policy_that_asks_runs_in_any_number_of_threads),
        cmocka_unit_test(a_model_that_cannot_be_asked_is_an_error),
    };
    return cmocka_run_group_tests_name("library", tests, set_up, tear_down);
}
