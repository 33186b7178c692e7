/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deferred.c - jobs that wait until something changes, and the questions about all of a block: when a place has become free, a
 * report has come, something has changed, or the policy's clock ticks.  A question of each kind is put to a block at most once
 * an instant, after everything else that happens then.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/control.h"

int run_defer(struct run *r, uint32_t row, struct err *e)
{
    const uint32_t at = block_of_job(r, &r->job[row]);
    struct block *b = &r->block[at];
    if (b->n_deferred == b->room_deferred) {
        uint32_t room = b->room_deferred ? 2 * b->room_deferred : r->blocks.n == 1 ? 64 : 4;
        uint32_t *grown = realloc(b->deferred, room * sizeof *grown);
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for %u deferred jobs", room);
        }
        b->deferred = grown;
        b->room_deferred = room;
    }
    r->job[row].wait = EV_NONE;
    b->deferred[b->n_deferred++] = row;
    r->n_deferred++;
    if (r->deferring && !b->deferring) {
        b->deferring = true;
        r->deferring[r->n_deferring++] = at;
    }
    return 0;
}

void run_undefer(struct run *r, uint32_t row)
{
    struct block *b = &r->block[block_of_job(r, &r->job[row])];
    for (uint32_t i = 0; !r->control && i < b->n_deferred; i++) { /* of a controller, the question is void when it comes up */
        if (b->deferred[i] == row) {
            memmove(b->deferred + i, b->deferred + i + 1, (b->n_deferred - i - 1) * sizeof *b->deferred);
            b->n_deferred--;
            r->n_deferred--;
            return;
        }
    }
}

void run_changed(struct run *r, enum ts_why why)
{
    uint32_t bit = UINT32_C(1) << why;
    if (r->spec.policy->triggers & bit & ~r->pool_pending) {
        r->pool_pending |= bit;
        post(r, r->now_s, EV_DECIDE, EK_POOL, why);
    }
}

/* The question about all that a block has deferred; they are out of its list from then on, and back in it if put off again. */
static bool put_all(struct run *r, uint32_t at, enum ts_why why)
{
    const bool live = r->spec.policy->flags & TS_WANTS_LIVE && (why == TS_TICK || why == TS_CHANGED);
    struct block *b = &r->block[at];
    uint32_t n = b->n_deferred;
    r->view.ctl = at;
    if ((live && !live_list(r, at, &n)) || !question_put_many(r, live ? r->live : b->deferred, n, why)) {
        run_fail(r, "out of memory for a question");
        return false;
    }
    for (uint32_t i = 0; i < b->n_deferred; i++) {
        r->job[b->deferred[i]].phase = PHASE_ASKED;
    }
    r->n_deferred -= b->n_deferred;
    b->n_deferred = 0;
    return true;
}

/* One of several blocks is to be asked at the end of this instant. */
static void wake(struct run *r, uint32_t at, enum ts_why why)
{
    struct block *b = &r->block[at];
    if (!b->pending) {
        post(r, r->now_s, EV_DECIDE, EK_BLOCK, at);
    }
    b->pending |= UINT32_C(1) << why;
}

bool run_ask_block(struct run *r, uint32_t at)
{
    struct block *b = &r->block[at];
    const enum ts_why why = (enum ts_why)__builtin_ctz(b->pending);
    b->pending &= b->pending - 1;
    if (b->pending) {
        post(r, r->now_s, EV_DECIDE, EK_BLOCK, at);
    }
    return (b->n_deferred || why != TS_FREED) && put_all(r, at, why);
}

bool run_ask_pool(struct run *r, enum ts_why why)
{
    r->pool_pending &= ~(UINT32_C(1) << why);
    if (r->control) {
        controller_wake_all(r, why);
        return false;
    }
    if (r->blocks.n == 1) {
        return (r->n_deferred || why != TS_FREED) && put_all(r, 0, why);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_deferring; i++) { /* who deferred first is asked first */
        const uint32_t at = r->deferring[i];
        r->block[at].deferring = r->block[at].n_deferred > 0;
        if (r->block[at].deferring) {
            r->deferring[n++] = at;
            wake(r, at, why);
        }
    }
    r->n_deferring = n;
    for (uint32_t at = 0; why != TS_FREED && at < r->blocks.n; at++) {
        wake(r, at, why);
    }
    return false;
}

static void post_tick(struct run *r, uint32_t at)
{
    struct block *b = &r->block[at];
    double next_s = b->clock.from_s + (double)(b->clock.k + 1) * b->clock.period_s;
    b->clock.next = post(r, next_s, EV_TICK, EK_TICK, at);
    r->n_alone++;
}

bool run_tick(struct run *r, uint32_t at)
{
    struct block *b = &r->block[at];
    b->clock.k++;
    b->clock.next = EV_NONE;
    r->n_alone--;
    if (run_goes_on(r)) {
        post_tick(r, at);
    }
    if (r->control) {
        controller_tick(r);
        return false;
    }
    return put_all(r, at, TS_TICK);
}

void run_set_clock(struct run *r, uint32_t at, double period_s)
{
    struct block *b = &r->block[at];
    if (period_s == b->clock.period_s) {
        return;
    }
    if (b->clock.next != EV_NONE) {
        evset_cancel(&r->events, b->clock.next);
        b->clock.next = EV_NONE;
        r->n_alone--;
    }
    b->clock.from_s = r->now_s;
    b->clock.k = 0;
    b->clock.period_s = period_s > 0 && period_s < INFINITY ? period_s : 0;
    if (b->clock.period_s > 0) {
        post_tick(r, at);
    }
}
