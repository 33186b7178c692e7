/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_wire.c - bytes that are no ONNX file, written by hand from the table of Protocol Buffers' wire types (field << 3 | type,
 * then a number, or a length and bytes): what is told of each, and that protobuf-c takes what is let through.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/onnx/onnx.pb-c.h"
#include "sim/io/onnx/wire.h"
#include "tests/test.h"

static int check(const void *bytes, size_t n, struct err *e)
{
    *e = (struct err){0};
    return wire_check(&onnx__model_proto__descriptor, bytes, n, "m.onnx", e);
}

static void faults_are_told_with_their_place(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
        const char *want;
    } bad[] = {
        {"\x08\x08\x04", 3, "m.onnx: found no number of a field at byte 2, wanted a field of ModelProto"},
        {"\x08\x08\x12", 3, "m.onnx: found no length of ModelProto.producer_name at byte 2, wanted a number of at most 5 bytes"},
        {"\x08\xff", 2, "found a number that does not end in ModelProto.ir_version at byte 0, wanted one of at most 10 bytes"},
        {"\x7c", 1, "m.onnx: found a field of type 4 at byte 0, wanted one of ModelProto, whose types are 0, 1, 2 or 5"},
        {"\x12\x05tie", 5, "m.onnx: found the end within ModelProto.producer_name at byte 0, wanted its 5 bytes"},
        {"\x9d\x06\x01\x02", 4, "m.onnx: found the end within field 99 of ModelProto at byte 0, wanted its 4 bytes"},
        {"\x3a\xff\xff\xff\xff\x0f", 6, "m.onnx: found 4294967295 bytes as ModelProto.graph at byte 0, wanted at most 2147483647"},
        /* a graph of 4 bytes with a node of 9 */
        {"\x3a\x04\x0a\x09\x22\x03", 6, "m.onnx: found the end within GraphProto.node at byte 2, wanted its 9 bytes"},
        {"\x3a\x02\x10\x01", 4, "m.onnx: found a whole number as GraphProto.name at byte 2, wanted bytes with a length"},
        {"\x0a\x00", 2, "m.onnx: found bytes with a length as ModelProto.ir_version at byte 0, wanted a whole number"},
        {"\x3a\x00\x3a\x00", 4, "m.onnx: found ModelProto.graph a second time at byte 2, wanted it once"},
        /* a graph with a constant with 3 bytes of floats; with a number in int64_data that goes on */
        {"\x3a\x07\x2a\x05\x22\x03\x01\x02\x03", 9, "found 3 bytes as TensorProto.float_data at byte 4, wanted 4 for each number"},
        {"\x3a\x06\x2a\x04\x3a\x02\x01\x80", 8, "found a number that does not end in TensorProto.int64_data at byte 7"},
    };
    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        struct err e;
        /* Where it ends, sanitizers watch. */
        void *exact = malloc(bad[k].n);
        assert_non_null(exact);
        memcpy(exact, bad[k].bytes, bad[k].n);
        const int rc = check(exact, bad[k].n, &e);
        free(exact);
        if (rc != -ERR_INPUT || !strstr(e.text, bad[k].want)) {
            fail_msg("'%s', wanted '%s'", e.text, bad[k].want);
        }
    }
}

/* The last byte of a tag or a length may be the fifth, of a number the tenth; rows of numbers may or may not be packed. */
static void what_is_let_through_is_taken(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } good[] = {
        {"", 0},
        {"\x88\x80\x80\x80\x00\x01", 6},
        {"\x12\x81\x80\x80\x80\x00x", 7},
        {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11},
        {"\x9d\x06\x01\x02\x03\x04", 6},                                /* a field that we do not know */
        {"\x3a\x0a\x2a\x08\x0a\x02\x02\x03\x08\x05\x28\x09", 12},       /* a constant: dims packed, then not; int32_data not */
        {"\x3a\x0b\x2a\x09\x22\x00\x52\x00\x25\x00\x00\x80\x3f", 13},   /* no floats, no doubles, then 1.0f alone */
    };
    (void)state;
    for (size_t k = 0; k < LEN(good); k++) {
        struct err e;
        const uint8_t *bytes = (const uint8_t *)good[k].bytes;
        if (check(bytes, good[k].n, &e)) {
            fail_msg("%zu: %s", k, e.text);
        }
        Onnx__ModelProto *m = onnx__model_proto__unpack(NULL, good[k].n, bytes);
        assert_non_null(m);
        onnx__model_proto__free_unpacked(m, NULL);
    }
}

/* A graph in an attribute of a node in a graph, and so on, in buf[room]: written from the end, each before what it holds. */
static const uint8_t *nested(uint8_t *buf, size_t room, int deep)
{
    static const uint8_t tag[] = {0x0a, 0x2a, 0x32}; /* GraphProto.node, NodeProto.attribute, AttributeProto.g */
    uint8_t *at = buf + room;
    for (int k = deep - 1; k >= 0; k--) {
        uint8_t head[8] = {k ? tag[(k - 1) % 3] : 0x3a};
        size_t n = 1, inside = (size_t)(buf + room - at);
        for (; inside > 0x7f; inside >>= 7) {
            head[n++] = (uint8_t)(inside | 0x80);
        }
        head[n++] = (uint8_t)inside;
        at -= n;
        memcpy(at, head, n);
    }
    return at;
}

/* The last of these would go down the whole stack. */
static void depth_is_bounded(void **state)
{
    static const int deep[] = {WIRE_DEPTH, WIRE_DEPTH + 1, 1000000};
    const size_t room = 8000000;
    uint8_t *buf = malloc(room);
    (void)state;
    assert_non_null(buf);
    for (size_t k = 0; k < LEN(deep); k++) {
        struct err e;
        const uint8_t *at = nested(buf, room, deep[k]);
        assert_int_equal(check(at, (size_t)(buf + room - at), &e), k == 0 ? 0 : -ERR_INPUT);
        if (k > 0 && (!strstr(e.text, "found messages in messages at byte ") || !strstr(e.text, "wanted at most 64 deep"))) {
            fail_msg("'%s'", e.text);
        }
    }
    free(buf);
}

/* Two bytes for each field: a file of 20 MB would make hundreds of MB of structs. */
static void fields_are_counted(void **state)
{
    const size_t n = 2 * (size_t)WIRE_FIELDS;
    uint8_t *bytes = malloc(n + 2);
    struct err e;
    (void)state;
    assert_non_null(bytes);
    for (size_t i = 0; i < n + 2; i += 2) {
        bytes[i] = 0x08;
        bytes[i + 1] = 1;
    }
    assert_int_equal(check(bytes, n, &e), 0);
    assert_int_equal(check(bytes, n + 2, &e), -ERR_INPUT);
    assert_string_equal(e.text, "m.onnx: found still more fields at byte 20000000, wanted at most 10000000");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told_with_their_place),
        cmocka_unit_test(what_is_let_through_is_taken),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(fields_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
