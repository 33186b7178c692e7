/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_process.h"
#include "sim/io/read_sections.h"

enum { LINKS = 100000 };

static const char *const sharing_word[] = {"fifo", "fair", "none", NULL};

struct link_written {
    struct channel_spec both; /* what holds for the directions that do not say otherwise */
    struct link link;
    unsigned sharing;
    const struct yaml_node *from, *direction[N_DIRECTION];
};

/* clang-format off */
#define DIRECTION(name) offsetof(struct channel_spec, name)

static const struct key direction_key[] = {
    {.name = "capacity", .type = VALUE_READ, .offset = DIRECTION(capacity), .read = read_process,
     .dimension = DIM_RATE, .scalar = &capacity_scalar, .table = &capacity_table,
     .wanted = CAPACITY_WANTED, .derived = "none: to be said for both directions, or for each",
     .about = "bits it carries per second"},
    {.name = "latency", .type = VALUE_READ, .offset = DIRECTION(latency), .read = read_process,
     .dimension = DIM_TIME, .scalar = &latency_scalar, .table = &latency_table,
     .wanted = LATENCY_WANTED, .derived = "0 s",
     .about = "one way, of each message, before its bits; a distribution is drawn from for every message"},
    {.name = "energy", .type = VALUE_QUANTITY, .dimension = DIM_BIT_ENERGY,
     .offset = DIRECTION(energy_j_per_bit), .derived = "0 J/bit", .about = "of every bit carried"},
    {.name = "price", .type = VALUE_QUANTITY, .dimension = DIM_DATA_PRICE, .offset = DIRECTION(price_per_bit),
     .derived = "0 USD/GB", .about = "of every bit carried"},
    {.name = "idle", .type = VALUE_QUANTITY, .dimension = DIM_POWER, .offset = DIRECTION(idle_w),
     .derived = "0 W", .about = "power of one direction, busy or not"},
};
static const struct table direction_table = {.title = "links.NAME.up and links.NAME.down", TABLE(direction_key)};

static const struct key link_key[] = {
    {.name = "from", .type = VALUE_NODE, .offset = offsetof(struct link_written, from), .required = true,
     .scalar = &read_name_key, .item = &read_name_key, .least = 1,
     .wanted = "the name of a group, or a list of names", .about = "groups at the lower end, from which `up` leads"},
    {.name = "to", .type = VALUE_ROW, .offset = offsetof(struct link_written, link.to), .required = true,
     .names = offsetof(struct reader, group), .noun = "group", .about = "the group at the upper end"},
    {.name = "per", .type = VALUE_ROW, .offset = offsetof(struct link_written, link.per),
     .names = offsetof(struct reader, group), .noun = "group", .derived = "from, where that is one group",
     .about = "the group whose members have a link of their own each; the others share it"},
    {.name = "sharing", .type = VALUE_WORD, .offset = offsetof(struct link_written, sharing), .word = sharing_word,
     .otherwise = "fifo", .about = "one message after the other, all at once in equal shares, or each as if it were alone, as "
     "papers on task graphs have it"},
    {.name = "up", .type = VALUE_NODE, .offset = offsetof(struct link_written, direction[DIRECTION_UP]),
     .table = &direction_table,
     .wanted = "a mapping with keys among capacity, latency, energy, price, idle",
     .about = "what is different from `from` to `to`"},
    {.name = "down", .type = VALUE_NODE, .offset = offsetof(struct link_written, direction[DIRECTION_DOWN]),
     .table = &direction_table,
     .wanted = "a mapping with keys among capacity, latency, energy, price, idle",
     .about = "what is different from `to` to `from`"},
};
const struct table link_table = {
    .title = "links.NAME",
    TABLE(link_key),
    .more = &direction_table,
    .more_offset = offsetof(struct link_written, both),
};
/* clang-format on */

