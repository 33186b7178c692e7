/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/timetable.h"

#include <stdbool.h>

int timetable_init(struct timetable *tt, const struct task_graph *g)
{
    const struct problem *q = g->q;
    *tt = (struct timetable){.g = g,
                             .visit = scratch_take(q->scratch, q->n_task, sizeof *tt->visit),
                             .head = scratch_take(q->scratch, problem_n_lane(q), sizeof *tt->head),
                             .order = scratch_take(q->scratch, q->n_task, sizeof *tt->order)};
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for a timetable of %u tasks", q->n_task);
    }
    timetable_wipe(tt);
    return 0;
}

void timetable_wipe(struct timetable *tt)
{
    for (uint32_t i = 0; i < tt->g->q->n_task; i++) {
        tt->visit[i].option = TS_NONE;
    }
    for (uint32_t lane = 0; lane < problem_n_lane(tt->g->q); lane++) {
        tt->head[lane] = TS_NONE;
    }
    tt->n = 0;
}

double timetable_ready_s(const struct timetable *tt, uint32_t task, uint32_t option)
{
    const struct task_graph *g = tt->g;
    const struct option *o = &g->q->option[option];
    if (task_graph_is_entry(g, task)) {
        return o->in_s;
    }
    double ready_s = 0;
    for (uint32_t a = g->first_in[task]; a < g->first_in[task + 1]; a++) {
        const struct visit *from = &tt->visit[g->in[a].task];
        if (from->option != TS_NONE) {
            uint32_t place = g->q->option[from->option].place;
            double there_s = from->end_s + task_graph_way_s(g, g->in[a].bits, place, o->place);
            ready_s = there_s > ready_s ? there_s : ready_s;
        }
    }
    return ready_s;
}

/* Start of the first gap of run_s on a lane, not before ready_s. */
static double first_gap(const struct timetable *tt, uint32_t lane, double ready_s, double run_s)
{
    double start_s = tt->g->q->lane_s[lane];
    start_s = start_s < ready_s ? ready_s : start_s;
    for (uint32_t i = tt->head[lane]; i != TS_NONE; i = tt->visit[i].next) {
        const struct visit *v = &tt->visit[i];
        if (start_s + run_s <= v->start_s) {
            break;
        }
        start_s = start_s < v->end_s ? v->end_s : start_s;
    }
    return start_s;
}

struct visit timetable_try(const struct timetable *tt, uint32_t task, uint32_t option)
{
    const struct problem *q = tt->g->q;
    const struct option *o = &q->option[option];
    double ready_s = timetable_ready_s(tt, task, option);
    struct visit best = {.option = option, .next = TS_NONE, .start_s = INFINITY};
    for (uint32_t lane = q->first_lane[o->place]; lane < q->first_lane[o->place + 1]; lane++) {
        double start_s = first_gap(tt, lane, ready_s, o->run_s);
        if (start_s < best.start_s) {
            best.start_s = start_s;
            best.lane = lane;
        }
    }
    best.end_s = best.start_s + o->run_s;
    return best;
}

struct visit timetable_best(const struct timetable *tt, uint32_t task)
{
    const struct problem *q = tt->g->q;
    struct visit best = {.option = TS_NONE};
    double best_s = INFINITY;
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        struct visit v = timetable_try(tt, task, o);
        double finish_s = timetable_finish_s(tt, task, &v);
        if (finish_s < best_s) {
            best = v;
            best_s = finish_s;
        }
    }
    return best;
}

/* The link that leads to the task that is to come behind a start. */
static uint32_t *link_before(struct timetable *tt, uint32_t lane, double start_s)
{
    uint32_t *link = &tt->head[lane];
    while (*link != TS_NONE && tt->visit[*link].start_s <= start_s && tt->visit[*link].end_s <= start_s) {
        link = &tt->visit[*link].next;
    }
    return link;
}

void timetable_put(struct timetable *tt, uint32_t task, struct visit v)
{
    uint32_t *link = link_before(tt, v.lane, v.start_s);
    v.next = *link;
    *link = task;
    tt->visit[task] = v;
    tt->order[tt->n++] = task;
}

void timetable_undo(struct timetable *tt)
{
    uint32_t task = tt->order[--tt->n];
    uint32_t *link = &tt->head[tt->visit[task].lane];
    while (*link != task) {
        link = &tt->visit[*link].next;
    }
    *link = tt->visit[task].next;
    tt->visit[task].option = TS_NONE;
}

void timetable_place_list(struct timetable *tt, const uint32_t *list)
{
    for (uint32_t k = 0; k < tt->g->q->n_task; k++) {
        struct visit best = timetable_best(tt, list[k]);
        if (best.option != TS_NONE) {
            timetable_put(tt, list[k], best);
        }
    }
}

double timetable_makespan_s(const struct timetable *tt)
{
    double latest_s = 0;
    for (uint32_t k = 0; k < tt->n; k++) {
        double finish_s = timetable_finish_s(tt, tt->order[k], &tt->visit[tt->order[k]]);
        latest_s = finish_s > latest_s ? finish_s : latest_s;
    }
    return latest_s;
}

static void step(struct ts_plan *p, uint32_t task, ts_id place)
{
    struct ts_step *s = &p->step[p->n++];
    s->verb = place == TS_NONE ? TS_REJECT : TS_PLACE;
    s->task = task;
    s->place = place;
}

/* Some task of the job has nowhere to go. */
static bool is_lost(const struct timetable *tt, uint64_t job)
{
    for (uint32_t i = 0; i < tt->g->q->n_task; i++) {
        if (tt->visit[i].option == TS_NONE && ts_task_at(tt->g->q->ask, i)->job == job) {
            return true;
        }
    }
    return false;
}

static void answer(const struct timetable *tt, struct ts_plan *p)
{
    const struct problem *q = tt->g->q;
    bool all = tt->n == q->n_task;
    for (uint32_t k = 0; k < tt->n; k++) {
        uint32_t task = tt->order[k];
        bool lost = !all && is_lost(tt, ts_task_at(q->ask, task)->job);
        step(p, task, lost ? TS_NONE : q->option[tt->visit[task].option].at);
    }
    for (uint32_t i = 0; !all && i < q->n_task; i++) {
        if (tt->visit[i].option == TS_NONE) {
            step(p, i, TS_NONE);
        }
    }
}

int timetable_decide(timetable_rule *rule, void *st, struct planner *planner, const struct ts_host *h,
                     const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p)
{
    struct problem q;
    struct task_graph g;
    struct timetable tt;
    if (a->n_task == 1) {
        uint32_t k = pick_soonest(v, a, a->task);
        return k == TS_NONE ? ts_answer_reject(p) : ts_answer_place(p, ts_candidate(a, a->task, k));
    }
    if (problem_state(&q, planner, h, v, a) < 0 || task_graph_init(&g, &q) < 0 || timetable_init(&tt, &g) < 0 ||
        rule(st, &tt) < 0) {
        return -1;
    }
    if (a->n_task > p->cap && h->more(h->ctx, p, a->n_task) < 0) {
        return h->fail(h->ctx, "no room for a plan of %u steps", a->n_task);
    }
    answer(&tt, p);
    return 0;
}
