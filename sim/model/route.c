/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/route.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"

/* An arc of the core graph: one direction of one link instance. */
struct arc {
    uint32_t from, to, channel;
    double latency_s;
};

struct reach {
    double latency_s;
    uint32_t n_hop, arc; /* arc by which it is reached */
    bool done;
};

static int by_from(const void *va, const void *vb)
{
    const struct arc *a = va, *b = vb;
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return a->channel < b->channel ? -1 : a->channel > b->channel;
}

static size_t count_arcs(const struct scenario *s)
{
    size_t n = 0;
    for (uint32_t l = 0; l < s->n_link; l++) {
        for (uint32_t f = 0; f < s->link[l].n_from; f++) {
            const struct node_group *from = &s->group[s->link[l].from[f]];
            n += from->core ? (size_t)N_DIRECTION * from->count : 0;
        }
    }
    return n;
}

/* Member i of a core group leads to member i mod count of the other end. */
static void fill_arcs(const struct scenario *s, struct arc *arc)
{
    for (uint32_t l = 0; l < s->n_link; l++) {
        const struct link *link = &s->link[l];
        const struct node_group *to = &s->group[link->to];
        for (uint32_t f = 0; f < link->n_from; f++) {
            const struct node_group *from = &s->group[link->from[f]];
            for (uint32_t i = 0; from->core && i < from->count; i++) {
                uint32_t peer = i % to->count, instance = link->per == link->to ? peer : i;
                for (uint32_t d = 0; d < N_DIRECTION; d++) {
                    uint32_t a = from->first_core + i, b = to->first_core + peer;
                    *arc++ = (struct arc){d == DIRECTION_UP ? a : b, d == DIRECTION_UP ? b : a,
                                          link->first_channel + N_DIRECTION * instance + d,
                                          process_mean(&link->direction[d].latency)};
                }
            }
        }
    }
}

static bool nearer(double latency_s, uint32_t n_hop, const struct reach *than)
{
    return latency_s < than->latency_s || (latency_s == than->latency_s && n_hop < than->n_hop);
}

static void reach_all(const struct scenario *s, uint32_t from, const struct arc *arc, const size_t *first,
                      struct reach *reach)
{
    for (uint32_t c = 0; c < s->n_core; c++) {
        reach[c] = (struct reach){INFINITY, UINT32_MAX, UINT32_MAX, false};
    }
    reach[from] = (struct reach){0, 0, UINT32_MAX, false};
    for (;;) {
        uint32_t best = ROW_NONE;
        for (uint32_t c = 0; c < s->n_core; c++) {
            if (!reach[c].done && reach[c].n_hop != UINT32_MAX &&
                (best == ROW_NONE || nearer(reach[c].latency_s, reach[c].n_hop, &reach[best]))) {
                best = c;
            }
        }
        if (best == ROW_NONE) {
            return;
        }
        reach[best].done = true;
        if (best != from && s->group[s->core_group[best]].tier == 0) {
            continue; /* an end device does not forward */
        }
        for (size_t k = first[best]; k < first[best + 1]; k++) {
            double latency_s = reach[best].latency_s + arc[k].latency_s;
            if (nearer(latency_s, reach[best].n_hop + 1, &reach[arc[k].to])) {
                reach[arc[k].to] = (struct reach){latency_s, reach[best].n_hop + 1, (uint32_t)k, false};
            }
        }
    }
}

static int append_hops(struct scenario *s, size_t *room, uint32_t **hop, uint32_t to, const struct arc *arc,
                       const struct reach *reach)
{
    uint32_t n = reach[to].n_hop;
    if (s->n_hop + (size_t)n > *room) {
        size_t more = 2 * (s->n_hop + (size_t)n) + 64;
        uint32_t *grown = more < UINT32_MAX ? realloc(*hop, more * sizeof *grown) : NULL;
        if (!grown) {
            return -1;
        }
        *hop = grown;
        *room = more;
    }
    for (uint32_t k = n; k > 0; k--) {
        (*hop)[s->n_hop + k - 1] = arc[reach[to].arc].channel;
        to = arc[reach[to].arc].from;
    }
    s->n_hop += n;
    return 0;
}

int route_all(struct scenario *s, struct err *e)
{
    int rc = 0;
    size_t n_arc = count_arcs(s), room = 0;
    struct arc *arc = calloc(n_arc + 1, sizeof *arc);
    size_t *first = calloc((size_t)s->n_core + 2, sizeof *first);
    struct reach *reach = calloc((size_t)s->n_core + 1, sizeof *reach);
    uint32_t *hop = NULL;
    s->route = ARENA_NEW(&s->arena, (size_t)s->n_core * s->n_core, struct route);
    s->n_hop = 0;
    if (!arc || !first || !reach || s->arena.failed) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for routes between %u nodes", s->n_core);
        goto out;
    }
    fill_arcs(s, arc);
    qsort(arc, n_arc, sizeof *arc, by_from);
    for (size_t k = 0; k < n_arc; k++) {
        first[arc[k].from + 1] = k + 1;
    }
    for (uint32_t c = 0; c < s->n_core; c++) {
        first[c + 1] = first[c + 1] ? first[c + 1] : first[c];
    }
    for (uint32_t from = 0; from < s->n_core; from++) {
        reach_all(s, from, arc, first, reach);
        for (uint32_t to = 0; to < s->n_core; to++) {
            struct route *route = &s->route[(size_t)from * s->n_core + to];
            *route = (struct route){s->n_hop, reach[to].n_hop};
            if (reach[to].n_hop != UINT32_MAX && append_hops(s, &room, &hop, to, arc, reach)) {
                rc = ERR_SET(e, ERR_MEMORY, "out of memory for routes between %u nodes", s->n_core);
                goto out;
            }
        }
    }
    s->hop = ARENA_NEW(&s->arena, s->n_hop, uint32_t);
    if (!s->hop) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for %u hops", s->n_hop);
        goto out;
    }
    if (s->n_hop) {
        memcpy(s->hop, hop, s->n_hop * sizeof *hop);
    }
out:
    free(hop);
    free(reach);
    free(first);
    free(arc);
    return rc;
}
