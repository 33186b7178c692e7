/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph_told.c - what a policy is told of a job of several tasks. */
#include "sim/run/graph_impl.h"

uint32_t graph_brought(const struct run *r, const struct whole *w, uint32_t link, uint32_t node)
{
    const struct graph *g = w->g;
    if (!g->shares || link >= g->n_edge || !g->edge[link].same) {
        return ROW_NONE;
    }
    const struct task_spec *from = &g->task[g->edge[link].from];
    for (uint32_t i = 0; i < from->n_out; i++) {
        const uint32_t e = g->out[from->first_out + i];
        const bool sent = e != link && g->edge[e].same == g->edge[link].same &&
                          (w->link[e].state == LINK_MOVES || w->link[e].state == LINK_CAME);
        if (sent && r->place[w->task[g->edge[e].to].place].node == node) {
            return e;
        }
    }
    return ROW_NONE;
}

struct data_at graph_data(struct run *r, uint32_t row, uint32_t i)
{
    const struct job *j = &r->job[row];
    struct whole w = whole_of(r, j->whole);
    uint32_t k = j->part - 1, link = w.g->task[k].n_in ? w.g->task[k].first_in + i : graph_input(w.g, k);
    const struct link_live *l = &w.link[link];
    return (struct data_at){.place = place_of_data(&w, link), .bits = l->state == LINK_THERE ? l->bits : -1};
}

enum link_state graph_data_state(struct run *r, uint32_t row, uint32_t i, uint32_t place)
{
    const struct job *j = &r->job[row];
    struct whole w = whole_of(r, j->whole);
    const struct task_spec *t = &w.g->task[j->part - 1];
    const uint32_t by = t->n_in ? graph_brought(r, &w, t->first_in + i, r->place[place].node) : ROW_NONE;
    return by == ROW_NONE ? LINK_GOES : (enum link_state)w.link[by].state;
}

/* The work of a task as the policy is told it. */
double graph_announced_flop(const struct run *r, const struct whole *w, uint32_t k)
{
    const struct job *j = &r->job[w->row];
    const struct home *home = &r->home[workload_task_row(r->s, j->workload, k)];
    double flop = home->told ? w->task[k].work_flop : home->mean_flop;
    return home->guessed ? job_guess(r, j, graph_part_of_task(k), flop) : flop;
}

void graph_tell(struct run *r, uint32_t row, uint32_t k, struct ts_task *t)
{
    struct whole w = whole_of(r, row);
    t->in_bits = w.g->task[k].n_in ? 0 : r->job[row].input_bits;
    t->flop = graph_announced_flop(r, &w, k);
    if (r->home[r->job[row].step].told) {
        t->out_bits = w.task[k].is_exit || t->exit ? w.link[graph_output(w.g, k)].bits : 0;
    }
}

double graph_edge_bits(struct run *r, uint32_t row, uint32_t e, bool told)
{
    struct whole w = whole_of(r, row);
    return told ? w.link[e].bits : w.g->edge[e].data.mean;
}

uint32_t graph_n_data(const struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    uint32_t n = r->s->workload[j->workload].graph->task[j->part - 1].n_in;
    return n ? n : 1;
}
