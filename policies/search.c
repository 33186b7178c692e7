/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/search.h"

#include <stdbool.h>

static uint64_t next_random(struct search *f)
{
    uint64_t x = f->random += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

double search_uniform(struct search *f)
{
    return (double)(next_random(f) >> 11) * 0x1p-53;
}

uint32_t search_below(struct search *f, uint32_t n)
{
    return (uint32_t)(((next_random(f) >> 32) * n) >> 32);
}

struct solution solution_take(const struct search *f)
{
    const struct problem *q = f->tt->g->q;
    return (struct solution){.order = scratch_take(q->scratch, f->n, sizeof(uint32_t)),
                             .choice = scratch_take(q->scratch, q->n_task, sizeof(uint32_t)),
                             .cost = INFINITY};
}

void solution_copy(const struct search *f, struct solution *to, const struct solution *from)
{
    memcpy(to->order, from->order, f->n * sizeof *to->order);
    memcpy(to->choice, from->choice, f->tt->g->q->n_task * sizeof *to->choice);
    to->cost = from->cost;
}

void search_try(struct search *f, struct solution *s)
{
    struct timetable *tt = f->tt;
    double sum_s = 0, last_s = 0;
    f->left--;
    timetable_wipe(tt);
    for (uint32_t k = 0; k < f->n; k++) {
        uint32_t task = s->order[k];
        struct visit v = timetable_try(tt, task, s->choice[task]);
        if (!(v.start_s < INFINITY)) {
            s->cost = INFINITY; /* no way between two of the places */
            return;
        }
        timetable_put(tt, task, v);
        double finish_s = timetable_finish_s(tt, task, &v);
        last_s = finish_s > last_s ? finish_s : last_s;
        sum_s += finish_s;
    }
    s->cost = f->makespan * last_s + (1 - f->makespan) * (sum_s / f->n);
}

/* Positions that a task may take: behind all it waits for, before all that wait for it. */
static void find_room(struct search *f, const struct solution *s, uint32_t task, uint32_t *from, uint32_t *to)
{
    const struct task_graph *g = f->tt->g;
    for (uint32_t k = 0; k < f->n; k++) {
        f->at[s->order[k]] = k;
    }
    *from = 0;
    *to = f->n - 1;
    for (uint32_t a = g->first_in[task]; a < g->first_in[task + 1]; a++) {
        uint32_t behind = f->at[g->in[a].task] + 1;
        *from = behind > *from ? behind : *from;
    }
    for (uint32_t a = g->first_out[task]; a < g->first_out[task + 1]; a++) {
        uint32_t before = f->at[g->out[a].task] - 1;
        *to = before < *to ? before : *to;
    }
}

static void move_task(struct search *f, struct solution *s, uint32_t task)
{
    uint32_t from, to;
    find_room(f, s, task, &from, &to);
    uint32_t *order = s->order, old = f->at[task], new = from + search_below(f, to - from + 1);
    if (new < old) {
        memmove(order + new + 1, order + new, (old - new) * sizeof *order);
    } else {
        memmove(order + old, order + old + 1, (new - old) * sizeof *order);
    }
    order[new] = task;
}

void search_change(struct search *f, struct solution *s)
{
    const struct problem *q = f->tt->g->q;
    uint32_t task = s->order[search_below(f, f->n)], n = problem_n_option(q, task);
    if (n > 1 && search_uniform(f) < .5) {
        uint32_t other = q->first[task] + search_below(f, n - 1);
        s->choice[task] = other + (other >= s->choice[task]); /* any but what it is */
    } else {
        move_task(f, s, task);
    }
}

/* Search from *best, which is filled but for its cost, and leave the best in it and in the timetable. */
static int search_from(search_improve *improve, void *st, struct search *f, struct solution *best)
{
    const struct problem *q = f->tt->g->q;
    const struct search_state *state = st;
    f->at = scratch_take(q->scratch, q->n_task, sizeof *f->at);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory to search for a plan of %u tasks", q->n_task);
    }
    f->makespan = state->makespan;
    f->left = (uint32_t)state->evaluations;
    f->random = (uint64_t)(q->host->uniform(q->host->ctx) * 0x1p53);
    search_try(f, best);
    if (f->n > 1 && improve(st, f, best) < 0) {
        return -1;
    }
    f->left++;
    search_try(f, best);
    return 0;
}

/* The visits of the timetable as stints, in order of their starts, those that start at once as they were placed. */
static void take_over(const struct timetable *tt, struct batch_plan *plan)
{
    plan->n = 0;
    for (uint32_t k = 0; k < tt->n; k++) {
        uint32_t task = tt->order[k], j = plan->n++;
        const struct visit *v = &tt->visit[task];
        for (; j > 0 && tt->visit[plan->order[j - 1]].start_s > v->start_s; j--) {
            plan->order[j] = plan->order[j - 1];
        }
        plan->order[j] = task;
        plan->stint[task] = (struct stint){v->option, v->lane, v->start_s, timetable_finish_s(tt, task, v)};
    }
}

int search_pool(search_improve *improve, void *st, const struct problem *q, struct batch_plan *plan)
{
    struct task_graph g;
    struct timetable tt;
    struct search f = {.tt = &tt};
    if (task_graph_init(&g, q) < 0 || timetable_init(&tt, &g) < 0 || batch_by_finish(q, plan, 0) < 0) {
        return -1;
    }
    f.n = plan->n;
    struct solution best = solution_take(&f);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory to search for a plan of %u tasks", q->n_task);
    }
    memcpy(best.order, plan->order, plan->n * sizeof *best.order);
    for (uint32_t i = 0; i < q->n_task; i++) {
        best.choice[i] = plan->stint[i].option;
    }
    if (f.n == 0) {
        return 0;
    }
    if (search_from(improve, st, &f, &best) < 0) {
        return -1;
    }
    take_over(&tt, plan);
    return 0;
}

int search_graph(search_improve *improve, void *st, struct timetable *tt)
{
    const struct problem *q = tt->g->q;
    struct search f = {.tt = tt, .n = q->n_task};
    double *rank = scratch_take(q->scratch, q->n_task, sizeof *rank);
    struct solution best = solution_take(&f);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory to search for a plan of %u tasks", q->n_task);
    }
    task_graph_rank_up(tt->g, rank);
    if (task_graph_list(tt->g, rank, best.order) < 0) {
        return -1;
    }
    timetable_place_list(tt, best.order);
    if (tt->n < q->n_task) {
        return 0; /* some task has nowhere to go */
    }
    for (uint32_t i = 0; i < q->n_task; i++) {
        best.choice[i] = tt->visit[i].option;
    }
    return search_from(improve, st, &f, &best);
}
