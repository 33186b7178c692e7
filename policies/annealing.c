/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * annealing - simulated annealing of a plan.  From the start (search.h) on, random changes are tried; one that makes the
 * plan cheaper is kept, one that makes it dearer by d is kept with probability exp(-d / temperature), while the temperature
 * falls from `heat` x the cost of the start to a thousandth of that, by the same factor at each step.  The best plan seen is
 * carried out.
 *
 * Sources: Kirkpatrick, Gelatt, Vecchi, Science 220 (1983) 671-680; for independent tasks on unlike machines Braun et al.,
 * J. Parallel Distrib. Comput. 61 (2001) 810-837.
 */
#include <tiersim/math.h>

#include "policies/builtin.h"
#include "policies/search.h"

struct annealing {
    struct search_state search;
    double heat;
};

static const struct ts_param annealing_param[] = {
    SEARCH_PARAMS,
    {.key = "heat",
     .about = "temperature at first, as a share of the cost of the start",
     .dflt = .05,
     .min = 1e-6,
     .max = 100,
     .offset = offsetof(struct annealing, heat)},
    {0},
};

static int annealing_improve(void *st, struct search *f, struct solution *best)
{
    const struct annealing *annealing = st;
    const struct problem *q = f->tt->g->q;
    struct solution now = solution_take(f), next = solution_take(f);
    if (q->scratch->failed) {
        return q->host->fail(q->host->ctx, "out of memory for plans of %u tasks", q->n_task);
    }
    double temperature_s = annealing->heat * best->cost, cooling = f->left ? ts_math_exp(ts_math_log(1e-3) / f->left) : 0;
    solution_copy(f, &now, best);
    while (f->left > 0) {
        solution_copy(f, &next, &now);
        search_change(f, &next);
        search_try(f, &next);
        double worse_s = next.cost - now.cost;
        if (worse_s <= 0 || search_uniform(f) < ts_math_exp(-worse_s / temperature_s)) {
            struct solution old = now;
            now = next;
            next = old;
        }
        if (now.cost < best->cost) {
            solution_copy(f, best, &now);
        }
        temperature_s *= cooling;
    }
    return 0;
}

static int annealing_pool(void *st, const struct problem *q, struct batch_plan *plan)
{
    return search_pool(annealing_improve, st, q, plan);
}

static int annealing_graph(void *st, struct timetable *tt)
{
    return search_graph(annealing_improve, st, tt);
}

static int annealing_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                             struct ts_plan *p)
{
    struct annealing *mine = st;
    if (search_is_graph(a)) {
        return timetable_decide(annealing_graph, st, &mine->search.batch.planner, h, v, a, p);
    }
    return batch_decide(annealing_pool, st, h, v, a, p);
}

const struct ts_policy policy_annealing = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "annealing",
    .about = "random changes of a plan, kept as simulated annealing has it (Kirkpatrick et al. 1983)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = TIMETABLE_NEEDS,
    .cols = TIMETABLE_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct annealing),
    .param_size = sizeof(struct ts_param),
    .param = annealing_param,
    .decide = annealing_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
