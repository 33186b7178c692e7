/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch.h - rules that plan over all tasks that wait, not over one (batch mode of Maheswaran et al. 1999).
 *
 * A rule is asked about the pool of deferred tasks and plans it as a whole, on lanes (problem.h).  Only what starts now
 * is sent: a task goes out when its core would be free by the time that its input is there, or at most `ahead` later;
 * the rest is deferred and planned anew at the next event (a place freed, a report, a tick, a change), as in the
 * published mode, where tasks that were mapped but have not begun are mapped again.  A lone arrival is planned alone:
 * it goes at once if it can start at once, else it joins the pool.
 *
 * With a `slot` nothing is decided but at its multiples, for all tasks that have come by then; what would start before
 * the next one is sent, too.
 *
 * A task with no place to go is rejected.
 */
#ifndef POLICIES_BATCH_H
#define POLICIES_BATCH_H

#include <stddef.h>

#include "policies/pick.h"
#include "policies/problem.h"

/* The front of the state of each such policy. */
struct batch {
    double ahead_s, slot_s;
    struct planner planner;
};

/* The rows of its parameter table, for a state that starts with a struct batch; slot is the policy's tick. */
#define BATCH_PARAMS                                                                                                   \
    {.key = "ahead", .unit = "s", .about = "wait at a place that a task may be sent into", .dflt = 0, .min = 0,        \
     .max = 3600, .offset = offsetof(struct batch, ahead_s)},                                                          \
    {                                                                                                                  \
        .key = "slot", .unit = "s", .about = "everything waits for the next multiple of this; 0: for nothing",         \
        .dflt = 0, .min = 0, .max = 3600, .offset = offsetof(struct batch, slot_s)                                     \
    }
#define BATCH_TICK "slot"

#define BATCH_TRIGGERS (1u << TS_FREED | 1u << TS_REPORT | 1u << TS_TICK | 1u << TS_CHANGED)

/* Where and when a task is to be served; seconds from now. */
struct stint {
    uint32_t option; /* of the problem; TS_NONE: not planned */
    uint32_t lane;
    double free_s;   /* the core is free */
    double finish_s; /* the result is back */
};

/* A plan under way. */
struct batch_plan {
    struct stint *stint; /* [n_task] */
    uint32_t *order;     /* [n] tasks as they were planned */
    uint32_t n;
    double *lane_s;  /* [n_lane] when it is free after what is planned */
    uint32_t *first; /* [n_place] the lane that is free first, the lower of equals */
};

/* Plans the tasks with a place to go, by batch_assign; others may be left.  0, or < 0 after host->fail. */
typedef int batch_rule(void *st, const struct problem *q, struct batch_plan *plan);

/* The body of decide. */
int batch_decide(batch_rule *rule, void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                 struct ts_plan *p);

/* The body of clear. */
void batch_clear(void *st);

/* An empty plan.  0, or < 0 after host->fail. */
int batch_plan_init(struct batch_plan *plan, const struct problem *q);

/* What option o would come to if it were planned next, on a lane of its place. */
static inline struct stint batch_try_on(const struct problem *q, const struct batch_plan *plan, uint32_t o,
                                        uint32_t lane)
{
    const struct option *option = &q->option[o];
    double free_s = plan->lane_s[lane], start_s = option->in_s < free_s ? free_s : option->in_s;
    return (struct stint){o, lane, free_s, start_s + option->run_s + option->out_s};
}

/* The same on the lane that is free first. */
static inline struct stint batch_try(const struct problem *q, const struct batch_plan *plan, uint32_t o)
{
    return batch_try_on(q, plan, o, plan->first[q->option[o].place]);
}

/* The option of a task that finishes it first if it is planned next, the lower of equals; option TS_NONE without any. */
struct stint batch_best(const struct problem *q, const struct batch_plan *plan, uint32_t task);

/* Plan the task so; the stint must be fresh. */
void batch_assign(const struct problem *q, struct batch_plan *plan, uint32_t task, struct stint stint);

/*
 * Over and over, the task whose best finish is the earliest of all (or, largest, the latest) goes where that is; of equal
 * ones the lower task.  An assignment changes the best finishes only of tasks that look at the same place, so n tasks
 * cost about n^2 steps and n^2 / n_place searches.  0, or < 0 after host->fail.
 */
int batch_by_finish(const struct problem *q, struct batch_plan *plan, int largest);

#endif
