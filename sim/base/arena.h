/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arena.h - memory that is taken piece by piece and given back as a whole.  Pieces are zeroed and aligned to 16 bytes and
 * never move.  Used for what is built once and then only read, such as a scenario.
 */
#ifndef SIM_BASE_ARENA_H
#define SIM_BASE_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *block; /* newest first */
    struct arena_map *map;     /* newest first */
    size_t used_bytes;         /* given out, over all blocks */
    int failed;                /* an allocation failed: sticky */
};

/* n * size zeroed bytes; NULL (and failed set) when memory is out or the product overflows. */
void *arena_take(struct arena *a, size_t n, size_t size);
/* A copy of the string s, or of its first n bytes. */
char *arena_copy(struct arena *a, const char *s);
char *arena_copy_n(struct arena *a, const char *s, size_t n);
/* printf into the arena. */
char *arena_format(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Takes over bytes mapped at `at` (mmap): given back with the arena.  0, or -1 when memory is out: they stay the caller's. */
int arena_own_map(struct arena *a, void *at, size_t bytes);
void arena_clear(struct arena *a);

#define ARENA_NEW(a, n, type) ((type *)arena_take((a), (n), sizeof(type)))

#endif
