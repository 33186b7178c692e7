/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_work.h"

#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_dist.h"
#include "sim/io/read_profile.h"
#include "sim/io/read_size.h"

enum { TAG_SECONDS = SIZE_TAGS, TAG_OPERATORS, TAG_FUNCTION };

struct work_written {
    int kind; /* tag of a size, or TAG_SECONDS, TAG_OPERATORS */
    struct size_written size;
    const struct yaml_node *seconds, *operators, *function;
};

struct function_written {
    struct size_spec times; /* first: what read_size fills */
    const char *name;
};

/* clang-format off */
static const struct key time_key = {.name = "time", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .above = true,
                                    .max = HORIZON_S};

static const struct key seconds_key[] = {
    {.name = "times", .type = VALUE_READ, .dimension = DIM_NUMBER, .of_numbers = true, .read = read_size,
     .scalar = &dist_scalar, .table = &size_table, .otherwise = "1",
     .wanted = "a number such as 1.2" SIZE_WANTED, .about = "a factor on all of them, drawn for each job"},
};
static const struct key class_key = {
    .name = "class", .type = VALUE_NODE, .scalar = &time_key, .each = &time_key, .least = 1,
    .wanted = "a time such as 14 s, or of a group {PROCESSOR: TIME}"};
/* Kinds of processors and groups of nodes are names of the user's. */
static const struct table seconds_table = {
    .title = "Work: seconds", TABLE(seconds_key), .open = true, .each = &class_key};

static const struct key function_key[] = {
    {.name = "name", .type = VALUE_NAME, .offset = offsetof(struct function_written, name), .required = true,
     .about = "one of `functions` of profiles"},
    {.name = "times", .type = VALUE_READ, .dimension = DIM_NUMBER, .of_numbers = true, .read = read_size,
     .offset = offsetof(struct function_written, times), .scalar = &dist_scalar, .table = &size_table, .otherwise = "1",
     .wanted = "a number such as 1.2" SIZE_WANTED,
     .about = "a factor on its time, drawn for each job: such as tokens, of a function that is measured per token"},
};
static const struct table function_table = {.title = "Work: function", TABLE(function_key)};

static const struct key work_key[] = {
    {.name = "seconds", .choice = true, .tag = TAG_SECONDS, .type = VALUE_NODE,
     .offset = offsetof(struct work_written, seconds), .table = &seconds_table, .wanted = "{PROCESSOR: TIME, GROUP: TIME, ...}",
     .about = "what it takes on one core of each kind of processor, or of each group of nodes; where no time is given it cannot "
              "run"},
    {.name = "operators", .choice = true, .tag = TAG_OPERATORS, .type = VALUE_NODE,
     .offset = offsetof(struct work_written, operators), .table = &operators_table,
     .wanted = "{KIND: {count, flop, bytes}, ...}",
     .about = "operators of a neural network: they take what the processor's profile says, or without one their flop at its speed "
              "and their bytes at its bandwidth"},
    {.name = "function", .choice = true, .tag = TAG_FUNCTION, .type = VALUE_NODE,
     .offset = offsetof(struct work_written, function), .scalar = &read_name_key, .table = &function_table,
     .wanted = "the name of a function, or {name: NAME, times: FACTOR}",
     .about = "what profiles of processors have a time for under `functions`; where none has, it cannot run"},
};
const struct table work_table = {
    .title = "Work",
    TABLE(work_key),
    .more = &size_table,
    .more_offset = offsetof(struct work_written, size),
    .tag_offset = offsetof(struct work_written, kind),
    .choice = SIZE_CHOICE ", seconds, operators, function",
};
/* clang-format on */

/* How exactly it is said where a time holds: what is said more exactly counts. */
enum { SAID_NOT, SAID_KIND, SAID_GROUP, SAID_POOL };

struct times {
    double *s;     /* [n_pool]; INFINITY: none */
    uint8_t *said; /* [n_pool] */
    double flop;   /* what the first of them would do in its time */
};

