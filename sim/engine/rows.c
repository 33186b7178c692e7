/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/rows.h"

void list_prepend(struct item *item, uint32_t *first, uint32_t head)
{
    if (head == ROW_NONE) {
        return;
    }
    if (*first != ROW_NONE) {
        uint32_t last = item[*first].prev, head_last = item[head].prev;
        item[head_last].next = *first;
        item[*first].prev = head_last;
        item[last].next = head;
        item[head].prev = last;
    }
    *first = head;
}

/* A root has no next and no prev; prev of a first child is its parent, of another its left sibling. */
static uint32_t link_roots(struct item *item, uint32_t a, uint32_t b)
{
    if (row_before(item, b, a)) {
        uint32_t t = a;
        a = b;
        b = t;
    }
    uint32_t child = item[a].child;
    item[b].prev = a;
    item[b].next = child;
    if (child != ROW_NONE) {
        item[child].prev = b;
    }
    item[a].child = b;
    return a;
}

/* One heap of the siblings that begin at first: pairs from left to right, then those from right to left. */
static uint32_t link_siblings(struct item *item, uint32_t first)
{
    uint32_t pairs = ROW_NONE, root = ROW_NONE;
    while (first != ROW_NONE) {
        uint32_t a = first, b = item[a].next;
        first = b == ROW_NONE ? ROW_NONE : item[b].next;
        if (b != ROW_NONE) {
            a = link_roots(item, a, b);
        }
        item[a].next = pairs;
        pairs = a;
    }
    while (pairs != ROW_NONE) {
        uint32_t next = item[pairs].next;
        root = root == ROW_NONE ? pairs : link_roots(item, root, pairs);
        pairs = next;
    }
    if (root != ROW_NONE) {
        item[root].next = item[root].prev = ROW_NONE;
    }
    return root;
}

void heap_push(struct item *item, uint32_t *root, uint32_t row)
{
    item[row].next = item[row].prev = item[row].child = ROW_NONE;
    *root = *root == ROW_NONE ? row : link_roots(item, *root, row);
}

void heap_remove(struct item *item, uint32_t *root, uint32_t row)
{
    uint32_t below = link_siblings(item, item[row].child);
    if (row == *root) {
        *root = below;
        return;
    }
    uint32_t next = item[row].next, prev = item[row].prev;
    if (item[prev].child == row) {
        item[prev].child = next;
    } else {
        item[prev].next = next;
    }
    if (next != ROW_NONE) {
        item[next].prev = prev;
    }
    if (below != ROW_NONE) {
        *root = link_roots(item, *root, below);
    }
}

uint32_t heap_next(const struct item *item, uint32_t row)
{
    if (item[row].child != ROW_NONE) {
        return item[row].child;
    }
    while (item[row].next == ROW_NONE) {
        uint32_t left = item[row].prev;
        while (left != ROW_NONE && item[left].child != row) {
            row = left;
            left = item[row].prev;
        }
        if (left == ROW_NONE) {
            return ROW_NONE;
        }
        row = left;
    }
    return item[row].next;
}
