/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/policy/trial.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/base/err.h"
#include "sim/base/stream.h"
#include "sim/policy/set.h"

enum { STEPS = 64, WARM = 1000 };

static void fill_sample(struct trial_sample *s, uint32_t number)
{
    const struct draw_at at = {.key = {42, 0}, .entity = stream_entity("trial"), .index = number, .purpose = DRAW_POLICY};
    uint32_t j = 0;
    memset(s->col, 0, sizeof s->col);
    for (ts_id p = 0; p < TRIAL_PLACES; p++) {
        int tier = p < TRIAL_TASKS ? 0 : p < TRIAL_PLACES - 1 ? 1 : 2;
        s->col[TS_UP][p] = 1;
        s->col[TS_NODE][p] = p;
        s->col[TS_TIER][p] = tier;
        s->col[TS_UNITS][p] = 2;
        s->col[TS_SPEED][p] = 1e9 * (1 + 9 * tier);
        s->col[TS_BUSY][p] = floor(3 * draw_uniform(&at, j++));
        s->col[TS_QUEUED][p] = s->col[TS_BUSY][p] < 2 ? 0 : floor(3 * draw_uniform(&at, j++));
        s->col[TS_WORK_S][p] = s->col[TS_BUSY][p] * draw_uniform(&at, j++);
        s->col[TS_BATTERY_J][p] = NAN;
    }
    for (unsigned e = 0; e < TS_N_EST; e++) {
        double most = e == TS_IN_S || e == TS_OUT_S ? .1 : e == TS_EXPOSURE || e == TS_LOAD_S ? 0 : 1;
        for (uint32_t k = 0; k < TRIAL_TASKS * TRIAL_CANDIDATES; k++) {
            s->est[e][k] = most * draw_uniform(&at, j++);
        }
        s->est_of[e] = s->est[e];
    }
    for (unsigned c = 0; c < TS_N_COL; c++) {
        s->col_of[c] = s->col[c];
    }
}

void trial_init(struct trial *t)
{
    memset(t, 0, sizeof *t);
    for (uint32_t i = 0; i < TRIAL_SAMPLES; i++) {
        fill_sample(&t->sample[i], i);
    }
    for (uint32_t i = 0; i < TRIAL_TASKS; i++) {
        t->task[i] = (struct ts_task){.id = i, .origin = i, .site = TRIAL_TASKS, .at = TS_NONE, .flop = 1e9, .in_bits = 1e6,
                                      .out_bits = 1e4, .cand = i * TRIAL_CANDIDATES, .n_cand = TRIAL_CANDIDATES};
        for (uint32_t k = 0; k < TRIAL_CANDIDATES; k++) {
            t->cand[i * TRIAL_CANDIDATES + k] = k == 0 ? i : TRIAL_TASKS + k - 1;
        }
    }
    t->view = (struct ts_view){.size = sizeof t->view, .n_place = TRIAL_PLACES, .n_col = TS_N_COL};
    t->ask = (struct ts_ask){.size = sizeof t->ask, .task_size = sizeof t->task[0], .n_est = TS_N_EST, .task = t->task,
                             .cand = t->cand};
    trial_turn(t, 0, 1, TS_ARRIVED);
}

void trial_turn(struct trial *t, uint64_t i, uint32_t n_task, enum ts_why why)
{
    const struct trial_sample *s = &t->sample[i % TRIAL_SAMPLES];
    t->view.col = s->col_of;
    t->view.now_s = 1 + 0.01 * (double)i;
    t->ask.est = s->est_of;
    t->ask.id = i;
    t->ask.why = why;
    t->ask.n_task = n_task;
    t->ask.n_cand = n_task * TRIAL_CANDIDATES;
    for (uint32_t k = 0; k < n_task; k++) {
        t->task[k].job = i * TRIAL_TASKS + k;
        t->task[k].released_s = t->view.now_s;
        t->task[k].deadline_s = t->view.now_s + 2;
    }
}

double trial_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The engine's services, as far as a policy may use them without a run. */
struct dice {
    struct draw_at at;
    uint32_t j;
};

static double roll(void *ctx)
{
    struct dice *dice = ctx;
    return draw_uniform(&dice->at, dice->j++);
}

