/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph_told.c - what a policy is told of a job of several tasks. */
#include "sim/run/graph_impl.h"

struct data_at graph_data(struct run *r, uint32_t row, uint32_t i)
{
    const struct job *j = &r->job[row];
    struct whole w = whole_of(r, j->whole);
    uint32_t k = j->part - 1, link = w.g->task[k].n_in ? w.g->task[k].first_in + i : graph_input(w.g, k);
    const struct link_live *l = &w.link[link];
    return (struct data_at){.place = place_of_data(&w, link), .bits = l->state == LINK_THERE ? l->bits : -1};
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
