/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limit.h - what this machine can do at best: a generator, a ziggurat and two bare event sets, for the programs whose
 * figures the engine's are divided by.  Room is given at the start, times must move on, nothing is checked, cancelled,
 * copied or measured; an event is 32 bytes and events of one instant come in order of their pushes.
 *
 * Sources: Blackman and Vigna, Scrambled linear pseudorandom number generators, 2021 (xoshiro256++); Marsaglia and
 * Tsang, The ziggurat method, J. Stat. Software 5:8 (2000); Brown, Calendar queues, CACM 31:10 (1988).
 */
#ifndef TESTS_BENCH_LIMIT_H
#define TESTS_BENCH_LIMIT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define LIMIT_INLINE static inline __attribute__((always_inline))

/* Of the processor: what else runs on the machine then counts only by what it does to the caches. */
LIMIT_INLINE double limit_clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The program's only argument, or what it takes without one. */
static inline uint64_t limit_count(int argc, char **argv, uint64_t otherwise)
{
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 0) : otherwise;
    return n > 0 ? n : otherwise;
}

/* Zeroed memory in huge pages, or the end of the program. */
static inline void *limit_memory(size_t bytes)
{
    const size_t page = 2u << 20;
    bytes = (bytes + page - 1) & ~(page - 1);
    void *p = aligned_alloc(page, bytes);
    if (!p) {
        perror("limit_memory");
        exit(1);
    }
    madvise(p, bytes, MADV_HUGEPAGE);
    memset(p, 0, bytes);
    return p;
}

/* --- random numbers --- */

struct limit_random {
    uint64_t s[4];
    uint64_t inside[256];             /* below it a draw of the layer is under the curve */
    double width[256], height[256]; /* of each layer, in units of the draw; of the curve at its edge */
};

static const double LIMIT_TAIL = 7.69711747013104972;

LIMIT_INLINE uint64_t limit_bits(struct limit_random *r)
{
    uint64_t *s = r->s, sum = s[0] + s[3], x = (sum << 23 | sum >> 41) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = s[3] << 45 | s[3] >> 19;
    return x;
}

LIMIT_INLINE double limit_uniform(struct limit_random *r) { return (double)(int64_t)(limit_bits(r) >> 11) * 0x1p-53; }

static inline void limit_random_init(struct limit_random *r, uint64_t seed)
{
    const double area = 3.949659822581572e-3, full = 0x1p53;
    for (int i = 0; i < 4; i++) {
        uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);
        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        r->s[i] = z ^ z >> 31;
    }
    double x = LIMIT_TAIL, base = area / exp(-x);
    r->inside[0] = (uint64_t)(x / base * full);
    r->inside[1] = 0;
    r->width[0] = base / full;
    r->width[255] = x / full;
    r->height[0] = 1;
    r->height[255] = exp(-x);
    for (int i = 254; i >= 1; i--) {
        double next = -log(area / x + exp(-x));
        r->inside[i + 1] = (uint64_t)(next / x * full);
        x = next;
        r->height[i] = exp(-x);
        r->width[i] = x / full;
    }
}

static __attribute__((noinline)) double limit_exponential_edge(struct limit_random *r, uint64_t z, unsigned layer)
{
    for (;;) {
        double x = (double)(int64_t)z * r->width[layer];
        if (layer == 0) {
            return LIMIT_TAIL - log1p(-limit_uniform(r));
        }
        if (r->height[layer] + limit_uniform(r) * (r->height[layer - 1] - r->height[layer]) < exp(-x)) {
            return x;
        }
        uint64_t v = limit_bits(r);
        layer = v & 255;
        z = v >> 11;
        if (z < r->inside[layer]) {
            return (double)(int64_t)z * r->width[layer];
        }
    }
}

/* Of mean 1. */
LIMIT_INLINE double limit_exponential(struct limit_random *r)
{
    uint64_t v = limit_bits(r), z = v >> 11;
    unsigned layer = v & 255;
    return __builtin_expect(z < r->inside[layer], 1) ? (double)(int64_t)z * r->width[layer]
                                                     : limit_exponential_edge(r, z, layer);
}

/* --- events --- */

struct limit_event {
    double time_s;
    uint32_t kind, row;
};

LIMIT_INLINE uint64_t limit_time_bits(double time_s)
{
    uint64_t bits;
    memcpy(&bits, &time_s, sizeof bits);
    return bits;
}

