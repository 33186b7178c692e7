/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * peft - predict earliest finish time.  A graph is planned at its release by an optimistic cost table: for each task and
 * place, the shortest time in which all that comes behind the task could be done if every place were free.  Tasks that
 * are ready go in order of the mean of their row, each where finish + optimistic cost is least, into gaps where they fit.
 *
 *     oct(i, p) = max over successors j of min over places q of oct(j, q) + run(j, q) + mean way(i, j) where p != q
 *
 * Source: Arabnejad, Barbosa, IEEE Trans. Parallel Distrib. Syst. 25 (2014) 682-694.  The backlog of the places counts in
 * the finish, not in the table.  Ties: the lower task, the lower candidate, the lower core.
 */
#include "policies/builtin.h"
#include "policies/timetable.h"

/* The least cost of task j with its data at a place. */
static double least_cost_s(const struct task_graph *g, const double *oct, uint32_t j, double way, uint32_t place)
{
    const struct problem *q = g->q;
    double least_s = INFINITY;
    for (uint32_t o = q->first[j]; o < q->first[j + 1]; o++) {
        double s = oct[o] + q->option[o].run_s + (q->option[o].place == place ? 0 : way);
        least_s = s < least_s ? s : least_s;
    }
    return least_s;
}

/* Fills oct[option] and the mean of each task's row. */
static void fill_table(const struct task_graph *g, double *oct, double *rank)
{
    const struct problem *q = g->q;
    for (uint32_t k = q->n_task; k-- > 0;) {
        uint32_t i = g->order[k];
        double sum = 0;
        for (uint32_t o = q->first[i]; o < q->first[i + 1]; o++) {
            oct[o] = task_graph_is_exit(g, i) ? q->option[o].out_s : 0;
            for (uint32_t a = g->first_out[i]; a < g->first_out[i + 1]; a++) {
                double way = way_s(&g->mean, g->out[a].bits);
                double s = least_cost_s(g, oct, g->out[a].task, way, q->option[o].place);
                oct[o] = s > oct[o] ? s : oct[o];
            }
            sum += oct[o];
        }
        rank[i] = problem_n_option(q, i) ? sum / problem_n_option(q, i) : 0;
    }
}

static struct visit best_visit(const struct timetable *tt, const double *oct, uint32_t task)
{
    const struct problem *q = tt->g->q;
    struct visit best = {.option = TS_NONE};
    double best_s = INFINITY;
    for (uint32_t o = q->first[task]; o < q->first[task + 1]; o++) {
        struct visit v = timetable_try(tt, task, o);
        if (v.end_s + oct[o] < best_s) {
            best = v;
            best_s = v.end_s + oct[o];
        }
    }
    return best;
}

static int peft_rule(void *st, struct timetable *tt)
{
    (void)st;
    const struct problem *q = tt->g->q;
    double *oct = scratch_take(q->scratch, q->first[q->n_task], sizeof *oct);
    double *rank = scratch_take(q->scratch, q->n_task, sizeof *rank);
    uint32_t *list = scratch_take(q->scratch, q->n_task, sizeof *list);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for the ranks of %u tasks", q->n_task);
    }
    fill_table(tt->g, oct, rank);
    if (task_graph_list(tt->g, rank, list) < 0) {
        return -1;
    }
    for (uint32_t k = 0; k < q->n_task; k++) {
        struct visit v = best_visit(tt, oct, list[k]);
        if (v.option != TS_NONE) {
            timetable_put(tt, list[k], v);
        }
    }
    return 0;
}

static int peft_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                        struct ts_plan *p)
{
    return timetable_decide(peft_rule, st, st, h, v, a, p);
}

static void peft_clear(void *st)
{
    planner_clear(st);
}

const struct ts_policy policy_peft = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "peft",
    .about = "a graph by an optimistic table of what is still to come (Arabnejad, Barbosa 2014)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = TIMETABLE_NEEDS,
    .cols = TIMETABLE_COLS,
    .state_size = sizeof(struct planner),
    .decide = peft_decide,
    .clear = peft_clear,
};
