/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sent.c - what a controller knows of the tasks that it has sent to places and that have not ended, for all it knows; for
 * policies that may move and cancel them (SEMANTICS 5.1.1, 5.3).  Each is a row of run.job, a copy of the job as it was sent, from
 * the decision to the news of its end, so that a question can be put about a task that is no more.
 *
 * With exact rows a controller sees which of its tasks are at their places, and what is left of them: then it is asked about the
 * jobs themselves, and only those.
 */
#include "sim/run/control.h"

static bool is_exact(const struct run *r)
{
    return r->control->spec->view == VIEW_EXACT;
}

static void append(struct run *r, uint32_t ctl, uint32_t sent)
{
    struct run_control *c = r->control;
    struct queue *q = &c->ctl[ctl].sent;
    c->beside[sent].next = ROW_NONE;
    c->beside[sent].before = q->first == ROW_NONE ? ROW_NONE : q->last;
    *(q->first == ROW_NONE ? &q->first : &c->beside[q->last].next) = sent;
    q->last = sent;
}

static void take_out(struct run *r, uint32_t ctl, uint32_t sent)
{
    struct run_control *c = r->control;
    struct queue *q = &c->ctl[ctl].sent;
    const struct beside *b = &c->beside[sent];
    *(b->before == ROW_NONE ? &q->first : &c->beside[b->before].next) = b->next;
    *(b->next == ROW_NONE ? &q->last : &c->beside[b->next].before) = b->before;
    ledger_remove(r, b->entry, b->serial);
    job_give(r, sent);
}

uint32_t sent_add(struct run *r, const struct question *q)
{
    const uint32_t row = q->row;
    if (!(r->spec.policy->flags & TS_WANTS_LIVE) || r->job[row].part) {
        return ROW_NONE;
    }
    const uint32_t sent = job_take(r);
    if (sent == ROW_NONE) {
        return sent;
    }
    struct job *j = &r->job[sent];
    *j = r->job[row];
    j->phase = PHASE_SENT;
    j->whole = row;
    j->place = q->step.place;
    j->at = ROW_NONE;
    j->timer = j->wait = j->patience = EV_NONE;
    r->control->beside[sent].entry = q->entry;
    r->control->beside[sent].serial = q->serial;
    r->control->beside[sent].entry_at = q->step.place;
    append(r, q->ctl, sent);
    return sent;
}

static bool is_of(const struct run *r, uint32_t sent, uint64_t ordinal)
{
    return sent != ROW_NONE && r->job[sent].phase == PHASE_SENT && r->job[sent].ordinal == ordinal;
}

void sent_drop(struct run *r, uint32_t sent, uint64_t ordinal)
{
    if (is_of(r, sent, ordinal)) {
        take_out(r, control_of_job(r, &r->job[sent]), sent);
    }
}

/* Its row is no longer to be there, but elsewhere. */
static void take_back(struct run *r, uint32_t sent)
{
    struct beside *b = &r->control->beside[sent];
    ledger_remove(r, b->entry, b->serial);
    b->entry = ROW_NONE;
}

void sent_moved(struct run *r, uint32_t sent, uint64_t ordinal, uint32_t place)
{
    if (is_of(r, sent, ordinal)) {
        r->job[sent].place = place;
        if (r->control->beside[sent].entry_at != place) { /* an order since then has come too late */
            take_back(r, sent);
        }
    }
}

void sent_order(struct run *r, uint32_t sent, uint32_t place, double work_s, uint32_t *entry, uint32_t *serial)
{
    struct beside *b = &r->control->beside[sent];
    if (is_exact(r) || b->entry_at != place) { /* else it was so ordered before, and that is not known to be done */
        take_back(r, sent);
        b->entry = ledger_add(r, r->control->asking, place, work_s, &b->serial);
        b->entry_at = place;
    }
    *entry = b->entry;
    *serial = b->serial;
}

/* The job has ended, or its row is another's. */
static bool is_over(const struct run *r, const struct job *sent)
{
    const struct job *j = &r->job[sent->whole];
    return j->ordinal != sent->ordinal || j->part || j->phase == PHASE_FREE || j->phase == PHASE_COMING ||
           j->phase == PHASE_MESSAGE || j->phase == PHASE_SENT;
}

uint32_t sent_list(struct run *r, uint32_t ctl, uint32_t n)
{
    struct run_control *c = r->control;
    for (uint32_t sent = c->ctl[ctl].sent.first, next; sent != ROW_NONE; sent = next) {
        const uint32_t job = r->job[sent].whole;
        next = c->beside[sent].next;
        if (is_exact(r) && is_over(r, &r->job[sent])) {
            take_out(r, ctl, sent);
            continue;
        }
        if (is_exact(r) && !job_is_live(&r->job[job])) {
            continue;
        }
        if (!controller_room(r, n + 1)) {
            return ROW_NONE;
        }
        c->row[n] = is_exact(r) ? job : sent;
        c->task[n] = ROW_NONE;
        r->job[c->row[n++]].n_asked++; /* each question draws anew */
    }
    return n;
}

uint32_t sent_job(const struct run *r, uint32_t row)
{
    return r->job[row].phase == PHASE_SENT ? r->job[row].whole : row;
}