LIMIT_INLINE double limit_seconds(uint64_t bits)
{
    double time_s;
    memcpy(&time_s, &bits, sizeof time_s);
    return time_s;
}

/* A handful: a sorted array, the least last.  Each step of an insertion keeps the lesser and carries the greater. */
struct limit_few {
    uint64_t time[64], sequence[64], what[64];
    uint64_t n, pushed;
};

LIMIT_INLINE void limit_few_push(struct limit_few *q, double time_s, uint32_t kind, uint32_t row)
{
    uint64_t time = limit_time_bits(time_s), sequence = q->pushed++, what = (uint64_t)row << 32 | kind;
    for (uint64_t i = q->n++; i > 0; i--) {
        uint64_t t = q->time[i - 1], s = q->sequence[i - 1], w = q->what[i - 1];
        uint64_t earlier = 0 - (uint64_t)((time < t) | ((time == t) & (sequence < s)));
        uint64_t dt = (time ^ t) & earlier, ds = (sequence ^ s) & earlier, dw = (what ^ w) & earlier;
        q->time[i] = t ^ dt;
        q->sequence[i] = s ^ ds;
        q->what[i] = w ^ dw;
        time ^= dt;
        sequence ^= ds;
        what ^= dw;
    }
    q->time[0] = time;
    q->sequence[0] = sequence;
    q->what[0] = what;
}

LIMIT_INLINE bool limit_few_pop(struct limit_few *q, struct limit_event *out)
{
    if (q->n == 0) {
        return false;
    }
    uint64_t i = --q->n;
    *out = (struct limit_event){limit_seconds(q->time[i]), (uint32_t)q->what[i], (uint32_t)(q->what[i] >> 32)};
    return true;
}

/* Many: a wheel of buckets that hold half an event each, a bitmap of those that hold any, a sorted array for the bucket
 * under the cursor and a list for what lies beyond the wheel. */
struct limit_node {
    uint64_t time, sequence;
    uint32_t next, kind, row, unused;
};

struct limit_key {
    uint64_t time, sequence;
    uint32_t slot;
};

enum { LIMIT_LATE = 8, LIMIT_LATE_BUCKETS = 131072, LIMIT_AHEAD = 24, LIMIT_NEAR = 65536, LIMIT_SAMPLE = 1024 };

struct limit_wheel {
    struct limit_node *node; /* 0 is none */
    uint32_t *bucket;
    uint64_t *bitmap;
    struct limit_key *near; /* [n_near], the least last */
    uint64_t mask, n, n_near, n_wheel, pushed;
    int64_t cursor, far_least; /* bucket numbers */
    double buckets_per_s;
    uint64_t grow_at, shrink_at, entered, emptied;
    uint32_t free, far;
    struct {
        uint64_t bucket;
        uint32_t slot;
    } late[LIMIT_LATE];
    uint64_t late_at;
    int64_t late_least;
    double sample[LIMIT_SAMPLE];
};

static inline void limit_wheel_init(struct limit_wheel *q, uint64_t room)
{
    *q = (struct limit_wheel){.far_least = INT64_MAX, .late_least = INT64_MAX, .free = 1};
    q->node = limit_memory((room + 64) * sizeof *q->node);
    q->near = limit_memory(LIMIT_NEAR * sizeof *q->near);
    for (uint64_t i = 1; i < room + 63; i++) {
        q->node[i].next = (uint32_t)(i + 1);
    }
}

LIMIT_INLINE int64_t limit_bucket(const struct limit_wheel *q, uint64_t time)
{
    return (int64_t)(limit_seconds(time) * q->buckets_per_s);
}

LIMIT_INLINE bool limit_later(const struct limit_key *a, const struct limit_key *b)
{
    return a->time > b->time || (a->time == b->time && a->sequence > b->sequence);
}

LIMIT_INLINE void limit_insert_near(struct limit_wheel *q, uint32_t slot)
{
    struct limit_key x = {q->node[slot].time, q->node[slot].sequence, slot};
    uint64_t i = q->n_near++;
    if (i == LIMIT_NEAR - 1) {
        abort();
    }
    for (; i > 0 && limit_later(&x, &q->near[i - 1]); i--) {
        q->near[i] = q->near[i - 1];
    }
    q->near[i] = x;
}

