/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * names.h - a set of names, numbered in the order in which they came.  Finding one takes constant time, whatever their
 * number; the order of the hash table shows nowhere.
 */
#ifndef SIM_BASE_NAMES_H
#define SIM_BASE_NAMES_H

#include <stdint.h>

#include "sim/base/arena.h"

#define NAME_NONE UINT32_MAX

/* Start with {.arena = a}; without an arena none is added, and several threads may look.  The names themselves are kept by the
 * caller. */
struct names {
    struct arena *arena;
    uint32_t n, n_slot;
    const char **name; /* [n] */
    uint32_t *slot;    /* [n_slot] row + 1, or 0 */
};

/* Row of a name, or NAME_NONE. */
uint32_t names_find(const struct names *s, const char *name);
/* Row of a name, which is added if it is new (its row is then the old n); NAME_NONE when memory is out, or none may be added. */
uint32_t names_add(struct names *s, const char *name);

#endif
