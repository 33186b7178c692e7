/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * controller.c - the way of a question: asked for by a job, put to the policy when its controller is idle, thought about,
 * and answered (answer_far.c) where the job is.
 */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/policy/check.h"
#include "sim/run/control.h"

enum { MAX_ASKED = 100000 };
#define TICK_ENTITY 0x7EAC0001u /* of draws about no job; its member is the controller */

void question_append(struct run_control *c, struct queue *q, uint32_t row)
{
    c->question[row].next = ROW_NONE;
    if (q->first == ROW_NONE) {
        q->first = row;
    } else {
        c->question[q->last].next = row;
    }
    q->last = row;
}

static uint32_t take_first(struct run_control *c, struct queue *q)
{
    uint32_t row = q->first;
    q->first = row == ROW_NONE ? row : c->question[row].next;
    return row;
}

uint32_t question_take(struct run *r, uint32_t ctl, uint32_t job, enum ts_why why)
{
    struct run_control *c = r->control;
    if (c->free_question == ROW_NONE && !slab_grow((void **)&c->question, &c->n_question, sizeof *c->question,
                                                   offsetof(struct question, next), &c->free_question)) {
        run_fail(r, "out of memory for questions");
        return ROW_NONE;
    }
    uint32_t row = c->free_question;
    c->free_question = c->question[row].next;
    c->question[row] = (struct question){.row = job, .why = why, .ctl = ctl, .entry = ROW_NONE, .sent = ROW_NONE,
                                          .at = ROW_NONE};
    if (job != ROW_NONE) {
        c->question[row].ordinal = r->job[job].ordinal;
        c->question[row].part = r->job[job].part;
    }
    return row;
}

void question_give(struct run_control *c, uint32_t row)
{
    free(c->question[row].plan);
    free(c->question[row].racer);
    c->question[row].plan = NULL;
    c->question[row].racer = NULL;
    c->question[row].next = c->free_question;
    c->free_question = row;
}

/* What it was answered will not be done. */
static void question_void(struct run *r, uint32_t row)
{
    const struct question *q = &r->control->question[row];
    if (!question_is_order(q) || r->control->spec->view == VIEW_EXACT) { /* else its controller does not know of it */
        ledger_remove(r, q->entry, q->serial);
    }
    for (uint32_t k = 0; k < q->n_racer; k++) {
        ledger_remove(r, q->racer[k].entry, q->racer[k].serial);
    }
    sent_drop(r, q->sent, q->ordinal);
    question_give(r->control, row);
}

/* Does its job still wait for it?  Or, of an order, is the task where it was believed to be? */
static bool is_wanted(const struct run *r, const struct question *q)
{
    const struct job *j = &r->job[q->row];
    const bool waits = j->phase == PHASE_ASKED || j->phase == PHASE_DEFERRED;
    return j->ordinal == q->ordinal && j->part == q->part && (question_is_order(q) ? job_is_live(j) && j->place == q->at : waits);
}

/* The controller turns to its next question, after all else of this instant. */
static void rouse(struct run *r, uint32_t ctl)
{
    struct controller *k = &r->control->ctl[ctl];
    if (!k->busy && !k->starting && k->waiting.first != ROW_NONE) {
        k->starting = true;
        post(r, r->now_s, EV_DECIDE, EK_CONTROL, ctl);
    }
}

static void wait_for(struct run *r, uint32_t question)
{
    struct run_control *c = r->control;
    uint32_t ctl = c->question[question].ctl;
    question_append(c, &c->ctl[ctl].waiting, question);
    rouse(r, ctl);
}

void controller_request(struct run *r, uint32_t row, enum ts_why why)
{
    struct run_control *c = r->control;
    struct job *j = &r->job[row];
    uint32_t ctl = control_of_job(r, j), question = question_take(r, ctl, row, why);
    j->wait = EV_NONE;
    control_reset(r, row);
    if (question != ROW_NONE) {
        struct message m = message_about(r, j, MESSAGE_REQUEST, ctl, question);
        message_send(r, &m, stand_of_job(r, j), c->ctl[ctl].at);
    }
}

void controller_again(struct run *r, uint32_t row)
{
    const enum ts_why why = (enum ts_why)r->job[row].why;
    if (why != TS_TICK) {
        controller_request(r, row, why); /* for the first time */
        return;
    }
    uint32_t question = question_take(r, control_of_job(r, &r->job[row]), row, why);
    r->job[row].phase = PHASE_ASKED;
    r->job[row].wait = EV_NONE;
    if (question != ROW_NONE) {
        wait_for(r, question);
    }
}

