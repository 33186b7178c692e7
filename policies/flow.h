/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flow.h - the least cut between a source and a sink, by the greatest flow: Dinic, Soviet Math. Doklady 11 (1970).  Each
 * step fills an arc exactly, so it ends with any capacities.
 */
#ifndef POLICIES_FLOW_H
#define POLICIES_FLOW_H

#include <stdint.h>

#include "policies/scratch.h"

struct flow_arc {
    uint32_t to, next;   /* of the same tail; TS_NONE: no more */
    double left;         /* capacity that is not used */
};

struct flow {
    uint32_t n_node, n_arc, room;
    uint32_t *head, *level, *at, *queue; /* [n_node] */
    struct flow_arc *arc; /* arc k ^ 1 is the way back of arc k */
};

/* Nodes and at most `room` arcs; scratch->failed if there is no memory. */
struct flow flow_make(struct scratch *s, uint32_t n_node, uint32_t room);
void flow_add(struct flow *f, uint32_t from, uint32_t to, double capacity);
/* Fill it: the capacity of the least cut.  Afterwards level[i] != TS_NONE on the source's side, the smallest there is. */
double flow_run(struct flow *f, uint32_t source, uint32_t sink);

#endif
