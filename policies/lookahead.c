/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lookahead - minimum completion time, one task further.  A graph is planned at its release in order of upward rank; each
 * place that a task may go to is tried, its successors are placed behind it one by one where they finish first, and the
 * task goes where the latest of them finishes soonest.  A task without successors goes where it finishes first itself, so
 * a single task goes where mct sends it.  Predecessors of a successor that are not placed yet count nothing.
 *
 * Source: Bittencourt, Sakellariou, Madeira, PDP 2010, 27-34 (HEFT with lookahead, all successors).  Ties: the lower task,
 * the earlier finish of the task itself, the lower candidate, the lower core.
 */
#include <stdbool.h>

#include "policies/builtin.h"
#include "policies/timetable.h"

/* When the last successor of a task would finish, were the task placed by v; children go with g->out. */
static double last_finish_s(struct timetable *tt, uint32_t task, struct visit v, const uint32_t *children)
{
    const struct task_graph *g = tt->g;
    double last_s = timetable_finish_s(tt, task, &v);
    uint32_t before = tt->n;
    timetable_put(tt, task, v);
    for (uint32_t a = g->first_out[task]; a < g->first_out[task + 1]; a++) {
        struct visit child = timetable_best(tt, children[a]);
        if (child.option == TS_NONE) {
            last_s = INFINITY;
            break;
        }
        double finish_s = timetable_finish_s(tt, children[a], &child);
        last_s = finish_s > last_s ? finish_s : last_s;
        timetable_put(tt, children[a], child);
    }
    while (tt->n > before) {
        timetable_undo(tt);
    }
    return last_s;
}

static struct visit best_visit(struct timetable *tt, uint32_t task, const uint32_t *children)
{
    const struct problem *q = tt->g->q;
    struct visit best = {.option = TS_NONE, .end_s = INFINITY};
    double best_s = INFINITY;
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        struct visit v = timetable_try(tt, task, o);
        if (!(v.start_s < INFINITY)) {
            continue;
        }
        double last_s = last_finish_s(tt, task, v, children);
        if (last_s < best_s || (last_s == best_s && v.end_s < best.end_s)) {
            best = v;
            best_s = last_s;
        }
    }
    return best;
}

/* Does task a come before b: of higher rank, or of the same and the lower? */
static bool precedes(const double *rank, uint32_t a, uint32_t b)
{
    return rank[a] != rank[b] ? rank[a] > rank[b] : a < b;
}

/* The successors of each task (as in g->out) by falling rank, the lower of equals first. */
static void sort_successors(const struct task_graph *g, const double *rank, uint32_t *children)
{
    for (uint32_t i = 0; i < g->q->n_task; i++) {
        for (uint32_t a = g->first_out[i]; a < g->first_out[i + 1]; a++) {
            uint32_t j = g->out[a].task, k = a;
            while (k > g->first_out[i] && precedes(rank, j, children[k - 1])) {
                children[k] = children[k - 1];
                k--;
            }
            children[k] = j;
        }
    }
}

static int lookahead_rule(void *st, struct timetable *tt)
{
    (void)st;
    const struct problem *q = tt->g->q;
    double *rank = scratch_take(q->scratch, q->n_task, sizeof *rank);
    uint32_t *list = scratch_take(q->scratch, q->n_task, sizeof *list);
    uint32_t *children = scratch_take(q->scratch, q->ask->n_edge, sizeof *children);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for the ranks of %u tasks", q->n_task);
    }
    task_graph_rank_up(tt->g, rank);
    if (task_graph_list(tt->g, rank, list) < 0) {
        return -1;
    }
    sort_successors(tt->g, rank, children);
    for (uint32_t k = 0; k < q->n_task; k++) {
        struct visit v = best_visit(tt, list[k], children);
        if (v.option != TS_NONE) {
            timetable_put(tt, list[k], v);
        }
    }
    return 0;
}

static int lookahead_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    return timetable_decide(lookahead_rule, st, st, h, v, a, p);
}

static void lookahead_clear(void *st)
{
    planner_clear(st);
}

const struct ts_policy policy_lookahead = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "lookahead",
    .about = "a graph by upward rank, each task where its successors finish soonest (Bittencourt et al. 2010)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = TIMETABLE_NEEDS,
    .cols = TIMETABLE_COLS,
    .state_size = sizeof(struct planner),
    .decide = lookahead_decide,
    .clear = lookahead_clear,
};