static bool widen(uint32_t **list, size_t room)
{
    uint32_t *wide = realloc(*list, room * sizeof *wide);
    if (!wide) {
        return false;
    }
    *list = wide;
    return true;
}

bool controller_room(struct run *r, uint32_t n)
{
    struct run_control *c = r->control;
    if (n <= c->room_row) {
        return true;
    }
    const size_t room = 2 * (n + 32u);
    if (!widen(&c->row, room) || !widen(&c->task, room)) {
        return false;
    }
    c->room_row = (uint32_t)room;
    return true;
}

/* A question about all that are deferred, in the order in which they were; true if it is put. */
static bool start_deferred(struct run *r, uint32_t ctl, enum ts_why why)
{
    struct run_control *c = r->control;
    struct controller *k = &c->ctl[ctl];
    uint32_t n = 0;
    k->pool_waiting &= ~(UINT32_C(1) << why);
    for (uint32_t q; (q = take_first(c, &k->deferred)) != ROW_NONE;) {
        r->n_deferred--;
        if (!is_wanted(r, &c->question[q])) {
            question_give(c, q);
            continue;
        }
        if (!controller_room(r, n + 1)) {
            run_fail(r, "out of memory for a question");
            return false;
        }
        question_append(c, &c->asked, q);
        c->task[n] = q;
        c->row[n++] = c->question[q].row;
        r->job[c->question[q].row].phase = PHASE_ASKED;
    }
    if (n == 0 && why == TS_FREED) {
        return false;
    }
    if (policy_of(r, ctl)->flags & TS_WANTS_LIVE && (why == TS_TICK || why == TS_CHANGED)) {
        n = sent_list(r, ctl, n);
    }
    if (n == ROW_NONE || !question_put_many(r, c->row, n, why)) {
        run_fail(r, "out of memory for a question");
        return false;
    }
    return true;
}

/* Only new jobs are turned away, as a whole: of those of several tasks, where one is asked about that nothing comes before. */
static bool is_admitted(const struct run *r, const struct question *q)
{
    const struct job *j = &r->job[q->row];
    if (r->control->n_level == 1 || !is_wanted(r, q)) {
        return true;
    }
    const struct graph *g = r->s->workload[j->workload].graph;
    const bool is_first = j->part && q->why == TS_READY && g->task[r->home[j->step].task.step].n_in == 0;
    return (q->why != TS_ARRIVED && !is_first) || upper_admits(r, q->ctl, j);
}

/* The answer is known without the policy, and takes no time. */
static void turn_away(struct run *r, uint32_t q)
{
    struct run_control *c = r->control;
    struct question *question = &c->question[q];
    struct message m = message_about(r, &r->job[question->row], MESSAGE_ANSWER, question->ctl, q);
    question->step = (struct ts_step){.verb = TS_REJECT};
    question->ask = TURNED_AWAY;
    message_send(r, &m, c->ctl[question->ctl].at, stand_of_job(r, &r->job[question->row]));
}

bool controller_start(struct run *r, uint32_t ctl)
{
    struct run_control *c = r->control;
    struct controller *k = &c->ctl[ctl];
    k->starting = false;
    for (uint32_t q; (q = take_first(c, &k->waiting)) != ROW_NONE;) {
        c->asking = ctl;
        if (c->question[q].row != ROW_NONE && !is_admitted(r, &c->question[q])) {
            turn_away(r, q);
        } else if (c->question[q].row == ROW_NONE) {
            const enum ts_why why = (enum ts_why)c->question[q].why;
            question_give(c, q);
            if (start_deferred(r, ctl, why)) {
                k->busy = true;
                return true;
            }
        } else if (is_wanted(r, &c->question[q])) {
            question_append(c, &c->asked, q);
            c->task[0] = q;
            k->busy = true;
            return job_put(r, c->question[q].row, (enum ts_why)c->question[q].why);
        } else {
            question_give(c, q);
        }
    }
    return false;
}

/* A variate of the question: of the job that it is about, or the first of them. */
static double think_s(struct run *r, const struct ts_plan *p, uint32_t row)
{
    const struct dist *think = &outlook_of(r, r->control->asking)->spec->think;
    if (p->think_s == p->think_s) {
        return p->think_s;
    }
    if (row == ROW_NONE) { /* about no job: a tick or a report */
        const struct draw_at tick = {{(uint32_t)r->spec.seed, r->spec.replication}, TICK_ENTITY, r->control->asking,
                                     r->control->ctl[r->control->asking].n_thought, DRAW_THINK, 0};
        return dist_draw(think, &tick);
    }
    const struct job *j = &r->job[row];
    const struct workload *load = &r->s->workload[j->workload];
    const struct draw_at at = {{(uint32_t)r->spec.seed, r->spec.replication}, load->entity ^ PART_FACTOR * j->part,
                               load->n_source > 1 ? j->source - load->first_source : 0, j->number, DRAW_THINK,
                               (uint8_t)j->n_asked};
    return dist_draw(think, &at);
}

