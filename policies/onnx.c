/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onnx - a neural network that was trained elsewhere, or by `tiersim train --onnx`, scores the candidates; the best score decides.
 * The scenario names it (`network: FILE.onnx`); it is run by host->infer.
 *
 * What it is told of a candidate is a row of numbers, the features that are on, in the order of the table below.  Times are in
 * units of `scale`, joules of `unit`; what is unknown, or beyond 100, is 100.  With `input: candidates` the rows of all
 * candidates that are up are one input, a batch, and the output has a number for each.  With `input: places` the input is one row
 * of `places` times the features, zeros for candidates that are down or not there, and the output has `places` numbers; further
 * candidates are not looked at.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "policies/builtin.h"
#include "policies/context.h"

enum feature {
    F_ONE, F_INPUT, F_WORK, F_SERVICE, F_BACK, F_TASKS, /* context.h */
    F_SLACK, F_ENERGY, F_COST, F_EXPOSURE, F_TIER, F_OWN, F_SPEED, F_FLOP, F_BITS,
    N_FEATURE
};
enum { ROWS_CANDIDATES, ROWS_PLACES };
enum { BEST_MOST, BEST_LEAST };
enum { PLACES = 64 };

struct onnx {
    double rows, places, best, scale_s, unit_j, on[N_FEATURE];
    uint32_t n_on, room; /* features that are on; candidates that there is room for */
    float *in, *score;   /* [room][n_on], [room] */
    ts_id *place;        /* [room] of each row; TS_NONE: there is none */
};

#define PARAM(key_, unit_, about_, dflt_, min_, max_, field)                                                           \
    {                                                                                                                  \
        .key = (key_), .unit = (unit_), .about = (about_), .dflt = (dflt_), .min = (min_), .max = (max_),              \
        .offset = offsetof(struct onnx, field), .flags = TS_FIXED                                                      \
    }
#define FEATURE(row_, key_, about_)                                                                                    \
    {                                                                                                                  \
        .key = "features." key_, .about = (about_), .dflt = (row_) <= F_TASKS, .min = 0, .max = 1,                     \
        .offset = offsetof(struct onnx, on) + (row_) * sizeof(double), .flags = TS_WHOLE | TS_FIXED                    \
    }

static const char *const rows_word[] = {"candidates", "places", NULL};
static const char *const best_word[] = {"most", "least", NULL};

static const struct ts_param onnx_param[] = {
    {.key = "input", .about = "a row for each candidate that is up, or one row for all of the first `places`",
     .max = 1, .offset = offsetof(struct onnx, rows), .flags = TS_WHOLE | TS_FIXED, .word = rows_word},
    {.key = "places", .about = "input: places: candidates in the row", .dflt = 16, .min = 1, .max = PLACES,
     .offset = offsetof(struct onnx, places), .flags = TS_WHOLE | TS_FIXED},
    {.key = "best", .about = "which score is taken; of equal ones the first", .max = 1,
     .offset = offsetof(struct onnx, best), .flags = TS_WHOLE | TS_FIXED, .word = best_word},
    PARAM("scale", "s", "unit of the times that it is told", 1, 1e-9, 1e6, scale_s),
    PARAM("unit", "J", "unit of the energies that it is told", 1, 1e-9, 1e9, unit_j),
    FEATURE(F_ONE, "one", "1"),
    FEATURE(F_INPUT, "input", "time to get the input there"),
    FEATURE(F_WORK, "work", "work waiting there, 0 where a core is free"),
    FEATURE(F_SERVICE, "service", "time of the service"),
    FEATURE(F_BACK, "back", "time to get the result back"),
    FEATURE(F_TASKS, "tasks", "tasks there and on their way, per core"),
    FEATURE(F_SLACK, "slack", "time from the estimated finish to the deadline, -100 at least; none: 100"),
    FEATURE(F_ENERGY, "energy", "joules of the service and of sending"),
    FEATURE(F_COST, "cost", "money"),
    FEATURE(F_EXPOSURE, "exposure", "1 if a sensitive input leaves its node"),
    FEATURE(F_TIER, "tier", "0 end, 1 edge, 2 cloud, then the scenario's own"),
    FEATURE(F_OWN, "own", "1 at the job's own node"),
    FEATURE(F_SPEED, "speed", "of a core, GFLOP/s / 100"),
    FEATURE(F_FLOP, "flop", "work of the task, GFLOP"),
    FEATURE(F_BITS, "size", "input of the task, MB"),
    {0},
};

static void onnx_clear(void *st)
{
    struct onnx *o = st;
    free(o->in);
    free(o->score);
    free(o->place);
    o->in = NULL;
    o->score = NULL;
    o->place = NULL;
    o->room = 0;
}

static int make_room(struct onnx *o, const struct ts_host *h, uint32_t n)
{
    if (n <= o->room) {
        return 0;
    }
    const uint32_t room = n < 16 ? 16 : 2 * n;
    onnx_clear(o); /* what it held was of another question */
    o->in = malloc((size_t)room * o->n_on * sizeof *o->in);
    o->score = malloc(room * sizeof *o->score);
    o->place = malloc(room * sizeof *o->place);
    if (!o->in || !o->score || !o->place) {
        return h->fail(h->ctx, "out of memory for what the network is told");
    }
    o->room = room;
    return 0;
}

