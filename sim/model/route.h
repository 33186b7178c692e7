/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * route.h - ways between core nodes: least mean latency, then fewest hops, then lowest rows (Dijkstra from every core
 * node).  End devices do not forward.
 */
#ifndef SIM_MODEL_ROUTE_H
#define SIM_MODEL_ROUTE_H

#include "sim/model/scenario.h"

struct err;

enum { ROUTE_MAX_CORE = 4096 };

/* Fill s->route and s->hop from the links; the numberings and the core must be there. */
int route_all(struct scenario *s, struct err *e);

/* The way from one core node to another; n_hop is ROW_NONE if there is none. */
static inline const struct route *route_between(const struct scenario *s, uint32_t from, uint32_t to)
{
    return &s->route[(size_t)from * s->n_core + to];
}

#endif
