/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/scenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/model/graph.h"
#include "sim/model/route.h"

enum { MAX_NODES = 100000000 };

/* Power grows with the cube of the speed where nothing else is said: voltage goes with frequency. */
static void settle_levels(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->n_level; i++) {
        struct level *level = &pool->level[i];
        double ratio = level->speed_flops / pool->speed_flops;
        level->w_per_unit = isnan(level->w_per_unit) ? pool->busy_w_per_unit * (ratio * ratio * ratio) : level->w_per_unit;
    }
}

/* path NULL: memory is out, which scenario_finish tells. */
static uint32_t entity_of(const char *path)
{
    return path ? stream_entity(path) : 0;
}

static int number_nodes(struct scenario *s, struct err *e)
{
    uint64_t n_node = 0, n_place = 0;
    for (uint32_t g = 0; g < s->n_group; g++) {
        struct node_group *group = &s->group[g];
        group->entity = entity_of(arena_format(&s->arena, "nodes.%s", group->name));
        group->first_node = (uint32_t)n_node;
        n_node += group->count;
        double total_flops = 0;
        for (uint32_t p = group->first_pool; p < group->first_pool + group->n_pool; p++) {
            s->pool[p].group = g;
            s->pool[p].first_place = (uint32_t)n_place;
            n_place += group->count;
            total_flops += s->pool[p].units * s->pool[p].speed_flops;
        }
        for (uint32_t p = group->first_pool; p < group->first_pool + group->n_pool; p++) {
            s->pool[p].busy_w_per_unit = (group->busy_w - group->idle_w) * (s->pool[p].speed_flops / total_flops);
            settle_levels(&s->pool[p]);
        }
        if (n_node > MAX_NODES || n_place > MAX_NODES) {
            return ERR_SET(e, ERR_INPUT, "nodes.%s: more than %d nodes in all", group->name, MAX_NODES);
        }
    }
    s->n_node = (uint32_t)n_node;
    s->n_place = (uint32_t)n_place;
    return 0;
}

static int number_links(struct scenario *s, struct err *e)
{
    uint64_t n_channel = 0;
    for (uint32_t l = 0; l < s->n_link; l++) {
        struct link *link = &s->link[l];
        bool per_known = link->per == link->to;
        link->entity = entity_of(arena_format(&s->arena, "links.%s", link->name));
        for (uint32_t f = 0; f < link->n_from; f++) {
            const struct node_group *from = &s->group[link->from[f]];
            if (from->attach != ROW_NONE && from->attach != link->to) {
                return ERR_SET(e, ERR_INPUT, "links.%s: from %s to %s, but %s is attached to %s: wanted a link to %s",
                               link->name, from->name, s->group[link->to].name, from->name,
                               s->group[from->attach].name, s->group[from->attach].name);
            }
            per_known |= link->n_from == 1 && link->per == link->from[f];
        }
        if (s->group[link->to].attach != ROW_NONE) {
            return ERR_SET(e, ERR_INPUT, "links.%s: to %s, which is attached to %s: wanted a group that is not attached",
                           link->name, s->group[link->to].name, s->group[s->group[link->to].attach].name);
        }
        if (!per_known) {
            return ERR_SET(e, ERR_INPUT, "links.%s.per: found %s, wanted %s%s%s", link->name,
                           s->group[link->per].name, s->group[link->to].name, link->n_from == 1 ? " or " : "",
                           link->n_from == 1 ? s->group[link->from[0]].name : "");
        }
        link->n_instance = s->group[link->per].count;
        link->first_channel = (uint32_t)n_channel;
        n_channel += (uint64_t)N_DIRECTION * link->n_instance;
        if (n_channel + s->n_place > MAX_NODES) {
            return ERR_SET(e, ERR_INPUT, "links.%s: more than %d links in all", link->name, MAX_NODES);
        }
    }
    s->n_channel = (uint32_t)n_channel;
    return 0;
}

/* Attached groups get the first link to their site; groups that a link touches and that are not attached are the core. */
static void touch_groups(struct scenario *s)
{
    for (uint32_t g = 0; g < s->n_group; g++) {
        s->group[g].access = ROW_NONE;
        s->group[g].core = false;
    }
    for (uint32_t l = 0; l < s->n_link; l++) {
        const struct link *link = &s->link[l];
        s->group[link->to].core |= s->group[link->to].attach == ROW_NONE;
        for (uint32_t f = 0; f < link->n_from; f++) {
            struct node_group *from = &s->group[link->from[f]];
            from->core |= from->attach == ROW_NONE;
            from->access = from->attach != ROW_NONE && from->access == ROW_NONE ? l : from->access;
        }
    }
}

