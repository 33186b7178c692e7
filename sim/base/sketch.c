/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/sketch.h"

#include <math.h>
#include <stdlib.h>

static const double least = 0x1p-30, limit = 0x1p34;

static uint32_t bucket_of(double x)
{
    uint64_t bits;
    CHECK(x >= 0.0);
    if (x < least || x >= limit) {
        return x < least ? SKETCH_ZERO : SKETCH_INFINITE;
    }
    memcpy(&bits, &x, sizeof bits);
    return (uint32_t)(bits >> 45) - ((1023 - 30) * SKETCH_PER_OCTAVE - 1);
}

double sketch_bucket_value(uint32_t bucket)
{
    CHECK(bucket <= SKETCH_INFINITE);
    if (bucket == SKETCH_ZERO || bucket == SKETCH_INFINITE) {
        return bucket == SKETCH_ZERO ? 0.0 : (double)INFINITY;
    }
    uint32_t octave = (bucket - 1) / SKETCH_PER_OCTAVE, part = (bucket - 1) % SKETCH_PER_OCTAVE;
    return ldexp(1.0 + (part + 0.5) / SKETCH_PER_OCTAVE, (int)octave - 30);
}

/* Hold the ordinary buckets from..to, in whole octaves. */
static int hold(struct sketch *s, uint32_t from, uint32_t to)
{
    uint32_t first = (from - 1) / SKETCH_PER_OCTAVE * SKETCH_PER_OCTAVE + 1;
    uint32_t end = (to - 1) / SKETCH_PER_OCTAVE * SKETCH_PER_OCTAVE + SKETCH_PER_OCTAVE + 1;
    if (s->n > 0) {
        first = first < s->first ? first : s->first;
        end = end > s->first + s->n ? end : s->first + s->n;
    }
    if (s->n == end - first) {
        return 0;
    }
    uint32_t *count = calloc(end - first, sizeof *count);
    if (!count) {
        return -ERR_MEMORY;
    }
    if (s->n > 0) {
        memcpy(count + (s->first - first), s->count, s->n * sizeof *count);
    }
    free(s->count);
    s->count = count;
    s->first = first;
    s->n = end - first;
    return 0;
}

/* An ordinary bucket has one count of 32 bits, 4e9 values within 0.8 % of each other: beyond it a CHECK fails. */
static void add_count(struct sketch *s, uint32_t bucket, uint64_t count)
{
    if (bucket == SKETCH_ZERO) {
        s->zero += count;
    } else if (bucket == SKETCH_INFINITE) {
        s->infinite += count;
    } else {
        CHECK(count <= UINT32_MAX - s->count[bucket - s->first]);
        s->count[bucket - s->first] += (uint32_t)count;
    }
}

int sketch_add_slow(struct sketch *s, double x)
{
    uint32_t bucket = bucket_of(x);
    if (bucket != SKETCH_ZERO && bucket != SKETCH_INFINITE && hold(s, bucket, bucket) < 0) {
        return -ERR_MEMORY;
    }
    add_count(s, bucket, 1);
    return 0;
}

int sketch_reserve(struct sketch *s, double low, double high)
{
    CHECK(low <= high && high >= least && low < limit);
    uint32_t from = bucket_of(low), to = bucket_of(high);
    return hold(s, from == SKETCH_ZERO ? 1 : from, to == SKETCH_INFINITE ? to - 1 : to);
}

uint64_t sketch_count(const struct sketch *s)
{
    uint64_t total = s->zero + s->infinite;
    for (uint32_t i = 0; i < s->n; i++) {
        total += s->count[i];
    }
    return total;
}

