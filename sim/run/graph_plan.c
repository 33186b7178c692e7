/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph_plan.c - a plan for all tasks of a job: which run together as one service, where, and in what order their data go.
 */
#include <string.h>

#include "sim/run/graph_impl.h"

/* Predecessors that send task k something and run with it: those from its leader on. */
static uint32_t n_with(const struct whole *w, uint32_t k, uint32_t leader)
{
    const struct task_spec *spec = &w->g->task[k];
    uint32_t n = 0;
    for (uint32_t e = spec->first_in; e < spec->first_in + spec->n_in; e++) {
        n += w->g->edge[e].from >= leader && is_live(w, e);
    }
    return n;
}

/* What the plan says of exits: other jobs may end there. */
static void choose(struct run *r, struct whole *w, const struct ts_step *step, uint32_t n)
{
    double *leaves = w->live->leaves;
    bool chosen = false;
    for (uint32_t k = 0; k < w->g->n_task; k++) {
        leaves[k] = w->g->task[k].leaves;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (step[i].verb == TS_CANCEL || step[i].value > 0) {
            leaves[step[i].task] = step[i].verb == TS_CANCEL ? -1 : step[i].value;
            chosen = true;
        }
    }
    if (chosen) {
        graph_set_out(r, w, leaves);
    }
}

/* Where and how the tasks of the step are to run, as one service. */
static void plan_step(struct run *r, uint32_t row, const struct ts_step *step, uint64_t ask)
{
    struct whole w = whole_of(r, row);
    uint32_t first = step->task, last = step->upto ? step->upto : first;
    double flop = 0;
    while (first <= last && w.task[first].state == TASK_OUT) {
        first++;
    }
    if (first > last) {
        return;
    }
    struct task_live *leader = &w.task[first];
    leader->last = last;
    for (uint32_t k = first; k <= last; k++) {
        struct task_live *t = &w.task[k];
        if (t->state == TASK_OUT) {
            continue;
        }
        t->place = step->place;
        t->leader = first;
        t->rank = ++w.job->n_planned;
        t->ask = ask;
        t->tag = step->tag;
        t->decided = true;
        t->packs = step->flags & TS_PACK;
        flop += graph_announced_flop(r, &w, k) * beside(r, &w, k, first, step->place);
        const uint32_t with = n_with(&w, k, first);
        t->wants = t->wants > with ? t->wants - with : 0; /* those that run with it are there by then */
        leader->open += t->wants > 0;
    }
    leader->level = (uint8_t)step->level;
    leader->estimate_s = flop / r->place[step->place].work_per_s *
                         run_stretch(r, workload_task_row(r->s, r->job[row].workload, first), step->place, leader->level);
}

const struct ts_step *graph_plan(struct run *r, uint32_t row, const struct ts_step *step, uint32_t n, uint64_t ask)
{
    struct whole w = whole_of(r, row);
    for (uint32_t i = 0; i < n; i++) {
        if (step[i].verb == TS_REJECT) {
            return &step[i];
        }
    }
    if (w.live->leaves) {
        choose(r, &w, step, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        if (step[i].verb == TS_PLACE) {
            plan_step(r, row, &step[i], ask);
        }
    }
    if (w.packed) {
        graph_pack(r, &w);
    }
    return NULL;
}

/* Are all tasks planned in the order of their numbers? */
static bool is_in_order(const struct whole *w)
{
    uint32_t rank = 0;
    for (uint32_t k = 0; k < w->g->n_task; k++) {
        if (w->task[k].state != TASK_OUT && w->task[k].rank != ++rank) {
            return false;
        }
    }
    return true;
}

/* Tasks in the order of the plan, then those that are not in it; and so what each is followed by. */
static void put_in_order(struct run *r, const struct whole *w, uint32_t *out)
{
    const struct graph *g = w->g;
    uint32_t n = w->job->n_planned;
    for (uint32_t k = 0; k < g->n_task; k++) {
        r->order[w->task[k].rank ? w->task[k].rank - 1 : n++] = k;
        r->filled[k] = 0;
    }
    for (uint32_t i = 0; i < g->n_task; i++) {
        const struct task_spec *t = &g->task[r->order[i]];
        for (uint32_t e = t->first_in; e < t->first_in + t->n_in; e++) {
            const uint32_t from = g->edge[e].from;
            out[g->task[from].first_out + r->filled[from]++] = e;
        }
    }
}

void graph_planned(struct run *r, uint32_t row)
{
    struct whole w = whole_of(r, row);
    uint32_t *out = &w.live->out[(size_t)r->job[row].block * w.g->n_edge];
    r->job[row].placed_s = r->now_s;
    if (is_in_order(&w)) {
        memcpy(out, w.g->out, w.g->n_edge * sizeof *out);
        graph_enter(r, &w, NULL);
        return;
    }
    put_in_order(r, &w, out);
    graph_enter(r, &w, r->order);
}
