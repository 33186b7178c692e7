/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * question.h - a question to a policy by hand: places by their columns, then task by task its candidates with their estimates,
 * edges.  What nobody fills is 0.  Pointers point into *q: it must not move.
 */
#ifndef TESTS_QUESTION_H
#define TESTS_QUESTION_H

#include <math.h>
#include <string.h>
#include <tiersim/policy.h>

#include "sim/base/err.h"

enum { QUESTION_PLACES = 12, QUESTION_TASKS = 32, QUESTION_CANDS = 256, QUESTION_EDGES = 64 };

struct question {
    double col[TS_N_COL][QUESTION_PLACES], est[TS_N_EST][QUESTION_CANDS];
    const double *col_of[TS_N_COL], *est_of[TS_N_EST];
    ts_id cand[QUESTION_CANDS];
    struct ts_task task[QUESTION_TASKS];
    struct ts_edge edge[QUESTION_EDGES];
    struct ts_view view;
    struct ts_ask ask; /* counts what is there */
};

/* Places that are up, of one unit each, on nodes of their own; no task yet. */
static inline void question_init(struct question *q, enum ts_why why, uint32_t n_place)
{
    CHECK(n_place <= QUESTION_PLACES);
    memset(q, 0, sizeof *q);
    for (int c = 0; c < TS_N_COL; c++) {
        q->col_of[c] = q->col[c];
    }
    for (int e = 0; e < TS_N_EST; e++) {
        q->est_of[e] = q->est[e];
    }
    for (uint32_t p = 0; p < n_place; p++) {
        q->col[TS_UP][p] = q->col[TS_UNITS][p] = 1;
        q->col[TS_NODE][p] = p;
    }
    q->view = (struct ts_view){.size = sizeof q->view, .n_place = n_place, .n_col = TS_N_COL, .col = q->col_of};
    q->ask = (struct ts_ask){.size = sizeof q->ask, .why = why, .task_size = sizeof q->task[0], .n_est = TS_N_EST,
                             .task = q->task, .cand = q->cand, .est = q->est_of, .edge = q->edge};
}

/* One more task, of job 1 and without a deadline. */
static inline struct ts_task *question_task(struct question *q)
{
    CHECK(q->ask.n_task < QUESTION_TASKS);
    const uint32_t i = q->ask.n_task++;
    q->task[i] = (struct ts_task){.job = 1, .id = i, .step = i, .at = TS_NONE, .deadline_s = INFINITY,
                                  .cand = q->ask.n_cand, .edge = q->ask.n_edge};
    return &q->task[i];
}

/* One more place for the last task; the index of its estimates, q->est[..][k]. */
static inline uint32_t question_cand(struct question *q, ts_id place)
{
    CHECK(q->ask.n_cand < QUESTION_CANDS);
    q->task[q->ask.n_task - 1].n_cand++;
    q->cand[q->ask.n_cand] = place;
    return q->ask.n_cand++;
}

static inline void question_edge(struct question *q, ts_id from, ts_id to, double bits)
{
    CHECK(q->ask.n_edge < QUESTION_EDGES);
    q->edge[q->ask.n_edge++] = (struct ts_edge){.from = from, .to = to, .at = TS_NONE, .bits = bits};
}

/* A column, or an estimate of the first task if it may go to all places: a number for each place. */
static inline void question_col(struct question *q, enum ts_col c, const double *x)
{
    memcpy(q->col[c], x, q->view.n_place * sizeof *x);
}

static inline void question_est(struct question *q, enum ts_est e, const double *x)
{
    memcpy(q->est[e], x, q->view.n_place * sizeof *x);
}

/* Only what p declares in its cols and needs. */
static inline void question_declare(struct question *q, const struct ts_policy *p)
{
    for (int c = 0; c < TS_N_COL; c++) {
        q->col_of[c] = p->cols >> c & 1 ? q->col[c] : NULL;
    }
    for (int e = 0; e < TS_N_EST; e++) {
        q->est_of[e] = p->needs >> e & 1 ? q->est[e] : NULL;
    }
}

#endif
