/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/blobs.h"

#include <stdlib.h>
#include <string.h>

static struct blob *find(const struct blobs *b, const char *key)
{
    for (size_t i = 0; i < b->n; i++) {
        if (strcmp(b->blob[i].key, key) == 0) {
            return &b->blob[i];
        }
    }
    return NULL;
}

const struct blob *blobs_find(const struct blobs *b, const char *key)
{
    return find(b, key);
}

/* A row for the key, which is new. */
static struct blob *append(struct blobs *b, const char *key)
{
    if (b->n == b->room) {
        size_t room = 2 * b->room + 8;
        struct blob *grown = realloc(b->blob, room * sizeof *grown);
        if (!grown) {
            return NULL;
        }
        b->blob = grown;
        b->room = room;
    }
    char *copy = strdup(key);
    if (!copy) {
        return NULL;
    }
    b->blob[b->n] = (struct blob){.key = copy};
    return &b->blob[b->n++];
}

int blobs_put(struct blobs *b, const char *key, const void *bytes, size_t n)
{
    void *copy = malloc(n ? n : 1);
    if (!copy) {
        return -1;
    }
    if (n) {
        memcpy(copy, bytes, n);
    }
    struct blob *row = find(b, key);
    row = row ? row : append(b, key);
    if (!row) {
        free(copy);
        return -1;
    }
    free(row->bytes);
    row->bytes = copy;
    row->n = n;
    return 0;
}

void blobs_clear(struct blobs *b)
{
    for (size_t i = 0; i < b->n; i++) {
        free(b->blob[i].key);
        free(b->blob[i].bytes);
    }
    free(b->blob);
    *b = (struct blobs){0};
}
