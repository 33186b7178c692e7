/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream.h - random draws by address.  A draw is not the next of a sequence: it is a function of (seed, replication;
 * entity, member, index, purpose, attempt, j), so adding a policy, a metric or a group moves no other draw.
 *
 * Generator: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Layout, frozen:
 *     key 0 = seed            key 1 = replication
 *     counter 0 = member << 8 | block          counter 1 = index, low 32 bits
 *     counter 2 = index, bits 32..47 << 16 | attempt << 8 | purpose
 *     counter 3 = entity (32-bit hash of its path in the scenario, such as "workloads.frame")
 * A block gives two uniforms: words (0,1) lane 0, words (2,3) lane 1.  Draw j = 0 of the purposes 2i and 2i+1 is lanes
 * 0 and 1 of block 0 of purpose 2i, so a pair costs one block; draw j >= 1 of purpose p is lane (j-1)&1 of block
 * 128 + (j-1)/2 of purpose p.  A uniform is (52 bits + 1/2) / 2^52, in the open interval (0,1), exact in a double.
 */
#ifndef SIM_BASE_STREAM_H
#define SIM_BASE_STREAM_H

#include <gsl/gsl_rng.h>
#include <stddef.h>
#include <stdint.h>

/* What a draw is for.  Frozen: append pairs only.  Even and odd neighbours share a block. */
enum draw_purpose {
    DRAW_INTERVAL = 0, /* unit exponential to the next arrival */
    DRAW_MEMBER = 1,   /* which member of a group it is for */
    DRAW_INPUT = 2,
    DRAW_WORK = 3,
    DRAW_OUTPUT = 4,
    DRAW_LATENT = 5, /* difficulty of the job */
    DRAW_POLICY = 6, /* what a policy draws on a question about this job */
    DRAW_JITTER = 7,
    DRAW_NOISE = 8, /* step of a link's process */
    DRAW_STAY = 9,  /* sojourn in a state, up or down time */
    DRAW_OFFSET = 10, /* where a trace starts, a phase */
    DRAW_BRANCH = 11, /* next state of a process */
    DRAW_LATENCY = 12, /* of a message: entity of the workload and the link, attempt = direction, + 2 on the way back */
    DRAW_ESTIMATE = 13,
    DRAW_THINK = 14,
    DRAW_USER = 15, /* free for tests and plug-ins */
    DRAW_ADMIT = 16, /* whether a controller that admits some share puts the job to its policy */
    DRAW_UNSURE = 18, /* a value of the scenario that is not known exactly: entity of its path */
};

struct stream_key {
    uint32_t seed, replication;
};

struct draw_at {
    struct stream_key key;
    uint32_t entity, member; /* member < 2^24 */
    uint64_t index;          /* < 2^48 */
    uint8_t purpose, attempt;
};

/* 32-bit FNV-1a of a path, the entity of a draw. */
uint32_t stream_entity(const char *path);

/* One Philox4x32-10 block: counter and key in, four words out. */
static inline void stream_block(const uint32_t counter[4], struct stream_key key, uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key.seed, k1 = key.replication;
#pragma GCC unroll 10
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53u * c0, b = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0, out[1] = c1, out[2] = c2, out[3] = c3;
}

/* Two words to a uniform in (0,1). */
static inline double stream_uniform(uint32_t lo, uint32_t hi)
{
    uint64_t bits = ((uint64_t)hi << 32 | lo) >> 12;
    return ((double)(int64_t)bits + 0.5) * 0x1p-52;
}

static inline void stream_counter(const struct draw_at *at, uint32_t purpose, uint32_t block, uint32_t counter[4])
{
    counter[0] = at->member << 8 | block;
    counter[1] = (uint32_t)at->index;
    counter[2] = (uint32_t)(at->index >> 32) << 16 | (uint32_t)at->attempt << 8 | purpose;
    counter[3] = at->entity;
}

/* Draw j of an address, uniform in (0,1); 0 <= j <= 255. */
static inline double draw_uniform(const struct draw_at *at, uint32_t j)
{
    uint32_t counter[4], word[4], lane;
    if (j == 0) {
        stream_counter(at, at->purpose & ~1u, 0, counter);
        lane = at->purpose & 1u;
    } else {
        stream_counter(at, at->purpose, 128 + (j - 1) / 2, counter);
        lane = (j - 1) & 1u;
    }
    stream_block(counter, at->key, word);
    return lane ? stream_uniform(word[2], word[3]) : stream_uniform(word[0], word[1]);
}

/*
 * Draw 0 of both purposes of the pair that at->purpose belongs to, for indices at->index .. +n-1, into even[n] and
 * odd[n]: bit for bit what draw_uniform gives.  The indices may not cross a multiple of 2^32.
 */
void draw_fill_pair(const struct draw_at *at, size_t n, double *even, double *odd);

/*
 * The same generator in sequence, for gsl_ran_* in tests and plug-ins: gsl_rng_set(r, seed) starts at counter 0 of key
 * (seed, 0); gsl_rng_get gives 32-bit words in order; stream_gsl_at sets an address, whose blocks it then walks.
 */
extern const gsl_rng_type *const stream_gsl_philox;
void stream_gsl_at(gsl_rng *r, const struct draw_at *at);

#endif
