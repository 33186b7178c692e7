/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memo.h - what a policy remembers of each of many things (a device, a place, a source of jobs): a row of a few
 * doubles by a number, zero at first.  Open addressing; only looked up, never walked, so its order reaches no
 * decision.  It grows when it is half full, so that a run that has seen all its devices allocates no more.
 */
#ifndef POLICIES_MEMO_H
#define POLICIES_MEMO_H

#include <stdint.h>
#include <stdlib.h>
#include <tiersim/policy.h>

struct memo { /* all zero is an empty one */
    uint64_t *key; /* [room]; key + 1, 0 = free */
    double *value; /* [room][width] */
    uint32_t n, room, width, failed;
};

static inline void memo_clear(struct memo *m)
{
    free(m->key);
    free(m->value);
    *m = (struct memo){0};
}

/* Where the key is, or is to be. */
static inline uint32_t memo_find(const struct memo *m, uint64_t key)
{
    uint32_t at = (uint32_t)((key * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (m->room - 1);
    while (m->key[at] && m->key[at] != key + 1) {
        at = (at + 1) & (m->room - 1);
    }
    return at;
}

static inline int memo_grow(struct memo *m)
{
    struct memo more = {.room = m->room ? 2 * m->room : 64, .n = m->n, .width = m->width};
    more.key = (uint64_t *)calloc(more.room, sizeof *more.key);
    more.value = (double *)calloc((size_t)more.room * more.width, sizeof *more.value);
    if (!more.room || !more.key || !more.value) {
        memo_clear(&more);
        return -1;
    }
    for (uint32_t i = 0; i < m->room; i++) {
        if (m->key[i]) {
            uint32_t at = memo_find(&more, m->key[i] - 1);
            more.key[at] = m->key[i];
            for (uint32_t w = 0; w < m->width; w++) {
                more.value[(size_t)at * m->width + w] = m->value[(size_t)i * m->width + w];
            }
        }
    }
    memo_clear(m);
    *m = more;
    return 0;
}

/* The row of a key, width doubles (the same at each call), until the next call; NULL if there is no memory for it, which
 * memo_check tells. */
static inline double *memo_row(struct memo *m, uint64_t key, uint32_t width)
{
    m->width = width;
    if (2 * m->n >= m->room && memo_grow(m) < 0) {
        m->failed = 1;
        return 0;
    }
    uint32_t at = memo_find(m, key);
    m->n += m->key[at] == 0;
    m->key[at] = key + 1;
    return m->value + (size_t)at * width;
}

/* rc of a call, or its failure if a row could not be had. */
static inline int memo_check(const struct memo *m, const struct ts_host *h, int rc)
{
    return m->failed ? (h->fail)(h->ctx, "out of memory for what it remembers of %u things", m->n) : rc;
}

#endif