/* A time for the pools of a group and of a kind, each of which may be ROW_NONE: any. */
static void note(const struct scenario *s, struct times *t, uint32_t group, uint32_t kind, double time_s, uint8_t said)
{
    for (uint32_t p = 0; p < s->n_pool; p++) {
        const struct pool *pool = &s->pool[p];
        if ((group == ROW_NONE || pool->group == group) && (kind == ROW_NONE || pool->kind == kind) && said > t->said[p]) {
            t->s[p] = time_s;
            t->said[p] = said;
            t->flop = t->flop > 0 ? t->flop : time_s * pool->speed_flops;
        }
    }
}

static int read_time(struct reader *r, struct times *t, const struct yaml_node *n, uint32_t group, uint32_t kind, uint8_t said)
{
    double time_s;
    int rc = read_quantity(r, &time_key, n, &time_s);
    if (rc == 0) {
        note(r->s, t, group, kind, time_s, said);
    }
    return rc;
}

static bool has_kind(const struct scenario *s, uint32_t group, uint32_t kind)
{
    const struct node_group *g = &s->group[group];
    bool has = false;
    for (uint32_t p = g->first_pool; p < g->first_pool + g->n_pool; p++) {
        has |= kind == ROW_NONE || s->pool[p].kind == kind;
    }
    return has;
}

