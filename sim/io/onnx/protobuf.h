/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * protobuf.h - a message of protocol buffers, field by field, where it lies: nothing is copied, so that weights are passed over
 * in no time.  Source: protobuf.dev, "Encoding".
 */
#ifndef SIM_IO_ONNX_PB_H
#define SIM_IO_ONNX_PB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
    const uint8_t *at;
    size_t n;
};

enum pb_type { PB_VARINT = 0, PB_64 = 1, PB_BYTES = 2, PB_32 = 5 };

/* Start with {.at = bytes, .end = bytes + n}. */
struct pb {
    const uint8_t *at, *end;
    const char *fault; /* what was found instead of a field at `at`, or NULL */
};

struct pb_field {
    uint32_t number;
    enum pb_type type;
    uint64_t value;   /* VARINT, 64, 32: its bits */
    struct span span; /* BYTES */
};

/* The next field; false at the end, or with the fault set. */
bool pb_next(struct pb *w, struct pb_field *f);
/* The numbers of a repeated field, which may stand one by one or packed: calls put for each.  False: malformed. */
bool pb_numbers(const struct pb_field *f, void (*put)(void *to, uint64_t bits), void *to);

static inline struct pb pb_of(struct span s)
{
    return (struct pb){.at = s.at, .end = s.at + s.n};
}

#endif