static int find_core(struct scenario *s, struct err *e)
{
    uint64_t n_core = 0;
    touch_groups(s);
    for (uint32_t g = 0; g < s->n_group; g++) {
        struct node_group *group = &s->group[g];
        if (group->attach != ROW_NONE && group->access == ROW_NONE) {
            return ERR_SET(e, ERR_INPUT, "nodes.%s.attach: no link leads from %s to %s", group->name, group->name,
                           s->group[group->attach].name);
        }
        group->first_core = (uint32_t)n_core;
        n_core += group->core ? group->count : 0;
    }
    if (n_core > ROUTE_MAX_CORE) {
        return ERR_SET(e, ERR_INPUT,
                       "nodes: %llu nodes with routes of their own, wanted at most %d: `attach` the devices to a site",
                       (unsigned long long)n_core, ROUTE_MAX_CORE);
    }
    s->n_core = (uint32_t)n_core;
    s->core_group = ARENA_NEW(&s->arena, n_core, uint32_t);
    s->core_member = ARENA_NEW(&s->arena, n_core, uint32_t);
    if (s->arena.failed) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %llu core nodes", (unsigned long long)n_core);
    }
    for (uint32_t g = 0; g < s->n_group; g++) {
        for (uint32_t i = 0; s->group[g].core && i < s->group[g].count; i++) {
            s->core_group[s->group[g].first_core + i] = g;
            s->core_member[s->group[g].first_core + i] = i;
        }
    }
    return 0;
}

static double size_mean(const struct size_spec *z, const struct series *trace)
{
    if (z->kind == SIZE_DRAWN) {
        return dist_mean(&z->dist);
    }
    double mean = z->constant;
    for (uint32_t k = 0; k < z->n_term; k++) {
        mean += z->weight[k] * trace->mean[z->column[k]];
    }
    return mean;
}

/* What a job does of it in the mean is what loads are made of. */
static void finish_graph(struct scenario *s, struct workload *load)
{
    const struct graph *g = load->graph;
    const struct series *trace = load->arrivals.trace;
    double entries = 0;
    load->more_task = s->n_task;
    s->n_task += g->n_task - 1;
    load->work.mean = load->output.mean = 0;
    load->runs_on = 0;
    for (uint32_t k = 0; k < g->n_task; k++) {
        struct task_spec *t = &g->task[k];
        t->entity = entity_of(arena_format(&s->arena, "workloads.%s.tasks.%s", load->name, t->name));
        t->work.mean = size_mean(&t->work, trace);
        t->output.mean = size_mean(&t->output, trace);
        load->work.mean += t->share * t->work.mean;
        load->output.mean += t->exit_share * t->output.mean;
        load->runs_on |= t->runs_on;
        entries += t->n_in == 0 ? t->share : 0;
    }
    load->input.mean *= entries; /* each task that reads the input is sent it */
    for (uint32_t e = 0; e < g->n_edge; e++) {
        struct edge_spec *edge = &g->edge[e];
        const char *from = g->task[edge->from].name;
        edge->entity = entity_of(
            edge->tensor ? arena_format(&s->arena, "workloads.%s.tasks.%s.tensor.%s", load->name, from, edge->tensor)
                         : arena_format(&s->arena, "workloads.%s.tasks.%s.after.%s", load->name, g->task[edge->to].name, from));
        edge->data.mean = size_mean(&edge->data, trace);
    }
}

static void finish_workloads(struct scenario *s)
{
    s->n_source = 0;
    s->n_task = s->n_workload;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        struct workload *load = &s->workload[w];
        load->entity = entity_of(arena_format(&s->arena, "workloads.%s", load->name));
        load->first_source = s->n_source;
        load->n_source = arrivals_n_source(&load->arrivals, s->group[load->group].count);
        s->n_source += load->n_source;
        load->input.mean = size_mean(&load->input, load->arrivals.trace);
        load->work.mean = size_mean(&load->work, load->arrivals.trace);
        load->output.mean = size_mean(&load->output, load->arrivals.trace);
        if (load->graph) {
            finish_graph(s, load);
        }
    }
}

