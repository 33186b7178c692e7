/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * thought.c - answers of an ideal controller that took time (plan.think_s): what was decided by the view of the question is
 * done when it has been thought out.  Each job waits for its own answer only; a job that has ended meanwhile leaves it void.
 */
#include <stdlib.h>

#include "sim/base/err.h"
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
            r->thought[i].row = r->free_thought;
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
    r->thought[at] = (struct thought){.step = *step,
                                      .flop = ts_task_at(&r->ask, step->task)->flop,
                                      .ask = r->ask.id,
                                      .ordinal = r->job[row].ordinal,
                                      .row = row,
                                      .part = r->job[row].part,
                                      .graph = graph};
    r->job[row].wait = EV_NONE;
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
        rc = put_off(r, p, &p->step[i], r->asked[p->step[i].task], false, e);
    }
    return rc;
}

void thought_out(struct run *r, uint32_t at)
{
    const struct thought t = r->thought[at];
    r->thought[at].row = r->free_thought;
    r->free_thought = at;
    const struct job *j = &r->job[t.row];
    if (j->phase != PHASE_ASKED || j->ordinal != t.ordinal || j->part != t.part) {
        return;
    }
    if (t.graph) {
        graph_planned(r, t.row);
    } else if (job_carry_out(r, t.row, &t.step, t.flop, t.ask, NULL)) {
        run_fail(r, "what was thought out cannot be done");
    }
}
