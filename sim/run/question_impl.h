/* SPDX-License-Identifier: GPL-3.0-or-later */
/* question_impl.h - what is asked: what question.c and question_graph.c share. */
#ifndef SIM_RUN_QUESTION_IMPL_H
#define SIM_RUN_QUESTION_IMPL_H

#include "sim/run/control.h"

/* Where a job stands among the sites that candidates are listed of. */
static inline uint32_t list_site(const struct run *r, const struct job *j)
{
    return j->site == ROW_NONE ? r->n_list_site - 1 : j->site;
}
/* The candidates of the job's step there. */
static inline const struct candidates *candidates_at(const struct run *r, const struct job *j)
{
    return &r->list[(size_t)j->step * r->n_list_site + list_site(r, j)];
}

/* Fill what is the job's own in a task, and its own places at the head of the list of candidates. */
void question_describe(struct run *r, struct ts_task *t, const struct job *j, const struct candidates *list);

/* Of the candidates of one of several tasks, the n from cand[0] on, keep those that the controller may use; how many. */
uint32_t question_thin_out(const struct run *r, ts_id *cand, uint32_t n);

/* Estimates of task t of a graph, whose row is that of the task or, in a question about the whole graph, of the job, at a place
 * into est[..][k]. */
void question_estimate(struct run *r, double *const *est, const struct ts_task *t, uint32_t row, bool whole, uint32_t place,
                       uint32_t k);

/* The question is put: n tasks, candidates, edges. */
void question_send(struct run *r, const struct ts_task *task, const ts_id *cand, uint32_t n_task, uint32_t n_cand,
                   uint32_t n_edge, enum ts_why why);

/* question_graph.c: room for questions about whole graphs, if the policy gets such. */
int question_graph_init(struct run *r, struct err *e);
void question_graph_clear(struct run *r);

#endif
