/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/task_graph.h"

#include <stdbool.h>

static int no_memory(const struct problem *q)
{
    return q->host->fail(q->host->ctx, "out of memory for a graph of %u tasks and %u edges", q->n_task, q->ask->n_edge);
}

/* An edge between two tasks of the question; others come from what is decided already. */
static bool is_inner(const struct problem *q, const struct ts_edge *e)
{
    return e->from < q->n_task && e->to < q->n_task;
}

/* Arcs by their head (in) and by their tail (out): counted, summed up, filled in from behind. */
static void sort_arcs(struct task_graph *g)
{
    const struct problem *q = g->q;
    uint32_t n_in = 0, n_out = 0;
    for (uint32_t e = 0; e < q->ask->n_edge; e++) {
        const struct ts_edge *edge = &q->ask->edge[e];
        if (is_inner(q, edge)) {
            g->first_in[edge->to]++;
            g->first_out[edge->from]++;
        }
    }
    for (uint32_t i = 0; i <= q->n_task; i++) {
        g->first_in[i] = n_in += g->first_in[i];
        g->first_out[i] = n_out += g->first_out[i];
    }
    for (uint32_t e = q->ask->n_edge; e-- > 0;) {
        const struct ts_edge *edge = &q->ask->edge[e];
        if (is_inner(q, edge)) {
            g->in[--g->first_in[edge->to]] = (struct arc){edge->from, edge->bits};
            g->out[--g->first_out[edge->from]] = (struct arc){edge->to, edge->bits};
        }
    }
}

static void find_ways(struct task_graph *g)
{
    const struct problem *q = g->q;
    struct way sum = {0, 0};
    double n = 0;
    for (uint32_t from = 0; from < q->n_place; from++) {
        for (uint32_t to = 0; to < q->n_place; to++) {
            struct way *w = &g->way[(size_t)from * q->n_place + to];
            ts_id a = (ts_id)ts_known(q->view, TS_NODE, q->place[from]), b = (ts_id)ts_known(q->view, TS_NODE, q->place[to]);
            double rate_bps = INFINITY, delay_s = 0;
            bool joined = a == b || q->host->path(q->host->ctx, a, b, &rate_bps, &delay_s) >= 0;
            *w = joined ? (struct way){delay_s, 1 / rate_bps} : (struct way){INFINITY, INFINITY};
            if (from != to && w->delay_s + w->s_per_bit < INFINITY) {
                sum.delay_s += w->delay_s;
                sum.s_per_bit += w->s_per_bit;
                n++;
            }
        }
    }
    g->mean = n > 0 ? (struct way){sum.delay_s / n, sum.s_per_bit / n} : sum;
}

int task_graph_list(const struct task_graph *g, const double *rank, uint32_t *list)
{
    const struct problem *q = g->q;
    uint32_t *awaits = scratch_take(q->scratch, q->n_task, sizeof *awaits);
    uint32_t *ready = scratch_take(q->scratch, q->n_task, sizeof *ready), n_ready = 0, n = 0;
    if (q->scratch->failed) {
        return no_memory(q);
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        awaits[i] = g->first_in[i + 1] - g->first_in[i];
        if (awaits[i] == 0) {
            ready[n_ready++] = i;
        }
    }
    while (n_ready > 0) {
        uint32_t k = 0;
        for (uint32_t j = 1; j < n_ready; j++) {
            double mine = rank ? rank[ready[j]] : 0, best = rank ? rank[ready[k]] : 0;
            k = mine > best || (mine == best && ready[j] < ready[k]) ? j : k;
        }
        uint32_t task = list[n++] = ready[k];
        ready[k] = ready[--n_ready];
        for (uint32_t a = g->first_out[task]; a < g->first_out[task + 1]; a++) {
            if (--awaits[g->out[a].task] == 0) {
                ready[n_ready++] = g->out[a].task;
            }
        }
    }
    return n == q->n_task ? 0 : q->host->fail(q->host->ctx, "the edges of %u tasks go in a circle", q->n_task - n);
}

int task_graph_init(struct task_graph *g, const struct problem *q)
{
    struct scratch *s = q->scratch;
    uint32_t n_edge = q->ask->n_edge;
    *g = (struct task_graph){.q = q,
                             .first_in = scratch_zero(s, q->n_task + 1u, sizeof *g->first_in),
                             .first_out = scratch_zero(s, q->n_task + 1u, sizeof *g->first_out),
                             .in = scratch_take(s, n_edge, sizeof *g->in),
                             .out = scratch_take(s, n_edge, sizeof *g->out),
                             .order = scratch_take(s, q->n_task, sizeof *g->order),
                             .way = scratch_take(s, (size_t)q->n_place * q->n_place, sizeof *g->way)};
    if (s->failed) {
        return no_memory(q);
    }
    sort_arcs(g);
    if (n_edge > 0) {
        find_ways(g);
    }
    return task_graph_list(g, NULL, g->order);
}

double task_graph_mean_run_s(const struct task_graph *g, uint32_t task)
{
    double sum = 0;
    uint32_t n = problem_n_option(g->q, task);
    for (uint32_t o = g->q->first[task]; o < g->q->first[task + 1]; o++) {
        sum += g->q->option[o].run_s;
    }
    return n ? sum / n : 0;
}

void task_graph_rank_up(const struct task_graph *g, double *rank)
{
    for (uint32_t k = g->q->n_task; k-- > 0;) {
        uint32_t i = g->order[k];
        double after_s = 0;
        for (uint32_t a = g->first_out[i]; a < g->first_out[i + 1]; a++) {
            double s = way_s(&g->mean, g->out[a].bits) + rank[g->out[a].task];
            after_s = s > after_s ? s : after_s;
        }
        rank[i] = task_graph_mean_run_s(g, i) + after_s;
    }
}

void task_graph_rank_down(const struct task_graph *g, double *rank)
{
    for (uint32_t k = 0; k < g->q->n_task; k++) {
        uint32_t i = g->order[k];
        rank[i] = 0;
        for (uint32_t a = g->first_in[i]; a < g->first_in[i + 1]; a++) {
            uint32_t j = g->in[a].task;
            double s = rank[j] + task_graph_mean_run_s(g, j) + way_s(&g->mean, g->in[a].bits);
            rank[i] = s > rank[i] ? s : rank[i];
        }
    }
}