static int path(void *ctx, ts_id from, ts_id to, double *rate_bps, double *delay_s)
{
    (void)ctx;
    *rate_bps = from == to ? INFINITY : 1e8;
    *delay_s = from == to ? 0 : .01;
    return 0;
}

static int nobody_below(void *ctx, uint32_t k, ts_id *ctl, ts_id *node)
{
    (void)ctx, (void)k, (void)ctl, (void)node;
    return -1;
}

static int more(void *ctx, struct ts_plan *p, uint32_t cap)
{
    (void)ctx;
    return cap <= p->cap ? 0 : -1;
}

static int no_blob(void *ctx, int put, const char *key, void *buf, uint64_t *n)
{
    (void)ctx, (void)put, (void)key, (void)buf, (void)n;
    return -1;
}

static int drop_metric(void *ctx, const char *name, double value)
{
    (void)ctx, (void)name, (void)value;
    return 0;
}

static int fail(void *ctx, const char *fmt, ...)
{
    (void)ctx, (void)fmt;
    return -1;
}

/* A policy on trial. */
struct asked {
    const struct ts_policy *policy;
    void *state;
    struct ts_host host;
    struct dice dice;
    struct ts_step step[STEPS];
    struct ts_plan plan;
    uint64_t n; /* questions */
};

static int ask(struct trial *t, struct asked *a, uint32_t n_task, enum ts_why why)
{
    memset(a->step, 0, (a->plan.n < STEPS ? a->plan.n : STEPS) * sizeof a->step[0]);
    a->plan.n = 0;
    a->dice.at.index = a->n;
    a->dice.j = 0;
    trial_turn(t, a->n++, n_task, why);
    return a->policy->decide(a->state, &a->host, &t->view, &t->ask, &a->plan);
}

/* ns for a task of questions about n_task. */
static double time_questions(struct trial *t, struct asked *a, uint32_t n_task, enum ts_why why, double for_s)
{
    uint64_t n = 0;
    for (int i = 0; i < WARM; i++) {
        if (ask(t, a, n_task, why) < 0) {
            return NAN;
        }
    }
    double start_s = trial_clock_s(), now_s = start_s;
    for (uint64_t round = 16; now_s - start_s < for_s; round *= 2) {
        for (uint64_t i = 0; i < round; i++) {
            if (ask(t, a, n_task, why) < 0) {
                return NAN;
            }
        }
        n += round;
        now_s = trial_clock_s();
    }
    return (now_s - start_s) / (double)(n * n_task) * 1e9;
}

static double time_policy(struct trial *t, struct asked *a, double for_s)
{
    const uint64_t triggers = a->policy->triggers;
    if (a->policy->init && a->policy->init(a->state, &a->host, &t->view) < 0) {
        return NAN;
    }
    if (ask(t, a, 1, TS_ARRIVED) < 0) {
        return NAN;
    }
    if (a->plan.n != 1 || a->step[0].verb != TS_DEFER) {
        return time_questions(t, a, 1, TS_ARRIVED, for_s);
    }
    return time_questions(t, a, TRIAL_TASKS, triggers >> TS_TICK & 1 ? TS_TICK : TS_FREED, for_s);
}

double trial_ns(struct trial *t, const struct ts_policy *p, double for_s)
{
    struct err e = {0};
    struct asked a = {.policy = p, .dice.at = {.key = {1, 0}, .entity = stream_entity("trial"), .purpose = DRAW_POLICY}};
    a.state = calloc(1, p->state_size + 1);
    a.plan = (struct ts_plan){.size = sizeof a.plan, .cap = STEPS, .step = a.step, .think_s = NAN, .tokens = NAN};
    a.host = (struct ts_host){.size = sizeof a.host, .abi = TS_ABI, .ctx = &a.dice, .uniform = roll, .path = path, .more = more,
                              .blob = no_blob, .metric = drop_metric, .fail = fail, .below = nobody_below};
    double ns = NAN;
    if (a.state && !(p->flags & TS_IMPURE) && policy_set_params(p, NULL, NULL, a.state, &e) == 0) {
        ns = time_policy(t, &a, for_s);
        if (p->clear) {
            p->clear(a.state);
        }
    }
    free(a.state);
    return ns;
}
