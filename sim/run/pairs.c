/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/pairs.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_PAIRS = 256 };

/* Where a key is, or would be: the finaliser of splitmix64. */
static uint32_t slot_of(const struct pairs *p, uint64_t key)
{
    uint64_t x = key;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    uint32_t i = (uint32_t)(x ^ x >> 31) & p->mask;
    while (p->key[i] != PAIR_NONE && p->key[i] != key) {
        i = (i + 1) & p->mask;
    }
    return i;
}

static bool grow(struct pairs *p)
{
    uint32_t room = p->key ? 2 * (p->mask + 1) : FIRST_PAIRS;
    struct pairs grown = {.key = malloc(room * sizeof *grown.key), .row = malloc(room * sizeof *grown.row),
                          .mask = room - 1, .n = p->n};
    if (!grown.key || !grown.row) {
        free(grown.key);
        free(grown.row);
        return false;
    }
    memset(grown.key, 0xff, room * sizeof *grown.key);
    for (uint32_t i = 0; p->key && i <= p->mask; i++) {
        if (p->key[i] != PAIR_NONE) {
            uint32_t at = slot_of(&grown, p->key[i]);
            grown.key[at] = p->key[i];
            grown.row[at] = p->row[i];
        }
    }
    free(p->key);
    free(p->row);
    *p = grown;
    return true;
}

uint32_t pairs_find(const struct pairs *p, uint32_t a, uint32_t b)
{
    uint64_t key = (uint64_t)a << 32 | b;
    uint32_t i = p->key ? slot_of(p, key) : 0;
    return p->key && p->key[i] == key ? p->row[i] : UINT32_MAX;
}

uint32_t pairs_row(struct pairs *p, uint32_t a, uint32_t b)
{
    uint64_t key = (uint64_t)a << 32 | b;
    if ((!p->key || 2 * (p->n + 1) > p->mask) && !grow(p)) {
        return UINT32_MAX;
    }
    uint32_t i = slot_of(p, key);
    if (p->key[i] != key) {
        p->key[i] = key;
        p->row[i] = p->n++;
    }
    return p->row[i];
}

void pairs_clear(struct pairs *p)
{
    free(p->key);
    free(p->row);
    *p = (struct pairs){0};
}
