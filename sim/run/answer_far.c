/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * answer_far.c - what a controller that is not ideal answers: a place, a plan for all tasks of a job, a race of replicas, or orders
 * about tasks that are at their places.  It is kept with the question from the decision on, where its controller's ledger has
 * what was decided, and carried out where it arrives.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/control.h"

/* A plan for all tasks of a job. */
static int keep_plan(struct run *r, const struct ts_plan *p, uint32_t q, struct err *e)
{
    struct question *question = &r->control->question[q];
    if (!(question->plan = calloc(p->n + 1u, sizeof *question->plan))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a plan of %u steps", p->n);
    }
    question->ask = r->ask.id;
    question->n_plan = p->n;
    question->step = (struct ts_step){.verb = TS_PLACE};
    for (uint32_t i = 0; i < p->n; i++) {
        question->plan[i] = p->step[i];
    }
    return 0;
}

/* Work that a step sends to its place. */
static double work_s(const struct run *r, const struct ts_step *step, double flop)
{
    return flop / r->place[step->place].work_per_s * run_stretch(r, r->job[r->asked[step->task]].step, step->place, 0);
}

/* Step i begins a race, of which each replica that is to be sent at once is in the ledger; a hedge is when it is sent. */
static int keep_race(struct run *r, struct question *q, const struct ts_plan *p, uint32_t i, struct err *e)
{
    int rc = race_keep(r, q->row, p, i, &q->racer, &q->n_racer, e);
    for (uint32_t k = 0; !rc && k < q->n_racer; k++) {
        struct racer *racer = &q->racer[k];
        racer->work_s = work_s(r, &racer->step, q->flop);
        if (racer->step.not_before_s <= r->now_s) {
            racer->entry = ledger_add(r, q->ctl, racer->step.place, racer->work_s, &racer->serial);
        }
    }
    return rc;
}

/* A step about a task that is at its place becomes a question of its own, at the end of those asked: an order. */
static void give_order(struct run *r, const struct ts_step *step)
{
    struct run_control *c = r->control;
    const uint32_t asked = r->asked[step->task], job = sent_job(r, asked);
    if (step->verb == TS_MIGRATE && step->place == r->job[asked].place) {
        return;
    }
    const uint32_t q = question_take(r, c->asking, job, (enum ts_why)r->ask.why);
    if (q == ROW_NONE) {
        return;
    }
    struct question *question = &c->question[q];
    question->ordinal = r->job[asked].ordinal;
    question->part = 0;
    question->at = r->job[asked].place;
    question->step = *step;
    question->ask = r->ask.id;
    question->order = message_about(r, &r->job[asked], MESSAGE_ANSWER, c->asking, q); /* while the task is known */
    if (step->verb == TS_MIGRATE) {
        const double flop = ts_task_at(&r->ask, step->task)->flop;
        sent_order(r, asked == job ? c->beside[job].sent : asked, step->place, work_s(r, step, flop), &question->entry,
                   &question->serial);
    }
    question_append(c, &c->asked, q);
}

/* What is decided about the task of step i. */
static int decide(struct run *r, const struct ts_plan *p, uint32_t i, struct err *e)
{
    struct run_control *c = r->control;
    const struct ts_step *step = &p->step[i];
    if (c->task[step->task] == ROW_NONE) {
        give_order(r, step);
        return 0;
    }
    struct question *q = &c->question[c->task[step->task]];
    if (q->n_racer) {
        return 0; /* kept with the first of its race */
    }
    q->step = *step;
    q->ask = r->ask.id;
    q->flop = ts_task_at(&r->ask, step->task)->flop;
    if (step->verb != TS_PLACE) {
        return 0;
    }
    if (r->checker.can & PLAN_CAN_REPLICA && race_is_one(r, p, i)) {
        return keep_race(r, q, p, i, e);
    }
    q->entry = ledger_add(r, q->ctl, step->place, work_s(r, step, q->flop), &q->serial);
    return 0;
}

