/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/contract/harness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/stream.h"
#include "sim/policy/set.h"
#include "tests/consult.h"

enum { GUARD = 64, GUARD_BYTE = 0xA5, FIRST_STEPS = 1, MAX_STEPS = 4096 };

static void put_guard(char *at)
{
    memset(at, GUARD_BYTE, GUARD);
}

static int guard_is_whole(const char *at)
{
    for (int i = 0; i < GUARD; i++) {
        if ((unsigned char)at[i] != GUARD_BYTE) {
            return 0;
        }
    }
    return 1;
}

/* Draws are addressed by the question, as in a run. */
static double host_uniform(void *ctx)
{
    struct harness *h = ctx;
    const struct draw_at at = {{h->seed, 0}, stream_entity("harness"), 0, h->question, DRAW_POLICY, 0};
    return draw_uniform(&at, h->n_drawn++);
}

static int host_path(void *ctx, ts_id from, ts_id to, double *rate_bps, double *delay_s)
{
    const struct harness *h = ctx;
    *rate_bps = from == to ? INFINITY : h->rate_bps;
    *delay_s = from == to ? 0 : h->delay_s;
    return 0;
}

/* New room for cap steps, all zero but for what was there. */
static int host_more(void *ctx, struct ts_plan *p, uint32_t cap)
{
    struct harness *h = ctx;
    char *room = cap <= MAX_STEPS ? calloc(1, cap * sizeof *p->step + GUARD) : NULL;
    if (!room) {
        return -1;
    }
    put_guard(room + cap * sizeof *p->step);
    if (h->room) {
        memcpy(room, h->room, p->cap * sizeof *p->step);
    }
    free(h->room);
    h->room = room;
    p->step = (struct ts_step *)(void *)room;
    p->cap = cap;
    return 0;
}

/* As many as the view says; each higher one is faster and takes more. */
static int host_level(void *ctx, ts_id place, uint32_t level, double *speed_flops, double *power_w)
{
    const struct harness *h = ctx;
    if (place >= HARNESS_PLACES || level > h->n_level[place]) {
        return -1;
    }
    *speed_flops = level ? .5e9 * level : 1e9;
    *power_w = level ? level * level : 4;
    return 0;
}

static void learn_levels(struct harness *h, const struct ts_view *v)
{
    for (ts_id p = 0; p < v->n_place && p < HARNESS_PLACES; p++) {
        double n = v->n_col > TS_LEVEL && v->col[TS_LEVEL] ? v->col[TS_LEVEL][p] : 0;
        h->n_level[p] = n > 0 ? (uint8_t)n : 0;
    }
}

