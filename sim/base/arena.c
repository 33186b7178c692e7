/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { BLOCK_BYTES = 64 << 10, ALIGN = 16 };

struct arena_block {
    struct arena_block *older;
    size_t size, used;
    _Alignas(ALIGN) char data[];
};

struct arena_map {
    struct arena_map *older;
    void *at;
    size_t bytes;
};

void *arena_take(struct arena *a, size_t n, size_t size)
{
    if (size && n > (SIZE_MAX / 2) / size) {
        a->failed = 1;
        return NULL;
    }
    size_t bytes = (n * size + ALIGN - 1) / ALIGN * ALIGN;
    if (!a->block || a->block->size - a->block->used < bytes) {
        size_t room = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
        struct arena_block *block = calloc(1, sizeof *block + room);
        if (!block) {
            a->failed = 1;
            return NULL;
        }
        block->size = room;
        block->older = a->block;
        a->block = block;
    }
    void *piece = a->block->data + a->block->used;
    a->block->used += bytes;
    a->used_bytes += bytes;
    return piece;
}

char *arena_copy_n(struct arena *a, const char *s, size_t n)
{
    char *copy = arena_take(a, n + 1, 1);
    if (copy) {
        memcpy(copy, s, n);
    }
    return copy;
}

char *arena_copy(struct arena *a, const char *s)
{
    return arena_copy_n(a, s, strlen(s));
}

char *arena_format(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *text = n < 0 ? NULL : arena_take(a, (size_t)n + 1, 1);
    if (text) {
        va_start(ap, fmt);
        vsnprintf(text, (size_t)n + 1, fmt, ap);
        va_end(ap);
    }
    return text;
}

int arena_own_map(struct arena *a, void *at, size_t bytes)
{
    struct arena_map *map = ARENA_NEW(a, 1, struct arena_map);
    if (!map) {
        return -1;
    }
    *map = (struct arena_map){a->map, at, bytes};
    a->map = map;
    return 0;
}

void arena_clear(struct arena *a)
{
    for (const struct arena_map *m = a->map; m; m = m->older) {
        munmap(m->at, m->bytes);
    }
    while (a->block) {
        struct arena_block *older = a->block->older;
        free(a->block);
        a->block = older;
    }
    *a = (struct arena){0};
}