int answer_keep(struct run *r, const struct ts_plan *p, struct err *e)
{
    int rc = 0;
    if (r->asked_graph) {
        graph_answered(r);
        return keep_plan(r, p, r->control->asked.first, e);
    }
    for (uint32_t i = 0; !rc && i < p->n; i++) {
        rc = decide(r, p, i, e);
    }
    return rc;
}

/* As answer.c does with a plan for all tasks of a job. */
static void carry_out_plan(struct run *r, const struct question *q)
{
    if (graph_plan(r, q->row, q->plan, q->n_plan, q->ask)) {
        r->job[q->row].placed_s = r->now_s;
        job_end(r, q->row, ROW_NONE, 0, 0, TS_REJECTED);
        return;
    }
    graph_planned(r, q->row);
}

/* The order has come to where the task is. */
static int carry_out_order(struct run *r, uint32_t q, struct err *e)
{
    struct run_control *c = r->control;
    const struct question question = c->question[q];
    question_give(c, q);
    if (question.step.verb == TS_MIGRATE) {
        control_holds(r, question.row, question.entry, question.serial);
    }
    control_answers(r, true);
    int rc = job_carry_out(r, question.row, &question.step, 0, question.ask, e);
    control_answers(r, false);
    return rc;
}

static int carry_out_race(struct run *r, uint32_t q, struct err *e)
{
    struct run_control *c = r->control;
    const struct question question = c->question[q];
    c->question[q].racer = NULL; /* ours from now on: the row may be another's before we are through */
    question_give(c, q);
    r->job[question.row].n_asked++;
    for (uint32_t k = 0; c->spec->view == VIEW_EXACT && k < question.n_racer; k++) {
        ledger_remove(r, question.racer[k].entry, question.racer[k].serial); /* places count what is sent there, when it is */
        question.racer[k].entry = ROW_NONE;
    }
    control_answers(r, true);
    int rc = race_begin(r, question.row, question.racer, question.n_racer, question.flop, e);
    control_answers(r, false);
    free(question.racer);
    return rc;
}

int answer_carry_out(struct run *r, uint32_t q, struct err *e)
{
    struct run_control *c = r->control;
    const struct question question = c->question[q];
    if (question_is_order(&question)) {
        return carry_out_order(r, q, e);
    }
    c->beside[question.row].turned_away = question.ask == TURNED_AWAY;
    job_note(r, question.row, question.ask, question.step.tag);
    if (question.step.verb == TS_DEFER) {
        return controller_defers(r, q, e);
    }
    if (question.plan) {
        c->question[q].plan = NULL; /* ours from now on: the row may be another's before we are through */
        question_give(c, q);
        carry_out_plan(r, &question);
        free(question.plan);
        return 0;
    }
    if (question.racer) {
        return carry_out_race(r, q, e);
    }
    question_give(c, q);
    if (question.step.verb == TS_CANCEL) {
        job_cancel(r, question.row);
        return 0;
    }
    if (question.step.verb != TS_PLACE) {
        r->job[question.row].placed_s = r->now_s;
        job_end(r, question.row, ROW_NONE, 0, 0, TS_REJECTED);
        return 0;
    }
    control_holds(r, question.row, question.entry, question.serial);
    c->beside[question.row].sent = question.sent;
    c->beside[question.row].n_rate = 0;
    r->job[question.row].n_asked++;
    struct ts_step step = question.step;
    if (step.patience_s > 0) { /* since the decision: it may have run out on the way */
        step.patience_s = fmax(step.patience_s - (r->now_s - question.decided_s), DBL_TRUE_MIN);
    }
    control_answers(r, true);
    int rc = 0;
    if (r->job[question.row].part && step.patience_s > 0) {
        rc = ERR_SET(e, ERR_POLICY, "policy %s: patience with a task of a graph cannot be carried out", r->spec.policy->name);
    } else if (r->job[question.row].part) {
        r->job[question.row].level = question.step.level;
        graph_place(r, question.row, question.step.place, question.flop);
    } else {
        rc = job_send(r, question.row, &step, question.flop, e);
    }
    control_answers(r, false);
    return rc;
}
