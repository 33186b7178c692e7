/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * problem.h - a question with several tasks, as the scheduling problem that it is: tasks, for each the places that it may
 * go to (options), and for each place when its cores are free (lanes).
 *
 * A place of c cores is c lanes, each of which serves one task at a time; no more than there are tasks are kept.  What a
 * view says of a place is its work left in seconds of the whole pool, so the lanes are an estimate: while fewer tasks
 * than cores are there, the idle cores are free now and the others share the work evenly; else every core is free when
 * that work is done.  That is the start of a service as rule mct sees it (pick_finish_s).
 *
 * Options keep the order of the candidates, so "the lower of equals" is the lower candidate.  Places that are down and
 * options that would take for ever are no options; unknown estimates count PROBLEM_UNKNOWN_S, behind all known ones.
 * Times are seconds from now.
 */
#ifndef POLICIES_PROBLEM_H
#define POLICIES_PROBLEM_H

#include <stdint.h>
#include <tiersim/policy.h>

#include "policies/scratch.h"

#define PROBLEM_UNKNOWN_S 1e30

struct option {
    double in_s, run_s, out_s;
    uint32_t place; /* of the problem */
    ts_id at;       /* the same in the view */
};

struct problem {
    const struct ts_host *host;
    const struct ts_view *view;
    const struct ts_ask *ask;
    struct scratch *scratch;
    uint32_t n_task, n_place;
    uint32_t *first;       /* [n_task + 1] options of a task are first[i] .. first[i + 1] - 1 */
    struct option *option; /* [first[n_task]] */
    ts_id *place;          /* [n_place] number in the view */
    uint32_t *first_lane;  /* [n_place + 1] */
    double *lane_s;        /* [first_lane[n_place]] when it is free; in ascending order within a place */
};

/* What a policy that plans keeps in its state. */
struct planner {
    struct scratch scratch;
    uint32_t *row; /* [n_row] of a place in the problem, + 1; 0 between questions */
    uint32_t n_row;
};

/*
 * State the question as a problem, in the memory of the planner until its next question.  0, or < 0 after host->fail.
 * Reads PICK_FINISH_COLS and PICK_FINISH_NEEDS of pick.h.
 */
int problem_state(struct problem *q, struct planner *planner, const struct ts_host *h, const struct ts_view *v,
                  const struct ts_ask *a);
void planner_clear(struct planner *planner);

static inline uint32_t problem_n_option(const struct problem *q, uint32_t task)
{
    return q->first[task + 1] - q->first[task];
}

static inline uint32_t problem_n_lane(const struct problem *q)
{
    return q->first_lane[q->n_place];
}

#endif
