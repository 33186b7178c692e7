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

/* The steps for the task of step i, copied: a race. */
static int keep_race(struct run *r, struct thought *t, const struct ts_plan *p, uint32_t i, struct err *e)
{
    uint32_t n = 0;
    int rc = race_check(r, t->row, p, i, &n, e);
    if (rc) {
        return rc;
    }
    if (!(t->race = calloc(n, sizeof *t->race))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for replicas");
    }
    for (uint32_t k = i; k < p->n; k++) {
        if (race_has(p, i, k)) {
            t->race[t->n_race++] = p->step[k];
        }
    }
    return 0;
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
    const struct ts_step *last = p->step;
    for (uint32_t i = 0; i < p->n && last->verb != TS_REJECT; i++) {
        last = &p->step[i];
        if (last->verb == TS_PLACE) {
            graph_plan(r, r->asked[0], last, r->ask.id);
        }
    }
    graph_answered(r);
    return put_off(r, p, last, r->asked[0], last->verb != TS_REJECT, e);
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
        if (!rc && races && race_is_one(p, i, r->ask.n_task)) {
            rc = keep_race(r, &r->thought[r->last_thought], p, i, e);
        }
    }
    return rc;
}

/* Does it still wait for what was thought out, or run where it was to be moved or cancelled? */
static bool is_wanted(const struct run *r, const struct thought *t)
{
    const struct job *j = &r->job[t->row];
    const bool live = t->step.verb == TS_MIGRATE || t->step.verb == TS_CANCEL;
    return j->ordinal == t->ordinal && j->part == t->part &&
           (j->phase == PHASE_ASKED || (live && j->phase == PHASE_SERVED && j->moved != MOVED_CANCELLED));
}

void thought_out(struct run *r, uint32_t at)
{
    const struct thought t = r->thought[at];
    int rc = 0;
    r->thought[at].race = NULL;
    r->thought[at].row = r->free_thought;
    r->free_thought = at;
    if (!is_wanted(r, &t)) {
        rc = 0;
    } else if (t.graph) {
        graph_planned(r, t.row);
    } else if (t.race) {
        const struct ts_plan p = {.size = sizeof p, .n = t.n_race, .cap = t.n_race, .step = t.race};
        rc = job_race(r, t.row, &p, 0, t.flop, t.ask, NULL);
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