LIMIT_INLINE void limit_link(struct limit_wheel *q, uint32_t slot, uint64_t k)
{
    q->node[slot].next = q->bucket[k];
    q->bucket[k] = slot;
    q->bitmap[k >> 6] |= UINT64_C(1) << (k & 63);
}

static __attribute__((noinline)) void limit_link_late(struct limit_wheel *q)
{
    for (int i = 0; i < LIMIT_LATE; i++) {
        if (q->late[i].slot) {
            limit_link(q, q->late[i].slot, q->late[i].bucket);
            q->late[i].slot = 0;
        }
    }
    q->late_least = INT64_MAX;
}

LIMIT_INLINE void limit_place(struct limit_wheel *q, uint32_t slot)
{
    int64_t b = limit_bucket(q, q->node[slot].time), ahead = b - q->cursor;
    uint64_t k = (uint64_t)b & q->mask;
    if (__builtin_expect((uint64_t)(ahead - 1) < q->mask, 1)) {
        q->n_wheel++;
        if (q->mask < LIMIT_LATE_BUCKETS) {
            limit_link(q, slot, k);
            return;
        }
        __builtin_prefetch(&q->bucket[k], 1);
        __builtin_prefetch(&q->bitmap[k >> 6], 1);
        uint64_t j = q->late_at++ % LIMIT_LATE, was_bucket = q->late[j].bucket;
        uint32_t was = q->late[j].slot;
        q->late[j].slot = slot;
        q->late[j].bucket = k;
        q->late_least = b < q->late_least ? b : q->late_least;
        if (was) {
            limit_link(q, was, was_bucket);
        }
    } else if (ahead <= 0) {
        limit_insert_near(q, slot);
    } else {
        q->node[slot].next = q->far;
        q->far = slot;
        q->far_least = b < q->far_least ? b : q->far_least;
    }
}

static inline int limit_compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* All of the set as one list in `next`. */
static inline uint32_t limit_collect(struct limit_wheel *q)
{
    uint32_t all = 0;
    for (uint64_t i = 0; i < q->n_near; i++) {
        q->node[q->near[i].slot].next = all;
        all = q->near[i].slot;
    }
    for (uint64_t k = 0; q->bucket && k <= q->mask + 1; k++) {
        for (uint32_t next, slot = k <= q->mask ? q->bucket[k] : q->far; slot; slot = next) {
            next = q->node[slot].next;
            q->node[slot].next = all;
            all = slot;
        }
    }
    for (uint32_t next, slot = q->bucket ? 0 : q->far; slot; slot = next) {
        next = q->node[slot].next;
        q->node[slot].next = all;
        all = slot;
    }
    q->n_near = q->n_wheel = q->far = 0;
    q->far_least = INT64_MAX;
    return all;
}

/* Width from the quarter of a sample that comes first, number of buckets from nearly all of it. */
static __attribute__((noinline)) void limit_tune(struct limit_wheel *q)
{
    limit_link_late(q);
    uint32_t all = limit_collect(q);
    uint64_t step = q->n / 1000 + 1, k = 0, i = 0, least = UINT64_MAX;
    for (uint32_t slot = all; slot; slot = q->node[slot].next, i++) {
        least = q->node[slot].time < least ? q->node[slot].time : least;
        if (i % step == 0 && k < LIMIT_SAMPLE) {
            q->sample[k++] = limit_seconds(q->node[slot].time);
        }
    }
    qsort(q->sample, k, sizeof *q->sample, limit_compare);
    double first = limit_seconds(least), quarter = q->sample[k / 4] - first;
    double width = quarter > 0 ? 0.5 * quarter / (0.25 * (double)q->n) : 0.5;
    uint64_t buckets = 64, want = (uint64_t)((q->sample[k * 97 / 100] - first) / width) + 2;
    while (buckets < want && buckets < (1u << 26)) {
        buckets *= 2;
    }
    if (!q->bucket || buckets != q->mask + 1) {
        free(q->bucket);
        free(q->bitmap);
        q->bucket = limit_memory(buckets * sizeof *q->bucket);
        q->bitmap = limit_memory(buckets / 8);
        q->mask = buckets - 1;
    }
    memset(q->bucket, 0, buckets * sizeof *q->bucket);
    memset(q->bitmap, 0, buckets / 8);
    q->buckets_per_s = 1 / width;
    q->cursor = limit_bucket(q, least) - 1;
    for (uint32_t slot = all, next; slot; slot = next) {
        next = q->node[slot].next;
        limit_place(q, slot);
    }
    q->grow_at = 2 * q->n + 64;
    q->shrink_at = q->n / 4;
    q->entered = q->emptied = 0;
}

