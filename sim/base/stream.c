/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/stream.h"

#include <string.h>

#include "sim/base/err.h"
#include "sim/base/fmath.h"

uint32_t stream_entity(const char *path)
{
    uint32_t h = 2166136261u;
    for (; *path; path++) {
        h = (h ^ (unsigned char)*path) * 16777619u;
    }
    return h;
}

/* Whole numbers below 2^32 in words of 64 bits: the loop then runs at the full width of the multiplier of a vector unit. */
FMATH_WIDE static void fill_pair(const uint32_t counter[4], struct stream_key key, size_t n, double *restrict even,
                                 double *restrict odd)
{
    for (size_t l = 0; l < n; l++) {
        uint64_t c0 = counter[0], c1 = (uint32_t)(counter[1] + l), c2 = counter[2], c3 = counter[3];
        uint32_t k0 = key.seed, k1 = key.replication;
#pragma GCC unroll 10
        for (int round = 0; round < 10; round++) {
            uint64_t a = 0xD2511F53u * c0, b = 0xCD9E8D57u * c2;
            c0 = (b >> 32) ^ c1 ^ k0;
            c1 = b & 0xffffffffu;
            c2 = (a >> 32) ^ c3 ^ k1;
            c3 = a & 0xffffffffu;
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        even[l] = (fmath_whole((c1 << 32 | c0) >> 12) + 0.5) * 0x1p-52;
        odd[l] = (fmath_whole((c3 << 32 | c2) >> 12) + 0.5) * 0x1p-52;
    }
}

void draw_fill_pair(const struct draw_at *at, size_t n, double *even, double *odd)
{
    uint32_t counter[4];
    CHECK((at->index >> 32) == ((at->index + (n ? n - 1 : 0)) >> 32));
    stream_counter(at, at->purpose & ~1u, 0, counter);
    fill_pair(counter, at->key, n, even, odd);
}

struct gsl_state {
    uint32_t counter[4], word[4];
    struct stream_key key;
    unsigned used; /* words of the block already given */
    int addressed; /* walk the blocks 128.. of an address, not the whole counter */
};

static void gsl_set(void *vs, unsigned long seed)
{
    struct gsl_state *s = vs;
    memset(s, 0, sizeof *s);
    s->key.seed = (uint32_t)seed;
    s->key.replication = (uint32_t)((uint64_t)seed >> 32);
    s->used = 4;
}

static unsigned long gsl_get(void *vs)
{
    struct gsl_state *s = vs;
    if (s->used == 4) {
        stream_block(s->counter, s->key, s->word);
        s->used = 0;
        if (s->addressed) {
            s->counter[0]++;
            CHECK((s->counter[0] & 255u) != 0); /* 128 blocks of an address are all there is */
        } else if (++s->counter[0] == 0 && ++s->counter[1] == 0 && ++s->counter[2] == 0) {
            s->counter[3]++;
        }
    }
    return s->word[s->used++];
}

static double gsl_get_double(void *vs)
{
    uint32_t lo = (uint32_t)gsl_get(vs), hi = (uint32_t)gsl_get(vs);
    return stream_uniform(lo, hi);
}

static const gsl_rng_type philox = {
    .name = "philox4x32-10",
    .max = 0xffffffffUL,
    .min = 0,
    .size = sizeof(struct gsl_state),
    .set = gsl_set,
    .get = gsl_get,
    .get_double = gsl_get_double,
};
const gsl_rng_type *const stream_gsl_philox = &philox;

void stream_gsl_at(gsl_rng *r, const struct draw_at *at)
{
    struct gsl_state *s = gsl_rng_state(r);
    CHECK(r->type == stream_gsl_philox);
    memset(s, 0, sizeof *s);
    s->key = at->key;
    s->addressed = 1;
    s->used = 4;
    stream_counter(at, at->purpose, 128, s->counter);
}
