/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows.h - lists and heaps of customers, linked through the items by row number, so that a million stations need no
 * memory of their own for those who wait.
 *
 * A list is circular, *first is its oldest (ROW_NONE: empty).  A heap is a pairing heap (Fredman, Sedgewick, Sleator,
 * Tarjan, Algorithmica 1, 1986) by (key, seq), *root its least: push O(1), removal of any O(log n) amortised.
 */
#ifndef SIM_ENGINE_ROWS_H
#define SIM_ENGINE_ROWS_H

#include "sim/engine/station.h"

static inline void list_append(struct item *item, uint32_t *first, uint32_t row)
{
    if (*first == ROW_NONE) {
        item[row].next = item[row].prev = row;
        *first = row;
        return;
    }
    uint32_t last = item[*first].prev;
    item[row].next = *first;
    item[row].prev = last;
    item[last].next = row;
    item[*first].prev = row;
}

static inline void list_remove(struct item *item, uint32_t *first, uint32_t row)
{
    uint32_t next = item[row].next, prev = item[row].prev;
    item[prev].next = next;
    item[next].prev = prev;
    if (*first == row) {
        *first = next == row ? ROW_NONE : next;
    }
}

/* Put the whole list that begins at head before *first. */
void list_prepend(struct item *item, uint32_t *first, uint32_t head);

/* Does a come before b?  Sequence numbers wrap around. */
static inline bool row_before(const struct item *item, uint32_t a, uint32_t b)
{
    return item[a].key < item[b].key || (item[a].key == item[b].key && (int32_t)(item[a].seq - item[b].seq) < 0);
}
void heap_push(struct item *item, uint32_t *root, uint32_t row);
void heap_remove(struct item *item, uint32_t *root, uint32_t row);
/* Visits all: from the root on until ROW_NONE, in no order. */
uint32_t heap_next(const struct item *item, uint32_t row);

#endif
