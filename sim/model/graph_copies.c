/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/model/graph.h"

/* Edges that one between tasks of so many copies becomes: lane by lane where both have some. */
static uint32_t n_between(uint32_t from, uint32_t to)
{
    return from > 1 ? from : to;
}

static const char *name_copy(struct arena *a, const char *name, uint32_t i)
{
    char text[128];
    snprintf(text, sizeof text, "%s.%u", name, i + 1);
    return arena_copy(a, text);
}

struct graph_extent graph_extent(const struct graph *g, const uint32_t *copies)
{
    struct graph_extent x = {0, 0};
    for (uint32_t k = 0; k < g->n_task; k++) {
        x.n_task += copies[k];
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        x.n_edge += n_between(copies[g->edge[e].from], copies[g->edge[e].to]);
    }
    return x;
}

void graph_make_copies(struct graph *g, const uint32_t *copies, struct arena *a)
{
    const struct graph_extent x = graph_extent(g, copies);
    struct task_spec *task = ARENA_NEW(a, x.n_task, struct task_spec);
    struct edge_spec *edge = ARENA_NEW(a, x.n_edge + 1, struct edge_spec);
    uint32_t *first = ARENA_NEW(a, g->n_task, uint32_t), n = 0, n_edge = 0;
    if (a->failed) {
        return;
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        first[k] = n;
        for (uint32_t i = 0; i < copies[k]; i++, n++) {
            task[n] = g->task[k];
            task[n].name = copies[k] > 1 ? name_copy(a, g->task[k].name, i) : g->task[k].name;
        }
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        const uint32_t from = g->edge[e].from, to = g->edge[e].to;
        for (uint32_t i = 0; i < n_between(copies[from], copies[to]); i++) {
            edge[n_edge] = g->edge[e];
            edge[n_edge].from = first[from] + (copies[from] > 1 ? i : 0);
            edge[n_edge++].to = first[to] + (copies[to] > 1 ? i : 0);
        }
    }
    g->task = task;
    g->n_task = x.n_task;
    g->edge = edge;
    g->n_edge = x.n_edge;
}
