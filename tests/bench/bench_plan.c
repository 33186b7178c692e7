/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_plan.c [PLANS] - what a plan for many tasks costs, without the run around it: pool_NAME a pool of 32 tasks on 8
 * places of 4 cores, graph_NAME the ten tasks of Topcuoglu et al. 2002 on 3 places.  ns for each task of the question.
 */
#include "policies/builtin.h"
#include "tests/bench/limit.h"
#include "tests/question.h"

enum { TASKS = 32, PLACES = 8, EDGES = 15, STEPS = TASKS };

static void pool_init(struct question *q, uint32_t n_task, uint32_t n_place, double units)
{
    struct limit_random random;
    limit_random_init(&random, 42);
    question_init(q, TS_TICK, n_place);
    for (uint32_t p = 0; p < n_place; p++) {
        q->col[TS_UNITS][p] = units;
    }
    for (uint32_t i = 0; i < n_task; i++) {
        struct ts_task *t = question_task(q);
        t->job = i;
        t->deadline_s = limit_uniform(&random);
        for (uint32_t p = 0; p < n_place; p++) {
            const uint32_t k = question_cand(q, p);
            q->est[TS_IN_S][k] = .1 * limit_uniform(&random);
            q->est[TS_RUN_S][k] = .1 + limit_uniform(&random);
        }
    }
}

static void graph_init(struct question *q)
{
    static const uint8_t arc[EDGES][3] = {{1, 2, 18}, {1, 3, 12}, {1, 4, 9},  {1, 5, 11}, {1, 6, 14},
                                          {2, 8, 19}, {2, 9, 16}, {3, 7, 23}, {4, 8, 27}, {4, 9, 23},
                                          {5, 9, 13}, {6, 8, 15}, {7, 10, 17}, {8, 10, 11}, {9, 10, 13}};
    pool_init(q, 10, 3, 1);
    for (int e = 0; e < EDGES; e++) {
        question_edge(q, arc[e][0] - 1u, arc[e][1] - 1u, arc[e][2] * .03);
    }
    q->ask.why = TS_ARRIVED;
}

static int path(void *ctx, ts_id from, ts_id to, double *rate_bps, double *delay_s)
{
    (void)ctx, (void)from, (void)to;
    *rate_bps = 1;
    *delay_s = 0;
    return 0;
}

static double half(void *ctx)
{
    (void)ctx;
    return .5;
}

/* ns for each task. */
static double time_plans(const struct question *q, const struct ts_policy *p, uint64_t n, uint64_t *sum)
{
    double state[64] = {0};
    for (const struct ts_param *param = p->param; param && param->key; param++) {
        state[param->offset / sizeof(double)] = param->dflt;
    }
    static struct ts_step step[STEPS];
    struct ts_host host = {.size = sizeof host, .abi = TS_ABI, .uniform = half, .path = path};
    struct ts_plan plan = {.size = sizeof plan, .cap = STEPS, .step = step, .think_s = NAN, .tokens = NAN};
    double start = 0;
    for (uint64_t i = 0, warm = n / 4 + 1; i < warm + n; i++) {
        if (i == warm) {
            start = limit_clock_s();
        }
        memset(step, 0, sizeof step);
        plan.n = 0;
        p->decide(state, &host, &q->view, &q->ask, &plan);
        *sum += plan.n;
    }
    double ns = (limit_clock_s() - start) / (double)n / q->ask.n_task * 1e9;
    p->clear(state);
    return ns;
}

int main(int argc, char **argv)
{
    static const struct ts_policy *const pool[] = {&policy_edf, &policy_min_min, &policy_max_min, &policy_sufferage,
                                                   &policy_hungarian, &policy_auction, &policy_annealing, &policy_genetic};
    static const struct ts_policy *const graph[] = {&policy_heft, &policy_cpop, &policy_peft, &policy_lookahead,
                                                    &policy_annealing, &policy_genetic};
    uint64_t n = limit_count(argc, argv, 5000), sum = 0;
    static struct question q;
    pool_init(&q, TASKS, PLACES, 4);
    for (size_t i = 0; i < sizeof pool / sizeof pool[0]; i++) {
        uint64_t plans = i < 6 ? n : n / 1000 + 1;
        printf("bench: pool_%s %.0f ns\n", pool[i]->name, time_plans(&q, pool[i], plans, &sum));
    }
    graph_init(&q);
    for (size_t i = 0; i < sizeof graph / sizeof graph[0]; i++) {
        uint64_t plans = i < 4 ? n : n / 1000 + 1;
        printf("bench: graph_%s %.0f ns\n", graph[i]->name, time_plans(&q, graph[i], plans, &sum));
    }
    return sum == 0; /* keeps the work */
}
