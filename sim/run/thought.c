/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * thought.c - answers of an ideal controller that took time (plan.think_s): what was decided by the view of the question is
 * done when it has been thought out.  Each job waits for its own answer only; a job that has ended meanwhile, or is no longer
 * where it was to be moved or cancelled, leaves it void.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/race.h"
#include "sim/run/steps.h"

/* A free row, or ROW_NONE. */
static uint32_t take(struct run *r)
{
    if (r->free_thought == ROW_NONE) {
        uint32_t room = r->n_thought ? 2 * r->n_thought : 64;
        struct thought *grown = realloc(r->thought, room * sizeof *grown);
        if (!grown) {
            return ROW_NONE;
        }
        r->thought = grown;
        for (uint32_t i = room; i-- > r->n_thought;) {
            r->thought[i] = (struct thought){.row = r->free_thought};
            r->free_thought = i;
        }
        r->n_thought = room;
    }
    uint32_t at = r->free_thought;
    r->free_thought = r->thought[at].row;
    return at;
}

/* The step is done for the job in that row when the plan has been thought out. */
static int put_off(struct run *r, const struct ts_plan *p, const struct ts_step *step, uint32_t row, bool graph, struct err *e)
{
    uint32_t at = take(r);
    if (at == ROW_NONE) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for answers that take time");
    }
    r->last_thought = at;
    r->thought[at] = (struct thought){.step = *step,
                                      .flop = ts_task_at(&r->ask, step->task)->flop,
                                      .ask = r->ask.id,
                                      .ordinal = r->job[row].ordinal,
                                      .row = row,
                                      .part = r->job[row].part,
                                      .at = r->job[row].phase == PHASE_SERVED ? r->job[row].place : ROW_NONE,
                                      .graph = graph};
    if (r->job[row].phase == PHASE_ASKED) {
        r->job[row].wait = EV_NONE;
    }
    post(r, r->now_s + p->think_s, EV_DECIDE, EK_THOUGHT, at);
    return 0;
}

/* The plan for all tasks of a job is noted now, and entered upon then; or the job is rejected then. */
static int think_graph(struct run *r, const struct ts_plan *p, struct err *e)
{
    const struct ts_step *rejects = graph_plan(r, r->asked[0], p->step, p->n, r->ask.id);
    graph_answered(r);
    return put_off(r, p, rejects ? rejects : p->step, r->asked[0], !rejects, e);
}

int run_think(struct run *r, const struct ts_plan *p, struct err *e)
{
    int rc = 0;
    if (r->asked_graph) {
        return think_graph(r, p, e);
    }
    for (uint32_t i = 0; i < p->n && !rc; i++) {
        const bool races = p->step[i].verb == TS_PLACE && r->checker.can & PLAN_CAN_REPLICA;
        if (races && p->step[i].replica > 0) {
            continue; /* kept with the first of its race */
        }
        rc = put_off(r, p, &p->step[i], r->asked[p->step[i].task], false, e);
        if (!rc && races && race_is_one(r, p, i)) {
            struct thought *t = &r->thought[r->last_thought];
            rc = race_keep(r, t->row, p, i, &t->race, &t->n_race, e);
        }
    }
    return rc;
}

/* Does it still wait for what was thought out, or run where it was to be moved or cancelled? */
static bool is_wanted(const struct run *r, const struct thought *t)
{
    const struct job *j = &r->job[t->row];
    const bool is_there = t->at == ROW_NONE ? j->phase == PHASE_ASKED : job_is_live(j) && j->place == t->at;
    return j->ordinal == t->ordinal && j->part == t->part && is_there;
}

void thought_out(struct run *r, uint32_t at)
{
    const struct thought t = r->thought[at];
    int rc = 0;
    r->thought[at].race = NULL;
    r->thought[at].row = r->free_thought;
    r->free_thought = at;
    const bool is_order = t.at != ROW_NONE;
    if (!is_wanted(r, &t)) {
        if (is_order) {
            order_stale(r, t.at);
        }
    } else if (t.graph) {
        graph_planned(r, t.row);
    } else if (t.race) {
        job_note(r, t.row, t.ask, t.step.tag);
        rc = race_begin(r, t.row, t.race, t.n_race, t.flop, NULL);
    } else {
        rc = job_carry_out(r, t.row, &t.step, t.flop, t.ask, NULL);
    }
    free(t.race);
    if (rc) {
        run_fail(r, "what was thought out cannot be done");
    }
}

void thoughts_clear(struct run *r)
{
    for (uint32_t i = 0; i < r->n_thought; i++) {
        free(r->thought[i].race);
    }
    free(r->thought);
}