double sketch_quantile(const struct sketch *s, double q)
{
    uint64_t total = sketch_count(s);
    CHECK(q >= 0.0 && q <= 1.0);
    if (total == 0) {
        return (double)NAN;
    }
    /* A product such as 0.07 * 100 may round up past a whole number. */
    double wanted = ceil(q * (double)total * (1.0 - 0x1p-51));
    uint64_t rank = wanted < 1.0 ? 1 : (uint64_t)wanted, below = s->zero;
    if (rank <= below) {
        return 0.0;
    }
    for (uint32_t i = 0; i < s->n; i++) {
        below += s->count[i];
        if (rank <= below) {
            return sketch_bucket_value(s->first + i);
        }
    }
    return (double)INFINITY;
}

int sketch_merge(struct sketch *s, const struct sketch *from)
{
    if (from->n > 0 && hold(s, from->first, from->first + from->n - 1) < 0) {
        return -ERR_MEMORY;
    }
    for (uint32_t i = 0; i < from->n; i++) {
        add_count(s, from->first + i, from->count[i]);
    }
    add_count(s, SKETCH_ZERO, from->zero);
    add_count(s, SKETCH_INFINITE, from->infinite);
    return 0;
}

void sketch_unmerge(struct sketch *s, const struct sketch *part)
{
    CHECK(part->zero <= s->zero && part->infinite <= s->infinite);
    for (uint32_t i = 0; i < part->n; i++) {
        uint32_t at = part->first + i - s->first;
        CHECK(part->count[i] == 0 || (at < s->n && part->count[i] <= s->count[at]));
        if (part->count[i] > 0) {
            s->count[at] -= part->count[i];
        }
    }
    s->zero -= part->zero;
    s->infinite -= part->infinite;
}

size_t sketch_pairs(const struct sketch *s, struct sketch_pair *pair, size_t max)
{
    size_t n = 0;
    for (uint32_t bucket = SKETCH_ZERO; bucket <= SKETCH_INFINITE; bucket++) {
        uint64_t count = bucket == SKETCH_ZERO ? s->zero : bucket == SKETCH_INFINITE ? s->infinite : 0;
        if (bucket - s->first < s->n) {
            count = s->count[bucket - s->first];
        }
        if (count > 0) {
            if (n < max) {
                pair[n] = (struct sketch_pair){bucket, count};
            }
            n++;
        }
    }
    return n;
}

int sketch_from_pairs(struct sketch *s, const struct sketch_pair *pair, size_t n, struct err *e)
{
    CHECK(sketch_count(s) == 0);
    for (size_t i = 0; i < n; i++) {
        uint32_t bucket = pair[i].bucket;
        int ordinary = bucket > SKETCH_ZERO && bucket < SKETCH_INFINITE;
        if (bucket > SKETCH_INFINITE || (i > 0 && bucket <= pair[i - 1].bucket)) {
            return ERR_SET(e, ERR_INPUT, "sketch: found bucket %u in row %zu, wanted rising numbers from 0 to %d", bucket,
                           i + 1, SKETCH_INFINITE);
        }
        if (pair[i].count == 0 || pair[i].count > (ordinary ? UINT32_MAX : UINT64_MAX >> 2)) {
            return ERR_SET(e, ERR_INPUT, "sketch: found count %llu in row %zu, wanted 1 to %llu",
                           (unsigned long long)pair[i].count, i + 1,
                           ordinary ? (unsigned long long)UINT32_MAX : (unsigned long long)(UINT64_MAX >> 2));
        }
    }
    uint32_t from = 0, to = 0;
    for (size_t i = 0; i < n; i++) {
        if (pair[i].bucket > SKETCH_ZERO && pair[i].bucket < SKETCH_INFINITE) {
            from = from ? from : pair[i].bucket;
            to = pair[i].bucket;
        }
    }
    if (from && hold(s, from, to) < 0) {
        return ERR_SET(e, ERR_MEMORY, "sketch: no memory for %u buckets", to - from + 1);
    }
    for (size_t i = 0; i < n; i++) {
        add_count(s, pair[i].bucket, pair[i].count);
    }
    return 0;
}

void sketch_clear(struct sketch *s)
{
    free(s->count);
    *s = (struct sketch){0};
}
