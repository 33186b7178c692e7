/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/race.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/control.h"

void races_clear(struct run *r)
{
    free(r->race);
}

static struct race *race_of(struct run *r, uint32_t row)
{
    return &r->race[r->job[row].race];
}

static uint32_t take(struct run *r)
{
    if (r->free_race == ROW_NONE) {
        uint32_t n = r->n_race ? 2 * r->n_race : 64;
        struct race *grown = realloc(r->race, n * sizeof *grown);
        if (!grown) {
            return ROW_NONE;
        }
        r->race = grown;
        for (uint32_t i = r->n_race; i < n; i++) {
            grown[i].next = i + 1 < n ? i + 1 : ROW_NONE;
        }
        r->free_race = r->n_race;
        r->n_race = n;
    }
    uint32_t i = r->free_race;
    r->free_race = r->race[i].next;
    return i;
}

bool race_is_one(const struct run *r, const struct ts_plan *p, uint32_t i)
{
    if (p->step[i].not_before_s > 0) {
        return true;
    }
    const bool one_each = p->n <= r->ask.n_task && !(r->spec.policy->flags & TS_WANTS_LIVE); /* who runs may have none */
    for (uint32_t k = i + 1; !one_each && k < p->n; k++) {
        if (p->step[k].task == p->step[i].task) {
            return true;
        }
    }
    return false;
}

/* A hedge is in the ledger from when it is sent; exact rows have it then. */
static void enter(struct run *r, uint32_t whole, struct racer *racer)
{
    if (racer->entry == ROW_NONE && r->control->spec->view != VIEW_EXACT) {
        racer->entry = ledger_add(r, control_of_job(r, &r->job[whole]), racer->step.place, racer->work_s, &racer->serial);
    }
}

/* Send replica k of a race on its way. */
static int send(struct run *r, uint32_t race, uint32_t k, struct err *e)
{
    const uint32_t whole = r->race[race].job;
    struct replica *replica = &r->race[race].replica[k];
    uint32_t row = job_take(r);
    if (row == ROW_NONE) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for replicas");
    }
    struct job *j = &r->job[row];
    *j = r->job[whole];
    j->part = k + 1;
    j->whole = whole;
    j->place = j->at = ROW_NONE;
    j->timer = j->wait = j->patience = EV_NONE;
    j->measured = 0;
    j->n_asked = 0;
    replica->row = row;
    replica->sent = true;
    r->race[race].n_there++;
    r->race[race].n_coming--;
    if (r->control) {
        enter(r, whole, &replica->as);
        control_holds(r, row, replica->as.entry, replica->as.serial);
    }
    emit_part(r, row, whole, whole, j->input_bits);
    return job_send(r, row, &replica->as.step, replica->flop, e);
}

int race_read(const struct run *r, uint32_t row, const struct ts_plan *p, uint32_t i, struct racer racer[MAX_REPLICAS],
              uint32_t *n, struct err *e)
{
    const char *const policy = r->spec.policy->name;
    *n = 0;
    if (r->job[row].part != 0) {
        return ERR_SET(e, ERR_POLICY, "policy %s: replicas and hedges of a task of a graph cannot be carried out", policy);
    }
    for (uint32_t k = i; k < p->n; k++) {
        const struct ts_step *step = &p->step[k];
        if (step->verb != TS_PLACE || step->task != p->step[i].task) {
            continue;
        }
        if (*n == MAX_REPLICAS || step->patience_s > 0) {
            return ERR_SET(e, ERR_POLICY, "policy %s: found %s, wanted at most %d replicas, and none with patience", policy,
                           *n == MAX_REPLICAS ? "more replicas" : "a replica with patience", MAX_REPLICAS);
        }
        racer[(*n)++] = (struct racer){.step = *step, .entry = ROW_NONE};
    }
    return 0;
}

int race_keep(const struct run *r, uint32_t row, const struct ts_plan *p, uint32_t i, struct racer **to, uint32_t *n,
              struct err *e)
{
    struct racer racer[MAX_REPLICAS];
    int rc = race_read(r, row, p, i, racer, n, e);
    if (rc) {
        return rc;
    }
    if (!(*to = malloc(*n * sizeof **to))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for replicas");
    }
    memcpy(*to, racer, *n * sizeof **to);
    return 0;
}