/* {PROCESSOR: TIME, ...} under the name of a group. */
static int read_times_of_group(struct reader *r, struct times *t, const struct yaml_node *n, uint32_t group)
{
    int rc = n->n ? 0 : read_fault(r, n->at, "found nothing, wanted {PROCESSOR: TIME}");
    for (uint32_t i = 0; i < n->n; i++) {
        const struct yaml_pair *pair = &n->pair[i];
        uint32_t kind = names_find(&r->kind, pair->key);
        size_t mark = read_enter(r, pair->key);
        int one = kind == NAME_NONE || !has_kind(r->s, group, kind)
                      ? read_fault(r, pair->at, "found no such processor of %s, wanted one of its own", r->s->group[group].name)
                      : read_time(r, t, pair->value, group, kind, SAID_POOL);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}

/* A time, or times, under the name of a kind of processor or of a group. */
static int read_class(struct reader *r, struct times *t, const struct yaml_pair *pair)
{
    uint32_t kind = names_find(&r->kind, pair->key), group = names_find(&r->group, pair->key);
    if (kind != NAME_NONE && group != NAME_NONE) {
        return read_fault(r, pair->at, "found the name of both a processor and a group, wanted {GROUP: {PROCESSOR: TIME}}");
    }
    if (kind != NAME_NONE) {
        return read_time(r, t, pair->value, ROW_NONE, kind, SAID_KIND);
    }
    if (group == NAME_NONE) {
        const struct yaml_node name = {.at = pair->at, .plain = true, .text = pair->key, .n = (uint32_t)strlen(pair->key)};
        return read_row(r, &r->kind, "processor or group", &name, &kind);
    }
    if (!has_kind(r->s, group, ROW_NONE)) {
        return read_fault(r, pair->at, "found a group without processors, wanted one that has some");
    }
    return pair->value->kind == YAML_MAP ? read_times_of_group(r, t, pair->value, group)
                                         : read_time(r, t, pair->value, group, ROW_NONE, SAID_GROUP);
}

/*
 * Times as work: the factor in a unit of flop, and how much more flop it takes on each pool than the unit says.  The unit is the
 * power of two just below what the first processor named does in its time, so that it rounds nothing.
 */
static void settle(const struct scenario *s, const struct times *t, struct size_spec *work)
{
    const double unit_flop = t->flop > 0 ? ldexp(1, ilogb(t->flop)) : 1;
    for (uint32_t p = 0; p < s->n_pool; p++) {
        t->s[p] *= s->pool[p].speed_flops / unit_flop;
    }
    size_scale(work, unit_flop);
    work->stretch = t->s;
}

static int read_seconds(struct reader *r, const struct yaml_node *n, struct size_spec *work)
{
    struct arena *a = &r->s->arena;
    struct times t = {.s = ARENA_NEW(a, r->s->n_pool + 1u, double), .said = ARENA_NEW(a, r->s->n_pool + 1u, uint8_t)};
    if (!t.s || !t.said) {
        return read_out_of_memory(r);
    }
    for (uint32_t p = 0; p < r->s->n_pool; p++) {
        t.s[p] = INFINITY;
    }
    int rc = read_table(r, &seconds_table, n, work);
    uint32_t n_class = 0;
    for (uint32_t i = 0; n->kind == YAML_MAP && i < n->n; i++) {
        const struct yaml_pair *pair = &n->pair[i];
        if (strcmp(pair->key, seconds_key[0].name) == 0 || read_is_source(pair)) {
            continue;
        }
        size_t mark = read_enter(r, pair->key);
        int one = read_class(r, &t, pair);
        read_leave(r, mark);
        n_class++;
        rc = rc ? rc : one;
    }
    if (n->kind == YAML_MAP && n_class == 0) {
        rc = rc ? rc : read_fault(r, n->at, "found no time, wanted {PROCESSOR: TIME, GROUP: TIME, ...}");
    }
    if (rc == 0) {
        settle(r->s, &t, work);
    }
    return rc;
}

static int read_as_operators(struct reader *r, const struct yaml_node *n, struct size_spec *work)
{
    struct times t = {.s = ARENA_NEW(&r->s->arena, r->s->n_pool + 1u, double)};
    if (!t.s) {
        return read_out_of_memory(r);
    }
    int rc = read_operators(r, n, t.s, &t.flop);
    *work = (struct size_spec){.kind = SIZE_DRAWN};
    rc = rc ? rc : dist_constant(&work->dist, 1, NULL);
    if (rc == 0) {
        settle(r->s, &t, work);
    }
    return rc;
}

/* A function of that name, or one with the nearest name among all processors. */
static const struct cost_function *find_function(const struct cost_profile *p, const char *name, struct text_nearest *best)
{
    for (uint32_t i = 0; p && i < p->n_function; i++) {
        if (strcmp(p->function[i].name, name) == 0) {
            return &p->function[i];
        }
        text_nearest_offer(best, name, p->function[i].name);
    }
    return NULL;
}

static int read_function(struct reader *r, const struct yaml_node *n, struct size_spec *work)
{
    struct times t = {.s = ARENA_NEW(&r->s->arena, r->s->n_pool + 1u, double)};
    struct function_written w = {.name = NULL};
    struct text_nearest best = {0};
    bool some = false;
    if (!t.s) {
        return read_out_of_memory(r);
    }
    const struct yaml_pair pair = {.key = function_key[0].name, .at = n->at, .value = n};
    const struct yaml_node named = {.at = n->at, .kind = YAML_MAP, .n = 1, .pair = &pair};
    int rc = read_table(r, &function_table, n->kind == YAML_SCALAR ? &named : n, &w);
    for (uint32_t p = 0; rc == 0 && p < r->s->n_pool; p++) {
        const struct cost_function *f = find_function(r->s->pool[p].profile, w.name, &best);
        t.s[p] = f ? f->s : INFINITY;
        t.flop = f && !some ? f->s * r->s->pool[p].speed_flops : t.flop;
        some |= f != NULL;
    }
    if (rc == 0 && !some) {
        rc = read_fault(r, n->at, "found the function %s, wanted one that the profile of some processor has%s%s", w.name,
                        best.word ? ", the nearest is " : "", best.word ? best.word : "");
    }
    if (rc == 0) {
        *work = w.times;
        settle(r->s, &t, work);
    }
    return rc;
}

int read_work(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct size_spec *work = field;
    if (n->kind == YAML_SCALAR) {
        return read_size(r, k, n, work);
    }
    struct work_written w = {.size = size_written_none()};
    r->dimension = k->dimension;
    int rc = read_table(r, &work_table, n, &w);
    if (rc == 0 && w.kind == TAG_SECONDS) {
        size_t mark = read_enter(r, "seconds");
        rc = read_seconds(r, w.seconds, work);
        read_leave(r, mark);
        return rc;
    }
    if (rc == 0 && w.kind == TAG_OPERATORS) {
        size_t mark = read_enter(r, "operators");
        rc = read_as_operators(r, w.operators, work);
        read_leave(r, mark);
        return rc;
    }
    if (rc == 0 && w.kind == TAG_FUNCTION) {
        size_t mark = read_enter(r, "function");
        rc = read_function(r, w.function, work);
        read_leave(r, mark);
        return rc;
    }
    w.size.kind = w.kind;
    return rc ? rc : read_size_make(r, &w.size, n, work);
}
