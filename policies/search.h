/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * search.h - what planners by trial have in common: a solution, its cost, a random change of it, and the frame around a
 * search.  A solution is an order of the tasks, each behind those it waits for, and a choice of an option for each; it
 * stands for the timetable that results when the tasks are placed in that order, into gaps where they fit (the scheduling
 * and the matching string of Wang, Siegel, Roychowdhury, Maciejewski, J. Parallel Distrib. Comput. 47 (1997) 8-22).
 *
 *     cost = makespan x latest finish + (1 - makespan) x mean finish, s from now
 *
 * A search starts from what a rule gives, Min-Min for a pool and HEFT for a graph, and is never worse.  Its budget is a
 * number of timetables, never time, so that a run is the same everywhere.  It draws from a generator of its own (SplitMix64:
 * Steele, Lea, Flood, OOPSLA 2014), whose seed comes from the draws of the question.
 */
#ifndef POLICIES_SEARCH_H
#define POLICIES_SEARCH_H

#include "policies/batch.h"
#include "policies/timetable.h"

/* The front of the state of each such policy. */
struct search_state {
    struct batch batch;
    double evaluations, makespan;
};

#define SEARCH_PARAMS                                                                                                  \
    BATCH_PARAMS,                                                                                                      \
        {.key = "evaluations", .about = "timetables that are tried for a question", .dflt = 1000, .min = 1,            \
         .max = 1e6, .offset = offsetof(struct search_state, evaluations), .flags = TS_WHOLE},                         \
    {                                                                                                                  \
        .key = "makespan", .about = "weight of the latest finish, against the mean of all", .dflt = 1, .min = 0,       \
        .max = 1, .offset = offsetof(struct search_state, makespan)                                                    \
    }

struct solution {
    uint32_t *order;  /* [n] tasks that have an option */
    uint32_t *choice; /* [n_task] option */
    double cost;
};

struct search {
    struct timetable *tt;
    uint32_t n;       /* tasks in an order */
    uint32_t *at;     /* [n_task] scratch: position in an order */
    double makespan;
    uint64_t random;
    uint32_t left;    /* of the budget */
};

/* A uniform number in [0, 1); a whole one below n. */
double search_uniform(struct search *f);
uint32_t search_below(struct search *f, uint32_t n);

/* Room for a solution; what a take that failed means: scratch.h. */
struct solution solution_take(const struct search *f);
void solution_copy(const struct search *f, struct solution *to, const struct solution *from);

/* Fill the timetable by the solution, and its cost; takes one of the budget, which must not be spent. */
void search_try(struct search *f, struct solution *s);

/* One random change: another option for a task, or another position that leaves it behind those it waits for. */
void search_change(struct search *f, struct solution *s);

/* A whole graph at its release, which must be placed; all else is a pool. */
static inline int search_is_graph(const struct ts_ask *a)
{
    return a->why == TS_ARRIVED && a->n_task > 1;
}

/* Makes *best better while the budget lasts, never worse.  0, or < 0 after host->fail. */
typedef int search_improve(void *st, struct search *f, struct solution *best);

/* The bodies of a batch_rule and a timetable_rule around it; st starts with a struct search_state. */
int search_pool(search_improve *improve, void *st, const struct problem *q, struct batch_plan *plan);
int search_graph(search_improve *improve, void *st, struct timetable *tt);

#endif
