/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tabular.h - what q_learning, sarsa, expected_sarsa and double_q share: the state that they look at, their table of
 * action values, and decisions that wait for reward and successor.
 *
 * The process is a semi-Markov one: decisions come when jobs do.  A decision's reward is that of its own job (its latency,
 * negative, or the scenario's `objective:`), and it counts at the decision however late it is known; the next decision,
 * dt later, is its successor:
 *
 *     target = reward + exp(-beta dt) * value of the successor
 *
 * which for small beta ranks policies as the mean reward of a job does.  An update is made when both are known, so updates
 * come in another order than decisions.  (Bradtke, Duff, NIPS 7, 1994; Sutton, Barto, Reinforcement Learning, 2nd ed., 2018,
 * chapters 6 and 9.)
 *
 * The state is a cell of a grid: each feature in use has bins.  With `tilings` n the grid is laid n times, each shifted by
 * 1/n of a bin, and an action value is the sum over the n cells (tile coding).  The definition, one line a feature, is saved
 * with the table and must be the same when it is loaded.
 */
#ifndef POLICIES_TABULAR_H
#define POLICIES_TABULAR_H

#include <stddef.h>
#include <tiersim/math.h>

#include "policies/decisions.h"
#include "policies/targets.h"

enum {
    TABULAR_TILINGS = 8,
    TABULAR_ACTIONS = TARGETS_MOST + 1, /* targets, then rejecting */
    TABULAR_FEATURES = 4 * TARGETS_MOST + 2,
    TABULAR_CELLS = 1 << 24, /* at most, over all tilings and actions */
};

/* Of a target: queue, work, link, slow; of the task: class, slack. */
enum tabular_kind { TABULAR_QUEUE, TABULAR_WORK, TABULAR_LINK, TABULAR_SLOW, TABULAR_CLASS, TABULAR_SLACK, TABULAR_KINDS };

struct tabular_feature {
    uint32_t kind, target;
    double bins, scale;
};

/* The cells of a state, one a tiling: rows of actions. */
struct tabular_cells {
    uint32_t cell[TABULAR_TILINGS];
};

/* A decision that waits for its reward, its successor, or both. */
struct tabular_decision {
    struct decision head;
    struct tabular_cells from, next;
    uint32_t action, next_action, next_there; /* bits of the actions that the successor has */
    uint32_t has_next, has_reward, coin;
    double dt_s, reward, estimate_s;
};

struct tabular {
    /* parameters */
    double beta, rate_first, rate_half, rate_least, explore_first, explore_half, explore_least, start, lost;
    double places, reject, tilings;
    double bins[TABULAR_KINDS], scale[TABULAR_KINDS];
    double slow_memory;

    /* the state's definition */
    uint32_t n_target, n_action, n_tiling, n_feature, n_table, n_cell; /* n_cell: of a tiling; n_table 2: double Q */
    struct tabular_feature feature[TABULAR_FEATURES];

    double *q;      /* [n_table][n_tiling][n_cell][n_action] */
    double *visits; /* [n_cell][n_action] updates, by the cell of the first tiling */
    double *before; /* visits when a merge began, or NULL */
    double n_decided; /* over all runs */
    double before_decided;
    double slow[TARGETS_MOST]; /* how many times longer than estimated, lately; 0: not seen yet */
    struct decisions waiting;
    uint64_t last; /* tag of the decision whose successor is to come; 0: none */
};

/* An action value: the sum over tilings.  table 0 or 1. */
static inline double tabular_value(const struct tabular *q, uint32_t table, const struct tabular_cells *s, uint32_t action)
{
    const double *at = q->q + (size_t)table * q->n_tiling * q->n_cell * q->n_action + action;
    double sum = 0;
    for (uint32_t t = 0; t < q->n_tiling; t++) {
        sum += at[((size_t)t * q->n_cell + s->cell[t]) * q->n_action];
    }
    return sum;
}

/* What a falling figure is after n uses: first / (1 + n / half), not below least. */
static inline double tabular_falling(double first, double half, double least, double n)
{
    double x = first / (1 + n / half);
    return x < least ? least : x;
}

/* Chance of exploring after all decisions so far. */
static inline double tabular_explore(const struct tabular *q)
{
    return tabular_falling(q->explore_first, q->explore_half, q->explore_least, q->n_decided);
}

