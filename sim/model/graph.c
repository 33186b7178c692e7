/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/graph.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A task is next if all its predecessors have a place in the order; of several the first as given (Kahn 1962). */
static uint32_t order_tasks(const struct graph *g, uint32_t *left, uint32_t *order)
{
    for (uint32_t e = 0; e < g->n_edge; e++) {
        left[g->edge[e].to]++;
    }
    for (uint32_t n = 0; n < g->n_task; n++) {
        uint32_t next = 0;
        while (next < g->n_task && left[next] != 0) {
            next++;
        }
        if (next == g->n_task) {
            return n;
        }
        order[n] = next;
        left[next] = UINT32_MAX;
        for (uint32_t e = 0; e < g->n_edge; e++) {
            left[g->edge[e].to] -= g->edge[e].from == next;
        }
    }
    return g->n_task;
}

/* From a task that waits for another that waits, back and back: after n_task steps one is on a cycle. */
static uint32_t find_cycle(const struct graph *g, const uint32_t *left)
{
    uint32_t task = 0;
    while (left[task] == UINT32_MAX) {
        task++;
    }
    for (uint32_t step = 0; step < g->n_task; step++) {
        uint32_t e = 0;
        while (g->edge[e].to != task || left[g->edge[e].from] == UINT32_MAX) {
            e++;
        }
        task = g->edge[e].from;
    }
    return task;
}

static int by_to(const void *va, const void *vb)
{
    const struct edge_spec *a = va, *b = vb;
    return a->to != b->to ? (a->to > b->to) - (a->to < b->to) : (a->from > b->from) - (a->from < b->from);
}

static void list_edges(struct graph *g)
{
    qsort(g->edge, g->n_edge, sizeof *g->edge, by_to);
    for (uint32_t e = g->n_edge; e-- > 0;) {
        g->task[g->edge[e].to].first_in = e;
        g->task[g->edge[e].to].n_in++;
        g->task[g->edge[e].from].n_out++;
    }
    for (uint32_t k = 0, first = 0; k < g->n_task; k++) {
        g->task[k].first_out = first;
        first += g->task[k].n_out;
        g->task[k].n_out = 0;
        g->early |= g->task[k].at_least != 0 && g->task[k].at_least < g->task[k].n_in;
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        struct task_spec *from = &g->task[g->edge[e].from];
        g->out[from->first_out + from->n_out++] = e;
    }
}

/* Which edges carry the same data. */
static void find_tensors(struct graph *g)
{
    for (uint32_t e = 0; e < g->n_edge; e++) {
        g->edge[e].first = e;
        g->edge[e].same = 0;
        g->packs |= g->edge[e].packing.ratio > 0;
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        const uint32_t *out = &g->out[g->task[k].first_out];
        uint32_t n_tensor = 0;
        for (uint32_t i = 0; i < g->task[k].n_out; i++) {
            struct edge_spec *edge = &g->edge[out[i]];
            for (uint32_t j = 0; edge->tensor && !edge->same && j < i; j++) {
                const struct edge_spec *before = &g->edge[out[j]];
                if (before->tensor && strcmp(before->tensor, edge->tensor) == 0) {
                    edge->same = before->same;
                    edge->first = before->first;
                    g->shares = true;
                }
            }
            if (edge->tensor && !edge->same) {
                edge->same = ++n_tensor;
            }
        }
    }
    g->n_selective = 0;
    for (uint32_t e = 0; e < g->n_edge; e++) {
        g->n_selective += edge_is_selective(&g->edge[e]) && g->edge[e].first == e;
    }
}

uint32_t graph_sort(struct graph *g, struct arena *a)
{
    uint32_t *left = ARENA_NEW(a, g->n_task, uint32_t), *order = ARENA_NEW(a, g->n_task, uint32_t);
    uint32_t *row = ARENA_NEW(a, g->n_task, uint32_t);
    struct task_spec *task = ARENA_NEW(a, g->n_task, struct task_spec);
    g->out = ARENA_NEW(a, g->n_edge + 1, uint32_t);
    if (a->failed) {
        return ROW_NONE;
    }
    if (order_tasks(g, left, order) < g->n_task) {
        return find_cycle(g, left);
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        task[k] = g->task[order[k]];
        row[order[k]] = k;
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        g->edge[e].from = row[g->edge[e].from];
        g->edge[e].to = row[g->edge[e].to];
    }
    memcpy(g->task, task, g->n_task * sizeof *task);
    list_edges(g);
    find_tensors(g);
    return ROW_NONE;
}

void graph_runs(const struct graph *g, double latent, const uint8_t *quiet, const double *leaves, uint8_t *runs)
{
    enum { OUT, RUNS, LEAVES, BEHIND }; /* the job ends with its result; comes behind such a task */
    for (uint32_t k = 0; k < g->n_task; k++) {
        const struct task_spec *t = &g->task[k];
        const double share = leaves ? leaves[k] : t->leaves;
        bool reached = t->n_in == 0, behind = false;
        for (uint32_t e = t->first_in; e < t->first_in + t->n_in; e++) {
            const uint8_t from = runs[g->edge[e].from];
            reached |= from == RUNS && !(quiet && quiet[e]);
            behind |= from == LEAVES || from == BEHIND;
        }
        const bool part = reached && latent > t->when.above && latent <= t->when.below && !(share < 0);
        runs[k] = behind ? BEHIND : !part ? OUT : latent <= share ? LEAVES : RUNS;
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        runs[k] = runs[k] == RUNS || runs[k] == LEAVES;
    }
}

