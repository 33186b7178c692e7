/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest.h - one number for a sequence of records of four 64-bit words, to find two runs equal or not.
 *
 * A record costs two multiplications 64 x 64 -> 128, each folded by xor of its halves (the step of wyhash: Wang Yi,
 * github.com/wangyi-fudan/wyhash, public domain, and its constants); the first does not depend on the state, so the
 * chain is one multiplication long.  It depends on every bit, on the order and on the number of records.  It guards
 * against accidents, not against an adversary.  Word 1 must stay below 2^63 for a factor never to vanish.
 */
#ifndef SIM_BASE_DIGEST_H
#define SIM_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Stands beside every stored digest: digests of different versions are not compared. */
enum { DIGEST_VERSION = 1 };

struct digest {
    uint64_t state, n; /* n: records so far */
};

static inline uint64_t digest_multiply(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline struct digest digest_start(void)
{
    return (struct digest){.state = UINT64_C(0x2d358dccaa6c78a5)};
}

static inline uint64_t digest_mix(uint64_t state, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    uint64_t inner = digest_multiply(w0 ^ UINT64_C(0xa0761d6478bd642f), w1 ^ UINT64_C(0xe7037ed1a0b428db));
    return digest_multiply(state ^ w2 ^ UINT64_C(0x8ebc6af09c88c6e3), inner ^ w3 ^ UINT64_C(0x589965cc75374cc3));
}

static inline void digest_add(struct digest *d, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    d->state = digest_mix(d->state, w0, w1, w2, w3);
    d->n++;
}

static inline uint64_t digest_value(struct digest d)
{
    return digest_multiply(d.state ^ d.n, UINT64_C(0x8bb84b93962eacc9));
}

/* Of n bytes. */
static inline uint64_t digest_bytes(const void *bytes, size_t n)
{
    struct digest d = digest_start();
    for (size_t at = 0; at < n; at += 24) {
        uint64_t w[3] = {0};
        size_t m = n - at < sizeof w ? n - at : sizeof w;
        memcpy(w, (const char *)bytes + at, m);
        digest_add(&d, w[0], m, w[1], w[2]);
    }
    return digest_value(d);
}

#endif