struct entity {
    uint32_t hash, row;
};

static int by_hash(const void *va, const void *vb)
{
    const struct entity *a = va, *b = vb;
    return a->hash != b->hash ? (a->hash > b->hash ? 1 : -1) : (a->row > b->row) - (a->row < b->row);
}

/* The first two of entity[n] whose hashes are equal, NULL if there are none; leaves them in the order of their hashes. */
static const struct entity *same_hash(struct entity *entity, uint32_t n)
{
    qsort(entity, n, sizeof *entity, by_hash);
    for (uint32_t i = 1; i < n; i++) {
        if (entity[i].hash == entity[i - 1].hash) {
            return &entity[i - 1];
        }
    }
    return NULL;
}

/* Entities of workloads, of their tasks and of the data between them. */
static uint32_t list_workload_entities(const struct scenario *s, struct entity *entity)
{
    uint32_t n = 0;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        const struct graph *g = s->workload[w].graph;
        entity[n++] = (struct entity){s->workload[w].entity, w};
        for (uint32_t k = 0; g && k < g->n_task; k++) {
            entity[n++] = (struct entity){g->task[k].entity, w};
        }
        for (uint32_t e = 0; g && e < g->n_edge; e++) {
            if (g->edge[e].first == e) {
                entity[n++] = (struct entity){g->edge[e].entity, w};
            }
        }
    }
    return n;
}

/* Entities address random draws, so two of one hash would share their luck. */
static int distinct_entities(const struct scenario *s, struct err *e)
{
    size_t n = (size_t)s->n_workload + s->n_link;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        n += s->workload[w].graph ? (size_t)s->workload[w].graph->n_task + s->workload[w].graph->n_edge : 0;
    }
    struct entity *entity = calloc(n + 1, sizeof *entity);
    const struct entity *same;
    int rc = 0;
    if (!entity) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %zu names", n);
    }
    if ((same = same_hash(entity, list_workload_entities(s, entity)))) {
        const bool tasks = s->workload[same[1].row].graph || s->workload[same[0].row].graph;
        rc = ERR_SET(e, ERR_INPUT, "workloads.%s: %s hashes as that of %s: wanted another name", s->workload[same[1].row].name,
                     tasks ? "its name, or that of one of its tasks," : "its name", s->workload[same[0].row].name);
    }
    for (uint32_t l = 0; l < s->n_link; l++) {
        entity[l] = (struct entity){s->link[l].entity, l};
    }
    if (!rc && (same = same_hash(entity, s->n_link))) {
        rc = ERR_SET(e, ERR_INPUT, "links.%s: its name hashes as that of %s: wanted another name",
                     s->link[same[1].row].name, s->link[same[0].row].name);
    }
    free(entity);
    return rc;
}

/* May a task run there that reads of another, or hands on? */
static bool fits_some(const struct scenario *s, const struct workload *w, const struct node_group *group)
{
    bool fits = false;
    for (uint32_t p = group->first_pool; p < group->first_pool + group->n_pool; p++) {
        for (uint32_t k = 0; k < w->graph->n_task && !fits; k++) {
            fits = w->graph->task[k].n_in + w->graph->task[k].n_out > 0 && workload_fits(s, w, k, p);
        }
    }
    return fits;
}

/* Of two core nodes where its tasks may run and that the site reaches, one that has no way to the other, or ROW_NONE. */
static uint32_t find_apart(const struct scenario *s, const struct workload *w, uint32_t site, uint32_t *other)
{
    *other = ROW_NONE;
    for (uint32_t core = 0; core < s->n_core; core++) {
        const struct node_group *group = &s->group[s->core_group[core]];
        const bool may = core != site && group->tier != 0 && route_between(s, site, core)->n_hop != ROW_NONE;
        if (!may || !fits_some(s, w, group)) {
            continue;
        }
        if (*other != ROW_NONE && route_between(s, *other, core)->n_hop == ROW_NONE) {
            return core;
        }
        *other = *other == ROW_NONE ? core : *other;
    }
    return ROW_NONE;
}

/*
 * Data go straight from place to place.  All that a node reaches that forwards is joined by it; what an end device with several
 * links reaches may be joined by nothing else.
 */