static int host_fail(void *ctx, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int host_fail(void *ctx, const char *fmt, ...)
{
    struct harness *h = ctx;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(h->said, sizeof h->said, fmt, ap);
    va_end(ap);
    return -1;
}

int harness_open(struct harness *h, const struct ts_policy *p, uint32_t can, uint32_t seed,
                 const struct policy_param *param, uint32_t n)
{
    *h = (struct harness){.policy = p, .checker = {.policy = p, .can = can}, .seed = seed, .rate_bps = 1};
    h->checker.n_level = h->n_level;
    h->checker.can |= PLAN_CAN_LEVEL;
    h->checker.can |= p->flags & TS_TAKES_BACK ? PLAN_CAN_REPLICA | PLAN_CAN_HEDGE | PLAN_CAN_PATIENCE : 0;
    h->checker.can |= p->flags & TS_IMPURE ? PLAN_CAN_THINK : 0; /* who asks takes time */
    h->host = (struct ts_host){.size = sizeof h->host,
                               .abi = TS_ABI,
                               .ctx = h,
                               .uniform = host_uniform,
                               .path = host_path,
                               .more = host_more,
                               .fail = host_fail,
                               .level = host_level,
                               .consult = consult_the_middle, .infer = infer_minus_the_sum, .below = below_nobody};
    h->plan = (struct ts_plan){.size = sizeof h->plan};
    h->block = malloc(p->state_size + 2 * GUARD);
    if (!h->block || host_more(h, &h->plan, FIRST_STEPS) < 0) {
        return ERR_SET(&h->err, ERR_MEMORY, "no memory");
    }
    h->state = h->block + GUARD;
    put_guard(h->block);
    put_guard(h->block + GUARD + p->state_size);
    static const double *const no_col[TS_N_COL];
    const struct ts_view no_place = {.size = sizeof no_place, .n_col = TS_N_COL, .ctl = 0, .col = no_col};
    const struct policy_spec spec = {.n_param = n, .param = param};
    if (policy_check_table(p, &h->err) < 0 || policy_set_params(p, NULL, &spec, h->state, &h->err) < 0) {
        return -1;
    }
    return p->init ? plan_check_return(p, "init", p->init(h->state, &h->host, &no_place), h->said, &h->err) : 0;
}

void harness_close(struct harness *h)
{
    if (h->policy->clear && h->state) {
        h->policy->clear(h->state);
    }
    plan_checker_clear(&h->checker);
    free(h->block);
    free(h->room);
}

static void fold(struct harness *h, const void *data, size_t n)
{
    for (const unsigned char *at = data; n > 0; n--) {
        h->digest = (h->digest ^ *at++) * UINT64_C(0x100000001b3);
    }
}

int harness_ask(struct harness *h, const struct ts_view *v, struct ts_ask *a)
{
    const struct ts_policy *p = h->policy;
    struct ts_plan *plan = &h->plan;
    memset(plan->step, 0, plan->cap * sizeof *plan->step);
    plan->n = 0;
    plan->think_s = plan->tokens = NAN;
    h->n_drawn = 0;
    a->id = h->question;
    learn_levels(h, v);
    int rc = plan_check_return(p, "decide", p->decide(h->state, &h->host, v, a, plan), h->said, &h->err);
    if (!guard_is_whole(h->block) || !guard_is_whole(h->block + GUARD + p->state_size)) {
        return ERR_SET(&h->err, ERR_POLICY, "policy %s: decide wrote outside its state of %llu bytes", p->name,
                       (unsigned long long)p->state_size);
    }
    if (!guard_is_whole(h->room + plan->cap * sizeof *plan->step)) {
        return ERR_SET(&h->err, ERR_POLICY, "policy %s: decide wrote behind the %u steps that there is room for",
                       p->name, plan->cap);
    }
    if (rc < 0 || (rc = plan_check(&h->checker, v, a, plan, &h->err)) < 0) {
        return rc;
    }
    fold(h, &h->question, sizeof h->question);
    fold(h, plan->step, plan->n * sizeof *plan->step);
    h->question++;
    return 0;
}

/* A figure of the world: small whole numbers tie often. */
static double figure(const struct draw_at *at, uint32_t *j, enum world_kind kind)
{
    double u = draw_uniform(at, (*j)++ % 256);
    switch (kind) {
    case WORLD_EQUAL:
        return 1;
    case WORLD_ENDLESS:
        return u < .5 ? INFINITY : floor(4 * u);
    case WORLD_UNKNOWN:
        return u < .5 ? NAN : floor(4 * u);
    default:
        return floor(4 * u);
    }
}

static void world_link(struct world *w, const struct ts_policy *p)
{
    for (int c = 0; c < TS_N_COL; c++) {
        w->col_of[c] = p->cols >> c & 1 ? w->col[c] : NULL;
    }
    for (int e = 0; e < TS_N_EST; e++) {
        w->est_of[e] = p->needs >> e & 1 ? w->est[e] : NULL;
    }
    w->view = (struct ts_view){sizeof w->view, WORLD_PLACES, TS_N_COL, 0, 100, w->col_of};
    w->ask = (struct ts_ask){.size = sizeof w->ask,
                             .why = TS_ARRIVED,
                             .n_task = 1,
                             .task_size = sizeof w->task,
                             .n_cand = w->task.n_cand,
                             .n_est = TS_N_EST,
                             .task = &w->task,
                             .cand = w->cand,
                             .est = w->est_of};
}

void world_init(struct world *w, const struct ts_policy *p, enum world_kind kind, uint32_t seed)
{
    uint32_t j = 0;
    *w = (struct world){.task = {.origin = 0, .site = 1 + seed % 4, .at = TS_NONE, .released_s = 99}};
    w->task.deadline_s = kind == WORLD_LATE ? 98 : seed % 2 ? INFINITY : 102;
    for (ts_id place = 0; place < WORLD_PLACES; place++) {
        const struct draw_at at = {{seed, 0}, stream_entity("world"), place, 0, DRAW_USER, 0};
        for (int c = 0; c < TS_N_COL; c++) {
            w->col[c][place] = figure(&at, &j, kind);
        }
        for (int e = 0; e < TS_N_EST; e++) {
            w->est[e][place] = figure(&at, &j, kind);
        }
        w->col[TS_NODE][place] = place;
        w->col[TS_TIER][place] = place == 0 ? 0 : place < 9 ? 1 : place < 11 ? 2 : 3;
        w->col[TS_UP][place] = kind == WORLD_DOWN ? 0 : kind == WORLD_UNKNOWN ? NAN : w->col[TS_BUSY][place] != 3;
        bool is = kind == WORLD_ONE ? place == seed % WORLD_PLACES : kind != WORLD_NONE && draw_uniform(&at, 255) < .7;
        if (is) {
            w->cand[w->task.n_cand++] = place;
        }
    }
    world_link(w, p);
}
