/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sketch_pack.h - the latency sketches of a record as a short list of what is in them, as files keep them: most
 * buckets of the 64 segments of a workload are empty.
 */
#ifndef SIM_IO_SKETCH_PACK_H
#define SIM_IO_SKETCH_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/measure/record.h"

/* A bucket that is not empty.  Packs are sorted by segment, class, bucket. */
struct packed_bucket {
    uint64_t count;
    uint32_t bucket;
    uint16_t class;
    uint8_t segment;
};

struct sketch_pack {
    size_t n;
    struct packed_bucket *bucket; /* [n] */
};

/* The list of a record's sketches. */
int sketch_pack_record(struct sketch_pack *p, const struct record *r, struct err *e);
void sketch_pack_clear(struct sketch_pack *p);
/* Fill the empty sketches of a record from the list; ERR_INPUT if the list is out of their bounds or order. */
int sketch_pack_unpack(const struct packed_bucket *bucket, size_t n, struct record *r, struct err *e);

/* Add what the list holds of a workload, or of all (UINT32_MAX), over all segments. */
int sketch_pack_merge(struct sketch *to, const struct sketch_pack *p, uint32_t class);

#endif
