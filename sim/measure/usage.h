/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage.h - the node side of the accounts: a counter of customers present at each resource, whose integrals grow at each
 * change.  It knows nothing of jobs.  Busy units are min(present, units), as the disciplines conserve work; a batch pool,
 * where a round keeps the pool busy whatever the batch, counts the stints of those who leave instead.  Bits count when a
 * customer leaves.
 *
 * Windows: the integrals run over the whole run; a mark is a picture of them, and the window is the difference of two.
 * 64 bytes a resource.
 */
#ifndef SIM_MEASURE_USAGE_H
#define SIM_MEASURE_USAGE_H

#include "sim/measure/record.h"
#include "sim/measure/resource.h"
#include "sim/measure/sum.h"
#include "sim/run/transition.h"

/* Two compensated sums side by side, for a vector unit (a GNU extension of gcc and clang): present and busy. */
typedef double usage_pair __attribute__((vector_size(16)));

struct counter {
    double last_s;        /* of the last change */
    uint32_t n, n_left;   /* n_left modulo 2^32 */
    usage_pair sum, lost; /* integrals of present and of busy units, s */
    struct sum amount;    /* unit-seconds of the stints that ended at a place; bits carried by a channel */
};

_Static_assert(sizeof(struct counter) == 64, "a cache line");

struct usage_mark {
    struct usage *kind;   /* [n_kind] */
    struct usage *member; /* [n_place_member + n_channel_member] */
    double in_system_s;   /* integral of the jobs in the system */
    int64_t in_system;    /* jobs there at that instant */
    double time_s;
};

struct usage_fold {
    const struct resources *r;
    struct counter *counter; /* [n_resource] */
    struct sum system_s;
    double last_s;
    int64_t in_system;
};

/* Integrals over the time of a counter. */
static inline double counter_present_s(const struct counter *c)
{
    return c->sum[0] + c->lost[0];
}
static inline double counter_busy_s(const struct counter *c)
{
    return c->sum[1] + c->lost[1];
}

int usage_init(struct usage_fold *u, const struct resources *r, struct err *e);
enum { USAGE_STRETCH = 128 };

/* Up to USAGE_STRETCH records of any kind but TR_WINDOW. */
void usage_fold(struct usage_fold *u, const struct transition *t, size_t n);
/* All integrals up to time_s, into a mark that usage_mark_init made. */
void usage_mark(struct usage_fold *u, double time_s, struct usage_mark *mark);
void usage_clear(struct usage_fold *u);

int usage_mark_init(struct usage_mark *mark, const struct resources *r, struct err *e);
/* to -= from */
void usage_mark_subtract(struct usage_mark *to, const struct usage_mark *from, const struct resources *r);
void usage_mark_clear(struct usage_mark *mark);

#endif