/* The network is run once on nothing, so that one of another shape is found before anything happens. */
static int onnx_init(void *st, const struct ts_host *h, const struct ts_view *v)
{
    struct onnx *o = st;
    (void)v;
    for (int i = 0; i < N_FEATURE; i++) {
        o->n_on += o->on[i] != 0;
    }
    if (o->n_on == 0) {
        return h->fail(h->ctx, "all features are off, wanted one at least");
    }
    const uint32_t n = o->rows == ROWS_PLACES ? (uint32_t)o->places : 1;
    int rc = make_room(o, h, n);
    for (uint32_t i = 0; rc == 0 && i < n * o->n_on; i++) {
        o->in[i] = 0;
    }
    return rc ? rc : h->infer(h->ctx, NULL, o->in, n * o->n_on, o->score, n);
}

static void look(const struct onnx *o, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, uint32_t k,
                 float *row)
{
    const ts_id p = ts_candidate(a, t, k);
    double x[N_FEATURE];
    context_of(o->scale_s, v, a, t, k, x);
    const double slack = (t->deadline_s - v->now_s - pick_finish_s(v, a, t, k)) / o->scale_s;
    x[F_SLACK] = slack < -CONTEXT_MOST ? -CONTEXT_MOST : context_clip(slack);
    x[F_ENERGY] = context_clip((ts_estimate(a, t, k, TS_RUN_J) + ts_estimate(a, t, k, TS_NET_J)) / o->unit_j);
    x[F_COST] = context_clip(ts_estimate(a, t, k, TS_COST));
    x[F_EXPOSURE] = ts_estimate(a, t, k, TS_EXPOSURE) > 0;
    x[F_TIER] = context_clip(ts_known(v, TS_TIER, p));
    x[F_OWN] = ts_known(v, TS_NODE, p) == t->origin;
    x[F_SPEED] = context_clip(ts_known(v, TS_SPEED, p) / 1e11);
    x[F_FLOP] = context_clip(t->flop / 1e9);
    x[F_BITS] = context_clip(t->in_bits / 8e6);
    for (int i = 0; i < N_FEATURE; i++) {
        if (o->on[i] != 0) {
            *row++ = (float)x[i];
        }
    }
}

/* The rows of the task's candidates: how many. */
static uint32_t look_at_all(const struct onnx *o, const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    const bool fixed = o->rows == ROWS_PLACES;
    const uint32_t most = fixed ? (uint32_t)o->places : t->n_cand;
    uint32_t n = 0;
    for (uint32_t k = 0; k < most; k++) {
        const bool there = k < t->n_cand && ts_up(v, ts_candidate(a, t, k));
        float *row = o->in + (size_t)n * o->n_on;
        if (!there && !fixed) {
            continue;
        }
        o->place[n++] = there ? ts_candidate(a, t, k) : TS_NONE;
        for (uint32_t i = 0; i < o->n_on; i++) {
            row[i] = 0;
        }
        if (there) {
            look(o, v, a, t, k, row);
        }
    }
    return n;
}

/* The place of the best score, TS_NONE if there is no candidate. */
static int choose(const struct onnx *o, const struct ts_host *h, uint32_t n, ts_id *place)
{
    float best = 0;
    *place = TS_NONE;
    for (uint32_t k = 0; k < n; k++) {
        const float score = o->best == BEST_LEAST ? -o->score[k] : o->score[k];
        if (!isfinite(score)) {
            return h->fail(h->ctx, "its network gives candidate %u the score %g, wanted a finite number", k, (double)o->score[k]);
        }
        if (o->place[k] != TS_NONE && (*place == TS_NONE || score > best)) {
            best = score;
            *place = o->place[k];
        }
    }
    return 0;
}

static int onnx_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct onnx *o = st;
    int rc = pick_begin(h, a, p);
    for (uint32_t i = 0; i < a->n_task && rc == 0; i++) {
        const struct ts_task *t = ts_task_at(a, i);
        ts_id place = TS_NONE;
        rc = make_room(o, h, t->n_cand);
        const uint32_t n = rc ? 0 : look_at_all(o, v, a, t);
        rc = rc || n == 0 ? rc : h->infer(h->ctx, NULL, o->in, n * o->n_on, o->score, n);
        rc = rc ? rc : choose(o, h, n, &place);
        pick_step(p, i, place);
    }
    return rc;
}

const struct ts_policy policy_onnx = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "onnx",
    .about = "a trained neural network scores the candidates (ONNX, run by ONNX Runtime)",
    .flags = TS_IMPURE,
    .needs = CONTEXT_NEEDS | 1u << TS_RUN_J | 1u << TS_NET_J | 1u << TS_COST | 1u << TS_EXPOSURE,
    .cols = CONTEXT_COLS | 1u << TS_NODE | 1u << TS_SPEED,
    .state_size = sizeof(struct onnx),
    .param_size = sizeof(struct ts_param),
    .param = onnx_param,
    .init = onnx_init,
    .decide = onnx_decide,
    .clear = onnx_clear,
};
