/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * upper - the slow one of two controllers: at each tick it sets the first parameter of all that it is over (row 0 of
 * their table) to a tenth of a second for each task that waits at a place that it knows of, on average.  It places nothing itself.
 */
#include "toys.h"

static int toy_upper_decide(void *st, const struct ts_host *h, const struct ts_view *v, const struct ts_ask *a,
                            struct ts_plan *p)
{
    (void)st;
    double waiting = 0, known = 0;
    if (a->why != TS_TICK) {
        return h->fail(h->ctx, "asked about tasks, but is an upper controller");
    }
    for (ts_id place = 0; place < v->n_place; place++) {
        const double here = ts_known(v, TS_QUEUED, place);
        waiting += isnan(here) ? 0 : here;
        known += !isnan(here);
    }
    p->step[0].verb = TS_SET;
    p->step[0].knob = TS_K_PARAM;
    p->step[0].place = TS_NONE;
    p->step[0].task = 0;
    p->step[0].value = .1 * waiting / known;
    p->n = 1;
    return 0;
}

const struct ts_policy toy_upper = {
    .abi = TS_ABI,
    .size = sizeof(struct ts_policy),
    .name = "toy_upper",
    .about = "sets the margin of the lower controller",
    .cols = 1u << TS_QUEUED,
    .triggers = 1u << TS_TICK,
    .decide = toy_upper_decide,
};
