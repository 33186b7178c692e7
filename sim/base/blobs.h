/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * blobs.h - bytes under names: what a policy keeps from one run to the next (host->blob of <tiersim/policy.h>).
 *
 * The order is that of the first put, so equal puts give equal stores.  A store is filled by one thread, and may then be read
 * by many.
 */
#ifndef SIM_BASE_BLOBS_H
#define SIM_BASE_BLOBS_H

#include <stddef.h>

struct blob {
    char *key;
    void *bytes; /* aligned for doubles */
    size_t n;
};

struct blobs {
    struct blob *blob; /* [n] */
    size_t n, room;
};

/* Copy n bytes in under the key, instead of what was there.  0, or -1 when memory is out. */
int blobs_put(struct blobs *b, const char *key, const void *bytes, size_t n);
/* NULL if there is none. */
const struct blob *blobs_find(const struct blobs *b, const char *key);
void blobs_clear(struct blobs *b);

#endif
