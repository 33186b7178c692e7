/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage.h - the node side of the accounts: a counter of customers present at each resource, whose integrals grow at each
 * change.  It knows nothing of jobs.  Busy units are min(present, units), as the disciplines conserve work; a batch pool,
 * where a round keeps the pool busy whatever the batch, counts the stints of those who leave instead.  Bits count when a
 * customer leaves.
 *
 * Speed levels: a stint at a level counts its power beyond the usual one when it ends.
 *
 * Windows: the integrals run over the whole run; a mark is a picture of them, and the window is the difference of two.
 * 104 bytes a resource.
 */
#ifndef SIM_MEASURE_USAGE_H
#define SIM_MEASURE_USAGE_H

#include "sim/base/stats.h"
#include "sim/measure/record.h"
#include "sim/measure/resource.h"
#include "sim/run/transition.h"

/* The integrals since the last usage_settle. */
struct counter {
    double last_s; /* of the last change */
    double present_s, busy_s;
    double amount; /* unit-seconds of the stints that ended at a place; bits carried by a channel */
    double n, units; /* whole numbers */
    uint32_t n_left; /* modulo 2^32 */
    uint32_t joined; /* 1: somebody joined at last_s */
};

/* And before it. */
struct counted {
    struct stats_sum present_s, busy_s, amount;
};

struct usage_mark {
    struct usage *kind;   /* [n_kind] */
    struct usage *member; /* [n_place_member + n_channel_member] */
    double in_system_s;   /* integral of the jobs in the system */
    int64_t in_system;    /* jobs there at that instant */
    double time_s;
};

struct usage_fold {
    const struct resources *r;
    struct counter *counter; /* [1 + n_resource] by slot */
    struct counted *counted; /* [n_resource] */
    double system_s;         /* integral of in_system since the last usage_settle */
    struct stats_sum counted_system_s;
    double last_s;           /* of the last change of in_system */
    int64_t in_system;
    uint8_t *level;          /* [n_row] speed of its place that a row runs at; NULL: there are no levels */
    uint32_t n_row;
    struct stats_sum *level_j; /* [n_place] energy of the stints at levels beyond that of the same time at the usual speed */
    uint64_t n_tie;          /* joins of a resource at an instant at which another joined it */
};

/* Bring the integrals of a counter up to now_s. */
static inline void counter_advance(struct counter *c, double now_s)
{
    double dt_s = now_s - c->last_s;
    c->present_s += c->n * dt_s;
    c->busy_s += (c->n < c->units ? c->n : c->units) * dt_s;
    c->last_s = now_s;
}

/* A customer joins a resource, or nowhere. */
static inline void usage_join(struct usage_fold *u, double now_s, uint32_t resource)
{
    struct counter *c = &u->counter[resource_slot(resource)];
    u->n_tie += c->joined & (c->last_s == now_s) & (resource != ROW_NONE);
    c->joined = 1;
    counter_advance(c, now_s);
    c->n++;
}

/* One leaves it; amount: of service, or bits. */
static inline void usage_leave(struct usage_fold *u, double now_s, uint32_t resource, double amount)
{
    struct counter *c = &u->counter[resource_slot(resource)];
    c->joined &= c->last_s == now_s;
    counter_advance(c, now_s);
    c->amount += amount;
    c->n--;
    c->n_left++;
}

/* Where there are levels: a row goes on at one (0: the usual speed); it has ended a stint, or left a channel. */
static inline void usage_level(struct usage_fold *u, uint32_t row, uint8_t level)
{
    if (__builtin_expect(u->level != NULL, 0)) {
        u->level[row] = level;
    }
}
static inline void usage_stint(struct usage_fold *u, uint32_t row, uint32_t resource, double busy_s)
{
    if (__builtin_expect(u->level != NULL, 0) && resource < u->r->n_place && u->level[row] != 0) {
        stats_sum_add(&u->level_j[resource], busy_s * resource_level_w(resource_kind(u->r, resource), u->level[row]));
    }
}

/* The number of jobs in the system changes. */
static inline void usage_change(struct usage_fold *u, double now_s, int change)
{
    u->system_s += (double)u->in_system * (now_s - u->last_s);
    u->last_s = now_s;
    u->in_system += change;
}

int usage_init(struct usage_fold *u, const struct resources *r, struct err *e);
/* Make room for rows below n_row. */
int usage_reserve(struct usage_fold *u, uint32_t n_row, struct err *e);
/* Add what was counted to the compensated sums; to be called now and then. */
void usage_settle(struct usage_fold *u);
/* All integrals up to time_s, settled, into a mark that usage_mark_init made. */
void usage_mark(struct usage_fold *u, double time_s, struct usage_mark *mark);
void usage_clear(struct usage_fold *u);

int usage_mark_init(struct usage_mark *mark, const struct resources *r, struct err *e);
/* to -= from */
void usage_mark_subtract(struct usage_mark *to, const struct usage_mark *from, const struct resources *r);
void usage_mark_clear(struct usage_mark *mark);

#endif
