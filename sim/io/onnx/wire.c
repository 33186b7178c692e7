/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/wire.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/base/err.h"

struct check {
    const char *path;
    const uint8_t *first;
    uint32_t n_field; /* so far */
    struct err *e;
};

/* A field as it stands in a message. */
struct field {
    const ProtobufCMessageDescriptor *in;
    const ProtobufCFieldDescriptor *known; /* NULL: of no field that we know */
    uint32_t number;
    ProtobufCWireType type;
    const uint8_t *start; /* its tag */
    const uint8_t *at;    /* its value, if that has a length */
    uint64_t n;           /* bytes of it */
};

/* protobuf-c reads so many bytes of a number at most: of a tag or a length, of a value. */
enum { SHORT = 5, LONG = 10 };
enum { NAME = 96 };

static size_t place(const struct check *c, const uint8_t *at)
{
    return (size_t)(at - c->first);
}

/* "GraphProto.node" */
static const char *name_of(const struct field *f, char buf[NAME])
{
    if (f->known) {
        snprintf(buf, NAME, "%s.%s", f->in->short_name, f->known->name);
    } else {
        snprintf(buf, NAME, "field %" PRIu32 " of %s", f->number, f->in->short_name);
    }
    return buf;
}

/* A number in base 128, low digits first, at most `most` of them. */
static bool varint(const uint8_t **at, const uint8_t *end, unsigned most, uint64_t *value)
{
    *value = 0;
    for (unsigned k = 0; k < most && *at < end; k++) {
        const uint8_t byte = *(*at)++;
        *value |= (uint64_t)(byte & 0x7f) << 7 * k;
        if (byte < 0x80) {
            return true;
        }
    }
    return false;
}

static ProtobufCWireType type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

static const char *type_name(ProtobufCWireType type)
{
    return type == PROTOBUF_C_WIRE_TYPE_VARINT  ? "a whole number"
           : type == PROTOBUF_C_WIRE_TYPE_32BIT ? "a number of 4 bytes"
           : type == PROTOBUF_C_WIRE_TYPE_64BIT ? "a number of 8 bytes"
                                                : "bytes with a length";
}

static int ends(const struct check *c, const struct field *f, uint64_t wanted)
{
    char name[NAME];
    return ERR_SET(c->e, ERR_INPUT, "%s: found the end within %s at byte %zu, wanted its %" PRIu64 " bytes", c->path,
                   name_of(f, name), place(c, f->start), wanted);
}

static int endless(const struct check *c, const struct field *f, const uint8_t *at)
{
    char name[NAME];
    return ERR_SET(c->e, ERR_INPUT, "%s: found a number that does not end in %s at byte %zu, wanted one of at most %d bytes",
                   c->path, name_of(f, name), place(c, at), LONG);
}

/* The value's length, and where it starts. */
static int read_length(const struct check *c, struct field *f, const uint8_t **at, const uint8_t *end)
{
    char name[NAME];
    if (!varint(at, end, SHORT, &f->n)) {
        return ERR_SET(c->e, ERR_INPUT, "%s: found no length of %s at byte %zu, wanted a number of at most %d bytes", c->path,
                       name_of(f, name), place(c, f->start), SHORT);
    }
    if (f->n > INT_MAX) {
        return ERR_SET(c->e, ERR_INPUT, "%s: found %" PRIu64 " bytes as %s at byte %zu, wanted at most %d", c->path, f->n,
                       name_of(f, name), place(c, f->start), INT_MAX);
    }
    if (f->n > (size_t)(end - *at)) {
        return ends(c, f, f->n);
    }
    f->at = *at;
    *at += f->n;
    return 0;
}

