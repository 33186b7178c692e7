/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * question_graph.c - the question about all tasks of a job.  Most of it is the same for all jobs of a workload at a site: which
 * candidates each task has, how long it runs there, what it reads from whom.  So the question is kept, and of the next job of
 * the workload there only that is filled in which may differ from job to job.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/question_impl.h"

enum { KEPT_BYTES = 64 << 20 }; /* if questions of all sites would take more, one is kept for each workload */

static bool takes_graphs(const struct run *r, uint32_t w)
{
    return r->s->workload[w].graph && r->spec.policy->flags & TS_WHOLE_GRAPHS;
}

/* What questions about the workload at all sites would take. */
static double bytes_of(const struct run *r, uint32_t w)
{
    const struct graph *g = r->s->workload[w].graph;
    double n_cand = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        for (uint32_t site = 0; site < r->n_list_site; site++) {
            n_cand += r->list[(size_t)workload_task_row(r->s, w, k) * r->n_list_site + site].n;
        }
    }
    return n_cand * (double)(2 * sizeof(ts_id) + TS_N_EST * sizeof(double)) +
           r->n_list_site * (double)(g->n_task * sizeof(struct ts_task) + g->n_edge * sizeof(struct ts_edge));
}

int question_graph_init(struct run *r, struct err *e)
{
    double bytes = 0;
    for (uint32_t w = 0; w < r->s->n_workload; w++) {
        bytes += takes_graphs(r, w) ? bytes_of(r, w) : 0;
    }
    if (bytes == 0) {
        return 0;
    }
    bytes += (double)r->s->n_workload * r->n_list_site * (double)sizeof *r->kept;
    r->n_kept_site = bytes > KEPT_BYTES ? 1 : r->n_list_site;
    r->kept = calloc((size_t)r->s->n_workload * r->n_kept_site, sizeof *r->kept);
    return r->kept ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for questions about %u workloads", r->s->n_workload);
}

static void clear(struct kept_question *q)
{
    for (unsigned e = 0; e < TS_N_EST; e++) {
        free(q->est[e]);
    }
    free(q->task);
    free(q->cand);
    free(q->edge);
    free(q->grade);
    free(q->packed);
    free(q->own_task);
    free(q->own_edge);
    free(q->own_cand);
    *q = (struct kept_question){0};
}

void question_graph_clear(struct run *r)
{
    for (size_t i = 0; r->kept && i < (size_t)r->s->n_workload * r->n_kept_site; i++) {
        clear(&r->kept[i]);
    }
    free(r->kept);
}

/* Room for the tasks of a graph with so many candidates and grades. */
static bool reserve(const struct run *r, struct kept_question *q, const struct graph *g, uint32_t n_cand, uint32_t n_grade)
{
    clear(q);
    q->task = malloc(g->n_task * sizeof *q->task);
    q->own_task = malloc(g->n_task * sizeof *q->own_task);
    q->edge = malloc((g->n_edge + 1) * sizeof *q->edge);
    q->own_edge = malloc((g->n_edge + 1) * sizeof *q->own_edge);
    q->grade = malloc((n_grade + 1) * sizeof *q->grade);
    q->packed = g->packs ? malloc(g->n_edge * sizeof *q->packed) : NULL;
    q->cand = malloc((n_cand + 1) * sizeof *q->cand);
    q->own_cand = malloc((n_cand + 1) * sizeof *q->own_cand);
    bool fine = q->task && q->own_task && q->edge && q->own_edge && q->grade && q->cand && q->own_cand && (q->packed || !g->packs);
    for (unsigned e = 0; e < TS_N_EST; e++) {
        q->est[e] = r->needs >> e & 1 ? malloc((n_cand + 1) * sizeof *q->est[e]) : NULL;
        fine &= q->est[e] || !(r->needs >> e & 1);
    }
    q->room = n_cand;
    q->made = fine;
    return fine;
}

/* May what is said of task k, or of the data of an edge that leads to it, differ from job to job, or from time to time? */
static bool task_differs(const struct run *r, const struct graph *g, uint32_t step, uint32_t k)
{
    const struct home *home = &r->home[step];
    const struct task_spec *t = &g->task[k];
    return t->n_in == 0 || home->exit_share > 0 || home->guessed ||
           (home->told && !(g->alike && size_is_constant(&t->work) && size_is_constant(&t->output)));
}
static bool edge_differs(const struct run *r, const struct graph *g, uint32_t step, uint32_t e)
{
    return r->home[step].told && !(g->alike && size_is_constant(graph_data_size(g, e)));
}

