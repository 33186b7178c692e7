/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph_impl.h - a job of several tasks in a run: what graph.c, graph_block.c, graph_plan.c and graph_told.c share. */
#ifndef SIM_RUN_GRAPH_IMPL_H
#define SIM_RUN_GRAPH_IMPL_H

#include "sim/run/steps.h"

/* A job of several tasks, taken apart; task and link hold until another job is released. */
struct whole {
    const struct graph *g;
    struct graph_live *live;
    struct graph_job *job;
    struct task_live *task;
    struct link_live *link;
    const uint32_t *out; /* edges by the task they lead from */
    uint8_t *packed;     /* [g->n_edge] which data go packed; NULL: none */
    uint32_t row;
};

static inline struct whole whole_of(struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    struct graph_live *live = &r->graph[j->workload];
    const struct graph *g = r->s->workload[j->workload].graph;
    return (struct whole){.g = g,
                          .live = live,
                          .job = &live->job[j->block],
                          .task = &live->task[(size_t)j->block * g->n_task],
                          .link = &live->link[(size_t)j->block * graph_n_link(g)],
                          .packed = live->packed ? &live->packed[(size_t)j->block * g->n_edge] : NULL,
                          .out = live->out ? &live->out[(size_t)j->block * g->n_edge] : g->out,
                          .row = row};
}

/* Does the edge carry data in this job? */
static inline bool is_live(const struct whole *w, uint32_t e)
{
    return w->link[e].state != LINK_QUIET && w->task[w->g->edge[e].from].state != TASK_OUT;
}

/* Predecessors that are part of the job and send the task something. */
static inline uint32_t n_before(const struct whole *w, uint32_t k)
{
    const struct task_spec *t = &w->g->task[k];
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_in; i++) {
        n += is_live(w, t->first_in + i);
    }
    return n;
}

/* How much of a leader's flop a flop of task k is at a place. */
static inline double beside(const struct run *r, const struct whole *w, uint32_t k, uint32_t leader, uint32_t place)
{
    const uint32_t workload = r->job[w->row].workload;
    return k == leader || !r->timed ? 1 : run_stretch(r, workload_task_row(r->s, workload, k), place, 0) /
                             run_stretch(r, workload_task_row(r->s, workload, leader), place, 0);
}

/* Where the data of a link lie: at the place of the task they come from, or with the job, ROW_NONE. */
static inline uint32_t place_of_data(const struct whole *w, uint32_t link)
{
    return link < w->g->n_edge ? w->task[w->g->edge[link].from].place
           : link < graph_output(w->g, 0) ? ROW_NONE : w->task[link - graph_output(w->g, 0)].place;
}

/*
 * graph_told.c: an edge whose data are those of the link, and which has them moving to a node, or has moved them there; ROW_NONE:
 * there is none.
 */
uint32_t graph_brought(const struct run *r, const struct whole *w, uint32_t link, uint32_t node);

/* graph_block.c: which tasks are part of the job, by chance and by the shares of exits (NULL: the scenario's), and what they
 * wait for, before anything is done. */
void graph_set_out(struct run *r, struct whole *w, const double *leaves);

/*
 * graph_pack.c: the plan has placed the tasks: which data go packed, how large they are then, and what accuracy that loses.
 * And the work that it is for the tasks that run together, flop of their leader's kind.
 */
void graph_pack(struct run *r, struct whole *w);
double graph_packing_flop(const struct run *r, const struct whole *w, uint32_t leader);

/* graph_told.c: the work of a task as the policy is told it. */
double graph_announced_flop(const struct run *r, const struct whole *w, uint32_t k);

/* graph.c: let the tasks begin that read the job's input, in some order (NULL: their own). */
void graph_enter(struct run *r, struct whole *w, const uint32_t *order);

#endif
