/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph_pack.c - data that go packed between nodes, where a plan asks for it and the scenario offers it.  What several tasks
 * read is packed once, for all nodes; each service that reads it unpacks it once.  All that is work of the services at both
 * ends.
 */
#include "sim/run/graph_impl.h"

/* Data that the reader has asked for packed, and that go to another node. */
static bool asks(const struct run *r, const struct whole *w, uint32_t e)
{
    const struct edge_spec *edge = &w->g->edge[e];
    const struct task_live *from = &w->task[edge->from], *to = &w->task[edge->to];
    return edge->packing.ratio > 0 && to->packs && to->state != TASK_OUT && is_live(w, e) && from->place != ROW_NONE &&
           r->place[from->place].node != r->place[to->place].node;
}

static bool same_data(const struct graph *g, uint32_t e, uint32_t f)
{
    return e == f || (g->edge[e].same && g->edge[e].same == g->edge[f].same && g->edge[e].from == g->edge[f].from);
}

static bool runs_with(const struct whole *w, uint32_t k, uint32_t leader)
{
    return w->task[k].state != TASK_OUT && w->task[k].place != ROW_NONE && w->task[k].leader == leader;
}

/* Is the packed edge the first of those of its data that lead to tasks of a service, or of all (ROW_NONE)? */
static bool is_first(const struct whole *w, uint32_t e, uint32_t leader)
{
    const struct task_spec *from = &w->g->task[w->g->edge[e].from];
    for (uint32_t i = 0; w->g->edge[e].same && i < from->n_out && w->g->out[from->first_out + i] != e; i++) {
        const uint32_t f = w->g->out[from->first_out + i];
        if (w->packed[f] && same_data(w->g, e, f) && (leader == ROW_NONE || runs_with(w, w->g->edge[f].to, leader))) {
            return false;
        }
    }
    return true;
}

double graph_packing_flop(const struct run *r, const struct whole *w, uint32_t leader)
{
    const struct graph *g = w->g;
    double flop = 0;
    for (uint32_t k = leader; k <= w->task[leader].last; k++) {
        const struct task_spec *t = &g->task[k];
        if (!runs_with(w, k, leader)) {
            continue;
        }
        for (uint32_t e = t->first_in; e < t->first_in + t->n_in; e++) {
            flop += w->packed[e] && is_first(w, e, leader) ? g->edge[e].packing.unpack_flop : 0;
        }
        for (uint32_t i = 0; i < t->n_out; i++) {
            const uint32_t e = g->out[t->first_out + i];
            flop += w->packed[e] && is_first(w, e, ROW_NONE) ? g->edge[e].packing.pack_flop : 0;
        }
    }
    const uint32_t step = workload_task_row(r->s, r->job[w->row].workload, leader);
    return flop > 0 ? flop / run_stretch(r, step, w->task[leader].place, 0) : 0;
}

/* To a node data go once: as they are wanted by any of those who read them there. */
static void mark(const struct run *r, const struct whole *w, uint32_t e)
{
    const struct edge_spec *edge = &w->g->edge[e];
    const struct task_spec *from = &w->g->task[edge->from];
    w->packed[e] = 1;
    for (uint32_t i = 0; edge->same && i < from->n_out; i++) {
        const uint32_t f = w->g->out[from->first_out + i], place = w->task[w->g->edge[f].to].place;
        w->packed[f] |= same_data(w->g, e, f) && place != ROW_NONE && w->task[w->g->edge[f].to].state != TASK_OUT &&
                        r->place[place].node == r->place[w->task[edge->to].place].node;
    }
}

void graph_pack(struct run *r, struct whole *w)
{
    const struct graph *g = w->g;
    for (uint32_t e = 0; e < g->n_edge; e++) {
        if (asks(r, w, e)) {
            mark(r, w, e);
        }
    }
    for (uint32_t e = 0; e < g->n_edge; e++) {
        if (w->packed[e]) {
            w->link[e].bits /= g->edge[e].packing.ratio;
            w->job->loss += is_first(w, e, ROW_NONE) ? g->edge[e].packing.loss : 0;
        }
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        struct task_live *t = &w->task[k];
        if (t->state != TASK_OUT && t->place != ROW_NONE && t->leader == k) {
            const uint32_t step = workload_task_row(r->s, r->job[w->row].workload, k);
            t->estimate_s += graph_packing_flop(r, w, k) / r->place[t->place].work_per_s * run_stretch(r, step, t->place, t->level);
        }
    }
}
