/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario_keys.h"

#include <stdlib.h>
#include <string.h>

#include "sim/io/read_sections.h"

struct walker {
    int (*take)(void *ctx, const struct scenario_value *v);
    void *ctx;
    char path[PATH_ROOM];
    size_t path_n;
    bool partial; /* what is left out here is said elsewhere */
};

static int walk(struct walker *w, const struct key *k, const struct table *in, const struct yaml_node *n);

static size_t enter(struct walker *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static size_t enter(struct walker *w, const char *fmt, ...)
{
    size_t mark = w->path_n;
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(w->path + mark, sizeof w->path - mark, fmt, ap);
    va_end(ap);
    w->path_n += n < 0 ? 0 : (size_t)n;
    w->path_n = w->path_n < sizeof w->path ? w->path_n : sizeof w->path - 1;
    return mark;
}

static size_t enter_key(struct walker *w, const char *key)
{
    return enter(w, "%s%s", w->path_n ? "." : "", key);
}

static void leave(struct walker *w, size_t mark)
{
    w->path_n = mark;
    w->path[mark] = '\0';
}

/* In flow style: [0, 1 kB], {weight: 1, mean: 2 kB}. */
static void write_flow(FILE *out, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR) {
        fputs(yaml_is_null(n) ? "~" : n->text, out);
        return;
    }
    putc(n->kind == YAML_MAP ? '{' : '[', out);
    for (uint32_t i = 0; i < n->n; i++) {
        fputs(i ? ", " : "", out);
        if (n->kind == YAML_MAP) {
            fprintf(out, "%s: ", n->pair[i].key);
        }
        write_flow(out, n->kind == YAML_MAP ? n->pair[i].value : n->item[i]);
    }
    putc(n->kind == YAML_MAP ? '}' : ']', out);
}

static int take_node(struct walker *w, const struct yaml_node *n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return -ERR_MEMORY;
    }
    write_flow(out, n);
    if (fclose(out) != 0) {
        free(text);
        return -ERR_MEMORY;
    }
    struct scenario_value v = {.path = w->path, .text = text, .given = true, .at = n->at};
    int rc = w->take(w->ctx, &v);
    free(text);
    return rc;
}

static const struct key *find_key(const struct table *t, const char *name)
{
    for (size_t i = 0; i < read_key_count(t); i++) {
        size_t offset;
        int tag;
        const struct key *k = read_key_at(t, i, &offset, &tag);
        if (strcmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

/* A key that the mapping leaves to mappings in it, such as the directions of a link. */
static bool is_said_beneath(const struct table *t, const struct yaml_node *n, const char *name)
{
    for (uint32_t i = 0; t->more && i < n->n; i++) {
        const struct key *k = find_key(t, n->pair[i].key);
        if (k && k->table == t->more && yaml_get(n->pair[i].value, name)) {
            return true;
        }
    }
    return false;
}

/* Keys of the table in its order; `around` is the table of the mapping that this one stands in. */
static int walk_table(struct walker *w, const struct table *t, const struct table *around, const struct yaml_node *n)
{
    bool falls_back = around && around->more == t; /* what is left out is as in the mapping around */
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < read_key_count(t); i++) {
        size_t offset;
        int tag;
        const struct key *k = read_key_at(t, i, &offset, &tag);
        const struct yaml_node *value = yaml_get(n, k->name);
        const char *otherwise = k->otherwise ? k->otherwise : k->derived;
        size_t mark = enter_key(w, k->name);
        if (value && k->type != VALUE_ANY) {
            rc = walk(w, k, t, value);
        } else if (!value && otherwise && !w->partial && !falls_back && !is_said_beneath(t, n, k->name)) {
            struct scenario_value v = {.path = w->path, .text = otherwise};
            rc = w->take(w->ctx, &v);
        }
        leave(w, mark);
    }
    for (uint32_t i = 0; rc == 0 && i < n->n; i++) { /* names of the user's, and sources */
        if (!find_key(t, n->pair[i].key)) {
            bool is_member = t->each && !read_is_source(&n->pair[i]);
            size_t mark = enter_key(w, n->pair[i].key);
            rc = is_member ? walk(w, t->each, t, n->pair[i].value) : take_node(w, n->pair[i].value);
            leave(w, mark);
        }
    }
    return rc;
}

static bool holds_collections(const struct yaml_node *list)
{
    bool does = false;
    for (uint32_t i = 0; i < list->n; i++) {
        does |= list->item[i]->kind == YAML_MAP;
    }
    return does;
}

/* What stands at a key; `in` is the table that the key is in. */
static int walk(struct walker *w, const struct key *k, const struct table *in, const struct yaml_node *n)
{
    int rc = 0;
    if (n->kind == YAML_MAP && k->table) {
        return walk_table(w, k->table, in, n);
    }
    if (n->kind == YAML_MAP && k->each) {
        const bool outer = w->partial;
        w->partial |= k->partial;
        for (uint32_t i = 0; rc == 0 && i < n->n; i++) {
            size_t mark = enter_key(w, n->pair[i].key);
            rc = walk(w, k->each, NULL, n->pair[i].value);
            leave(w, mark);
        }
        w->partial = outer;
        return rc;
    }
    if (n->kind == YAML_LIST && k->item && holds_collections(n)) {
        for (uint32_t i = 0; rc == 0 && i < n->n; i++) {
            size_t mark = enter(w, "[%u]", i);
            rc = walk(w, k->item, NULL, n->item[i]);
            leave(w, mark);
        }
        return rc;
    }
    return take_node(w, n);
}

int scenario_values(const struct yaml *tree, int (*take)(void *ctx, const struct scenario_value *v), void *ctx)
{
    struct walker w = {.take = take, .ctx = ctx};
    return walk_table(&w, &scenario_table, NULL, tree->root);
}
