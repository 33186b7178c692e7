/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ideal_graph.c - how soon a job of several tasks may end, and what it uses at least (docs/bounds.md, the critical path): each
 * task by itself at the place where its result is there first, as if each of those after it had it placed for itself alone.
 */
#include <math.h>

#include "sim/model/graph.h"
#include "sim/run/ideal_impl.h"

/* Places compared for the data between tasks of one job, at most; beyond, they take no time. */
enum { PAIRS = 20000 };

struct way_through {
    struct ideal *d;
    const struct ts_ask *a;
    const struct graph *g;
    const struct task_live *task; /* [n_task] of the job */
    const struct link_live *link;
    const struct job *job;
    bool together; /* data between tasks take no time */
};

/* When data of a link that may go at t_s are at another place; ROW_NONE: the node of the job. */
static double move_s(const struct way_through *w, uint32_t link, uint32_t from_place, uint32_t to_place, double t_s)
{
    struct run *r = w->d->r;
    struct leg leg;
    struct job part = *w->job; /* latencies are drawn for the part */
    const double ratio = link < w->g->n_edge ? fmax(w->g->edge[link].packing.ratio, 1) : 1;
    part.part = graph_part_of_link(w->g, link);
    data_way(r, w->job, from_place, to_place, &leg);
    for (uint32_t h = 0; h < leg.n_hop; h++) {
        const uint32_t channel = leg_hop(r, &leg, h);
        t_s = ideal_through_s(w->d, channel, t_s + ideal_latency_s(w->d, &part, channel, leg.back), w->link[link].bits / ratio);
    }
    return t_s;
}

static bool is_part(const struct way_through *w, uint32_t k)
{
    return w->task[k].state != TASK_OUT;
}

/* Does the edge carry data in this job? */
static bool is_live(const struct way_through *w, uint32_t e)
{
    return w->link[e].state != LINK_QUIET && is_part(w, w->g->edge[e].from);
}

/* Predecessors of a task that are part of the job and send it something. */
static uint32_t n_before(const struct way_through *w, uint32_t k)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->g->task[k].n_in; i++) {
        n += is_live(w, w->g->task[k].first_in + i);
    }
    return n;
}

/* The least of finish over the places of a task, each as data at place `to` (of a link), or without moving. */
static double first_there_s(const struct way_through *w, uint32_t from, uint32_t link, uint32_t to)
{
    const struct ts_task *t = ts_task_at(w->a, from);
    double least_s = INFINITY;
    for (uint32_t c = 0; c < t->n_cand; c++) {
        const double done_s = w->d->done_s[t->cand + c];
        if (done_s < least_s) { /* else it comes no sooner */
            least_s = fmin(least_s, w->together ? done_s : move_s(w, link, ts_candidate(w->a, t, c), to, done_s));
        }
    }
    return least_s;
}

/* When the join of task k may hold at a place: what it waits for comes one by one. */
static double ready_s(const struct way_through *w, uint32_t k, uint32_t place)
{
    const struct task_spec *spec = &w->g->task[k];
    double *came_s = w->d->came_s;
    uint32_t n = 0;
    if (spec->n_in == 0) {
        return move_s(w, graph_input(w->g, k), ROW_NONE, place, w->d->r->now_s);
    }
    for (uint32_t i = 0; i < spec->n_in; i++) {
        const uint32_t link = spec->first_in + i;
        if (is_live(w, link)) {
            const double s = first_there_s(w, w->g->edge[link].from, link, place);
            uint32_t at = n++;
            for (; at > 0 && came_s[at - 1] > s; at--) {
                came_s[at] = came_s[at - 1];
            }
            came_s[at] = s;
        }
    }
    const uint32_t wanted = spec->at_least && spec->at_least < n ? spec->at_least : n;
    return came_s[wanted - 1];
}

