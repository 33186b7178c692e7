/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resource.h - what the folds need to know of a resource: its kind, which is a pool or one direction of a link.  Kind p is
 * pool p, kind n_pool + 2 l + d is direction d of link l.  The members of a kind are `count` resources from `first` on,
 * every `stride`-th.  4 bytes a resource.
 *
 * A job leaves a resource and joins one, if only nowhere: tables of resources have slot 0 for nowhere, and resource r is
 * slot r + 1, modulo 2^32, so that counting has no branch on it.
 */
#ifndef SIM_MEASURE_RESOURCE_H
#define SIM_MEASURE_RESOURCE_H

#include "sim/base/err.h"
#include "sim/model/scenario.h"
#include "sim/run/transition.h"

struct resource_kind {
    double w_per_unit;  /* above idle, W; 0 of channels */
    double j_per_bit;   /* 0 of pools */
    double price_per_bit;  /* likewise */
    double carries;        /* 1 of channels, 0 of pools */
    const struct level *level; /* of pools that have some, else NULL */
    double idle_w;      /* of one channel; a pool's is its node's */
    uint32_t units;     /* that can be busy; 0: see busy_by_stint */
    uint32_t first, stride, count;
    uint32_t first_member; /* row of usage by member, or ROW_NONE */
    bool stay_is_service;  /* nobody waits: PS */
    bool busy_by_stint;    /* a round keeps all units busy whatever the batch: busy is the sum of the stints (BATCH) */
};

struct resources {
    const struct scenario *s;
    uint32_t n_place, n_resource, n_kind;
    uint32_t n_place_member, n_channel_member;
    bool has_levels;            /* a pool has */
    struct resource_kind *kind; /* [n_kind + 1], the last for nowhere: all 0 */
    uint32_t *kind_of;          /* [1 + n_resource] by slot */
};

/* Kinds of up to member_max members get member rows: of pools from 0 on, of links from n_place_member on. */
int resources_init(struct resources *r, const struct scenario *s, uint32_t member_max, struct err *e);
void resources_clear(struct resources *r);
/* "edge[3].gpu", "cell[0].up", into buf[n]; returns buf. */
const char *resources_name(const struct resources *r, uint32_t resource, char *buf, size_t n);

static inline uint32_t resource_slot(uint32_t resource)
{
    return resource + 1;
}

/* Power of a stint at a level of a kind beyond that at the usual speed, W per unit. */
static inline double resource_level_w(const struct resource_kind *kind, uint32_t level)
{
    return kind->level[level - 1].w_per_unit - kind->w_per_unit;
}

/* Of a resource, or of nowhere. */
static inline const struct resource_kind *resource_kind(const struct resources *r, uint32_t resource)
{
    return &r->kind[r->kind_of[resource_slot(resource)]];
}

#endif
