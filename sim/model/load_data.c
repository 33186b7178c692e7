/* SPDX-License-Identifier: GPL-3.0-or-later */
/* load_data.c - edges whose tasks fit the same places go the same ways, which are walked once for all of them. */
#include "sim/model/load_data.h"

#include <math.h>

#include "sim/model/graph.h"
#include "sim/model/route.h"

enum { PAIRS = 10000000 }; /* walked for a kind of edge; of one site all in any case */

/* Where a task may run: at the device (ROW_NONE), or at a core node. */
struct ends {
    uint32_t n, *core;
};

struct walker {
    const struct scenario *s;
    const struct policy_spec *policy;
    const struct workload *w;
    uint32_t site, access;
    struct ends from, to;
    uint32_t n_pair;
    uint32_t *passed, *last; /* [n_link * N_DIRECTION] pairs whose way leads over it; the last of them */
};

bool load_may_go(const struct scenario *s, const struct policy_spec *policy, uint32_t site, uint32_t core)
{
    const struct node_group *group = &s->group[s->core_group[core]];
    const bool narrowed = policy && policy->edges == EDGES_ATTACHED;
    return site == core ||
           (group->tier != 0 && !(group->tier == 1 && narrowed) && route_between(s, site, core)->n_hop != ROW_NONE);
}

static bool fits_pool(const struct walker *f, uint32_t k, uint32_t p)
{
    const uint32_t tier = f->s->group[f->s->pool[p].group].tier;
    return workload_fits(f->s, f->w, k, p) && (!f->policy || (f->policy->run_in >> tier & 1));
}

static bool fits_group(const struct walker *f, uint32_t k, uint32_t g)
{
    bool fits = false;
    for (uint32_t p = f->s->group[g].first_pool; p < f->s->group[g].first_pool + f->s->group[g].n_pool; p++) {
        fits |= fits_pool(f, k, p);
    }
    return fits;
}

static bool fit_alike(const struct walker *f, uint32_t a, uint32_t b)
{
    bool alike = true;
    for (uint32_t p = 0; p < f->s->n_pool && alike && a != b; p++) {
        alike = fits_pool(f, a, p) == fits_pool(f, b, p);
    }
    return alike;
}

static void list_ends(const struct walker *f, uint32_t k, struct ends *out)
{
    out->n = 0;
    if (!f->s->group[f->w->group].core && fits_group(f, k, f->w->group)) {
        out->core[out->n++] = ROW_NONE;
    }
    for (uint32_t core = 0; core < f->s->n_core; core++) {
        if (load_may_go(f->s, f->policy, f->site, core) && fits_group(f, k, f->s->core_group[core])) {
            out->core[out->n++] = core;
        }
    }
}

static void pass(struct walker *f, uint32_t channel)
{
    uint32_t instance, direction, link = scenario_link_of_channel(f->s, channel, &instance, &direction);
    const uint32_t c = N_DIRECTION * link + direction;
    f->passed[c] += f->last[c] != f->n_pair;
    f->last[c] = f->n_pair;
}

static void pass_route(struct walker *f, uint32_t from, uint32_t to, uint32_t turned)
{
    const struct route *route = route_between(f->s, from, to);
    for (uint32_t h = 0; from != to && route->n_hop != ROW_NONE && h < route->n_hop; h++) {
        pass(f, f->s->hop[route->first_hop + h] ^ turned);
    }
}

static void go(struct walker *f, uint32_t from, uint32_t to)
{
    f->n_pair++;
    if (from == to) {
        return;
    }
    if (from != ROW_NONE && to != ROW_NONE) {
        pass_route(f, from, to, 0);
        return;
    }
    const uint32_t turned = from == ROW_NONE ? 0 : 1, core = from == ROW_NONE ? to : from;
    if (f->access != ROW_NONE) {
        pass(f, f->access ^ turned);
    }
    pass_route(f, f->site, core, turned);
}

/* All ways from a task to another, from every site. */
static void go_all(struct walker *f, uint32_t from, uint32_t to)
{
    const struct node_group *home = &f->s->group[f->w->group];
    const struct node_group *at = home->attach == ROW_NONE ? home : &f->s->group[home->attach];
    f->n_pair = 0;
    for (uint32_t i = 0; at->core && i < at->count && (at == home || i < home->count); i++) {
        f->site = at->first_core + i;
        f->access = at == home ? ROW_NONE : scenario_access_channel(f->s, home->first_node + i);
        list_ends(f, from, &f->from);
        list_ends(f, to, &f->to);
        if (i > 0 && f->n_pair + (uint64_t)f->from.n * f->to.n > PAIRS) {
            return;
        }
        for (uint32_t a = 0; a < f->from.n; a++) {
            for (uint32_t b = 0; b < f->to.n; b++) {
                go(f, f->from.core[a], f->to.core[b]);
            }
        }
    }
}

/* What goes the same ways: all that is read; and at least, what several tasks read once, wherever, and all that can be packed. */
struct bits {
    double may, must;
};

/* Mean bits of a job on the edges from e on that go the ways of e, which are then done. */
static struct bits gather(const struct walker *f, uint32_t e, bool *done)
{
    const struct graph *g = f->w->graph;
    const struct edge_spec *first = &g->edge[e];
    struct bits bits = {0, 0};
    for (; e < g->n_edge; e++) {
        const struct edge_spec *edge = &g->edge[e];
        if (!done[e] && fit_alike(f, edge->from, first->from) && fit_alike(f, edge->to, first->to)) {
            done[e] = true;
            bits.may += edge->share * edge->data.mean;
            bits.must += edge->first == e ? edge->share * edge->data.mean / fmax(edge->packing.ratio, 1) : 0;
        }
    }
    return bits;
}

static void add(const struct walker *f, struct bits bits, const struct load_workload *load, struct load_use *channel)
{
    for (uint32_t c = 0; c < N_DIRECTION * f->s->n_link; c++) {
        channel[c].may += f->passed[c] > 0 ? load->rate * bits.may : 0;
        channel[c].must += f->passed[c] > 0 && f->passed[c] == f->n_pair && !load->closed ? load->rate * bits.must : 0;
        f->passed[c] = f->last[c] = 0;
    }
}

void load_add_data(struct loads *l, const struct scenario *s, const struct policy_spec *policy, struct arena *scratch)
{
    struct walker f = {.s = s, .policy = policy};
    bool *done = ARENA_NEW(scratch, GRAPH_EDGES, bool);
    f.passed = ARENA_NEW(scratch, N_DIRECTION * s->n_link + 1u, uint32_t);
    f.last = ARENA_NEW(scratch, N_DIRECTION * s->n_link + 1u, uint32_t);
    f.from.core = ARENA_NEW(scratch, s->n_core + 1u, uint32_t);
    f.to.core = ARENA_NEW(scratch, s->n_core + 1u, uint32_t);
    for (uint32_t w = 0; !scratch->failed && w < s->n_workload; w++) {
        const struct graph *g = s->workload[w].graph;
        f.w = &s->workload[w];
        for (uint32_t e = 0; g && e < g->n_edge; e++) {
            done[e] = false;
        }
        for (uint32_t e = 0; g && e < g->n_edge; e++) {
            const struct bits bits = done[e] ? (struct bits){0, 0} : gather(&f, e, done);
            if (bits.may > 0) {
                go_all(&f, g->edge[e].from, g->edge[e].to);
                add(&f, bits, &l->workload[w], l->channel);
            }
        }
    }
}
