/* SPDX-License-Identifier: GPL-3.0-or-later */
/* yaml_set.c - PATH=VALUE on a tree: the nodes on the path are made anew, all others are shared with the old tree. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/yaml.h"

struct setter {
    struct yaml *y;
    struct errors *errs;
    struct yaml_place at;
    const char *path; /* all of it */
    const struct yaml_node *value;
    bool failed;
};

static struct yaml_node *fault(struct setter *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static struct yaml_node *fault(struct setter *s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    errors_add_v(s->errs, s->at.source, s->y->source[s->at.source].name, 0, 0, fmt, ap);
    va_end(ap);
    s->failed = true;
    return NULL;
}

static struct yaml_node *out_of_memory(struct setter *s)
{
    struct err e = {.code = ERR_MEMORY, .text = "out of memory"};
    errors_add_err(s->errs, s->at.source, &e);
    s->failed = true;
    return NULL;
}

static const struct yaml_node *change(struct setter *s, const struct yaml_node *old, const char *rest);

/* A copy of a collection with room for one more member; of nothing, an empty one. */
static struct yaml_node *copy_node(struct setter *s, const struct yaml_node *old, enum yaml_kind kind)
{
    struct yaml_node *node = ARENA_NEW(&s->y->arena, 1, struct yaml_node);
    if (!node) {
        return out_of_memory(s);
    }
    if (old) {
        *node = *old;
    } else {
        *node = (struct yaml_node){.at = s->at, .kind = kind, .depth = 1, .weight = 1};
    }
    return node;
}

/* Count the new member of a copied node instead of the old one. */
static struct yaml_node *account(struct setter *s, struct yaml_node *node, const struct yaml_node *was,
                                 const struct yaml_node *now)
{
    uint64_t weight = (uint64_t)node->weight - (was ? was->weight : 0) + now->weight;
    if (weight > YAML_WEIGHT || now->depth >= YAML_DEPTH) {
        return fault(s, "found a value that is too large, wanted at most %d values and %d levels", YAML_WEIGHT,
                     YAML_DEPTH);
    }
    node->weight = (uint32_t)weight;
    node->depth = node->depth > now->depth ? node->depth : (uint8_t)(now->depth + 1);
    return node;
}

static const struct yaml_node *change_pair(struct setter *s, const struct yaml_node *old, const char *key, const char *rest)
{
    int done = (int)(rest - s->path);
    if (old && yaml_is_null(old)) {
        old = NULL;
    }
    if (old && old->kind != YAML_MAP) {
        return fault(s, "%.*s: found %s where the key %s would be, wanted a mapping", done, s->path,
                     old->kind == YAML_LIST ? "a list" : "a value", key);
    }
    uint32_t row = 0, n = old ? old->n : 0;
    struct text_nearest best = {0};
    for (row = 0; row < n && strcmp(old->pair[row].key, key) != 0; row++) {
        text_nearest_offer(&best, key, old->pair[row].key);
    }
    if (row == n && *rest && best.word) {
        return fault(s, "%.*s: found no such key, wanted one that is there, such as %s", done, s->path, best.word);
    }
    struct yaml_node *node = copy_node(s, old, YAML_MAP);
    struct yaml_pair *pair = ARENA_NEW(&s->y->arena, (size_t)n + 1, struct yaml_pair);
    const struct yaml_node *was = row < n ? old->pair[row].value : NULL, *now = change(s, was, rest);
    if (!node || !pair || !now) {
        return s->failed ? NULL : out_of_memory(s);
    }
    if (n) {
        memcpy(pair, old->pair, n * sizeof *pair);
    }
    pair[row].key = key;
    pair[row].value = now;
    pair[row].merged = false;
    if (row == n) {
        pair[row].at = s->at;
    }
    node->pair = pair;
    node->n = row < n ? n : n + 1;
    return account(s, node, was, now);
}

static const struct yaml_node *change_item(struct setter *s, const struct yaml_node *old, size_t row, const char *rest)
{
    int done = (int)(rest - s->path);
    if (!old || old->kind != YAML_LIST) {
        return fault(s, "%.*s: found no list, wanted one", done, s->path);
    }
    if (row >= old->n) {
        return fault(s, "%.*s: found a list of %u items, counted from 0, wanted one that holds item %zu", done, s->path,
                     old->n, row);
    }
    struct yaml_node *node = copy_node(s, old, YAML_LIST);
    const struct yaml_node **item = ARENA_NEW(&s->y->arena, old->n, const struct yaml_node *);
    const struct yaml_node *was = old->item[row], *now = change(s, was, rest);
    if (!node || !item || !now) {
        return s->failed ? NULL : out_of_memory(s);
    }
    memcpy(item, old->item, old->n * sizeof *item);
    item[row] = now;
    node->item = item;
    return account(s, node, was, now);
}

/* The node that takes the place of old (NULL: there was none), changed where the rest of the path leads. */
static const struct yaml_node *change(struct setter *s, const struct yaml_node *old, const char *rest)
{
    if (!*rest) {
        return s->value;
    }
    if (*rest == '[') {
        char *end;
        unsigned long row = strtoul(rest + 1, &end, 10);
        if (end == rest + 1 || *end != ']' || (end[1] && end[1] != '.' && end[1] != '[')) {
            return fault(s, "found %s in the path, wanted the number of an item such as [0]", rest);
        }
        return change_item(s, old, row, end + 1);
    }
    rest += *rest == '.' && rest > s->path;
    size_t n = strcspn(rest, ".[");
    if (n == 0) {
        return fault(s, "found an empty key in the path, wanted one such as nodes.edge.count");
    }
    char *key = arena_copy_n(&s->y->arena, rest, n);
    return key ? change_pair(s, old, key, rest + n) : out_of_memory(s);
}

int yaml_set(struct yaml *y, const char *assignment, struct errors *errs)
{
    const char *equals = strchr(assignment, '=');
    char *name = arena_format(&y->arena, "--set %.200s", assignment);
    struct setter s = {.y = y, .errs = errs, .at = {.source = y->n_source}};
    size_t n_before = errs->n;
    int rc = name
                 ? yaml_parse(y, name, false, equals ? equals + 1 : "", equals ? strlen(equals + 1) : 0, &s.value, errs)
                 : -ERR_MEMORY;
    if (rc != 0) {
        return rc;
    }
    if (!equals || equals == assignment || !s.value) {
        fault(&s, "found %s, wanted PATH=VALUE such as nodes.edge.count=16", equals ? "no value" : "no =");
        return -ERR_INPUT;
    }
    s.path = arena_copy_n(&y->arena, assignment, (size_t)(equals - assignment));
    const struct yaml_node *root = s.path ? change(&s, y->root, s.path) : out_of_memory(&s);
    if (!root) {
        return errs->n > n_before && errs->code == ERR_MEMORY ? -ERR_MEMORY : -ERR_INPUT;
    }
    y->root = root;
    return 0;
}
