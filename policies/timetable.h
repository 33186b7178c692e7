/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * timetable.h - which lane serves which task when, with insertion: a task may go into a gap between two that are placed
 * already (Topcuoglu, Hariri, Wu 2002, section 4).  A lane is open from the instant when the work that is there already
 * leaves it free, so a graph that arrives at a busy system is planned around its backlog.  Seconds from now.
 *
 * Also the frame of the policies that plan a whole graph at its release (list scheduling): a rule fills the timetable,
 * and the steps come in the order in which it placed the tasks.  The run starts a task when its data have come, so the
 * order of two tasks on a core is that of their data, not of the timetable, where both differ.
 */
#ifndef POLICIES_TIMETABLE_H
#define POLICIES_TIMETABLE_H

#include "policies/pick.h"
#include "policies/task_graph.h"

struct visit {
    uint32_t option, lane; /* option TS_NONE: not placed */
    uint32_t next;         /* task on the lane behind it */
    double start_s, end_s;
};

struct timetable {
    const struct task_graph *g;
    struct visit *visit; /* [n_task] */
    uint32_t *head;      /* [n_lane] first task, or TS_NONE */
    uint32_t *order;     /* [n] tasks as they were placed */
    uint32_t n;
};

/* 0, or < 0 after host->fail. */
int timetable_init(struct timetable *tt, const struct task_graph *g);
/* Empty again. */
void timetable_wipe(struct timetable *tt);

/* When the data of a task are at the place of one of its options; predecessors that are not placed count nothing. */
double timetable_ready_s(const struct timetable *tt, uint32_t task, uint32_t option);

/* The first gap for it on the lanes of the place, the lower lane of equals; places nothing. */
struct visit timetable_try(const struct timetable *tt, uint32_t task, uint32_t option);

/* When its result is there: where it is served, or back if nobody waits for it. */
static inline double timetable_finish_s(const struct timetable *tt, uint32_t task, const struct visit *v)
{
    return v->end_s + (task_graph_is_exit(tt->g, task) ? tt->g->q->option[v->option].out_s : 0);
}

/* The visit by which the task finishes first, the lower option of equals; option TS_NONE if it has none. */
struct visit timetable_best(const struct timetable *tt, uint32_t task);

/* Place the task by a visit that timetable_try gave for the table as it is, of finite start. */
void timetable_put(struct timetable *tt, uint32_t task, struct visit v);
/* Take back the last task that was placed and not taken back. */
void timetable_undo(struct timetable *tt);

/* Latest finish of all that is placed. */
double timetable_makespan_s(const struct timetable *tt);

/* Places each task that has an option.  0, or < 0 after host->fail. */
typedef int timetable_rule(void *st, struct timetable *tt);

/* Place the tasks of a list, each where timetable_best says. */
void timetable_place_list(struct timetable *tt, const uint32_t *list);

/*
 * The body of decide; the planner is part of the state.  A question about one task goes to the earliest finish, as mct.  A
 * job with a task that has nowhere to go is rejected.
 */
int timetable_decide(timetable_rule *rule, void *st, struct planner *planner, const struct ts_host *h,
                     const struct ts_view *v, const struct ts_ask *a, struct ts_plan *p);

/* What a policy of this frame reads; it also has the flag TS_WHOLE_GRAPHS. */
#define TIMETABLE_COLS  (PICK_FINISH_COLS | 1u << TS_NODE)
#define TIMETABLE_NEEDS PICK_FINISH_NEEDS

#endif
