/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pick.h - what several built-in policies share.  Each is a rule that picks a place for one task; a question with
 * several tasks is answered task by task, each as if it were alone.
 *
 * All pass over places that are known to be down, and reject a task with no candidate left.  What is unknown (NAN)
 * ranks behind everything that is known, so it is taken only when nothing else is there; what is infinite is never
 * taken.
 */
#ifndef POLICIES_PICK_H
#define POLICIES_PICK_H

#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <tiersim/policy.h>

#define PICK_INLINE static inline __attribute__((always_inline))

/* A rule: the place for task t, or TS_NONE to reject it. */
typedef ts_id pick_rule(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        const struct ts_task *t);

/* A plan with a step for each task of the question.  0, or < 0. */
PICK_INLINE int pick_begin(const struct ts_host *h, const struct ts_ask *a, struct ts_plan *p)
{
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return -1;
    }
    p->n = a->n_task;
    return 0;
}

/* The step of task i; place TS_NONE rejects it. */
PICK_INLINE void pick_step(struct ts_plan *p, uint32_t i, ts_id place)
{
    p->step[i].verb = place == TS_NONE ? TS_REJECT : TS_PLACE;
    p->step[i].task = i;
    p->step[i].place = place;
}

/* The body of decide: the rule applied to each task of the question. */
PICK_INLINE int pick_each(pick_rule *rule, void *st, const struct ts_host *h, const struct ts_view *v,
                          const struct ts_ask *a, struct ts_plan *p)
{
    if (pick_begin(h, a, p) < 0) {
        return -1;
    }
    for (uint32_t i = 0; i < a->n_task; i++) {
        pick_step(p, i, rule(st, h, v, a, ts_task_at(a, i)));
    }
    return 0;
}

/* x for comparisons: an unknown number behind all known ones. */
static inline double pick_rank(double x)
{
    return isnan(x) ? DBL_MAX : x;
}

/* x for sums of costs: what is unknown is never taken. */
static inline double pick_cost(double x)
{
    return isnan(x) ? INFINITY : x;
}

/* The candidate of t at a place, or TS_NONE. */
static inline uint32_t pick_candidate(const struct ts_ask *a, const struct ts_task *t, ts_id place)
{
    for (uint32_t k = 0; k < t->n_cand; k++) {
        if (ts_candidate(a, t, k) == place) {
            return k;
        }
    }
    return TS_NONE;
}

/* A whole number from 0 to n-1, all alike; n >= 1. */
static inline uint32_t pick_index(const struct ts_host *h, uint32_t n)
{
    uint32_t i = (uint32_t)(h->uniform(h->ctx) * n);
    return i < n ? i : n - 1; /* the product may round up to n */
}

static inline uint32_t pick_count_up(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        n += (uint32_t)ts_up(v, ts_candidate(a, t, k));
    }
    return n;
}

/* The i-th candidate that is up; there must be more than i. */
static inline ts_id pick_nth_up(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, uint32_t i)
{
    uint32_t k = 0;
    while (!ts_up(v, ts_candidate(a, t, k)) || i-- > 0) {
        k++;
    }
    return ts_candidate(a, t, k);
}

/* What a place is compared by: its value, infinite if it is down. */
typedef double pick_value(const void *st, const struct ts_view *v, ts_id place);

PICK_INLINE double pick_value_up(pick_value *value, const void *st, const struct ts_view *v, ts_id place)
{
    double x = pick_rank(value(st, v, place));
    return ts_up(v, place) ? x : INFINITY;
}

/* The place of least value among the candidates that are up; of equal ones any, at random.  The first loop has no branch
 * that depends on the values: queues are what a processor cannot foresee. */
