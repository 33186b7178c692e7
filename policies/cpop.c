/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpop - critical path on a processor.  A graph is planned at its release: tasks that are ready in order of upward plus
 * downward rank; those of the critical path all go to the one place that does the whole path soonest, the others where
 * they finish first, into gaps where they fit.  Ties: the lower task, the lower candidate, the lower core.
 *
 * The place of the path is the one of least backlog + services; the published rule has no backlog.  Where no place fits
 * all of the path, or one cannot be reached, the task goes where it finishes first.
 *
 * Source: Topcuoglu, Hariri, Wu, IEEE Trans. Parallel Distrib. Syst. 13 (2002) 260-274.
 */
#include "policies/builtin.h"
#include "policies/timetable.h"

/* Marks the tasks of the critical path: from the entry of the highest rank on, the successor that makes up the rank. */
static void mark_path(const struct task_graph *g, const double *up, uint8_t *critical)
{
    uint32_t at = TS_NONE;
    for (uint32_t i = 0; i < g->q->n_task; i++) {
        if (task_graph_is_entry(g, i) && (at == TS_NONE || up[i] > up[at])) {
            at = i;
        }
    }
    while (at != TS_NONE) {
        uint32_t next = TS_NONE;
        double longest_s = -1;
        critical[at] = 1;
        for (uint32_t a = g->first_out[at]; a < g->first_out[at + 1]; a++) {
            double s = way_s(&g->mean, g->out[a].bits) + up[g->out[a].task];
            if (s > longest_s || (s == longest_s && g->out[a].task < next)) {
                longest_s = s;
                next = g->out[a].task;
            }
        }
        at = next;
    }
}

/* The option of a task at a place of the problem, or TS_NONE. */
static uint32_t option_at(const struct problem *q, uint32_t task, uint32_t place)
{
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        if (q->option[o].place == place) {
            return o;
        }
    }
    return TS_NONE;
}

static uint32_t place_of_path(const struct problem *q, const uint8_t *critical)
{
    uint32_t best = TS_NONE;
    double best_s = INFINITY;
    for (uint32_t place = 0; place < q->n_place; place++) {
        double sum_s = q->lane_s[q->first_lane[place]];
        for (uint32_t i = 0; i < q->n_task && sum_s < best_s; i++) {
            uint32_t o = critical[i] ? option_at(q, i, place) : TS_NONE;
            sum_s += !critical[i] ? 0 : o == TS_NONE ? INFINITY : q->option[o].run_s;
        }
        if (sum_s < best_s) {
            best = place;
            best_s = sum_s;
        }
    }
    return best;
}

static void place_list(struct timetable *tt, const uint32_t *list, const uint8_t *critical, uint32_t place)
{
    const struct problem *q = tt->g->q;
    for (uint32_t k = 0; k < q->n_task; k++) {
        uint32_t i = list[k], o = critical[i] ? option_at(q, i, place) : TS_NONE;
        struct visit v = {.option = TS_NONE, .start_s = INFINITY};
        if (o != TS_NONE) {
            v = timetable_try(tt, i, o);
        }
        if (!(v.start_s < INFINITY)) {
            v = timetable_best(tt, i);
        }
        if (v.option != TS_NONE) {
            timetable_put(tt, i, v);
        }
    }
}

static int cpop_rule(void *st, struct timetable *tt)
{
    (void)st;
    const struct problem *q = tt->g->q;
    double *up = scratch_take(q->scratch, q->n_task, sizeof *up);
    double *rank = scratch_take(q->scratch, q->n_task, sizeof *rank);
    uint32_t *list = scratch_take(q->scratch, q->n_task, sizeof *list);
    uint8_t *critical = scratch_zero(q->scratch, q->n_task, sizeof *critical);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for the ranks of %u tasks", q->n_task);
    }
    task_graph_rank_up(tt->g, up);
    task_graph_rank_down(tt->g, rank);
    for (uint32_t i = 0; i < q->n_task; i++) {
        rank[i] += up[i];
    }
    if (task_graph_list(tt->g, rank, list) < 0) {
        return -1;
    }
    mark_path(tt->g, up, critical);
    place_list(tt, list, critical, place_of_path(q, critical));
    return 0;
}

static int cpop_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    return timetable_decide(cpop_rule, st, st, h, v, a, p);
}

static void cpop_clear(void *st)
{
    planner_clear(st);
}

const struct ts_policy policy_cpop = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "cpop",
    .about = "a graph with its critical path on one place (Topcuoglu, Hariri, Wu 2002)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = TIMETABLE_NEEDS,
    .cols = TIMETABLE_COLS,
    .state_size = sizeof(struct planner),
    .decide = cpop_decide,
    .clear = cpop_clear,
};