int race_begin(struct run *r, uint32_t row, const struct racer *racer, uint32_t n, double flop, struct err *e)
{
    int rc = 0;
    const uint32_t index = take(r);
    if (index == ROW_NONE) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for replicas");
    }
    struct race *race = &r->race[index];
    *race = (struct race){.job = row, .next = ROW_NONE, .n = n, .n_coming = n};
    for (uint32_t k = 0; k < n; k++) {
        race->replica[k] = (struct replica){.row = ROW_NONE, .event = EV_NONE, .as = racer[k], .flop = flop};
    }
    r->job[row].race = index;
    r->job[row].block = BLOCK_RACE;
    r->job[row].phase = PHASE_GRAPH;
    r->job[row].placed_s = r->now_s;
    for (uint32_t k = 0; k < r->race[index].n; k++) {
        struct replica *replica = &r->race[index].replica[k];
        if (replica->as.step.not_before_s > r->now_s) {
            replica->event = post(r, replica->as.step.not_before_s, EV_DECIDE, EK_HEDGE, index * MAX_REPLICAS + k);
        }
    }
    for (uint32_t k = 0; k < n && r->job[row].block == BLOCK_RACE && r->job[row].race == index; k++) {
        if (r->race[index].replica[k].event == EV_NONE) { /* one may have won, or all have been dropped, at once */
            rc = send(r, index, k, e);
            if (rc < 0) {
                return rc;
            }
        }
    }
    return 0;
}

void race_start(struct run *r, uint32_t which)
{
    struct err e = {0};
    r->race[which / MAX_REPLICAS].replica[which % MAX_REPLICAS].event = EV_NONE;
    control_answers(r, true);
    if (send(r, which / MAX_REPLICAS, which % MAX_REPLICAS, &e) < 0) {
        run_fail(r, "a replica cannot be sent");
    }
    control_answers(r, false);
}

/* What a replica cost is the job's, as far as that is to be told yet. */
static void charge(struct run *r, uint32_t row, bool won)
{
    const uint32_t whole = r->job[row].whole;
    if (r->account && (r->job[whole].block == BLOCK_RACE || r->job[whole].block == BLOCK_ENDING)) {
        struct account *to = &r->account[whole];
        const struct account *from = &r->account[row];
        to->energy_j += from->energy_j;
        to->waste_j += won ? 0 : from->energy_j;
        to->cost += from->cost;
        to->bits += from->bits;
        to->exposed |= from->exposed;
    }
}

/* A replica is no more; the race is over for good when it was the last and the job has ended. */
static void drop(struct run *r, uint32_t row, bool won)
{
    charge(r, row, won);
    struct race *race = race_of(r, row);
    struct replica *replica = &race->replica[r->job[row].part - 1];
    const uint32_t whole = race->job, index = r->job[row].race;
    if (replica->event != EV_NONE) {
        evset_cancel(&r->events, replica->event);
        replica->event = EV_NONE;
    }
    replica->row = ROW_NONE;
    if (r->control) {
        news_of_replica(r, row, r->job[whole].block == BLOCK_ENDING ? whole : ROW_NONE);
    }
    r->job[row].block = ROW_NONE;
    job_give(r, row);
    if (--race->n_there == 0 && r->job[whole].block == BLOCK_KEPT) {
        r->job[whole].block = ROW_NONE;
        job_give(r, whole);
        race->next = r->free_race;
        r->free_race = index;
    }
}

static void take_out(struct run *r, uint32_t row)
{
    struct pulled p = job_pull(r, row);
    emit(r, TR_LEAVE, row, p.from, ROW_NONE, p.a, p.b, TS_CANCELLED);
    drop(r, row, false);
}

/* The order that cancels a replica is there. */
static void cancel(struct run *r, uint32_t row)
{
    if (job_stops(r, row)) {
        take_out(r, row);
    } else {
        r->job[row].moved = MOVED_CANCELLED;
    }
}

