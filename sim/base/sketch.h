/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sketch.h - quantiles of many non-negative values in little memory, with a bound on the error of the value.
 *
 * A log-linear histogram: the bucket of x is its exponent and the top 7 bits of its significand, so a bucket is 1/128 of
 * an octave [2^k, 2^(k+1)) wide and its middle is within 1/256 (0.4 %) of every x in it.  Octaves cover 2^-30 to 2^34
 * (9.3e-10 to 1.7e10); what is smaller counts as 0, what is larger, such as a job that never ended, as +inf.  Only the
 * range of octaves met has memory, 512 bytes each.  Counts are whole numbers, so merging is exact, in any order.
 *
 * A zeroed struct is an empty sketch.
 */
#ifndef SIM_BASE_SKETCH_H
#define SIM_BASE_SKETCH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sim/base/err.h"

enum {
    SKETCH_PER_OCTAVE = 128,
    SKETCH_OCTAVES = 64,
    SKETCH_ZERO = 0, /* bucket numbers: the ordinary ones are between */
    SKETCH_INFINITE = SKETCH_OCTAVES * SKETCH_PER_OCTAVE + 1,
};

struct sketch {
    uint32_t *count;         /* [n], of the ordinary buckets first .. first + n - 1: whole octaves */
    uint32_t first, n;       /* first is 0 while n is */
    uint64_t zero, infinite; /* counts of the two others */
};

/* For sketch_add: what is out of the range held so far. */
int sketch_add_slow(struct sketch *s, double x);

/* Count x >= 0 (a bug otherwise).  0, or -ERR_MEMORY: nothing was counted. */
static inline int sketch_add(struct sketch *s, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    /* The bucket of 2^-30 is number 1. */
    uint32_t i = (uint32_t)(bits >> 45) - ((1023 - 30) * SKETCH_PER_OCTAVE - 1) - s->first;
    if (__builtin_expect(i < s->n && s->count[i] != UINT32_MAX, 1)) {
        s->count[i]++;
        return 0;
    }
    return sketch_add_slow(s, x);
}

/* Have memory for all values of [low, high], so that adding them does not allocate.  0 or -ERR_MEMORY. */
int sketch_reserve(struct sketch *s, double low, double high);

/* How many were counted. */
uint64_t sketch_count(const struct sketch *s);

/*
 * The value of rank ceil(q n), 0 <= q <= 1, among n sorted values (the least for q = 0): the middle of its bucket, 0, or
 * INFINITY.  NAN if n = 0.
 */
double sketch_quantile(const struct sketch *s, double q);

/* Add the counts of `from`.  0, or -ERR_MEMORY: *s as before. */
int sketch_merge(struct sketch *s, const struct sketch *from);
/* Take away counts that were merged before (a bug otherwise): what the others are without one. */
void sketch_unmerge(struct sketch *s, const struct sketch *part);

/* As stored: the buckets that are not empty, in rising order. */
struct sketch_pair {
    uint32_t bucket;
    uint64_t count;
};
/* Fills pair[] with the first `max` of them; returns how many there are. */
size_t sketch_pairs(const struct sketch *s, struct sketch_pair *pair, size_t max);
/* Into an empty sketch.  -ERR_INPUT if the buckets do not rise or are none, or a count is 0 or too large. */
int sketch_from_pairs(struct sketch *s, const struct sketch_pair *pair, size_t n, struct err *e);
/* Middle of a bucket, 0 or INFINITY. */
double sketch_bucket_value(uint32_t bucket);

void sketch_clear(struct sketch *s);

#endif
