/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deferred.c - jobs that wait until something changes, and the questions about all of them: when a place has become free, a
 * report has come, something has changed, or the policy's clock ticks.  A question of each kind is put at most once an
 * instant, after everything else that happens then.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/control.h"

int run_defer(struct run *r, uint32_t row, struct err *e)
{
    if (r->n_deferred == r->room_deferred) {
        uint32_t room = r->room_deferred ? 2 * r->room_deferred : 64;
        uint32_t *grown = realloc(r->deferred, room * sizeof *grown);
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for %u deferred jobs", room);
        }
        r->deferred = grown;
        r->room_deferred = room;
    }
    r->job[row].wait = EV_NONE;
    r->deferred[r->n_deferred++] = row;
    return 0;
}

void run_undefer(struct run *r, uint32_t row)
{
    for (uint32_t i = 0; !r->control && i < r->n_deferred; i++) { /* of a controller, the question is void when it comes up */
        if (r->deferred[i] == row) {
            memmove(r->deferred + i, r->deferred + i + 1, (r->n_deferred - i - 1) * sizeof *r->deferred);
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

/* The question about all that are deferred; they are out of the list from then on, and back in it if put off again. */
static bool put_all(struct run *r, enum ts_why why)
{
    const bool live = r->spec.policy->flags & TS_WANTS_LIVE && (why == TS_TICK || why == TS_CHANGED);
    uint32_t n = r->n_deferred;
    if ((live && !live_list(r, &n)) || !question_put_many(r, live ? r->live : r->deferred, n, why)) {
        run_fail(r, "out of memory for a question");
        return false;
    }
    for (uint32_t i = 0; i < r->n_deferred; i++) {
        r->job[r->deferred[i]].phase = PHASE_ASKED;
    }
    r->n_deferred = 0;
    return true;
}

bool run_ask_pool(struct run *r, enum ts_why why)
{
    r->pool_pending &= ~(UINT32_C(1) << why);
    if (r->control) {
        controller_wake_all(r, why);
        return false;
    }
    return (r->n_deferred || why != TS_FREED) && put_all(r, why);
}

static void post_tick(struct run *r)
{
    double next_s = r->clock.from_s + (double)(r->clock.k + 1) * r->clock.period_s;
    r->clock.next = post(r, next_s, EV_TICK, EK_TICK, 0);
}

bool run_tick(struct run *r)
{
    r->clock.k++;
    r->clock.next = EV_NONE;
    if (evset_live(&r->events) > 0 || r->n_deferred > 0) { /* else the clock would tick alone for ever */
        post_tick(r);
    }
    if (r->control) {
        controller_tick(r);
        return false;
    }
    return put_all(r, TS_TICK);
}

void run_set_clock(struct run *r, double period_s)
{
    if (period_s == r->clock.period_s) {
        return;
    }
    if (r->clock.next != EV_NONE) {
        evset_cancel(&r->events, r->clock.next);
        r->clock.next = EV_NONE;
    }
    r->clock.from_s = r->now_s;
    r->clock.k = 0;
    r->clock.period_s = period_s > 0 && period_s < INFINITY ? period_s : 0;
    if (r->clock.period_s > 0) {
        post_tick(r);
    }
}
