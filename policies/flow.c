/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/flow.h"

#include <math.h>
#include <stdbool.h>
#include <tiersim/policy.h>

struct flow flow_make(struct scratch *s, uint32_t n_node, uint32_t room)
{
    struct flow f = {.n_node = n_node, .room = 2 * room,
                     .head = scratch_take(s, n_node, sizeof(uint32_t)), .level = scratch_take(s, n_node, sizeof(uint32_t)),
                     .at = scratch_take(s, n_node, sizeof(uint32_t)), .queue = scratch_take(s, n_node, sizeof(uint32_t)),
                     .arc = scratch_take(s, 2 * (size_t)room, sizeof(struct flow_arc))};
    for (uint32_t i = 0; !s->failed && i < n_node; i++) {
        f.head[i] = TS_NONE;
    }
    return f;
}

void flow_add(struct flow *f, uint32_t from, uint32_t to, double capacity)
{
    f->arc[f->n_arc] = (struct flow_arc){to, f->head[from], capacity};
    f->head[from] = f->n_arc++;
    f->arc[f->n_arc] = (struct flow_arc){from, f->head[to], 0};
    f->head[to] = f->n_arc++;
}

/* Distances from the source over what is left; is the sink reached? */
static bool measure(struct flow *f, uint32_t source, uint32_t sink)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < f->n_node; i++) {
        f->level[i] = TS_NONE;
        f->at[i] = f->head[i];
    }
    f->level[source] = 0;
    f->queue[n++] = source;
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = f->head[f->queue[i]]; k != TS_NONE; k = f->arc[k].next) {
            if (f->arc[k].left > 0 && f->level[f->arc[k].to] == TS_NONE) {
                f->level[f->arc[k].to] = f->level[f->queue[i]] + 1;
                f->queue[n++] = f->arc[k].to;
            }
        }
    }
    return f->level[sink] != TS_NONE;
}

/* One path to the sink along rising levels, filled; the queue holds its arcs.  0: there is none. */
static double fill_path(struct flow *f, uint32_t source, uint32_t sink)
{
    uint32_t n = 0, node = source;
    while (node != sink) {
        uint32_t k = f->at[node];
        if (k == TS_NONE) {
            if (node == source) {
                return 0;
            }
            uint32_t back = f->queue[--n];
            node = f->arc[back ^ 1].to;
            f->at[node] = f->arc[back].next;
        } else if (f->arc[k].left > 0 && f->level[f->arc[k].to] == f->level[node] + 1) {
            f->queue[n++] = k;
            node = f->arc[k].to;
        } else {
            f->at[node] = f->arc[k].next;
        }
    }
    double least = INFINITY;
    for (uint32_t i = 0; i < n; i++) {
        least = f->arc[f->queue[i]].left < least ? f->arc[f->queue[i]].left : least;
    }
    for (uint32_t i = 0; i < n; i++) {
        f->arc[f->queue[i]].left -= least;
        f->arc[f->queue[i] ^ 1].left += least;
    }
    return least;
}

double flow_run(struct flow *f, uint32_t source, uint32_t sink)
{
    double all = 0;
    while (measure(f, source, sink)) {
        for (double more = fill_path(f, source, sink); more > 0; more = fill_path(f, source, sink)) {
            all += more;
        }
    }
    return all;
}
