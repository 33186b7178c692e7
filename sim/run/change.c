/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * change.c - links that come, go or change level, for policies that declare TS_CHANGED; for others nothing is looked at.  A link
 * changes when its capacity becomes 0 or ceases to be, an outage begins or ends, or a Markov process goes to another state; the
 * rows of a trace and the steps of an AR(1) are no levels.  Each direction has a cursor of its own that runs ahead to its next
 * change, so a link that never changes costs no event.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/run/steps.h"

/* Does the process change beside its outages? */
static bool base_changes(const struct process *p)
{
    bool zero = false, more = false;
    for (size_t i = 0; p->kind == PROCESS_TRACE && i < p->series->n_row; i++) {
        const bool is_more = p->series->value[p->column][i] * p->scale > 0;
        zero |= !is_more;
        more |= is_more;
    }
    return p->kind == PROCESS_MARKOV || (zero && more);
}

static bool differs(const struct process_at *a, const struct process_at *b, const struct process *p)
{
    return (a->value > 0) != (b->value > 0) || a->down != b->down || (p->kind == PROCESS_MARKOV && a->state != b->state);
}

/* The instant of the next change after that at which the cursor stands; it stands there then. */
static double next_change_s(const struct process *p, struct watch *w)
{
    for (;;) {
        const struct process_at before = w->at;
        const double next_s = w->base ? w->at.until_s : w->at.outage_until_s;
        if (!(next_s < PROCESS_HORIZON_S)) {
            return INFINITY;
        }
        process_seek(p, &w->at, next_s);
        if (differs(&before, &w->at, p)) {
            return next_s;
        }
    }
}

static void post_change(struct run *r, uint32_t channel)
{
    const double next_s = next_change_s(&run_channel_spec(r, channel)->capacity, &r->watch[channel]);
    if (next_s < INFINITY) {
        post(r, next_s, EV_CHANGE, EK_CHANGE, channel);
        r->n_alone++;
    }
}

int changes_init(struct run *r, struct err *e)
{
    const uint32_t n = r->s->n_channel;
    if (!(r->spec.policy->triggers >> TS_CHANGED & 1) || !r->channel) {
        return 0;
    }
    if (!(r->watch = calloc(n, sizeof *r->watch))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the changes of %u links", n);
    }
    for (uint32_t c = 0; c < n; c++) {
        r->watch[c] = (struct watch){.at = r->channel[c].look, .base = base_changes(&run_channel_spec(r, c)->capacity)};
        post_change(r, c);
    }
    return 0;
}

void run_change(struct run *r, uint32_t channel)
{
    r->n_alone--;
    if (run_goes_on(r)) {
        post_change(r, channel);
    }
    run_changed(r, TS_CHANGED);
}