void race_cancel(struct run *r, uint32_t which)
{
    struct replica *replica = &r->race[which / MAX_REPLICAS].replica[which % MAX_REPLICAS];
    replica->event = EV_NONE;
    control_answers(r, true);
    cancel(r, replica->row);
    control_answers(r, false);
}

/* What the job is told of its end is that of the winner. */
static void win(struct run *r, uint32_t row)
{
    const struct job *j = &r->job[row];
    struct job *whole = &r->job[j->whole];
    whole->place = j->place;
    whole->arrived_s = j->arrived_s;
    whole->served_s = j->served_s;
    whole->busy_s = j->busy_s;
    whole->placed_s = j->placed_s;
    if (r->account) {
        struct account *to = &r->account[j->whole];
        to->tag = race_of(r, row)->replica[j->part - 1].as.step.tag;
        to->replica = j->part - 1;
    }
    if (r->control) {
        news_take_over(r, j->whole, row);
    }
}

bool race_step(struct run *r, uint32_t row, uint32_t from, double a, double b)
{
    const uint32_t whole = r->job[row].whole;
    if (r->job[row].phase != PHASE_BACK) {
        return false;
    }
    if (r->control) {
        news_flow(r, &r->job[row], true, -1);
    }
    if (r->job[whole].block != BLOCK_RACE) { /* another has won */
        emit(r, TR_LEAVE, row, from, ROW_NONE, a, b, TS_CANCELLED);
        drop(r, row, false);
        return true;
    }
    emit(r, TR_LEAVE, row, from, ROW_NONE, a, b, TS_DONE);
    win(r, row);
    drop(r, row, true);
    job_result(r, whole, ROW_NONE, 0, 0);
    return true;
}

/* Who was not sent yet is not, and the others are cancelled, at once where the job gave up, else by a message. */
void race_settle(struct run *r, uint32_t whole, bool finished)
{
    const uint32_t index = r->job[whole].race;
    r->job[whole].block = BLOCK_ENDING;
    for (uint32_t k = 0; k < r->race[index].n; k++) {
        struct replica *replica = &r->race[index].replica[k];
        if (!replica->sent) {
            if (replica->event != EV_NONE) {
                evset_cancel(&r->events, replica->event);
                replica->event = EV_NONE;
            }
            if (replica->as.entry != ROW_NONE) {
                news_of_unsent(r, whole, replica->as.entry, replica->as.serial);
            }
        } else if (replica->row != ROW_NONE) {
            double delay_s = finished ? order_send(r, replica->row) : 0;
            if (delay_s > 0) {
                replica->event = post(r, r->now_s + delay_s, EV_NEWS, EK_CANCEL, index * MAX_REPLICAS + k);
            } else if (finished) {
                cancel(r, replica->row);
            } else {
                take_out(r, replica->row);
            }
        }
    }
    r->race[index].n_coming = 0;
}

/* The row of a job that ends is kept for those that lost. */
static void keep(struct run *r, uint32_t whole)
{
    const uint32_t index = r->job[whole].race;
    if (r->race[index].n_there > 0) {
        r->job[whole].block = BLOCK_KEPT;
    } else {
        r->job[whole].block = ROW_NONE;
        r->race[index].next = r->free_race;
        r->free_race = index;
    }
}

bool race_ends(struct run *r, uint32_t row, uint32_t from, double a, double b, enum ts_end end)
{
    if (r->job[row].part == 0) {
        if (r->job[row].block == BLOCK_RACE) {
            race_settle(r, row, end == TS_DONE || end == TS_LATE);
        }
        keep(r, row);
        return false;
    }
    const uint32_t whole = r->job[row].whole;
    const bool is_last = r->job[whole].block == BLOCK_RACE && race_of(r, row)->n_there == 1 && race_of(r, row)->n_coming == 0;
    emit(r, TR_LEAVE, row, from, ROW_NONE, a, b, TS_CANCELLED);
    if (is_last) {
        r->job[whole].place = r->job[row].place; /* the job ends there */
    }
    if (is_last && r->control) {
        news_take_over(r, whole, row);
    }
    drop(r, row, false);
    if (is_last) {
        job_end(r, whole, ROW_NONE, 0, 0, end);
    }
    return true;
}