LIMIT_INLINE void limit_wheel_push(struct limit_wheel *q, double time_s, uint32_t kind, uint32_t row)
{
    uint32_t slot = q->free;
    struct limit_node *x = &q->node[slot];
    q->free = x->next;
    x->time = limit_time_bits(time_s);
    x->sequence = q->pushed++;
    x->kind = kind;
    x->row = row;
    if (__builtin_expect(++q->n > q->grow_at, 0)) {
        x->next = q->far;
        q->far = slot;
        limit_tune(q);
    } else {
        limit_place(q, slot);
    }
}

/* The far list comes into reach, or is all there is. */
static __attribute__((noinline)) void limit_far_in(struct limit_wheel *q)
{
    limit_link_late(q);
    uint32_t slot = q->far;
    if (q->n_wheel == 0) {
        q->cursor = q->far_least - 1;
    }
    q->far = 0;
    q->far_least = INT64_MAX;
    for (uint32_t next; slot; slot = next) {
        next = q->node[slot].next;
        limit_place(q, slot);
    }
}

/* Index of the next bucket that holds any; all that is late is linked if it may come first. */
LIMIT_INLINE uint64_t limit_scan(struct limit_wheel *q)
{
    for (;;) {
        uint64_t from = (uint64_t)(q->cursor + 1) & q->mask, word = from >> 6;
        uint64_t bits = q->bitmap[word] >> (from & 63), ahead = 0;
        if (__builtin_expect(bits == 0, 0)) {
            ahead = 64 - (from & 63);
            for (;;) {
                word = (word + 1) & (q->mask >> 6);
                bits = q->bitmap[word];
                if (bits != 0 || ahead > q->mask) {
                    break;
                }
                ahead += 64;
            }
        }
        if (bits != 0) {
            ahead += (uint64_t)__builtin_ctzll(bits);
            if (__builtin_expect(q->cursor + 1 + (int64_t)ahead < q->late_least, 1)) {
                q->cursor += 1 + (int64_t)ahead;
                return (from + ahead) & q->mask;
            }
        }
        limit_link_late(q);
    }
}

LIMIT_INLINE bool limit_wheel_pop(struct limit_wheel *q, struct limit_event *out)
{
    uint32_t slot;
    if (q->n == 0) {
        return false;
    }
    if (q->n_near == 0 && __builtin_expect(++q->entered >= 4096, 0)) {
        if (q->emptied > q->entered * 4 || q->n < q->shrink_at) {
            limit_tune(q);
        }
        q->entered = q->emptied = 0;
    }
    if (q->n_near == 0) {
        if (__builtin_expect(q->n_wheel == 0 || (q->far && q->far_least - q->cursor - 1 < (int64_t)(q->mask / 4 * 3)),
                             0)) {
            limit_far_in(q);
        }
        uint64_t k = limit_scan(q);
        if (q->mask >= LIMIT_LATE_BUCKETS) {
            uint32_t soon = q->bucket[(k + LIMIT_AHEAD / 3) & q->mask];
            __builtin_prefetch(&q->node[q->node[soon].next]);
        }
        __builtin_prefetch(&q->node[q->bucket[(k + LIMIT_AHEAD) & q->mask]]);
        slot = q->bucket[k];
        q->bucket[k] = 0;
        q->bitmap[k >> 6] &= ~(UINT64_C(1) << (k & 63));
        q->n_wheel--;
        q->emptied++;
        uint32_t next = q->node[slot].next;
        if (next) {
            limit_insert_near(q, slot);
            do {
                uint32_t after = q->node[next].next;
                limit_insert_near(q, next);
                q->n_wheel--;
                q->emptied++;
                next = after;
            } while (next);
            slot = q->near[--q->n_near].slot;
        }
    } else {
        slot = q->near[--q->n_near].slot;
    }
    struct limit_node *x = &q->node[slot];
    *out = (struct limit_event){limit_seconds(x->time), x->kind, x->row};
    x->next = q->free;
    q->free = slot;
    q->n--;
    return true;
}

#endif
