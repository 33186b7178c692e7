/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evheap.h - a 4-ary heap of 16-byte keys (time bits, order) with the slot of each key in an array beside it.
 *
 * The four children of a key lie in one cache line, and four keys that are greater than any other follow the last
 * one, so that the least child is found without a branch and without asking how many there are.
 * Source: LaMarca and Ladner, The influence of caches on the performance of heaps, ACM JEA 1 (1996).
 */
#ifndef SIM_ENGINE_EVHEAP_H
#define SIM_ENGINE_EVHEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVHEAP_ARITY = 4 };

struct evheap_key {
    uint64_t time, order;
};

/* key is the fourth of a cache line; key and slot have room for `room` entries, key for EVHEAP_ARITY more. */
struct evheap {
    struct evheap_key *key;
    uint32_t *slot;
    size_t n;
};

static inline bool evheap_less(const struct evheap_key *a, const struct evheap_key *b)
{
    return (a->time < b->time) | ((a->time == b->time) & (a->order < b->order));
}

/* Empty it: the keys that end the heap are written. */
static inline void evheap_reset(struct evheap *h)
{
    h->n = 0;
    for (size_t i = 0; i < EVHEAP_ARITY; i++) {
        h->key[i] = (struct evheap_key){UINT64_MAX, UINT64_MAX};
    }
}

/* The caller has made room for one more. */
static inline void evheap_push(struct evheap *h, struct evheap_key x, uint32_t slot)
{
    size_t i = h->n++;
    h->key[i + EVHEAP_ARITY] = (struct evheap_key){UINT64_MAX, UINT64_MAX};
    while (i > 0) {
        size_t parent = (i - 1) / EVHEAP_ARITY;
        if (!evheap_less(&x, &h->key[parent])) {
            break;
        }
        h->key[i] = h->key[parent];
        h->slot[i] = h->slot[parent];
        i = parent;
    }
    h->key[i] = x;
    h->slot[i] = slot;
}

/* Index of the least of four keys. */
static inline size_t evheap_least(const struct evheap_key family[EVHEAP_ARITY])
{
    size_t left = evheap_less(&family[1], &family[0]);
    size_t right = 2 + (size_t)evheap_less(&family[3], &family[2]);
    return left ^ ((left ^ right) & (0 - (size_t)evheap_less(&family[right], &family[left])));
}

/* Take the least away and return its slot; n > 0. */
static inline uint32_t evheap_pop(struct evheap *h)
{
    uint32_t least = h->slot[0];
    size_t n = --h->n, i = 0;
    struct evheap_key x = h->key[n];
    uint32_t slot = h->slot[n];
    h->key[n] = (struct evheap_key){UINT64_MAX, UINT64_MAX};
    for (size_t child; (child = EVHEAP_ARITY * i + 1) < n;) {
        child += evheap_least(&h->key[child]);
        if (!evheap_less(&h->key[child], &x)) {
            break;
        }
        h->key[i] = h->key[child];
        h->slot[i] = h->slot[child];
        i = child;
    }
    if (n > 0) {
        h->key[i] = x;
        h->slot[i] = slot;
    }
    return least;
}

#endif
