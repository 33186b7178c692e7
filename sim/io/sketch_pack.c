/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/sketch_pack.h"

#include <stdlib.h>

/* Append the pairs of one sketch. */
static int append(struct sketch_pack *p, size_t *room, const struct sketch *s, struct packed_bucket place)
{
    struct sketch_pair pair[SKETCH_INFINITE + 1];
    size_t n = sketch_pairs(s, pair, SKETCH_INFINITE + 1);
    if (p->n + n > *room) {
        size_t more = 2 * (p->n + n);
        struct packed_bucket *bucket = realloc(p->bucket, more * sizeof *bucket);
        if (!bucket) {
            return -ERR_MEMORY;
        }
        p->bucket = bucket;
        *room = more;
    }
    for (size_t i = 0; i < n; i++) {
        place.bucket = pair[i].bucket;
        place.count = pair[i].count;
        p->bucket[p->n++] = place;
    }
    return 0;
}

int sketch_pack_record(struct sketch_pack *p, const struct record *r, struct err *e)
{
    size_t room = 0;
    *p = (struct sketch_pack){0};
    for (uint32_t segment = 0; segment < N_SEGMENT; segment++) {
        for (uint32_t c = 0; c < r->n_class; c++) {
            const struct packed_bucket place = {.class = (uint16_t)c, .segment = (uint8_t)segment};
            if (append(p, &room, &r->latency[segment * r->n_class + c], place) < 0) {
                sketch_pack_clear(p);
                return ERR_SET(e, ERR_MEMORY, "no memory for the sketches of a replication");
            }
        }
    }
    return 0;
}

void sketch_pack_clear(struct sketch_pack *p)
{
    free(p->bucket);
    *p = (struct sketch_pack){0};
}

int sketch_pack_unpack(const struct packed_bucket *bucket, size_t n, struct record *r, struct err *e)
{
    struct sketch_pair pair[SKETCH_INFINITE + 1];
    for (size_t i = 0; i < n;) {
        const struct packed_bucket *first = &bucket[i];
        size_t m = 0;
        if (first->segment >= N_SEGMENT || first->class >= r->n_class) {
            return ERR_SET(e, ERR_INPUT, "found a bucket of segment %u and workload %u", first->segment, first->class);
        }
        for (; i < n && bucket[i].segment == first->segment && bucket[i].class == first->class; i++, m++) {
            if (m > SKETCH_INFINITE) {
                return ERR_SET(e, ERR_INPUT, "found more buckets than a sketch has");
            }
            pair[m] = (struct sketch_pair){.bucket = bucket[i].bucket, .count = bucket[i].count};
        }
        struct sketch *s = &r->latency[first->segment * r->n_class + first->class];
        int rc = sketch_count(s) > 0 ? ERR_SET(e, ERR_INPUT, "found a sketch twice") : sketch_from_pairs(s, pair, m, e);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

int sketch_pack_merge(struct sketch *to, const struct sketch_pack *p, uint32_t class)
{
    struct sketch_pair pair[SKETCH_INFINITE + 1];
    int rc = 0;
    for (size_t i = 0; i < p->n && rc == 0;) {
        const struct packed_bucket *first = &p->bucket[i];
        size_t m = 0;
        for (; i < p->n && p->bucket[i].segment == first->segment && p->bucket[i].class == first->class; i++, m++) {
            pair[m] = (struct sketch_pair){.bucket = p->bucket[i].bucket, .count = p->bucket[i].count};
        }
        if (class == UINT32_MAX || class == first->class) {
            struct sketch one = {0};
            rc = sketch_from_pairs(&one, pair, m, NULL);
            rc = rc == 0 ? sketch_merge(to, &one) : rc;
            sketch_clear(&one);
        }
    }
    return rc;
}