double graph_accuracy(const struct task_spec *t, double latent)
{
    uint32_t i = 0;
    while (i + 1 < t->n_grade && latent > t->grade[i].upto) {
        i++;
    }
    return t->n_grade ? t->grade[i].accuracy : NAN;
}

bool graph_is_exit(const struct graph *g, const uint8_t *quiet, const uint8_t *runs, uint32_t k)
{
    bool read = false;
    for (uint32_t i = 0; i < g->task[k].n_out; i++) {
        const uint32_t e = g->out[g->task[k].first_out + i];
        read |= runs[g->edge[e].to] && !(quiet && quiet[e]);
    }
    return runs[k] && !read;
}

uint32_t graph_levels(const struct graph *g, uint32_t *level)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        level[k] = 0;
        for (uint32_t e = g->task[k].first_in; e < g->task[k].first_in + g->task[k].n_in; e++) {
            const uint32_t before = level[g->edge[e].from];
            level[k] = before >= level[k] ? before + 1 : level[k];
        }
        n = level[k] >= n ? level[k] + 1 : n;
    }
    return n;
}

static int by_value(const void *va, const void *vb)
{
    const double *a = va, *b = vb;
    return (*a > *b) - (*a < *b);
}

/* The probability that of the selective edges just those of the set are quiet, which are then marked. */
static double mark_quiet(const struct graph *g, uint32_t set, uint8_t *quiet)
{
    double p = 1;
    for (uint32_t e = 0, i = 0; e < g->n_edge; e++) {
        const struct edge_spec *edge = &g->edge[e];
        quiet[e] = 0;
        if (edge->first < e) {
            quiet[e] = quiet[edge->first];
        } else if (edge_is_selective(edge)) {
            const double sends = edge->every > 1 ? 1. / edge->every : edge->chance;
            quiet[e] = set >> i++ & 1;
            p *= quiet[e] ? 1 - sends : sends;
        }
    }
    return p;
}

/* Jobs of those latent values and quiet edges, so many of all, have their shares; does one have a task at all? */
static bool add_shares(struct graph *g, double latent, const uint8_t *quiet, double share, uint8_t *runs)
{
    bool any = false;
    graph_runs(g, latent, quiet, NULL, runs);
    for (uint32_t k = 0; k < g->n_task; k++) {
        g->task[k].share += runs[k] ? share : 0;
        g->task[k].exit_share += graph_is_exit(g, quiet, runs, k) ? share : 0;
        any |= runs[k];
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        g->edge[e].share += !quiet[e] && runs[g->edge[e].from] && runs[g->edge[e].to] ? share : 0;
    }
    return any;
}

static void find_alike(struct graph *g)
{
    g->alike = g->n_selective == 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        const struct task_spec *t = &g->task[k];
        g->alike &= t->when.above <= 0 && t->when.below >= 1 && isnan(t->leaves);
    }
}

uint32_t graph_share(struct graph *g, struct arena *a, double *idle)
{
    double *border = ARENA_NEW(a, 3 * (size_t)g->n_task + 2, double);
    uint8_t *runs = ARENA_NEW(a, g->n_task, uint8_t), *quiet = ARENA_NEW(a, (size_t)g->n_edge + 1, uint8_t);
    uint32_t n = 0;
    *idle = NAN;
    find_alike(g);
    if (a->failed) {
        return ROW_NONE;
    }
    border[n++] = 0;
    border[n++] = 1;
    for (uint32_t k = 0; k < g->n_task; k++) {
        border[n++] = g->task[k].when.above;
        border[n++] = g->task[k].when.below;
        if (g->task[k].leaves > 0) {
            border[n++] = g->task[k].leaves;
        }
    }
    qsort(border, n, sizeof *border, by_value);
    for (uint32_t set = 0; set < 1u << g->n_selective; set++) {
        const double p = mark_quiet(g, set, quiet);
        for (uint32_t i = 1; i < n; i++) {
            const double middle = border[i - 1] / 2 + border[i] / 2, width = border[i] - border[i - 1];
            if (width > 0 && !add_shares(g, middle, quiet, p * width, runs)) {
                *idle = middle;
            }
        }
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        if (!(g->task[k].share > 0)) {
            return k;
        }
    }
    return ROW_NONE;
}

const char *graph_part_name(const struct workload *w, uint32_t part, char *buf, size_t n)
{
    const struct graph *g = w->graph;
    if (n > 0) {
        buf[0] = '\0';
    }
    if (part == 0 || !g) {
        return buf;
    }
    uint32_t link = part - 1 - g->n_task;
    if (part <= g->n_task) {
        snprintf(buf, n, "%s", g->task[part - 1].name);
    } else if (link < g->n_edge) {
        snprintf(buf, n, "%s > %s", g->task[g->edge[link].from].name, g->task[g->edge[link].to].name);
    } else if (link < graph_output(g, 0)) {
        snprintf(buf, n, "input > %s", g->task[link - g->n_edge].name);
    } else if (link < graph_n_link(g)) {
        snprintf(buf, n, "%s > output", g->task[link - graph_output(g, 0)].name);
    }
    return buf;
}