/* Service of task k at a place, s, and what it uses, J, each at the best level; rounds cost it nothing, as others may bear that. */
static void serve(const struct way_through *w, uint32_t k, uint32_t place, double *run_s, double *run_j)
{
    const struct run *r = w->d->r;
    const struct pool *pool = &r->s->pool[r->place_pool[place]];
    const uint32_t step = workload_task_row(r->s, w->job->workload, k);
    *run_s = *run_j = INFINITY;
    for (uint32_t level = 0; level <= pool->n_level; level++) {
        const double s = w->task[k].work_flop * run_stretch(r, step, place, level) / pool->speed_flops;
        const double busy_w = level_w(r, place, level);
        const bool batch = pool->discipline == DISCIPLINE_BATCH;
        const double alone_j = (s + (batch ? pool->batch_overhead_s : 0)) * busy_w;
        *run_s = fmin(*run_s, s);
        *run_j = fmin(*run_j, !batch ? s * busy_w : busy_w < 0 ? alone_j : s * busy_w / pool->batch_max);
    }
}

/* From the last task to the first: a task is surely done if the job waits for it, or one that waits for all before it does. */
static void find_needed(const struct way_through *w)
{
    for (uint32_t k = w->g->n_task; k-- > 0;) {
        const struct task_spec *spec = &w->g->task[k];
        bool needed = is_part(w, k) && w->task[k].is_exit;
        for (uint32_t i = 0; is_part(w, k) && i < spec->n_out; i++) {
            const uint32_t e = w->g->out[spec->first_out + i], to = w->g->edge[e].to;
            const uint32_t at_least = w->g->task[to].at_least;
            needed |= w->d->needed[to] && is_live(w, e) && (at_least == 0 || at_least >= n_before(w, to));
        }
        w->d->needed[k] = needed;
    }
}

static bool compares_all(const struct way_through *w)
{
    uint64_t pairs = 0;
    for (uint32_t e = 0; e < w->g->n_edge; e++) {
        pairs += (uint64_t)ts_task_at(w->a, w->g->edge[e].from)->n_cand * ts_task_at(w->a, w->g->edge[e].to)->n_cand;
    }
    return pairs <= PAIRS;
}

bool ideal_graph(struct ideal *d, const struct ts_ask *a, uint32_t row, struct ideal_choice *out, double *work_flop)
{
    const struct run *r = d->r;
    const struct job *j = &r->job[row];
    const struct graph *g = r->s->workload[j->workload].graph;
    const struct graph_live *live = &r->graph[j->workload];
    struct way_through w = {.d = d, .a = a, .g = g, .job = j, .task = &live->task[(size_t)j->block * g->n_task],
                            .link = &live->link[(size_t)j->block * graph_n_link(g)]};
    const double now_s = r->now_s;
    double first_s = INFINITY, last_s = 0, end_s = 0;
    w.together = !compares_all(&w);
    find_needed(&w);
    *out = (struct ideal_choice){.place = ROW_NONE, .out_s = INFINITY};
    *work_flop = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        const struct ts_task *t = ts_task_at(a, k);
        double least_j = INFINITY, least_flop = INFINITY, back_s = INFINITY;
        for (uint32_t c = 0; is_part(&w, k) && c < t->n_cand; c++) {
            const uint32_t place = ts_candidate(a, t, c);
            double run_s, run_j, from_s = ready_s(&w, k, place);
            serve(&w, k, place, &run_s, &run_j);
            double *done_s = &d->done_s[t->cand + c];
            *done_s = from_s + run_s;
            least_j = fmin(least_j, run_j);
            least_flop = fmin(least_flop, w.task[k].work_flop * run_stretch(r, workload_task_row(r->s, j->workload, k), place, 0));
            first_s = g->task[k].n_in == 0 ? fmin(first_s, from_s) : first_s;
            if (w.task[k].is_exit) {
                const double there_s = move_s(&w, graph_output(g, k), place, ROW_NONE, *done_s);
                back_s = fmin(back_s, there_s);
                out->out_s = fmin(out->out_s, there_s - *done_s);
            }
        }
        if (d->needed[k] && isinf(least_j)) {
            return false;
        }
        end_s = is_part(&w, k) && w.task[k].is_exit ? fmax(end_s, back_s) : end_s;
        out->run_j += d->needed[k] ? least_j : fmin(0, isinf(least_j) ? 0 : least_j);
        *work_flop += d->needed[k] ? least_flop : 0;
        last_s = fmax(last_s, end_s);
    }
    out->in_s = first_s - now_s;
    out->run_s = fmax(0, last_s - now_s - out->in_s - out->out_s);
    return isfinite(last_s);
}
