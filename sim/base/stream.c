/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/base/stream.h"

#include <string.h>

#include "sim/base/err.h"

uint32_t stream_entity(const char *path)
{
    uint32_t h = 2166136261u;
    for (; *path; path++) {
        h = (h ^ (unsigned char)*path) * 16777619u;
    }
    return h;
}

/* Lanes are independent integers, so the compiler may use any vector width: the bits are the same. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
__attribute__((target_clones("avx512f", "avx2", "default"), optimize("O3")))
#endif
static void fill_words(const uint32_t counter[4], struct stream_key key, size_t n, uint64_t *even, uint64_t *odd)
{
    enum { WIDE = 16 };
    for (size_t first = 0; first < n; first += WIDE) {
        uint64_t c0[WIDE], c1[WIDE], c2[WIDE], c3[WIDE];
        uint32_t k0 = key.seed, k1 = key.replication;
        for (int l = 0; l < WIDE; l++) {
            c0[l] = counter[0];
            c1[l] = (uint32_t)(counter[1] + first + (size_t)l);
            c2[l] = counter[2];
            c3[l] = counter[3];
        }
        for (int round = 0; round < 10; round++) {
            for (int l = 0; l < WIDE; l++) {
                uint64_t a = 0xD2511F53u * c0[l], b = 0xCD9E8D57u * c2[l];
                c0[l] = (b >> 32) ^ c1[l] ^ k0;
                c1[l] = b & 0xffffffffu;
                c2[l] = (a >> 32) ^ c3[l] ^ k1;
                c3[l] = a & 0xffffffffu;
            }
            k0 += 0x9E3779B9u;
            k1 += 0xBB67AE85u;
        }
        for (int l = 0; l < WIDE; l++) {
            even[first + (size_t)l] = (c1[l] << 32 | c0[l]) >> 12;
            odd[first + (size_t)l] = (c3[l] << 32 | c2[l]) >> 12;
        }
    }
}

void draw_fill_pair(const struct draw_at *at, size_t n, double *even, double *odd)
{
    enum { BLOCK = 64 };
    uint64_t e[BLOCK], o[BLOCK];
    CHECK((at->index >> 32) == ((at->index + (n ? n - 1 : 0)) >> 32));
    struct draw_at here = *at;
    for (size_t done = 0; done < n; done += BLOCK) {
        uint32_t counter[4];
        size_t m = n - done < BLOCK ? n - done : BLOCK;
        here.index = at->index + done;
        stream_counter(&here, at->purpose & ~1u, 0, counter);
        fill_words(counter, at->key, (m + 15) / 16 * 16, e, o);
        for (size_t i = 0; i < m; i++) {
            even[done + i] = ((double)(int64_t)e[i] + 0.5) * 0x1p-52;
            odd[done + i] = ((double)(int64_t)o[i] + 0.5) * 0x1p-52;
        }
    }
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