PICK_INLINE ts_id pick_least(pick_value *value, const void *st, const struct ts_host *h, const struct ts_view *v,
                             const struct ts_ask *a, const struct ts_task *t)
{
    double least = INFINITY;
    uint32_t ties = 0, first = 0;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        double x = pick_value_up(value, st, v, ts_candidate(a, t, k));
        ties = x < least ? 1 : ties + (x == least);
        first = x < least ? k : first;
        least = x < least ? x : least;
    }
    if (least == INFINITY) {
        return TS_NONE;
    }
    uint32_t k = first;
    for (uint32_t nth = ties > 1 ? pick_index(h, ties) : 0; nth > 0; nth--) {
        do {
            k++;
        } while (pick_value_up(value, st, v, ts_candidate(a, t, k)) != least);
    }
    return ts_candidate(a, t, k);
}

/* Any tier, for pick_nearest. */
enum { PICK_ANY_TIER = -1 };

/* The place of a tier whose input gets there first; of equal ones the lower candidate.  Needs TS_IN_S. */
static inline ts_id pick_nearest(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, int tier)
{
    ts_id best = TS_NONE;
    double best_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        if (!ts_up(v, place) || (tier != PICK_ANY_TIER && ts_known(v, TS_TIER, place) != tier)) {
            continue;
        }
        double in_s = pick_rank(ts_estimate(a, t, k, TS_IN_S));
        if (in_s < best_s) {
            best = place;
            best_s = in_s;
        }
    }
    return best;
}

/* The first place of a node, or TS_NONE. */
static inline ts_id pick_at_node(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, ts_id node)
{
    for (uint32_t k = 0; k < t->n_cand; k++) {
        ts_id place = ts_candidate(a, t, k);
        if (ts_up(v, place) && ts_known(v, TS_NODE, place) == node) {
            return place;
        }
    }
    return TS_NONE;
}

/* Tasks at a place or on their way there. */
static inline double pick_queue(const struct ts_view *v, ts_id place)
{
    return ts_known(v, TS_BUSY, place) + ts_known(v, TS_QUEUED, place);
}

/* Estimated time until a core of the place is free.  A free core takes a task at once whatever the others have to do. */
static inline double pick_backlog_s(const struct ts_view *v, ts_id place)
{
    return pick_queue(v, place) < ts_known(v, TS_UNITS, place) ? 0 : ts_known(v, TS_WORK_S, place);
}

/* Estimated time from now until the result of t is back, if sent to its k-th candidate: the input travels while the
 * work that is there already is done. */
static inline double pick_finish_s(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t, uint32_t k)
{
    ts_id place = ts_candidate(a, t, k);
    double in_s = ts_estimate(a, t, k, TS_IN_S);
    double backlog_s = pick_backlog_s(v, place);
    double start_s = in_s < backlog_s ? backlog_s : in_s;
    return start_s + ts_estimate(a, t, k, TS_RUN_S) + ts_estimate(a, t, k, TS_OUT_S);
}

/* Which candidate of t would finish it first, the lower of equals; TS_NONE: none is up or would ever. */
PICK_INLINE uint32_t pick_soonest(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    uint32_t best = TS_NONE;
    double best_s = INFINITY;
    for (uint32_t k = 0; k < t->n_cand; k++) {
        double finish_s = ts_up(v, ts_candidate(a, t, k)) ? pick_rank(pick_finish_s(v, a, t, k)) : INFINITY;
        if (finish_s < best_s) {
            best = k;
            best_s = finish_s;
        }
    }
    return best;
}

/* The place that would finish t first, or TS_NONE. */
PICK_INLINE ts_id pick_first(const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    uint32_t k = pick_soonest(v, a, t);
    return k == TS_NONE ? TS_NONE : ts_candidate(a, t, k);
}

/* What pick_finish_s reads. */
#define PICK_FINISH_COLS  (1u << TS_UP | 1u << TS_UNITS | 1u << TS_BUSY | 1u << TS_QUEUED | 1u << TS_WORK_S)
#define PICK_FINISH_NEEDS (1u << TS_IN_S | 1u << TS_RUN_S | 1u << TS_OUT_S)

#endif