/* The value of an action by all tables. */
static inline double tabular_action_value(const struct tabular *q, const struct tabular_cells *s, uint32_t action)
{
    double x = tabular_value(q, 0, s, action);
    return q->n_table > 1 ? x + tabular_value(q, 1, s, action) : x;
}

/* The action of greatest value among those that are there, the first of equals; there is one at least. */
static inline uint32_t tabular_best(const struct tabular *q, const struct tabular_cells *s, uint32_t there)
{
    uint32_t best = 0;
    double most = -INFINITY;
    for (uint32_t a = 0; a < q->n_action; a++) {
        double x = there >> a & 1 ? tabular_action_value(q, s, a) : -INFINITY;
        best = x > most ? a : best;
        most = x > most ? x : most;
    }
    return best;
}

/* What a successor is worth to table `table`: the one thing in which the policies differ. */
typedef double tabular_successor(const struct tabular *q, const struct tabular_decision *d, uint32_t table);

extern const struct ts_param tabular_param[];

#define TABULAR_COLS  TARGETS_COLS
#define TABULAR_NEEDS TARGETS_NEEDS

/* Of the policy's table, but for init, decide and ended, which call these. */
int tabular_init(struct tabular *q, const struct ts_host *h, uint32_t n_table);
int tabular_save(void *st, const struct ts_host *h);
int tabular_load(void *st, const struct ts_host *h);
int tabular_merge(void *st, const struct ts_host *h, uint32_t k, uint32_t n);
void tabular_clear(void *st);

/* Where a feature's value lies on its axis, in bins. */
static inline double tabular_axis(const struct tabular_feature *f, double x)
{
    if (f->kind == TABULAR_QUEUE || f->kind == TABULAR_CLASS) {
        return x * f->scale;
    }
    return x < 1e15 ? f->bins * x / (x + f->scale) : f->bins; /* half of the bins are below scale */
}

static inline double tabular_feature_value(const struct tabular *q, const struct tabular_feature *f, const struct targets *g,
                                           const struct ts_view *v, const struct ts_ask *a, const struct ts_task *t)
{
    if (f->kind == TABULAR_CLASS) {
        return t->cls;
    }
    if (f->kind == TABULAR_SLACK) {
        return t->deadline_s - v->now_s;
    }
    if (!(g->there >> f->target & 1)) {
        return 0;
    }
    uint32_t k = g->cand[f->target];
    ts_id place = ts_candidate(a, t, k);
    switch (f->kind) {
    case TABULAR_QUEUE:
        return pick_queue(v, place);
    case TABULAR_WORK:
        return ts_known(v, TS_WORK_S, place);
    case TABULAR_LINK:
        return ts_estimate(a, t, k, TS_IN_S);
    default:
        return q->slow[f->target] > 0 ? q->slow[f->target] : 1;
    }
}

/* The cells of the state in which a task is asked about. */
static inline void tabular_look(const struct tabular *q, const struct targets *g, const struct ts_view *v,
                                const struct ts_ask *a, const struct ts_task *t, struct tabular_cells *s)
{
    for (uint32_t i = 0; i < q->n_tiling; i++) {
        s->cell[i] = 0;
    }
    for (uint32_t i = 0; i < q->n_feature; i++) {
        const struct tabular_feature *f = &q->feature[i];
        double x = tabular_axis(f, pick_rank(tabular_feature_value(q, f, g, v, a, t)));
        uint32_t bins = (uint32_t)f->bins;
        for (uint32_t k = 0; k < q->n_tiling; k++) {
            double at = f->kind == TABULAR_CLASS ? x : x + (double)k / q->n_tiling;
            uint32_t bin = at < 0 ? 0 : at < f->bins ? (uint32_t)at : bins - 1;
            s->cell[k] = s->cell[k] * bins + bin;
        }
    }
}

/* Reward and successor are known. */
PICK_INLINE void tabular_learn(struct tabular *q, struct tabular_decision *d, tabular_successor *successor)
{
    const uint32_t table = q->n_table > 1 ? d->coin : 0;
    double *visits = &q->visits[(size_t)d->from.cell[0] * q->n_action + d->action];
    double rate = tabular_falling(q->rate_first, q->rate_half, q->rate_least, *visits);
    double target = d->reward + ts_math_exp(-q->beta * d->dt_s) * successor(q, d, table);
    double step = rate * (target - tabular_value(q, table, &d->from, d->action)) / q->n_tiling;
    double *at = q->q + (size_t)table * q->n_tiling * q->n_cell * q->n_action + d->action;
    for (uint32_t t = 0; t < q->n_tiling; t++) {
        at[((size_t)t * q->n_cell + d->from.cell[t]) * q->n_action] += step;
    }
    *visits += 1;
    d->head.tag = 0;
}

