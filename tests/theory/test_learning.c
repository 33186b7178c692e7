/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_learning.c - T15: what a table learns in a run against the best there is, by value iteration.
 *
 * Two M/M/1 queues of rates 1 and 1/2 and a door: a customer of rate 1 is sent to one of them or turned away at a price.
 * Uniformised at rate 1 + 1 + 1/2 it is a Markov decision process in (n1, n2) whose average cost relative value iteration
 * gives (Puterman, Markov Decision Processes, 1994, 8.5 and 11.5).  By Little's law its cost, the integral of n1 + n2, is the
 * sum of the latencies that the table is told.  What it learned is read out of what it saves, and the cost of that policy is
 * worked out in the same way: no noise of a second simulation.
 */
#include "sim/base/blobs.h"
#include "tests/replicate.h"

enum { N = 31, BINS = 13, ACTIONS = 3, FAST = 0, SLOW = 1, TURN_AWAY = 2 };

static const double rate = 1, service[2] = {1, 0.5}, price = 6;

static const char scenario[] =
    "tiersim: 1\n"
    "name: door\n"
    "nodes:\n"
    "  door: {tier: end, processors: {none: {speed: 1 FLOP/s}}, attach: fast}\n"
    "  fast: {tier: edge, processors: {cpu: {speed: 1 FLOP/s}}}\n"
    "  slow: {tier: cloud, processors: {cpu: {speed: 0.5 FLOP/s}}}\n"
    "links:\n"
    "  near: {from: door, to: fast, per: fast, capacity: 1000 Gbit/s, latency: 0 s}\n"
    "  far: {from: fast, to: slow, capacity: 1000 Gbit/s, latency: 0 s}\n"
    "workloads:\n"
    "  job: {at: door, arrivals: {poisson: {rate: 1 /s}}, work: {exponential: {mean: 1 FLOP}}, runs_on: [cpu]}\n"
    "experiment:\n"
    "  policies:\n"
    "    - NAME: {places: 2, reject: 1, lost: 6, beta: 0.1, queue: {bins: 13}, explore: {first: 0.5, half: 20000},\n"
    "             rate: {first: 0.5, half: 50}}\n"
    "  jobs: 1\n";

/* An action for each state; policies may not send to a queue of N - 1. */
typedef int routing[N][N];

/* What an arrival in (i, j) costs at once, and where it leads. */
static double after(double h[N][N], int i, int j, int action)
{
    return action == TURN_AWAY ? price + h[i][j] : action == FAST ? h[i + (i < N - 1)][j] : h[i][j + (j < N - 1)];
}

/*
 * One sweep of relative value iteration: the best action of each state, or (given) that of a policy.  Returns the change of
 * h[0][0], which tends to the average cost of a step.
 */
static double sweep(double h[N][N], routing act, bool given)
{
    static double to[N][N];
    const double all = rate + service[0] + service[1];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            int best = given ? act[i][j] : TURN_AWAY;
            for (int a = FAST; !given && a < TURN_AWAY; a++) {
                bool room = a == FAST ? i < N - 1 : j < N - 1;
                best = room && after(h, i, j, a) < after(h, i, j, best) ? a : best;
            }
            act[i][j] = best;
            to[i][j] = (i + j + rate * after(h, i, j, best) + service[0] * h[i - (i > 0)][j] +
                        service[1] * h[i][j - (j > 0)]) / all;
        }
    }
    double change = to[0][0] - h[0][0];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            h[i][j] = to[i][j] - to[0][0];
        }
    }
    return change;
}

/* Cost per customer of the best policy, left in act, or of the given one. */
static double cost(routing act, bool given)
{
    static double h[N][N];
    double change = 0;
    memset(h, 0, sizeof h);
    for (int k = 0; k < 20000; k++) {
        change = sweep(h, act, given);
    }
    return change * (rate + service[0] + service[1]) / rate;
}

