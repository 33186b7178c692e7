/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scratch.h - memory for one question at a time.  A policy whose work grows with the question keeps a struct scratch in
 * its state (all zero at first), resets it when it is asked, takes what it needs, and frees it in `clear`.  Once it has
 * seen its largest question it asks the C library for nothing more.
 *
 * A take that fails is remembered: take all, then look at `failed` once.
 */
#ifndef POLICIES_SCRATCH_H
#define POLICIES_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct scratch_block {
    struct scratch_block *next;
    size_t size; /* bytes behind this head */
};

struct scratch {
    struct scratch_block *block; /* the newest first; a reset makes one of several */
    size_t used, total;          /* bytes of the newest; of all */
    int failed;
};

enum { SCRATCH_ALIGN = 16, SCRATCH_LEAST = 4096 };

static inline void scratch_clear(struct scratch *s)
{
    while (s->block) {
        struct scratch_block *next = s->block->next;
        free(s->block);
        s->block = next;
    }
    *s = (struct scratch){NULL, 0, 0, 0};
}

static inline int scratch_grow(struct scratch *s, size_t size)
{
    struct scratch_block *block = malloc(sizeof *block + size);
    if (!block) {
        s->failed = 1;
        return -1;
    }
    *block = (struct scratch_block){s->block, size};
    s->block = block;
    s->used = 0;
    s->total += size;
    return 0;
}

/* All that was taken is given up. */
static inline void scratch_reset(struct scratch *s)
{
    s->used = 0;
    s->failed = 0;
    if (s->block && s->block->next) {
        size_t total = s->total;
        scratch_clear(s);
        scratch_grow(s, total);
    }
}

/* Room for n things of a size, not set to anything; NULL if there is no memory. */
static inline void *scratch_take(struct scratch *s, size_t n, size_t each)
{
    if (each && n > (SIZE_MAX / 4) / each) {
        s->failed = 1;
        return NULL;
    }
    size_t size = (n * each + SCRATCH_ALIGN) / SCRATCH_ALIGN * SCRATCH_ALIGN;
    if (!s->block || s->block->size - s->used < size) {
        size_t grown = s->total < SCRATCH_LEAST ? SCRATCH_LEAST : s->total;
        if (scratch_grow(s, grown < size ? size : grown) < 0) {
            return NULL;
        }
    }
    void *at = (char *)(s->block + 1) + s->used;
    s->used += size;
    return at;
}

/* The same, all zero. */
static inline void *scratch_zero(struct scratch *s, size_t n, size_t each)
{
    void *at = scratch_take(s, n, each);
    return at ? memset(at, 0, n * each) : NULL;
}

#endif