/* Task k with its candidates at the site, its grades and its edges; what differs from job to job is listed. */
static void add_task(struct run *r, struct kept_question *q, struct job *j, uint32_t k)
{
    const struct graph *g = r->s->workload[j->workload].graph;
    const struct task_spec *spec = &g->task[k];
    const struct home *home = &r->home[j->step];
    const struct candidates *list = candidates_at(r, j);
    struct ts_task *t = &q->task[k];
    *t = home->task;
    t->id = k;
    t->cand = q->n_cand;
    memcpy(q->cand + q->n_cand, r->cand + list->first, list->n * sizeof *q->cand);
    for (uint32_t c = 0; c < home->n_own; c++) {
        q->own_cand[q->n_own_cand++] = q->n_cand + c;
        q->cand[q->n_cand + c] = home->own[c] + (j->node - home->first_node);
    }
    t->n_cand = question_thin_out(r, q->cand + q->n_cand, list->n);
    q->n_cand += t->n_cand;
    t->grade = q->n_grade;
    t->n_grade = spec->n_grade;
    for (uint32_t i = 0; i < spec->n_grade; i++) {
        q->grade[q->n_grade++] = (struct ts_grade){spec->grade[i].upto, spec->grade[i].accuracy};
    }
    t->edge = spec->first_in; /* edges are numbered by the tasks they lead to */
    t->n_edge = spec->n_in;
    for (uint32_t e = spec->first_in; e < spec->first_in + spec->n_in; e++) {
        q->edge[e] = (struct ts_edge){.from = g->edge[e].from, .to = k, .at = TS_NONE, .same = g->edge[e].same};
        if (edge_differs(r, g, j->step, e)) {
            q->own_edge[q->n_own_edge++] = e;
        }
    }
    if (task_differs(r, g, j->step, k)) {
        q->own_task[q->n_own_task++] = k;
    }
}

/* What is said of task k for this job, now. */
static void tell_task(struct run *r, struct kept_question *q, uint32_t row, uint32_t k)
{
    struct job *j = &r->job[row];
    struct ts_task *t = &q->task[k];
    j->step = workload_task_row(r->s, j->workload, k);
    question_describe(r, t, j, candidates_at(r, j));
    graph_tell(r, row, k, t);
    for (uint32_t c = 0; r->needs && c < t->n_cand; c++) {
        question_estimate(r, q->est, t, row, true, q->cand[t->cand + c], t->cand + c);
    }
}

static void tell_edge(struct run *r, struct kept_question *q, uint32_t row, uint32_t e)
{
    const uint32_t step = workload_task_row(r->s, r->job[row].workload, q->edge[e].to);
    q->edge[e].bits = graph_edge_bits(r, row, e, r->home[step].told);
    if (q->packed) {
        const struct packing *p = &r->s->workload[r->job[row].workload].graph->edge[e].packing;
        const double bits = p->ratio > 0 ? q->edge[e].bits / p->ratio : NAN;
        q->packed[e] = (struct ts_packed){bits, p->pack_flop, p->unpack_flop, p->loss};
    }
}

/* The question as it is about the job, of which nothing is kept. */
static bool make(struct run *r, struct kept_question *q, uint32_t row)
{
    struct job *j = &r->job[row];
    const struct graph *g = r->s->workload[j->workload].graph;
    uint32_t n_cand = 0, n_grade = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        j->step = workload_task_row(r->s, j->workload, k);
        n_cand += candidates_at(r, j)->n;
        n_grade += g->task[k].n_grade;
    }
    if ((!q->made || n_cand > q->room) && !reserve(r, q, g, n_cand, n_grade)) {
        run_fail(r, "out of memory for a question");
        return false;
    }
    q->site = list_site(r, j);
    q->n_cand = q->n_grade = q->n_own_task = q->n_own_edge = q->n_own_cand = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        j->step = workload_task_row(r->s, j->workload, k);
        add_task(r, q, j, k);
        tell_task(r, q, row, k);
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        tell_edge(r, q, row, e);
    }
    return true;
}

/* The question that was about another job of the workload there. */
static void adapt(struct run *r, struct kept_question *q, uint32_t row)
{
    const struct job *j = &r->job[row];
    const uint32_t n_task = r->s->workload[j->workload].graph->n_task;
    for (uint32_t i = 0; i < q->n_own_cand; i++) {
        q->cand[q->own_cand[i]] += j->node - q->node;
    }
    for (uint32_t k = 0; k < n_task; k++) {
        struct ts_task *t = &q->task[k];
        t->job = j->ordinal;
        t->origin = j->node;
        t->tries = j->tries;
        t->released_s = j->release_s;
        t->deadline_s = j->deadline_s;
    }
    for (uint32_t i = 0; i < q->n_own_task; i++) {
        tell_task(r, q, row, q->own_task[i]);
    }
    for (uint32_t i = 0; i < q->n_own_edge; i++) {
        tell_edge(r, q, row, q->own_edge[i]);
    }
}

bool question_put_graph(struct run *r, uint32_t row, enum ts_why why)
{
    struct job *j = &r->job[row];
    const struct graph *g = r->s->workload[j->workload].graph;
    struct kept_question *q =
        &r->kept[(size_t)j->workload * r->n_kept_site + (r->n_kept_site > 1 ? list_site(r, j) : 0)];
    if (q->made && q->site == list_site(r, j) && !r->control) { /* controllers have candidates of their own */
        adapt(r, q, row);
    } else if (!make(r, q, row)) {
        return false;
    }
    q->node = j->node;
    j->step = j->workload;
    if (r->control) {
        view_show(r, r->control->asking, q->cand, q->n_cand);
    }
    r->asked[0] = row;
    r->asked_graph = true;
    r->checker.can |= PLAN_CAN_RANGE | (g->exits ? PLAN_CAN_EXIT : 0);
    question_send(r, q->task, q->cand, g->n_task, q->n_cand, g->n_edge, why);
    r->ask.est = (const double *const *)q->est;
    r->ask.edge = q->edge;
    r->ask.grade = q->grade;
    r->ask.n_grade = q->n_grade;
    r->ask.packed = q->packed;
    return true;
}