/* The action for a state, exploring if it may; u is the draw. */
static inline uint32_t tabular_choose(struct tabular *q, const struct ts_host *h, const struct tabular_cells *s, uint32_t there)
{
    double explore = h->frozen ? 0 : tabular_explore(q);
    if (explore > 0) {
        double u = h->uniform(h->ctx);
        if (u < explore) {
            uint32_t nth = (uint32_t)(u / explore * (uint32_t)__builtin_popcount(there)), a = 0;
            for (; a < q->n_action; a++) {
                if ((there >> a & 1) && nth-- == 0) {
                    return a;
                }
            }
        }
    }
    return tabular_best(q, s, there);
}

/* Place task i by the table, or reject it; 0, or < 0 when memory is out. */
PICK_INLINE int tabular_decide_task(struct tabular *q, const struct ts_host *h, const struct ts_view *v,
                                    const struct ts_ask *a, uint32_t i, struct ts_step *step, tabular_successor *successor)
{
    const struct ts_task *t = ts_task_at(a, i);
    struct targets g;
    struct tabular_cells s;
    targets_find(&g, q->places, v, a, t);
    uint32_t there = g.there | (q->reject != 0 ? 1u << q->n_target : 0);
    step->task = i;
    if (!there) {
        step->verb = TS_REJECT;
        step->place = TS_NONE;
        return 0;
    }
    tabular_look(q, &g, v, a, t, &s);
    uint32_t action = tabular_choose(q, h, &s, there);
    step->verb = action < q->n_target ? TS_PLACE : TS_REJECT;
    step->place = action < q->n_target ? ts_candidate(a, t, g.cand[action]) : TS_NONE;
    if (h->frozen && q->bins[TABULAR_SLOW] == 0) {
        return 0;
    }
    uint64_t before = q->last;
    struct tabular_decision *d = decisions_next(&q->waiting, sizeof *d, v->now_s);
    if (!d) {
        return h->fail(h->ctx, "out of memory for decisions that wait for their reward");
    }
    d->from = s;
    d->action = action;
    d->estimate_s = action < q->n_target ? g.finish_s[action] : NAN;
    d->coin = q->n_table > 1 && !h->frozen ? h->uniform(h->ctx) < .5 : 0;
    step->tag = d->head.tag;
    q->last = d->head.tag;
    q->n_decided += !h->frozen;
    struct tabular_decision *was = decisions_find(&q->waiting, before);
    if (was && !h->frozen) {
        was->has_next = 1;
        was->next = s;
        was->next_action = action;
        was->next_there = there;
        was->dt_s = v->now_s - was->head.at_s;
        if (was->has_reward) {
            tabular_learn(q, was, successor);
        }
    }
    return 0;
}

PICK_INLINE int tabular_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                               struct ts_plan *p, tabular_successor *successor)
{
    int rc = decisions_begin(h, a, p);
    for (uint32_t i = 0; i < a->n_task && rc == 0; i++) {
        rc = tabular_decide_task((struct tabular *)st, h, v, a, i, &p->step[i], successor);
    }
    return rc;
}

PICK_INLINE int tabular_ended(void *st, const struct ts_host *h, const struct ts_outcome *o, tabular_successor *successor)
{
    struct tabular *q = (struct tabular *)st;
    struct tabular_decision *d = decisions_find(&q->waiting, o->tag);
    if (!d || d->has_reward) {
        return 0;
    }
    if (d->estimate_s > 0 && d->action < q->n_target) {
        double *slow = &q->slow[d->action], ratio = (o->now_s - d->head.at_s) / d->estimate_s;
        *slow = *slow > 0 ? *slow + q->slow_memory * (ratio - *slow) : ratio;
    }
    d->reward = decision_reward(o, q->lost);
    d->has_reward = 1;
    if (h->frozen) {
        d->head.tag = 0;
    } else if (d->has_next) {
        tabular_learn(q, d, successor);
    }
    return 0;
}

#endif
