/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_decide.c [DECISIONS] - what one decision costs, without the run around it: 10 candidates (the device, 8 edge
 * servers, the cloud) whose queues differ from question to question.  decide_rule is mct; decide_NAME the other rules;
 * decide_check the check of a plan that places one task.
 */
#include "policies/builtin.h"
#include "sim/base/stream.h"
#include "sim/policy/check.h"
#include "tests/bench/limit.h"

enum { PLACES = 10, SAMPLES = 32 }; /* a power of 2 */

struct sample {
    double col[TS_N_COL][PLACES], est[TS_N_EST][PLACES];
    const double *col_of[TS_N_COL], *est_of[TS_N_EST];
};

struct question {
    struct sample *sample; /* [SAMPLES] */
    struct ts_task task;
    ts_id cand[PLACES];
    struct ts_view view;
    struct ts_ask ask;
};

static void question_init(struct question *q)
{
    struct limit_random random;
    limit_random_init(&random, 42);
    *q = (struct question){.task = {.n_cand = PLACES, .origin = 0, .site = 1, .at = TS_NONE, .deadline_s = INFINITY}};
    q->sample = limit_memory(SAMPLES * sizeof *q->sample);
    for (int i = 0; i < SAMPLES; i++) {
        struct sample *s = &q->sample[i];
        for (ts_id p = 0; p < PLACES; p++) {
            q->cand[p] = p;
            s->col[TS_UP][p] = 1;
            s->col[TS_NODE][p] = p;
            s->col[TS_TIER][p] = p == 0 ? 0 : p < PLACES - 1 ? 1 : 2;
            s->col[TS_UNITS][p] = 2;
            s->col[TS_SPEED][p] = 1e9 * (1 + p);
            s->col[TS_BUSY][p] = floor(3 * limit_uniform(&random));
            s->col[TS_QUEUED][p] = s->col[TS_BUSY][p] < 2 ? 0 : floor(3 * limit_uniform(&random));
            s->col[TS_WORK_S][p] = s->col[TS_BUSY][p] * limit_uniform(&random);
            s->est[TS_IN_S][p] = .1 * limit_uniform(&random);
            s->est[TS_RUN_S][p] = limit_uniform(&random);
            s->est[TS_OUT_S][p] = .1 * limit_uniform(&random);
        }
        for (int c = 0; c < TS_N_COL; c++) {
            s->col_of[c] = s->col[c];
        }
        for (int e = 0; e < TS_N_EST; e++) {
            s->est_of[e] = s->est[e];
        }
    }
    q->view = (struct ts_view){.size = sizeof q->view, .n_place = PLACES, .n_col = TS_N_COL};
    q->ask = (struct ts_ask){.size = sizeof q->ask,
                             .why = TS_ARRIVED,
                             .n_task = 1,
                             .task_size = sizeof q->task,
                             .n_cand = PLACES,
                             .n_est = TS_N_EST,
                             .task = &q->task,
                             .cand = q->cand};
}

struct dice {
    struct draw_at at;
    uint32_t j;
};

/* As a run would: by address. */
static double roll(void *ctx)
{
    struct dice *dice = ctx;
    return draw_uniform(&dice->at, dice->j++);
}

/* ns per decision of a policy whose parameters have their defaults. */
static double time_policy(struct question *q, const struct ts_policy *p, uint64_t n, uint64_t *sum)
{
    double *state = limit_memory(p->state_size + sizeof *state);
    memset(state, 0, p->state_size);
    for (const struct ts_param *param = p->param; param && param->key; param++) {
        state[param->offset / sizeof(double)] = param->dflt;
    }
    struct dice dice = {.at = {.key = {1, 0}, .entity = 7, .purpose = DRAW_POLICY}};
    struct ts_host host = {.size = sizeof host, .abi = TS_ABI, .ctx = &dice, .uniform = roll};
    if (p->init && p->init(state, &host, &q->view) < 0) {
        return NAN;
    }
    struct ts_step step;
    struct ts_plan plan = {.size = sizeof plan, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    double start = 0;
    for (uint64_t i = 0, warm = n / 4; i < warm + n; i++) {
        if (i == warm) {
            start = limit_clock_s();
        }
        const struct sample *s = &q->sample[i % SAMPLES];
        q->view.col = s->col_of;
        q->ask.est = s->est_of;
        dice.at.index = i;
        dice.j = 0;
        step = (struct ts_step){0};
        p->decide(state, &host, &q->view, &q->ask, &plan);
        *sum += step.place;
    }
    double ns = (limit_clock_s() - start) / (double)n * 1e9;
    if (p->clear) {
        p->clear(state);
    }
    free(state);
    return ns;
}

/* ns per plan of one placement. */
static double time_check(struct question *q, uint64_t n, uint64_t *sum)
{
    struct ts_step step = {.verb = TS_PLACE};
    struct ts_plan plan = {.n = 1, .cap = 1, .step = &step, .think_s = NAN, .tokens = NAN};
    struct plan_checker checker = {.policy = &policy_mct};
    struct err e = {0};
    q->view.col = q->sample[0].col_of;
    double start = limit_clock_s();
    for (uint64_t i = 0; i < n; i++) {
        step.place = (uint32_t)(i * 7 % PLACES);
        __asm__ volatile("" ::: "memory"); /* the plan comes from elsewhere */
        *sum += plan_check(&checker, &q->view, &q->ask, &plan, &e) == 0;
    }
    double ns = (limit_clock_s() - start) / (double)n * 1e9;
    plan_checker_clear(&checker);
    return ns;
}

int main(int argc, char **argv)
{
    uint64_t n = limit_count(argc, argv, 2000000), sum = 0;
    static struct question q;
    question_init(&q);
    for (int i = 0; i < N_BUILTIN_POLICY; i++) {
        const struct ts_policy *p = builtin_policy[i];
        printf("bench: decide_%s %.1f ns\n", p == &policy_mct ? "rule" : p->name, time_policy(&q, p, n, &sum));
    }
    printf("bench: decide_check %.1f ns\n", time_check(&q, n, &sum));
    return sum == 0; /* keeps the work */
}