/* The field at *at, which is moved behind it. */
static int read_field(const struct check *c, const ProtobufCMessageDescriptor *in, const uint8_t **at, const uint8_t *end,
                      struct field *f)
{
    uint64_t tag = 0, value = 0;
    *f = (struct field){.in = in, .start = *at};
    if (!varint(at, end, SHORT, &tag) || tag >> 3 == 0 || tag > UINT32_MAX) {
        return ERR_SET(c->e, ERR_INPUT, "%s: found no number of a field at byte %zu, wanted a field of %s", c->path,
                       place(c, f->start), in->short_name);
    }
    f->number = (uint32_t)(tag >> 3);
    f->type = (ProtobufCWireType)(tag & 7);
    f->known = protobuf_c_message_descriptor_get_field(in, f->number);
    const size_t left = (size_t)(end - *at), width = f->type == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4;
    switch (f->type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return varint(at, end, LONG, &value) ? 0 : endless(c, f, f->start);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        return read_length(c, f, at, end);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        *at += left < width ? left : width;
        return left < width ? ends(c, f, width) : 0;
    default:
        return ERR_SET(c->e, ERR_INPUT, "%s: found a field of type %u at byte %zu, wanted one of %s, whose types are 0, 1, 2 or 5",
                       c->path, (unsigned)f->type, place(c, f->start), in->short_name);
    }
}

/* Numbers in a row, without tags. */
static int check_packed(const struct check *c, const struct field *f, ProtobufCWireType type)
{
    const unsigned width = type == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4;
    char name[NAME];
    if (type == PROTOBUF_C_WIRE_TYPE_VARINT) {
        const uint8_t *end = f->at + f->n;
        uint64_t value = 0;
        for (const uint8_t *at = f->at, *number = at; at < end; number = at) {
            if (!varint(&at, end, LONG, &value)) {
                return endless(c, f, number);
            }
        }
        return 0;
    }
    if (f->n % width == 0) {
        return 0;
    }
    return ERR_SET(c->e, ERR_INPUT, "%s: found %" PRIu64 " bytes as %s at byte %zu, wanted %u for each number", c->path, f->n,
                   name_of(f, name), place(c, f->start), width);
}

static int check_message(struct check *c, const ProtobufCMessageDescriptor *type, const uint8_t *at, const uint8_t *end,
                         unsigned depth);

static int check_known(struct check *c, const struct field *f, unsigned depth, uint32_t *seen)
{
    const ProtobufCFieldDescriptor *known = f->known;
    const ProtobufCWireType wanted = type_of(known->type);
    const bool list = known->label == PROTOBUF_C_LABEL_REPEATED;
    const uint32_t bit = UINT32_C(1) << (known - f->in->fields);
    char name[NAME];
    if (f->type != wanted) {
        return list && f->type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED
                   ? check_packed(c, f, wanted)
                   : ERR_SET(c->e, ERR_INPUT, "%s: found %s as %s at byte %zu, wanted %s", c->path, type_name(f->type),
                             name_of(f, name), place(c, f->start), type_name(wanted));
    }
    if (known->type != PROTOBUF_C_TYPE_MESSAGE) {
        return 0;
    }
    if (!list && *seen & bit) {
        return ERR_SET(c->e, ERR_INPUT, "%s: found %s a second time at byte %zu, wanted it once", c->path, name_of(f, name),
                       place(c, f->start));
    }
    *seen |= bit;
    return check_message(c, known->descriptor, f->at, f->at + f->n, depth + 1);
}

static int check_message(struct check *c, const ProtobufCMessageDescriptor *type, const uint8_t *at, const uint8_t *end,
                         unsigned depth)
{
    uint32_t seen = 0; /* of fields that are one message */
    int rc = 0;
    CHECK(type->n_fields <= 32);
    if (depth > WIRE_DEPTH) {
        return ERR_SET(c->e, ERR_INPUT, "%s: found messages in messages at byte %zu, wanted at most %d deep", c->path,
                       place(c, at), WIRE_DEPTH);
    }
    while (rc == 0 && at < end) {
        struct field f;
        if (c->n_field++ == WIRE_FIELDS) {
            return ERR_SET(c->e, ERR_INPUT, "%s: found still more fields at byte %zu, wanted at most %d", c->path, place(c, at),
                           WIRE_FIELDS);
        }
        rc = read_field(c, type, &at, end, &f);
        rc = rc == 0 && f.known ? check_known(c, &f, depth, &seen) : rc;
    }
    return rc;
}

int wire_check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes, size_t n, const char *path, struct err *e)
{
    struct check c = {.path = path, .first = bytes, .e = e};
    return check_message(&c, type, bytes, bytes + n, 0);
}
