/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * heft - heterogeneous earliest finish time.  A graph is planned at its release: tasks in order of their upward rank,
 * each where it finishes first, into gaps where they fit.  The backlog of the places counts: a lane opens when the work
 * that is there already leaves it free.  A single task goes where mct sends it.
 *
 * Source: Topcuoglu, Hariri, Wu, IEEE Trans. Parallel Distrib. Syst. 13 (2002) 260-274.  Ties: the lower task, the lower
 * candidate, the lower core.
 */
#include "policies/builtin.h"
#include "policies/timetable.h"

static int heft_rule(void *st, struct timetable *tt)
{
    (void)st;
    const struct problem *q = tt->g->q;
    double *rank = scratch_take(q->scratch, q->n_task, sizeof *rank);
    uint32_t *list = scratch_take(q->scratch, q->n_task, sizeof *list);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for the ranks of %u tasks", q->n_task);
    }
    task_graph_rank_up(tt->g, rank);
    if (task_graph_list(tt->g, rank, list) < 0) {
        return -1;
    }
    timetable_place_list(tt, list);
    return 0;
}

static int heft_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    return timetable_decide(heft_rule, st, st, h, v, a, p);
}

static void heft_clear(void *st)
{
    planner_clear(st);
}

const struct ts_policy policy_heft = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "heft",
    .about = "a graph by upward rank, each task where it finishes first (Topcuoglu, Hariri, Wu 2002)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = TIMETABLE_NEEDS,
    .cols = TIMETABLE_COLS,
    .state_size = sizeof(struct planner),
    .decide = heft_decide,
    .clear = heft_clear,
};
