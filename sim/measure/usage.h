/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usage.h - the node side of the accounts: a counter of customers present at each resource, whose integrals grow at each
 * change.  It knows nothing of jobs.  Busy units are min(present, units), as the disciplines conserve work; a batch pool,
 * where a round keeps the pool busy whatever the batch, counts the stints of those who leave instead.  Bits count when a
 * customer leaves.
 *
 * Windows: the integrals run over the whole run; a mark is a picture of them, and the window is the difference of two.
 * 96 bytes a resource.
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
    uint32_t n, units, n_left; /* n_left modulo 2^32 */
    uint32_t pad;
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
    struct counter *counter; /* [1 + n_resource]: slot 0 is nowhere */
    struct counted *counted; /* [n_resource] */
    double system_s;         /* integral of in_system since the last usage_settle */
    struct stats_sum counted_system_s;
    double last_s;
    int64_t in_system;
};

int usage_init(struct usage_fold *u, const struct resources *r, struct err *e);
/* Records of any kind but TR_WINDOW. */
void usage_fold(struct usage_fold *u, const struct transition *t, size_t n);
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