/* The groups of `from`: a name or a list of names, each once. */
static int read_from(struct reader *r, const struct yaml_node *n, struct link *link)
{
    uint32_t n_from = n->kind == YAML_LIST ? n->n : 1;
    uint32_t *from = ARENA_NEW(&r->s->arena, n_from, uint32_t);
    struct arena scratch = {0};
    struct names seen = {.arena = &scratch};
    int rc = !from         ? read_out_of_memory(r)
             : n_from == 0 ? read_fault(r, n->at, "found an empty list, wanted groups")
                           : 0;
    for (uint32_t i = 0; rc != -ERR_MEMORY && i < n_from; i++) {
        const struct yaml_node *item = n->kind == YAML_LIST ? n->item[i] : n;
        size_t mark = n->kind == YAML_LIST ? read_enter_item(r, i) : r->path_n;
        int one = read_row(r, &r->group, "group", item, &from[i]);
        uint32_t n_seen = seen.n, row = one == 0 && n_from > 1 ? names_add(&seen, item->text) : n_seen;
        if (row == NAME_NONE) {
            one = read_out_of_memory(r);
        } else if (row < n_seen) {
            one = read_fault(r, item->at, "found %s a second time, wanted it once", item->text);
        }
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    arena_clear(&scratch);
    link->n_from = n_from;
    link->from = from;
    return rc;
}

/* Whose members have an instance each: by default the one group `from`; of several, only `to` has one for all. */
static int settle_per(struct reader *r, const struct yaml_node *n, struct link *link)
{
    const struct yaml_node *per = yaml_get(n, "per");
    if (!per && link->n_from > 1) {
        return read_fault(r, n->at,
                          "found no per, wanted the group whose members have a link each, as from has several");
    }
    link->per = per ? link->per : link->from[0];
    if (link->per == link->to || (link->n_from == 1 && link->per == link->from[0])) {
        return 0;
    }
    size_t mark = read_enter(r, "per");
    int rc = read_fault(r, per->at, "found %s, wanted %s%s%s", per->text, r->group.name[link->to],
                        link->n_from == 1 ? " or " : "", link->n_from == 1 ? r->group.name[link->from[0]] : "");
    read_leave(r, mark);
    return rc;
}

static int read_directions(struct reader *r, const struct yaml_node *n, const struct link_written *w, struct link *link,
                           bool both_right)
{
    static const char *const name[N_DIRECTION] = {"up", "down"};
    int rc = 0;
    for (int d = 0; d < N_DIRECTION; d++) {
        struct channel_spec direction = w->both;
        size_t mark = read_enter(r, name[d]);
        int one = w->direction[d] ? read_table(r, &direction_table, w->direction[d], &direction) : 0;
        read_leave(r, mark);
        const struct process *capacity = &direction.capacity;
        if (one == 0 && both_right && capacity->kind == PROCESS_CONSTANT && capacity->value == 0) {
            one = read_fault(r, w->direction[d] ? w->direction[d]->at : n->at,
                             "found no capacity for %s, wanted " CAPACITY_WANTED, name[d]);
        }
        link->direction[d] = direction;
        rc = rc ? rc : one;
    }
    return rc;
}

static int read_link(struct reader *r, const struct yaml_pair *pair, struct link *link)
{
    struct link_written w = {.link.per = ROW_NONE};
    const struct yaml_node *n = pair->value;
    int rc = read_table(r, &link_table, n, &w), from = 0;
    if (n->kind != YAML_MAP) {
        return rc;
    }
    if (w.from) {
        size_t mark = read_enter(r, "from");
        from = read_from(r, w.from, &w.link);
        read_leave(r, mark);
    }
    int directions = read_directions(r, n, &w, &w.link, rc == 0);
    rc = rc ? rc : from ? from : directions;
    if (rc == 0) {
        rc = settle_per(r, n, &w.link);
    }
    *link = w.link;
    link->name = arena_copy(&r->s->arena, pair->key);
    link->sharing = (enum sharing)w.sharing;
    for (int d = 0; d < N_DIRECTION; d++) {
        link->direction[d].alone = link->sharing == SHARING_NONE;
    }
    return rc;
}

int read_links(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct scenario *s = r->s;
    int rc = n->kind == YAML_MAP && n->n == 0 ? 0 : read_named(r, n, "links", LINKS);
    (void)k, (void)field;
    if (n->kind != YAML_MAP || n->n > LINKS) {
        return rc;
    }
    s->n_link = n->n;
    s->link = ARENA_NEW(&s->arena, s->n_link, struct link);
    if (!s->link) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = read_link(r, &n->pair[i], &s->link[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}
