/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * task_graph.h - the tasks of a question and the data between them, for list scheduling: who waits for whom, what the way
 * of data costs, and the ranks by which tasks are ordered.
 *
 * Way: between places of different nodes data take delay + bits / rate, both as host->path tells them now; within a node
 * nothing.  Its mean is over all ordered pairs of different places that a way joins, start-up and time per bit apart
 * (Topcuoglu, Hariri, Wu, IEEE Trans. Parallel Distrib. Syst. 13 (2002) 260-274, equation 1).  A task that waits for none
 * of the others waits for its input (TS_IN_S); one that none of the others waits for is done when its result is back
 * (TS_OUT_S).
 *
 * Ranks (the same, equations 6 and 8), w the mean service over the options, c the mean way:
 *     up(i) = w(i) + max over successors (c(i, j) + up(j)),  down(i) = max over predecessors (down(j) + w(j) + c(j, i))
 */
#ifndef POLICIES_TASK_GRAPH_H
#define POLICIES_TASK_GRAPH_H

#include "policies/problem.h"

struct arc {
    uint32_t task; /* at the other end */
    double bits;
};

struct way {
    double delay_s, s_per_bit; /* INFINITY: there is none */
};

struct task_graph {
    const struct problem *q;
    uint32_t *first_in, *first_out; /* [n_task + 1] */
    struct arc *in, *out;           /* in order of the question's edges */
    uint32_t *order;                /* [n_task] each task behind those it waits for, else the lower first */
    struct way *way;                /* [n_place][n_place], row = source */
    struct way mean;
};

/* 0, or < 0 after host->fail (no memory, a cycle).  Needs the column TS_NODE. */
int task_graph_init(struct task_graph *g, const struct problem *q);

static inline double way_s(const struct way *w, double bits)
{
    return w->delay_s + (bits > 0 ? bits * w->s_per_bit : 0);
}

/* Data from a place to a place, s. */
static inline double task_graph_way_s(const struct task_graph *g, double bits, uint32_t from, uint32_t to)
{
    return from == to ? 0 : way_s(&g->way[(size_t)from * g->q->n_place + to], bits);
}

static inline int task_graph_is_entry(const struct task_graph *g, uint32_t task)
{
    return g->first_in[task] == g->first_in[task + 1];
}

static inline int task_graph_is_exit(const struct task_graph *g, uint32_t task)
{
    return g->first_out[task] == g->first_out[task + 1];
}

/* Mean service of a task over its options, s; 0 without any. */
double task_graph_mean_run_s(const struct task_graph *g, uint32_t task);

/* Each fills rank[n_task], s. */
void task_graph_rank_up(const struct task_graph *g, double *rank);
void task_graph_rank_down(const struct task_graph *g, double *rank);

/*
 * Fills list[n_task]: over and over, of the tasks that wait for none that is not listed yet, the one of the highest rank,
 * the lower of equals.  Where ranks fall along each arc this is their order.  0, or < 0 after host->fail.
 */
int task_graph_list(const struct task_graph *g, const double *rank, uint32_t *list);

#endif
