/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_patience_far.c - a controller's patience counts from its decision, and runs out where the job is released (SEMANTICS 5.3).
 *
 * The controller is 30 ms away and thinks for 15 ms.  A job of 10 s holds the gate's place from 0 s on.  The second is released
 * at 1 s: asked at 1.030, decided at 1.045, sent to that place at 1.075 s.  With a patience of 100 ms it is taken back at 1.145 s;
 * that is known at 1.175, decided at 1.190, and holds at 1.220 s: the other place.  A patience of 20 ms has run out on the way:
 * taken back at 1.075 s, it goes to the other place at 1.150 s.
 */
#include "tests/simulate.h"

static const char far[] =
    "tiersim: 1\n"
    "name: far\n"
    "nodes:\n"
    "  gate: {tier: edge, processors: {a: {speed: 1 GFLOP/s}, b: {speed: 1 GFLOP/s}}}\n"
    "  office: {tier: cloud}\n"
    "links: {wan: {from: gate, to: office, capacity: unlimited, latency: 30 ms}}\n"
    "workloads:\n"
    "  job: {at: gate, arrivals: {periodic: {period: 1 s, phase: sync}}, work: 10 GFLOP}\n"
    "experiment:\n"
    "  policies: [jsq: {at: office, think: 15 ms}]\n"
    "  jobs: 2\n"
    "  drain: 100 s\n";

struct stubborn {
    double patience_s;
};

/* To the first place, or to the second after that did not hold. */
static int insist(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)h, (void)v;
    ts_answer_place(p, ts_candidate(a, ts_task_at(a, 0), a->why == TS_REFUSED));
    p->step[0].patience_s = a->why == TS_REFUSED ? 0 : ((const struct stubborn *)st)->patience_s;
    return 0;
}

static const struct ts_param insist_param[] = {
    {.key = "patience", .unit = "s", .about = "it has", .max = 10, .offset = offsetof(struct stubborn, patience_s)}, {0}};
static const struct ts_policy stubborn = {.abi = TS_ABI,
                                          .size = sizeof(struct ts_policy),
                                          .name = "stubborn",
                                          .about = "insists on the first place for some time",
                                          .flags = TS_TAKES_BACK,
                                          .state_size = sizeof(struct stubborn),
                                          .param_size = sizeof(struct ts_param),
                                          .param = insist_param,
                                          .decide = insist};

struct seen {
    double recalled_s, placed_s[3];
    uint32_t n_place, place[3];
};

static void look(void *ctx, const struct transition *t, size_t n)
{
    struct seen *seen = ctx;
    for (size_t i = 0; i < n; i++) {
        if (t[i].kind == TR_RECALL && t[i].number == 1) {
            seen->recalled_s = t[i].time_s;
        } else if (t[i].kind == TR_PLACE && t[i].number < 2 && seen->n_place < LEN(seen->placed_s)) {
            seen->place[seen->n_place] = t[i].to;
            seen->placed_s[seen->n_place++] = t[i].time_s;
        }
    }
}

static struct seen insist_for(double patience_s)
{
    struct scenario s = simulate_read(&(struct simulate_input){.scenario = far});
    const struct policy_param param = {.key = "patience", .value = patience_s};
    struct policy_spec spec = s.experiment.policy[0];
    struct seen seen = {0};
    struct run_counts counts;
    struct err e = {0};
    spec.param = &param;
    spec.n_param = 1;
    const struct run_spec run = {.scenario = &s, .spec = &spec, .policy = &stubborn, .seed = 1, .full = look, .ctx = &seen};
    if (drive(&run, NULL, NULL, &counts, &e) < 0) {
        fail_msg("%s", e.text);
    }
    scenario_free(&s);
    return seen;
}

static void patience_counts_from_the_decision(void **state)
{
    (void)state;
    static const double patience_s[] = {.1, .02}, recalled_s[] = {1.145, 1.075}, placed_s[] = {1.22, 1.15};
    for (size_t i = 0; i < LEN(patience_s); i++) {
        const struct seen seen = insist_for(patience_s[i]);
        assert_true(seen.n_place == 3 && seen.place[0] == seen.place[1] && seen.place[2] != seen.place[1]);
        assert_near(seen.placed_s[0], .075, 0, 1e-12);
        assert_near(seen.placed_s[1], 1.075, 0, 1e-12);
        assert_near(seen.recalled_s, recalled_s[i], 0, 1e-12);
        assert_near(seen.placed_s[2], placed_s[i], 0, 1e-12);
    }
}

/* All books of the audit are kept, and both jobs are done, beside each other. */
static void what_is_taken_back_is_accounted_for(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = far, .policy = &stubborn});
    assert_near(simulated_value(&sim, 0, 0, 0, M_FINISHED_RATIO), 1, 0, 0);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patience_counts_from_the_decision),
        cmocka_unit_test(what_is_taken_back_is_accounted_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