static int check_ways(const struct scenario *s, struct err *e)
{
    for (uint32_t i = 0; i < s->n_workload; i++) {
        const struct workload *w = &s->workload[i];
        const struct node_group *home = &s->group[w->group];
        const uint32_t n_site = w->graph && home->core && home->tier == 0 ? home->count : 0;
        for (uint32_t k = 0; k < n_site; k++) {
            uint32_t one, other = find_apart(s, w, home->first_core + k, &one);
            if (other != ROW_NONE) {
                return ERR_SET(e, ERR_INPUT, "workloads.%s: found tasks that may run at %s and at %s, which only end devices join: "
                               "wanted a link for the data between them, or other processors",
                               w->name, s->group[s->core_group[one]].name, s->group[s->core_group[other]].name);
            }
        }
    }
    return 0;
}

int scenario_finish(struct scenario *s, struct err *e)
{
    int rc;
    if ((rc = number_nodes(s, e)) || (rc = number_links(s, e)) || (rc = find_core(s, e)) || (rc = route_all(s, e))) {
        return rc;
    }
    finish_workloads(s);
    rc = s->arena.failed ? ERR_SET(e, ERR_MEMORY, "out of memory for the scenario") : distinct_entities(s, e);
    return rc ? rc : check_ways(s, e);
}

void scenario_free(struct scenario *s)
{
    struct arena arena = s->arena; /* the scenario may lie in it */
    memset(s, 0, sizeof *s);
    arena_clear(&arena);
}

uint32_t scenario_group_of_node(const struct scenario *s, uint32_t node)
{
    uint32_t lo = 0, hi = s->n_group;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->group[mid].first_node <= node) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return lo;
}

uint32_t scenario_pool_of_place(const struct scenario *s, uint32_t place)
{
    uint32_t lo = 0, hi = s->n_pool;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->pool[mid].first_place <= place) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    return lo;
}

uint32_t scenario_node_of_place(const struct scenario *s, uint32_t place)
{
    const struct pool *pool = &s->pool[scenario_pool_of_place(s, place)];
    return s->group[pool->group].first_node + (place - pool->first_place);
}

uint32_t scenario_link_of_channel(const struct scenario *s, uint32_t channel, uint32_t *instance, uint32_t *direction)
{
    uint32_t lo = 0, hi = s->n_link;
    while (hi - lo > 1) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (s->link[mid].first_channel <= channel) {
            lo = mid;
        } else {
            hi = mid;
        }
    }
    *instance = (channel - s->link[lo].first_channel) / N_DIRECTION;
    *direction = (channel - s->link[lo].first_channel) % N_DIRECTION;
    return lo;
}

uint32_t scenario_site_of_node(const struct scenario *s, uint32_t node)
{
    const struct node_group *group = &s->group[scenario_group_of_node(s, node)];
    uint32_t member = node - group->first_node;
    if (group->attach != ROW_NONE) {
        const struct node_group *to = &s->group[group->attach];
        return to->first_core + member % to->count;
    }
    return group->core ? group->first_core + member : ROW_NONE;
}

uint32_t scenario_access_channel(const struct scenario *s, uint32_t node)
{
    const struct node_group *group = &s->group[scenario_group_of_node(s, node)];
    if (group->access == ROW_NONE) {
        return ROW_NONE;
    }
    const struct link *link = &s->link[group->access];
    uint32_t member = node - group->first_node;
    uint32_t instance = link->per == link->to ? member % s->group[link->to].count : member;
    return link->first_channel + N_DIRECTION * instance + DIRECTION_UP;
}

const char *scenario_place_name(const struct scenario *s, uint32_t place, char *buf, size_t n)
{
    const struct pool *pool = &s->pool[scenario_pool_of_place(s, place)];
    const struct node_group *group = &s->group[pool->group];
    if (group->count == 1) {
        snprintf(buf, n, "%s.%s", group->name, pool->name);
    } else {
        snprintf(buf, n, "%s[%u].%s", group->name, place - pool->first_place, pool->name);
    }
    return buf;
}

const char *scenario_channel_name(const struct scenario *s, uint32_t channel, char *buf, size_t n)
{
    uint32_t instance, direction;
    const struct link *link = &s->link[scenario_link_of_channel(s, channel, &instance, &direction)];
    const char *way = direction == DIRECTION_UP ? "up" : "down";
    if (link->n_instance == 1) {
        snprintf(buf, n, "%s.%s", link->name, way);
    } else {
        snprintf(buf, n, "%s[%u].%s", link->name, instance, way);
    }
    return buf;
}
