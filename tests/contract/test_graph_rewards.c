/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_graph_rewards.c - of a job of several tasks every decision is told what became of the job, wherever it was made, so
 * that learners that reward decisions one by one learn from all of them.
 */
#include "tests/simulate.h"

/*
 * Two tasks of 1 s: the first may run at the edge or in the cloud, the second on the edge's dsp alone.
 */
#define TWO_TASKS                                                                                                      \
    "tiersim: 1\n"                                                                                                     \
    "name: two_tasks\n"                                                                                                \
    "nodes:\n"                                                                                                         \
    "  device: {tier: end, attach: edge}\n"                                                                            \
    "  edge: {tier: edge, processors: {cpu: {cores: 4, speed: 1 GFLOP/s}, dsp: {cores: 4, speed: 1 GFLOP/s}}}\n"       \
    "  cloud: {tier: cloud, processors: {cpu: {cores: 4, speed: 1 GFLOP/s}}}\n"                                        \
    "links:\n"                                                                                                         \
    "  cell: {from: device, to: edge, capacity: unlimited, latency: 10 ms}\n"                                          \
    "  wan: {from: edge, to: cloud, capacity: 1 MB/s, latency: 1 s}\n"                                                 \
    "workloads:\n"                                                                                                     \
    "  job:\n"                                                                                                         \
    "    at: device\n"                                                                                                 \
    "    arrivals: {periodic: {period: 20 s}}\n"                                                                       \
    "    tasks:\n"                                                                                                     \
    "      first: {work: 1 GFLOP, runs_on: cpu}\n"                                                                     \
    "      second: {work: 1 GFLOP, runs_on: dsp, after: {first: 1 MB}}\n"

enum { JOBS = 5, TOLD = 64 };

/* Each decision has the next tag; tags of what was decided and outcomes, in their order. */
struct listener {
    uint64_t next;
};

static struct ts_outcome heard[TOLD];
static uint32_t n_heard;

static int tag_all(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct listener *l = st;
    (void)h, (void)v;
    for (uint32_t i = 0; i < a->n_task; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        p->step[i] = (struct ts_step){.verb = TS_PLACE, .task = i, .place = ts_candidate(a, t, 0), .tag = ++l->next};
    }
    p->n = a->n_task;
    return 0;
}

static int listen(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_outcome *o)
{
    (void)st, (void)h, (void)v;
    assert_true(n_heard < TOLD);
    heard[n_heard++] = *o;
    return 0;
}

static const struct ts_policy listener = {.abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "listener",
                                          .about = "remembers what it is told", .state_size = sizeof(struct listener),
                                          .decide = tag_all, .ended = listen};

/* Three outcomes for each job: tasks 0 and 1 with their tags, then the job; all with the job's latency as reward.  Of the last job
 * the news may come after the end of the run. */
static void check_heard(bool whole)
{
    assert_true(n_heard >= 3 * JOBS);
    for (uint32_t i = 0; i < 3 * JOBS; i++) {
        const struct ts_outcome *o = &heard[i], *job = &heard[i - i % 3 + 2];
        assert_int_equal(o->job, job->job);
        assert_int_equal(o->end, TS_DONE);
        assert_int_equal(o->task, i % 3 == 2 ? TS_NONE : i % 3);
        assert_int_equal(o->tag, i % 3 == 2 ? 0 : 2 * (i / 3) + i % 3 + 1);
        assert_near(o->reward, job->released_s - job->ended_s, 1e-12, 0);
        if (i % 3 != 2) {
            assert_int_equal(o->place, i % 3); /* the edge's cpu and dsp */
            assert_int_equal(o->ask, whole ? i / 3 : 2 * (i / 3) + i % 3);
        }
    }
    n_heard = 0;
}

static void every_decision_is_rewarded(void **state)
{
    const struct ts_policy *p = *state;
    static const char *const control[] = {
        "name=two_tasks", "experiment.controller={at: origin, think: 20 ms}",
        "experiment.controller={at: edge, view: {period: 1 s}, think: 20 ms}"};
    for (size_t c = 0; c < LEN(control); c++) {
        struct simulated sim = simulate(&(struct simulate_input){
            .scenario = TWO_TASKS "experiment: {policies: [listener], jobs: 6}\n", .set = {control[c]}, .policy = p});
        check_heard(p->flags & TS_WHOLE_GRAPHS);
        simulated_clear(&sim);
    }
}

/* A job that is rejected at its second task: what was decided about the first is told, too. */
static int give_up(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    tag_all(st, h, v, a, p);
    p->step[0].verb = a->task[0].step == 1 ? TS_REJECT : TS_PLACE;
    p->step[0].place = a->task[0].step == 1 ? TS_NONE : p->step[0].place;
    return 0;
}

static void also_of_a_job_that_is_rejected(void **state)
{
    struct ts_policy p = listener;
    (void)state;
    p.decide = give_up;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = TWO_TASKS "experiment: {policies: [listener], jobs: 1}\n", .policy = &p});
    assert_int_equal(n_heard, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(heard[i].end, TS_REJECTED);
        assert_int_equal(heard[i].tag, i < 2 ? i + 1 : 0);
    }
    n_heard = 0;
    simulated_clear(&sim);
}

/*
 * Only the first decision matters.  At the edge both tasks take 2 s, and the device 10 ms each way: 2.02 s.  In the cloud the job
 * takes 1 s to get there, 1 s of work, 1 s + 1 MB / (1 MB/s) for the data to come back, and 1 s: 5.02 s.  By chance 3.52 s.
 * A bandit that is told of the last decision alone learns nothing; learners that are told of both soon do without the cloud,
 * but for what they still try.
 */
static void a_learner_finds_the_first_decision_that_matters(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){
        .scenario = TWO_TASKS "experiment:\n"
                              "  policies: [random, linucb, thompson_beta, q_learning, actor_critic]\n"
                              "  jobs: 1500\n",
        .set = {"workloads.job.deadline=4 s"}});
    double chance_s = simulated_value(&sim, 0, 0, ALL_CLASSES, M_LATENCY_MEAN);
    assert_near(chance_s, 3.52, 0, 5 * 1.5 / sqrt(1500)); /* sd of a job: 1.5 s */
    for (uint32_t p = 1; p < 5; p++) {
        double learned_s = simulated_value(&sim, p, 0, ALL_CLASSES, M_LATENCY_MEAN);
        if (getenv("TS_SHOW")) {
            printf("%s: %.4g s, by chance %.4g s\n", sim.s.experiment.policy[p].label, learned_s, chance_s);
        }
        assert_true(learned_s < 2.02 + 0.4 * (3.52 - 2.02));
    }
    simulated_clear(&sim);
}

int main(void)
{
    static struct ts_policy whole;
    whole = listener;
    whole.flags = TS_WHOLE_GRAPHS;
    static struct ts_policy by_task;
    by_task = listener;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(every_decision_is_rewarded, &by_task),
        cmocka_unit_test_prestate(every_decision_is_rewarded, &whole),
        cmocka_unit_test(also_of_a_job_that_is_rejected),
        cmocka_unit_test(a_learner_finds_the_first_decision_that_matters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