static const double *numbers(const struct blobs *b, const char *key, size_t n)
{
    const struct blob *found = blobs_find(b, key);
    assert_non_null(found);
    assert_int_equal(found->n, n * sizeof(double));
    return found->bytes;
}

static void nobody(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

/* The table of a policy after so many customers. */
static void learn(const char *name, const char *jobs, struct blobs *out)
{
    char text[sizeof scenario + 64];
    const char *at = strstr(scenario, "NAME");
    struct scenario s;
    struct run_counts counts;
    struct err e = {0};
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - scenario), scenario, name, at + 4);
    scenario_of_text(&s, text, (const char *const[]){jobs, NULL});
    struct run_spec spec = replication_of(&s, 0);
    spec.full = nobody;
    spec.state_out = out;
    if (drive(&spec, NULL, NULL, &counts, &e) != 0) {
        fail_msg("%s", e.text);
    }
    scenario_free(&s);
}

/* What the table does; double Q has two whose sum decides. */
static void read_policy(const struct blobs *b, bool twice, routing act)
{
    const size_t n = (size_t)BINS * BINS * ACTIONS;
    const double *q = numbers(b, "q.f64", twice ? 2 * n : n);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            size_t at = ((size_t)(i < BINS ? i : BINS - 1) * BINS + (size_t)(j < BINS ? j : BINS - 1)) * ACTIONS;
            double most = -INFINITY;
            for (int a = 0; a < ACTIONS; a++) {
                double x = q[at + (size_t)a] + (twice ? q[n + at + (size_t)a] : 0);
                act[i][j] = x > most ? a : act[i][j];
                most = x > most ? x : most;
            }
        }
    }
}

static void value_iteration_is_right(void **state)
{
    routing all;
    (void)state;
    /* All to the fast one, which can hold N - 1: M/M/1/30 with load 1 is uniform over 0 .. 30, mean 15; latency 15 / 1. */
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            all[i][j] = FAST;
        }
    }
    assert_near(cost(all, true), 15, 1e-6, 0);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            all[i][j] = TURN_AWAY;
        }
    }
    assert_near(cost(all, true), price, 1e-9, 0);
}

/* In states that were met often: once the slow one is chosen for a queue at the fast one, it is for longer ones. */
static void assert_monotone(const struct blobs *b, routing act)
{
    const double *visits = numbers(b, "visits.f64", (size_t)BINS * BINS * ACTIONS);
    for (int j = 0; j < BINS - 1; j++) {
        bool switched = false;
        for (int i = 0; i < BINS - 1; i++) {
            const double *v = &visits[((size_t)i * BINS + (size_t)j) * ACTIONS];
            if (v[0] + v[1] + v[2] >= 1000) {
                if (switched && act[i][j] == FAST) {
                    fail_msg("at (%d, %d) it goes back to the fast one", i, j);
                }
                switched |= act[i][j] == SLOW;
            }
        }
    }
}

static void show(const char *name, routing act, double got, double best)
{
    if (getenv("TS_SHOW")) {
        printf("%s: %.4f, best %.4f (%+.2f %%)\n", name, got, best, 100 * (got / best - 1));
        for (int i = 0; i < 8; i++) {
            for (int j = 0; j < 8; j++) {
                putchar("12x"[act[i][j]]);
            }
            putchar('\n');
        }
    }
}

static void tables_learn_the_best_routing(void **state)
{
    static const char *const name[] = {"q_learning", "sarsa", "expected_sarsa", "double_q"};
    routing best, learned;
    (void)state;
    double least = cost(best, false);
    show("value iteration", best, least, least);
    for (size_t i = 0; i < LEN(name); i++) {
        struct blobs b = {0};
        learn(name[i], "experiment.jobs=1200000", &b);
        read_policy(&b, i == 3, learned);
        double got = cost(learned, true);
        show(name[i], learned, got, least);
        assert_true(got >= least * (1 - 1e-9));
        assert_near(got, least, 0.03, 0);
        assert_monotone(&b, learned);
        blobs_clear(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value_iteration_is_right),
        cmocka_unit_test(tables_learn_the_best_routing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
