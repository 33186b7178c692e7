/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/protobuf.h"

/* A number in base 128, low digits first, at most 10 of them. */
static bool varint(const uint8_t **at, const uint8_t *end, uint64_t *value)
{
    *value = 0;
    for (unsigned shift = 0; shift < 70 && *at < end; shift += 7) {
        uint8_t byte = *(*at)++;
        *value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

static bool fixed(const uint8_t **at, const uint8_t *end, unsigned n, uint64_t *value)
{
    if ((size_t)(end - *at) < n) {
        return false;
    }
    *value = 0;
    for (unsigned i = n; i-- > 0;) {
        *value = *value << 8 | (*at)[i];
    }
    *at += n;
    return true;
}

bool pb_next(struct pb *w, struct pb_field *f)
{
    const uint8_t *at = w->at;
    uint64_t tag = 0, n = 0;
    if (w->fault || at == w->end) {
        return false;
    }
    if (!varint(&at, w->end, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX >> 3) {
        w->fault = "no tag of a field";
        return false;
    }
    *f = (struct pb_field){.number = (uint32_t)(tag >> 3), .type = (enum pb_type)(tag & 7)};
    switch (f->type) {
    case PB_VARINT:
        w->fault = varint(&at, w->end, &f->value) ? NULL : "a number that does not end";
        break;
    case PB_64:
    case PB_32:
        w->fault = fixed(&at, w->end, f->type == PB_64 ? 8 : 4, &f->value) ? NULL : "the end within a number";
        break;
    case PB_BYTES:
        if (!varint(&at, w->end, &n) || n > (size_t)(w->end - at)) {
            w->fault = "the end within a field";
            break;
        }
        f->span = (struct span){at, (size_t)n};
        at += n;
        break;
    default:
        w->fault = "a field of no known type";
    }
    w->at = w->fault ? w->at : at;
    return !w->fault;
}

bool pb_numbers(const struct pb_field *f, void (*put)(void *to, uint64_t bits), void *to)
{
    if (f->type != PB_BYTES) {
        put(to, f->value);
        return true;
    }
    const uint8_t *at = f->span.at, *end = at + f->span.n;
    for (uint64_t value; at < end; put(to, value)) {
        if (!varint(&at, end, &value)) {
            return false;
        }
    }
    return true;
}
