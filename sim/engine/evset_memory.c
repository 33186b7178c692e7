/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evset_memory.c - the event set's memory: taken when it starts and when it outgrows what it ever held, copied, given
 * back. */
#include "sim/engine/evset.h"

#include <stdlib.h>
#include <sys/mman.h>

enum {
    SLOTS_MIN = 256,
    WHEEL_MIN = 4096, /* the most buckets that SLOTS_MIN events take: a small set allocates at its start only */
    SLOTS_MAX = INT32_MAX,
    SLOTS_STEP = 64, /* taken from fresh memory at a time */
    HUGE_PAGE = 2 << 20
};

/* Aligned to a cache line, and to huge pages if it is that big.  NULL if there is none. */
static void *take(size_t n, size_t size)
{
    size_t bytes = (n * size + 63) & ~(size_t)63;
    if (bytes < HUGE_PAGE) {
        return aligned_alloc(64, bytes);
    }
    bytes = (bytes + HUGE_PAGE - 1) & ~((size_t)HUGE_PAGE - 1);
    void *p = aligned_alloc(HUGE_PAGE, bytes);
    if (p) {
        madvise(p, bytes, MADV_HUGEPAGE); /* speed only: where it is refused nothing is lost */
    }
    return p;
}

/* The heap's children 4i+1 .. 4i+4 share a line if entry 1 starts one. */
enum { HEAP_LEAD = EVHEAP_ARITY - 1 };

static bool heap_take(struct evheap *h, size_t room)
{
    struct evheap_key *base = take(room + EVHEAP_ARITY + HEAP_LEAD, sizeof *base);
    h->slot = take(room, sizeof *h->slot);
    h->key = base ? base + HEAP_LEAD : NULL;
    h->n = 0;
    return base && h->slot;
}

static void heap_release(struct evheap *h)
{
    free(h->key ? h->key - HEAP_LEAD : NULL);
    free(h->slot);
    *h = (struct evheap){0};
}

static void heap_copy(struct evheap *to, const struct evheap *from)
{
    to->n = from->n;
    memcpy(to->key, from->key, (from->n + EVHEAP_ARITY) * sizeof *to->key);
    memcpy(to->slot, from->slot, from->n * sizeof *to->slot);
}

/* Room for `room` nodes, and for as many heap entries, so that a placed event always finds a place. */
static bool reserve_slots(struct evset *set, size_t room)
{
    struct evset_node *node = take(room, sizeof *node);
    struct evheap heap;
    if (!heap_take(&heap, room) || !node) {
        heap_release(&heap);
        free(node);
        return false;
    }
    if (set->node) {
        memcpy(node, set->node, set->n_slots * sizeof *node);
        heap_copy(&heap, &set->heap);
    } else {
        node[0] = (struct evset_node){.time = EVSET_DEAD, .generation = 1}; /* so that no handle is EV_NONE */
        set->n_slots = 1;
        evheap_reset(&heap);
    }
    free(set->node);
    heap_release(&set->heap);
    set->node = node;
    set->heap = heap;
    set->slots_room = room;
    return true;
}

bool evset_reserve_near(struct evset *set, size_t room)
{
    struct evset_key *near = take(room, sizeof *near);
    if (!near) {
        return false;
    }
    if (set->near) {
        memcpy(near, set->near, set->n_near * sizeof *near);
    }
    memset(near + set->n_near, 0, (room - set->n_near) * sizeof *near); /* evset_insert_few reads one beyond */
    free(set->near);
    set->near = near;
    set->near_room = room;
    return true;
}

bool evset_reserve_wheel(struct evset *set, size_t n)
{
    if (n > set->buckets_room) {
        uint32_t *bucket = take(n, sizeof *bucket);
        uint64_t *bitmap = take(n / 64, sizeof *bitmap);
        if (!bucket || !bitmap) {
            free(bucket);
            free(bitmap);
            return false;
        }
        free(set->bucket);
        free(set->bitmap);
        set->bucket = bucket;
        set->bitmap = bitmap;
        set->buckets_room = n;
    }
    memset(set->bucket, 0, n * sizeof *set->bucket);
    memset(set->bitmap, 0, n / 64 * sizeof *set->bitmap);
    set->mask = n - 1;
    return true;
}

/* Put fresh slots on the empty free list; returns the first, or 0 if there is no memory. */
uint32_t evset_take_slot(struct evset *set)
{
    CHECK(set->free == 0);
    if (set->n_slots == set->slots_room) {
        size_t room = set->slots_room * 2;
        if (room > SLOTS_MAX || !reserve_slots(set, room)) {
            set->failed = true;
            return 0;
        }
    }
    size_t end = set->n_slots + SLOTS_STEP < set->slots_room ? set->n_slots + SLOTS_STEP : set->slots_room;
    for (size_t slot = end; slot-- > set->n_slots;) {
        set->node[slot] = (struct evset_node){.time = EVSET_DEAD, .next = set->free};
        set->free = (uint32_t)slot;
    }
    set->n_slots = end;
    return set->free;
}

int evset_init(struct evset *set, size_t expected, uint64_t tie_seed, struct err *e)
{
    *set = (struct evset){.tie_seed = tie_seed, .heap_time = UINT64_MAX, .late_least = INT64_MAX};
    set->grow_at = EVSET_FEW_MAX;
    size_t room = expected < SLOTS_MIN ? SLOTS_MIN : expected + 1;
    if (room > SLOTS_MAX || !reserve_slots(set, room) || !evset_reserve_near(set, EVSET_NEAR_MIN) ||
        !evset_reserve_wheel(set, WHEEL_MIN)) {
        evset_clear(set);
        return ERR_SET(e, ERR_MEMORY, "no memory for an event set of %zu events", expected);
    }
    set->mask = 0; /* no wheel yet */
    return 0;
}

void evset_clear(struct evset *set)
{
    free(set->node);
    free(set->near);
    free(set->bucket);
    free(set->bitmap);
    heap_release(&set->heap);
    *set = (struct evset){0};
}

int evset_copy(struct evset *to, const struct evset *from, struct err *e)
{
    *to = *from;
    to->node = NULL;
    to->near = NULL;
    to->bucket = NULL;
    to->bitmap = NULL;
    to->heap = (struct evheap){0};
    to->buckets_room = 0;
    if (!evset_reserve_near(to, from->near_room) || !reserve_slots(to, from->slots_room) ||
        (from->mode == EVSET_WHEEL && !evset_reserve_wheel(to, from->mask + 1))) {
        evset_clear(to);
        return ERR_SET(e, ERR_MEMORY, "no memory to copy an event set of %zu events", from->n_live);
    }
    to->n_slots = from->n_slots;
    memcpy(to->node, from->node, from->n_slots * sizeof *to->node);
    memcpy(to->near, from->near, from->n_near * sizeof *to->near);
    heap_copy(&to->heap, &from->heap);
    if (from->mode == EVSET_WHEEL) {
        memcpy(to->bucket, from->bucket, (from->mask + 1) * sizeof *to->bucket);
        memcpy(to->bitmap, from->bitmap, (from->mask + 1) / 64 * sizeof *to->bitmap);
    }
    return 0;
}