int controller_answer(struct run *r, const struct ts_plan *p, struct err *e)
{
    struct run_control *c = r->control;
    struct controller *k = &c->ctl[c->asking];
    k->think_s = think_s(r, p, r->ask.n_task ? r->asked[0] : ROW_NONE);
    const int rc = is_slow(r, c->asking) ? upper_answer(r, p, e) : answer_keep(r, p, e);
    if (rc < 0) {
        return rc;
    }
    k->thought = c->asked;
    c->asked = (struct queue){ROW_NONE, ROW_NONE};
    if (k->think_s > 0) {
        post(r, r->now_s + k->think_s, EV_END, EK_DECIDED, c->asking);
    } else {
        controller_thought(r, c->asking);
    }
    return 0;
}

static void emit_thought(struct run *r, uint32_t ctl)
{
    const struct controller *k = &r->control->ctl[ctl];
    emit_raw(r, (struct transition){.time_s = r->now_s,
                                    .a = k->think_s,
                                    .b = k->think_s * control_think_w(r, outlook_of(r, ctl)->spec),
                                    .number = k->n_thought,
                                    .way = transition_way(ROW_NONE, k->at.node),
                                    .what = transition_what(TR_THINK, 0, 0, ctl)});
}

/* What has been thought out goes to the node of the job, or, an order, to the place where the task is believed to be. */
static void send_answer(struct run *r, uint32_t ctl, uint32_t q)
{
    struct run_control *c = r->control;
    struct question *question = &c->question[q];
    const struct stand from = c->ctl[ctl].at;
    if (question_is_order(question)) {
        message_send(r, &question->order, from, stand_of_place(r, question->at));
        return;
    }
    if (!is_wanted(r, question)) {
        question_void(r, q);
        return;
    }
    if (question->step.verb == TS_PLACE && !question->plan && !question->racer) {
        question->sent = sent_add(r, question);
    }
    const struct job *j = &r->job[question->row];
    const struct message m = message_about(r, j, MESSAGE_ANSWER, ctl, q);
    question->decided_s = r->now_s;
    message_send(r, &m, from, question->step.verb == TS_DEFER ? from : stand_of_job(r, j));
}

void controller_thought(struct run *r, uint32_t ctl)
{
    struct run_control *c = r->control;
    struct controller *k = &c->ctl[ctl];
    struct queue all = k->thought;
    if (k->think_s > 0) {
        emit_thought(r, ctl);
    }
    k->n_thought++;
    k->busy = false;
    k->thought = (struct queue){ROW_NONE, ROW_NONE};
    for (uint32_t q; (q = take_first(c, &all)) != ROW_NONE;) {
        send_answer(r, ctl, q);
    }
    if (is_slow(r, ctl)) {
        upper_thought(r, ctl);
    }
    rouse(r, ctl);
}

int controller_defers(struct run *r, uint32_t q, struct err *e)
{
    struct run_control *c = r->control;
    struct question *question = &c->question[q];
    struct controller *k = &c->ctl[question->ctl];
    struct job *j = &r->job[question->row];
    if (++j->n_asked > MAX_ASKED) {
        return ERR_SET(e, ERR_POLICY, "policy %s deferred job %llu for the %dth time: wanted a decision", r->spec.policy->name,
                       (unsigned long long)j->ordinal, MAX_ASKED + 1);
    }
    j->phase = PHASE_DEFERRED;
    j->wait = EV_NONE;
    if (question->step.not_before_s > r->now_s) {
        j->why = TS_TICK;
        j->wait = post(r, question->step.not_before_s, EV_DECIDE, EK_ASK, question->row);
        question_give(c, q);
        return 0;
    }
    question_append(c, &k->deferred, q);
    r->n_deferred++;
    if (!k->deferring) {
        k->deferring = true;
        c->deferring[c->n_deferring++] = question->ctl;
    }
    if (c->spec->view != VIEW_EXACT && !k->waking) {
        k->waking = true;
        post(r, r->now_s + c->spec->period_s, EV_DECIDE, EK_WAKE, question->ctl);
    }
    return 0;
}

