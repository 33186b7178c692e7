/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaml_merge.c - a mapping laid over another. */
#include <string.h>

#include "sim/base/names.h"
#include "sim/io/yaml.h"

enum { SMALL_MAP = 16 };

struct merger {
    struct yaml *y;
    struct errors *errs;
    int rc;
};

static void *out_of_memory(struct merger *m)
{
    struct err e = {.code = ERR_MEMORY, .text = "out of memory"};
    errors_add_err(m->errs, 0, &e);
    m->rc = -ERR_MEMORY;
    return NULL;
}

/* Pairs of a mapping by their keys: few are compared one by one, many through a table. */
struct lookup {
    const struct yaml_node *map;
    struct names names;
    struct arena scratch;
};

static void lookup_init(struct lookup *l, const struct yaml_node *map)
{
    *l = (struct lookup){.map = map};
    l->names.arena = &l->scratch;
    for (uint32_t i = 0; map->n > SMALL_MAP && i < map->n; i++) {
        names_add(&l->names, map->pair[i].key);
    }
}

static const struct yaml_pair *lookup_find(const struct lookup *l, const char *key)
{
    if (l->map->n > SMALL_MAP) {
        uint32_t row = names_find(&l->names, key);
        return row == NAME_NONE ? NULL : &l->map->pair[row];
    }
    for (uint32_t i = 0; i < l->map->n; i++) {
        if (strcmp(l->map->pair[i].key, key) == 0) {
            return &l->map->pair[i];
        }
    }
    return NULL;
}

static struct yaml_node *merge(struct merger *m, const struct yaml_node *under, const struct yaml_node *over);

/* The pair of both: the own one, which is laid over the other where both are mappings.  False: an own null removes it. */
static bool merge_pair(struct merger *m, const struct yaml_pair *under, const struct yaml_pair *over,
                       struct yaml_pair *out)
{
    *out = *over;
    if (under->value->kind == YAML_MAP && over->value->kind == YAML_MAP) {
        out->value = merge(m, under->value, over->value);
    }
    return !yaml_is_null(over->value);
}

static void add_pair(struct merger *m, struct yaml_node *map, struct yaml_pair *pair, struct yaml_pair new)
{
    if (!new.value) {
        return;
    }
    uint64_t weight = (uint64_t)map->weight + new.value->weight;
    if (weight > YAML_WEIGHT) {
        errors_add(m->errs, new.at.source, m->y->source[new.at.source].name, new.at.line, new.at.column,
                   "found more than %d values with what is included, wanted fewer", YAML_WEIGHT);
        m->rc = -ERR_INPUT;
        return;
    }
    map->weight = (uint32_t)weight;
    map->depth = map->depth > new.value->depth ? map->depth : (uint8_t)(new.value->depth + 1);
    pair[map->n++] = new;
}

/* What is in either; those of `under` first, in its order.  NULL after a failure. */
static struct yaml_node *merge(struct merger *m, const struct yaml_node *under, const struct yaml_node *over)
{
    struct yaml_node *map = ARENA_NEW(&m->y->arena, 1, struct yaml_node);
    struct yaml_pair *pair = ARENA_NEW(&m->y->arena, (size_t)under->n + over->n, struct yaml_pair);
    if (!map || !pair) {
        return out_of_memory(m);
    }
    *map = (struct yaml_node){.at = over->at, .kind = YAML_MAP, .depth = 1, .weight = 1, .pair = pair};
    struct lookup own, other;
    lookup_init(&own, over);
    lookup_init(&other, under);
    for (uint32_t i = 0; i < under->n && m->rc == 0; i++) {
        const struct yaml_pair *mine = lookup_find(&own, under->pair[i].key);
        struct yaml_pair both;
        if (!mine) {
            add_pair(m, map, pair, under->pair[i]);
        } else if (merge_pair(m, &under->pair[i], mine, &both)) {
            add_pair(m, map, pair, both);
        }
    }
    for (uint32_t i = 0; i < over->n && m->rc == 0; i++) {
        if (!lookup_find(&other, over->pair[i].key)) {
            add_pair(m, map, pair, over->pair[i]);
        }
    }
    if (own.scratch.failed || other.scratch.failed) {
        out_of_memory(m);
    }
    arena_clear(&own.scratch);
    arena_clear(&other.scratch);
    return m->rc ? NULL : map;
}

int yaml_merge(struct yaml *y, const struct yaml_node *under, const struct yaml_node *over, const struct yaml_node **both,
               struct errors *errs)
{
    struct merger m = {.y = y, .errs = errs};
    *both = merge(&m, under, over);
    return m.rc;
}

struct yaml_pair *yaml_copy_map(struct yaml *y, const struct yaml_node *map, struct yaml_node **copy)
{
    struct yaml_node *own = ARENA_NEW(&y->arena, 1, struct yaml_node);
    struct yaml_pair *pair = ARENA_NEW(&y->arena, map->n + 1u, struct yaml_pair);
    *copy = own;
    if (!own || !pair) {
        return NULL;
    }
    *own = *map;
    own->pair = pair;
    if (map->n > 0) {
        memcpy(pair, map->pair, map->n * sizeof *pair);
    }
    return pair;
}

const struct yaml_node *yaml_without(struct yaml *y, const struct yaml_node *map, const char *key)
{
    struct yaml_node *rest;
    struct yaml_pair *pair = yaml_copy_map(y, map, &rest);
    if (!pair) {
        return NULL;
    }
    rest->n = 0;
    for (uint32_t i = 0; i < map->n; i++) {
        if (strcmp(map->pair[i].key, key) != 0) {
            pair[rest->n++] = map->pair[i];
        }
    }
    return rest;
}
