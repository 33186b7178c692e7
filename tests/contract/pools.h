/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pools.h - questions about many tasks at once: a pool of deferred ones, on places with cores and work left, as it comes
 * from a seed or from a table by hand. */
#ifndef TESTS_CONTRACT_POOLS_H
#define TESTS_CONTRACT_POOLS_H

#include "sim/base/stream.h"
#include "tests/question.h"

enum { POOL_TASKS = 12, POOL_PLACES = 5 };

/* Idle places of one core each, of nodes of their own; every task is a job that may go everywhere and takes no time. */
static inline void pool_init(struct question *q, uint32_t n_task, uint32_t n_place)
{
    question_init(q, TS_FREED, n_place);
    for (uint32_t i = 0; i < n_task; i++) {
        struct ts_task *t = question_task(q);
        t->job = i + 1;
        t->step = 0;
        for (uint32_t p = 0; p < n_place; p++) {
            question_cand(q, p);
        }
    }
}

/* The estimate of a task on a place. */
static inline double *pool_est(struct question *w, enum ts_est e, uint32_t task, uint32_t place)
{
    return &w->est[e][task * w->view.n_place + place];
}

/* 2 to 12 tasks on 1 to 5 places; small whole numbers tie often; now and then a place is down or a task does not fit. */
static inline void pool_draw(struct question *w, uint32_t seed, uint32_t max_task)
{
    const struct draw_at at = {.key = {seed, 0}, .entity = 6};
    uint32_t j = 0;
    pool_init(w, 2 + seed % (max_task - 1), 1 + seed / 3 % POOL_PLACES);
    for (uint32_t p = 0; p < w->view.n_place; p++) {
        w->col[TS_UP][p] = draw_uniform(&at, j++) < .9;
        w->col[TS_UNITS][p] = 1 + floor(3 * draw_uniform(&at, j++));
        w->col[TS_BUSY][p] = floor((w->col[TS_UNITS][p] + 1) * draw_uniform(&at, j++));
        w->col[TS_WORK_S][p] = w->col[TS_BUSY][p] > 0 ? 1 + floor(4 * draw_uniform(&at, j++)) : 0;
    }
    for (uint32_t i = 0; i < w->ask.n_task; i++) {
        w->task[i].deadline_s = draw_uniform(&at, j++) < .7 ? floor(9 * draw_uniform(&at, j++)) : INFINITY;
        for (uint32_t p = 0; p < w->view.n_place; p++) {
            *pool_est(w, TS_IN_S, i, p) = floor(3 * draw_uniform(&at, j++));
            *pool_est(w, TS_RUN_S, i, p) = draw_uniform(&at, j++) < .9 ? 1 + floor(6 * draw_uniform(&at, j++)) : INFINITY;
            *pool_est(w, TS_OUT_S, i, p) = floor(2 * draw_uniform(&at, j++));
        }
    }
}

#endif
