/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * control.h - the account of deciding: what questions, answers, reports and news cost on links, and what thinking costs at
 * controllers (SEMANTICS 8.2).  Bits and joules count when they leave a link or when a thought ends, in the window by the
 * instant of that, orders when they are sent; reports that cost no event come as one sum at the end of the window.
 */
#ifndef SIM_MEASURE_CONTROL_H
#define SIM_MEASURE_CONTROL_H

#include "sim/base/stats.h"
#include "sim/measure/resource.h"
#include "sim/run/transition.h"

/* In the window. */
struct control_sums {
    double link_bits, link_j;   /* carried as messages, which links count, too */
    double report_bits, report_j; /* reports by multiplication, and orders, which links do not */
    double thought_s, thought_j;
    double n_set, set_delay_s; /* settings that came to hold, and how long after their controller was asked */
    double n_stale; /* orders that had no effect */
};

struct control_fold {
    const struct resources *r;
    bool inside; /* the window is open */
    struct control_sums window;
    struct stats_sum ledger_j; /* of all messages, in the window or not */
};

/* A message leaves a link, or nowhere. */
static inline void control_pass(struct control_fold *f, const struct transition *t)
{
    const struct resource_kind *kind = resource_kind(f->r, t->from);
    double bits = t->b * kind->carries, j = t->b * kind->j_per_bit;
    stats_sum_add(&f->ledger_j, j);
    f->window.link_bits += f->inside ? bits : 0;
    f->window.link_j += f->inside ? j : 0;
}

static inline void control_think(struct control_fold *f, const struct transition *t)
{
    f->window.thought_s += f->inside ? t->a : 0;
    f->window.thought_j += f->inside ? t->b : 0;
}

static inline void control_set(struct control_fold *f, const struct transition *t)
{
    f->window.n_set += f->inside;
    f->window.set_delay_s += f->inside ? t->time_s - t->b : 0;
}

static inline void control_reports(struct control_fold *f, const struct transition *t)
{
    f->window.report_j += t->a;
    f->window.report_bits += t->b;
}

static inline void control_order(struct control_fold *f, const struct transition *t)
{
    f->window.report_j += f->inside ? t->a : 0;
    f->window.report_bits += f->inside ? t->b : 0;
}

static inline void control_stale(struct control_fold *f)
{
    f->window.n_stale += f->inside;
}

#endif
