/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/names.h"

#include <string.h>

static uint64_t hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
    for (; *s; s++) {
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    }
    return h ^ h >> 29;
}

/* The slot that holds the name, or the free one where it belongs. */
static uint32_t *slot_of(const struct names *s, const char *name)
{
    uint32_t i = (uint32_t)hash(name) & (s->n_slot - 1);
    while (s->slot[i] && strcmp(s->name[s->slot[i] - 1], name) != 0) {
        i = (i + 1) & (s->n_slot - 1);
    }
    return &s->slot[i];
}

/* Room for twice as many names: arrays double, what was is left to the arena. */
static int grow(struct names *s)
{
    uint32_t n_slot = s->n_slot ? 2 * s->n_slot : 16;
    const char **name = ARENA_NEW(s->arena, n_slot / 2, const char *);
    uint32_t *slot = ARENA_NEW(s->arena, n_slot, uint32_t);
    if (!name || !slot) {
        return -1;
    }
    if (s->n) {
        memcpy(name, s->name, s->n * sizeof *name);
    }
    s->name = name;
    s->slot = slot;
    s->n_slot = n_slot;
    for (uint32_t row = 0; row < s->n; row++) {
        *slot_of(s, name[row]) = row + 1;
    }
    return 0;
}

uint32_t names_find(const struct names *s, const char *name)
{
    return s->n_slot ? *slot_of(s, name) - 1 : NAME_NONE;
}

uint32_t names_add(struct names *s, const char *name)
{
    const uint32_t row = names_find(s, name);
    if (row != NAME_NONE || !s->arena || (s->n == s->n_slot / 2 && grow(s) != 0)) {
        return row;
    }
    s->name[s->n] = name;
    *slot_of(s, name) = ++s->n;
    return s->n - 1;
}