void controller_ask(struct run *r, uint32_t ctl, enum ts_why why)
{
    struct controller *k = &r->control->ctl[ctl];
    const uint32_t bit = UINT32_C(1) << why;
    if (!(policy_of(r, ctl)->triggers & bit) || k->pool_waiting & bit ||
        (why == TS_FREED && k->deferred.first == ROW_NONE)) {
        return;
    }
    uint32_t q = question_take(r, ctl, ROW_NONE, why);
    if (q != ROW_NONE) {
        k->pool_waiting |= bit;
        wait_for(r, q);
    }
}

void controller_wake(struct run *r, uint32_t ctl)
{
    r->control->ctl[ctl].waking = false;
    controller_ask(r, ctl, TS_FREED);
}

void controller_tick(struct run *r)
{
    for (uint32_t ctl = 0; ctl < r->control->n_fast; ctl++) {
        controller_ask(r, ctl, TS_TICK);
    }
}

void controller_wake_all(struct run *r, enum ts_why why)
{
    struct run_control *c = r->control;
    uint32_t n = 0;
    if (why == TS_CHANGED) {
        for (uint32_t ctl = 0; c->knows == KNOW_EXACT && ctl < c->n_ctl; ctl++) {
            controller_ask(r, ctl, why); /* who knows what links are now, knows that one has changed */
        }
        return;
    }
    for (uint32_t i = 0; c->spec->view == VIEW_EXACT && i < c->n_deferring; i++) {
        uint32_t ctl = c->deferring[i];
        c->ctl[ctl].deferring = c->ctl[ctl].deferred.first != ROW_NONE;
        if (c->ctl[ctl].deferring) {
            c->deferring[n++] = ctl;
            controller_ask(r, ctl, why);
        }
    }
    c->n_deferring = c->spec->view == VIEW_EXACT ? n : c->n_deferring;
}

void controller_reads(struct run *r, const struct message *m)
{
    struct run_control *c = r->control;
    struct question *q = &c->question[m->about];
    struct err e = {0};
    if (m->kind == MESSAGE_REFUSAL) {
        ledger_remove(r, q->entry, q->serial);
        sent_drop(r, q->sent, q->ordinal);
        q->entry = q->sent = ROW_NONE;
    }
    if (m->kind == MESSAGE_ANSWER && !is_wanted(r, q)) {
        if (question_is_order(q)) {
            order_stale(r, q->at);
        }
        question_void(r, m->about);
    } else if (m->kind != MESSAGE_ANSWER) {
        wait_for(r, m->about);
    } else if (answer_carry_out(r, m->about, &e) < 0) {
        run_fault(r, &e);
    }
}

/* A decision did not hold: what becomes of the job is asked again, with the news from where that is known. */
static void come_back(struct run *r, uint32_t row, struct stand from)
{
    struct run_control *c = r->control;
    struct job *j = &r->job[row];
    j->phase = PHASE_ASKED;
    j->at = ROW_NONE;
    j->wait = EV_NONE;
    if (j->patience != EV_NONE) {
        evset_cancel(&r->events, j->patience);
        j->patience = EV_NONE;
    }
    uint32_t ctl = control_of_job(r, j), q = question_take(r, ctl, row, TS_REFUSED);
    if (q != ROW_NONE) {
        c->question[q].entry = c->beside[row].entry;
        c->question[q].serial = c->beside[row].serial;
        c->question[q].sent = c->beside[row].sent;
        c->beside[row].entry = c->beside[row].sent = ROW_NONE;
        struct message m = message_about(r, j, MESSAGE_REFUSAL, ctl, q);
        message_send(r, &m, from, c->ctl[ctl].at);
    }
}

void controller_recalls(struct run *r, uint32_t row)
{
    come_back(r, row, stand_of_job(r, &r->job[row]));
}

bool controller_refused(struct run *r, uint32_t row, uint32_t from, double a, double b, bool placed_now)
{
    struct run_control *c = r->control;
    struct job *j = &r->job[row];
    if (c->max_tries <= 1u || j->part || j->moved) { /* its state lies where there is no room */
        return false;
    }
    if (!placed_now && from != ROW_NONE) {
        emit(r, TR_MOVE, row, from, ROW_NONE, a, b, 0);
    }
    const uint32_t place = j->place;
    if (++j->tries >= c->max_tries) {
        job_end(r, row, ROW_NONE, 0, 0, TS_DROP_REFUSED);
        return true;
    }
    emit(r, TR_REFUSE, row, place, ROW_NONE, 0, 0, 0);
    if (r->account) {
        r->account[row].waste_j = r->account[row].energy_j;
    }
    come_back(r, row, stand_of_place(r, place));
    return true;
}
