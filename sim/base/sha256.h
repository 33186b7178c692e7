/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sha256.h - SHA-256 (FIPS 180-4), the checksum that publishers of data sets print and `sha256sum` computes. */
#ifndef SIM_BASE_SHA256_H
#define SIM_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_TEXT = 65 };

struct sha256 {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t rest[64]; /* the first bytes % 64 of them are waiting for their block */
};

struct sha256 sha256_start(void);
void sha256_add(struct sha256 *s, const void *data, size_t n);
/* Of all that was added, in hexadecimal, into text[SHA256_TEXT]; returns text.  More may be added afterwards. */
const char *sha256_text(const struct sha256 *s, char *text);

#endif
