/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pools.h - questions about many tasks at once: a pool of deferred ones, on places with cores and work left, as it comes
 * from a seed or from a table by hand. */
#ifndef TESTS_CONTRACT_POOLS_H
#define TESTS_CONTRACT_POOLS_H

#include <math.h>
#include <string.h>
#include <tiersim/policy.h>

#include "sim/base/stream.h"

enum { POOL_TASKS = 12, POOL_PLACES = 5 };

struct pool_world {
    uint32_t n_task, n_place;
    double col[TS_N_COL][POOL_PLACES], est[TS_N_EST][POOL_TASKS * POOL_PLACES];
    const double *col_of[TS_N_COL], *est_of[TS_N_EST];
    ts_id cand[POOL_TASKS * POOL_PLACES];
    struct ts_task task[POOL_TASKS];
    struct ts_view view;
    struct ts_ask ask;
};

/* Idle places of one core each, of nodes of their own; every task may go everywhere and takes no time.  Pointers point into
 * *w: it must not move. */
static inline void pool_world_init(struct pool_world *w, uint32_t n_task, uint32_t n_place)
{
    memset(w, 0, sizeof *w);
    w->n_task = n_task;
    w->n_place = n_place;
    for (uint32_t p = 0; p < n_place; p++) {
        w->col[TS_UP][p] = w->col[TS_UNITS][p] = 1;
        w->col[TS_NODE][p] = p;
    }
    for (uint32_t i = 0; i < n_task; i++) {
        w->task[i] = (struct ts_task){.job = i + 1, .id = i, .at = TS_NONE, .deadline_s = INFINITY, .cand = i * n_place,
                                      .n_cand = n_place};
        for (uint32_t p = 0; p < n_place; p++) {
            w->cand[i * n_place + p] = p;
        }
    }
    for (int c = 0; c < TS_N_COL; c++) {
        w->col_of[c] = w->col[c];
    }
    for (int e = 0; e < TS_N_EST; e++) {
        w->est_of[e] = w->est[e];
    }
    w->view = (struct ts_view){sizeof w->view, n_place, TS_N_COL, 0, 0, w->col_of};
    w->ask = (struct ts_ask){.size = sizeof w->ask, .why = TS_FREED, .n_task = n_task, .task_size = sizeof w->task[0],
                             .n_cand = n_task * n_place, .n_est = TS_N_EST, .task = w->task, .cand = w->cand,
                             .est = w->est_of};
}

/* The estimate of a task on a place. */
static inline double *pool_est(struct pool_world *w, enum ts_est e, uint32_t task, uint32_t place)
{
    return &w->est[e][task * w->n_place + place];
}

/* 2 to 12 tasks on 1 to 5 places; small whole numbers tie often; now and then a place is down or a task does not fit. */
static inline void pool_world_draw(struct pool_world *w, uint32_t seed, uint32_t max_task)
{
    const struct draw_at at = {.key = {seed, 0}, .entity = 6};
    uint32_t j = 0;
    pool_world_init(w, 2 + seed % (max_task - 1), 1 + seed / 3 % POOL_PLACES);
    for (uint32_t p = 0; p < w->n_place; p++) {
        w->col[TS_UP][p] = draw_uniform(&at, j++) < .9;
        w->col[TS_UNITS][p] = 1 + floor(3 * draw_uniform(&at, j++));
        w->col[TS_BUSY][p] = floor((w->col[TS_UNITS][p] + 1) * draw_uniform(&at, j++));
        w->col[TS_WORK_S][p] = w->col[TS_BUSY][p] > 0 ? 1 + floor(4 * draw_uniform(&at, j++)) : 0;
    }
    for (uint32_t i = 0; i < w->n_task; i++) {
        w->task[i].deadline_s = draw_uniform(&at, j++) < .7 ? floor(9 * draw_uniform(&at, j++)) : INFINITY;
        for (uint32_t p = 0; p < w->n_place; p++) {
            *pool_est(w, TS_IN_S, i, p) = floor(3 * draw_uniform(&at, j++));
            *pool_est(w, TS_RUN_S, i, p) = draw_uniform(&at, j++) < .9 ? 1 + floor(6 * draw_uniform(&at, j++)) : INFINITY;
            *pool_est(w, TS_OUT_S, i, p) = floor(2 * draw_uniform(&at, j++));
        }
    }
}

#endif
