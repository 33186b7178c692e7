/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * genetic - a genetic algorithm over plans.  The population begins with the start (search.h) and changes of it.  In each
 * generation the best plan lives on, and the others are children of two parents, each the better of two drawn: with
 * probability `crossover` the child has the order of the one up to a cut and then what is left in the order of the other,
 * and the choices of the other from a cut on; with probability `mutation` it is changed at random.
 *
 * Source: Wang, Siegel, Roychowdhury, Maciejewski, J. Parallel Distrib. Comput. 47 (1997) 8-22, with tournaments of two in
 * place of the roulette wheel.
 */
#include "policies/builtin.h"
#include "policies/search.h"

struct genetic {
    struct search_state search;
    double population, crossover, mutation;
};

static const struct ts_param genetic_param[] = {
    SEARCH_PARAMS,
    {.key = "population",
     .about = "plans of a generation",
     .dflt = 20,
     .min = 2,
     .max = 1000,
     .offset = offsetof(struct genetic, population),
     .flags = TS_WHOLE},
    {.key = "crossover",
     .about = "probability that a child has two parents",
     .dflt = .6,
     .min = 0,
     .max = 1,
     .offset = offsetof(struct genetic, crossover)},
    {.key = "mutation",
     .about = "probability that a child is changed at random",
     .dflt = .6,
     .min = 0,
     .max = 1,
     .offset = offsetof(struct genetic, mutation)},
    {0},
};

/* Two generations, and who is in the child already. */
struct generations {
    struct solution *now, *next; /* [n] */
    uint32_t n;
    uint8_t *there; /* [n_task] */
};

static int take_generations(struct generations *g, const struct search *f, uint32_t n)
{
    const struct problem *q = f->tt->g->q;
    *g = (struct generations){.now = scratch_take(q->scratch, n, sizeof *g->now),
                              .next = scratch_take(q->scratch, n, sizeof *g->next),
                              .n = n,
                              .there = scratch_take(q->scratch, q->n_task, sizeof *g->there)};
    for (uint32_t i = 0; i < n && !q->scratch->failed; i++) {
        g->now[i] = solution_take(f);
        g->next[i] = solution_take(f);
    }
    return q->scratch->failed ? q->host->fail(q->host->ctx, "out of memory for %u plans of %u tasks", n, q->n_task) : 0;
}

static const struct solution *parent(struct search *f, const struct generations *g, uint32_t n)
{
    const struct solution *a = &g->now[search_below(f, n)], *b = &g->now[search_below(f, n)];
    return b->cost < a->cost ? b : a;
}

/* The child is a copy of one parent; the other has its share. */
static void cross(struct search *f, struct generations *g, struct solution *child, const struct solution *other)
{
    uint32_t cut = search_below(f, f->n), n = cut;
    memset(g->there, 0, f->tt->g->q->n_task);
    for (uint32_t k = 0; k < cut; k++) {
        g->there[child->order[k]] = 1;
    }
    for (uint32_t k = 0; k < f->n; k++) {
        if (!g->there[other->order[k]]) {
            child->order[n++] = other->order[k];
        }
    }
    for (uint32_t k = search_below(f, f->n); k < f->n; k++) {
        child->choice[other->order[k]] = other->choice[other->order[k]];
    }
}

/* The place of the best of n. */
static uint32_t fittest(const struct generations *g, uint32_t n)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++) {
        best = g->now[i].cost < g->now[best].cost ? i : best;
    }
    return best;
}

static int genetic_improve(void *st, struct search *f, struct solution *best)
{
    const struct genetic *genetic = st;
    struct generations g;
    uint32_t n = 1; /* the start and as many changes of it as the budget allows */
    if (take_generations(&g, f, (uint32_t)genetic->population) < 0) {
        return -1;
    }
    solution_copy(f, &g.now[0], best);
    for (; n < g.n && f->left > 0; n++) {
        solution_copy(f, &g.now[n], best);
        for (uint32_t k = 0; k < n; k++) { /* the further down the list, the further from the start */
            search_change(f, &g.now[n]);
        }
        search_try(f, &g.now[n]);
    }
    while (f->left > 0) {
        uint32_t born = 1;
        solution_copy(f, &g.next[0], &g.now[fittest(&g, n)]);
        for (; born < g.n && f->left > 0; born++) {
            struct solution *child = &g.next[born];
            solution_copy(f, child, parent(f, &g, n));
            if (search_uniform(f) < genetic->crossover) {
                cross(f, &g, child, parent(f, &g, n));
            }
            if (search_uniform(f) < genetic->mutation) {
                search_change(f, child);
            }
            search_try(f, child);
        }
        struct solution *old = g.now;
        g.now = g.next;
        g.next = old;
        n = born;
    }
    solution_copy(f, best, &g.now[fittest(&g, n)]);
    return 0;
}

static int genetic_pool(void *st, const struct problem *q, struct batch_plan *plan)
{
    return search_pool(genetic_improve, st, q, plan);
}

static int genetic_graph(void *st, struct timetable *tt)
{
    return search_graph(genetic_improve, st, tt);
}

static int genetic_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                           struct ts_plan *p)
{
    struct genetic *mine = st;
    if (search_is_graph(a)) {
        return timetable_decide(genetic_graph, st, &mine->search.batch.planner, h, v, a, p);
    }
    return batch_decide(genetic_pool, st, h, v, a, p);
}

const struct ts_policy policy_genetic = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "genetic",
    .about = "a genetic algorithm over orders and choices of place (Wang et al. 1997)",
    .flags = TS_WHOLE_GRAPHS,
    .needs = TIMETABLE_NEEDS,
    .cols = TIMETABLE_COLS,
    .triggers = BATCH_TRIGGERS,
    .state_size = sizeof(struct genetic),
    .param_size = sizeof(struct ts_param),
    .param = genetic_param,
    .decide = genetic_decide,
    .clear = batch_clear,
    .tick = BATCH_TICK,
};
