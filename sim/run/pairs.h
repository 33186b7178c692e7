/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pairs.h - rows for pairs of numbers, numbered from 0 in the order in which they are first asked for: what a few of
 * many controllers know of a few of many places.  Open addressing with linear probing; at most half full.
 */
#ifndef SIM_RUN_PAIRS_H
#define SIM_RUN_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

struct pairs {
    uint64_t *key; /* [mask + 1]; PAIR_NONE: free */
    uint32_t *row; /* [mask + 1] */
    uint32_t mask, n;
};

#define PAIR_NONE UINT64_MAX

/* Row of (a, b), which is made if it is not there; UINT32_MAX if memory is out. */
uint32_t pairs_row(struct pairs *p, uint32_t a, uint32_t b);
/* UINT32_MAX if it is not there. */
uint32_t pairs_find(const struct pairs *p, uint32_t a, uint32_t b);
void pairs_clear(struct pairs *p);

#endif
