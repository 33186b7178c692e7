/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The question about all tasks of a job is kept for the next one (sim/run/question_graph.c): whoever was asked about before, all
 * that is said of a job is that job's own.  Devices stand at two sites; work, data and input are drawn, and told or not.
 */
#include "tests/simulate.h"

enum { JOBS = 400, N_TASK = 3, N_CAND = 4 };

#define LAYERS                                                                                                        \
    "at: phone, arrivals: {poisson: {rate: 1 /s}}, deadline: 3 s, input: {uniform: {low: 1 MB, high: 2 MB}}, tasks: {"     \
    "first: {work: {uniform: {low: 1 GFLOP, high: 2 GFLOP}}}, "                                                          \
    "second: {work: 1 GFLOP, after: {first: {uniform: {low: 100 kB, high: 200 kB}}}}, "                                   \
    "third: {work: 1 GFLOP, after: {second: 50 kB}, output: 1 kB}}}\n"
static const char scenario[] =
    "tiersim: 1\n"
    "name: two_sites\n"
    "nodes:\n"
    "  phone: {tier: end, count: 6, attach: edge, processors: {cpu: {cores: 1, speed: 5 GFLOP/s}}}\n"
    "  edge: {tier: edge, count: 2, processors: {gpu: {cores: 4, speed: 50 GFLOP/s}}}\n"
    "  cloud: {tier: cloud, processors: {gpu: {cores: 9, speed: 50 GFLOP/s}}}\n"
    "links:\n"
    "  wifi: {from: phone, to: edge, per: phone, capacity: 80 Mbit/s}\n"
    "  cable: {from: edge, to: cloud, capacity: 1 Gbit/s}\n"
    "workloads:\n"
    "  told: {known: true, " LAYERS
    "  guessed: {" LAYERS
    "experiment: {policies: [mct], jobs: 400, replications: 1}\n";

static struct {
    uint32_t n;
    int wrong;         /* line of what does not hold, 0: all does */
    double in_bits[2]; /* in the question before about each workload */
    double flop, bits; /* of the first task and its data, in that about the one that is told */
} seen;

/* An assertion must not jump out of a policy. */
static void need(bool holds, int line)
{
    seen.wrong = holds || seen.wrong ? seen.wrong : line;
}
#define NEED(holds) need(holds, __LINE__)

static bool is_near(double x, double want)
{
    return fabs(x - want) <= 1e-12 * want;
}

static void look_at_estimates(const struct ts_view *v, const struct ts_ask *a, uint32_t k)
{
    const struct ts_task *t = ts_task_at(a, k);
    NEED(t->n_cand == N_CAND);
    for (uint32_t c = 0; c < t->n_cand; c++) {
        const ts_id place = ts_candidate(a, t, c);
        const bool here = c == 0; /* its own places come first */
        NEED((ts_known(v, TS_NODE, place) == t->origin) == here);
        NEED(is_near(ts_estimate(a, t, c, TS_RUN_S), t->flop / (here ? 5e9 : 50e9)));
        NEED((ts_estimate(a, t, c, TS_IN_S) > 0) == (k == 0 && !here));
        NEED((ts_estimate(a, t, c, TS_OUT_S) > 0) == (k + 1 == N_TASK && !here));
    }
}

/* What is drawn lies where it may, and is another in each job. */
static void look_at_sizes(const struct ts_ask *a)
{
    const double flop = ts_task_at(a, 0)->flop, bits = a->edge[0].bits;
    const bool told = ts_task_at(a, 0)->cls == 0;
    const double in_bits = ts_task_at(a, 0)->in_bits;
    NEED(in_bits >= 8e6 && in_bits <= 16e6 && in_bits != seen.in_bits[told]);
    seen.in_bits[told] = in_bits;
    NEED(ts_task_at(a, 1)->flop == 1e9 && ts_task_at(a, 2)->flop == 1e9);
    NEED(is_near(a->edge[1].bits, 400e3));
    if (!told) {
        NEED(is_near(flop, 1.5e9));
        NEED(is_near(bits, 1.2e6));
        return;
    }
    NEED(flop >= 1e9 && flop <= 2e9 && flop != seen.flop);
    NEED(bits >= 800e3 && bits <= 1.6e6 && bits != seen.bits);
    seen.flop = flop;
    seen.bits = bits;
}

static int look(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    (void)st, (void)h;
    const struct ts_task *first = ts_task_at(a, 0);
    NEED(a->n_task == N_TASK);
    NEED(a->n_edge == N_TASK - 1);
    for (uint32_t k = 0; k < N_TASK; k++) {
        const struct ts_task *t = ts_task_at(a, k);
        NEED(t->job == first->job && t->origin == first->origin && t->site == first->site);
        NEED(t->released_s == v->now_s && t->deadline_s == v->now_s + 3);
        look_at_estimates(v, a, k);
    }
    look_at_sizes(a);
    p->step[0] = (struct ts_step){
        .verb = TS_PLACE, .upto = N_TASK - 1, .place = ts_candidate(a, first, seen.n++ % N_CAND)};
    p->n = 1;
    return 0;
}

static const struct ts_policy looker = {
    .abi = TS_ABI, .size = sizeof(struct ts_policy), .name = "looker", .about = "-", .flags = TS_WHOLE_GRAPHS,
    .needs = 1u << TS_IN_S | 1u << TS_RUN_S | 1u << TS_OUT_S, .cols = 1u << TS_NODE, .decide = look};

static void test_what_is_said_of_a_job_is_its_own(void **state)
{
    (void)state;
    struct simulated sim = simulate(&(struct simulate_input){.scenario = scenario, .policy = &looker});
    assert_int_equal(seen.wrong, 0);
    assert_true(seen.n >= JOBS);
    simulated_clear(&sim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_what_is_said_of_a_job_is_its_own)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
