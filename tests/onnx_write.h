/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onnx_write.h - ONNX models written by hand, for tests: a message of protocol buffers is bytes that grow, and a message in
 * another is appended with its length in front.  Weights have shapes and no numbers, unless numbers are given.
 */
#ifndef TESTS_ONNX_WRITE_H
#define TESTS_ONNX_WRITE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct message {
    uint8_t *at;
    size_t n, room;
};

static inline void put_bytes(struct message *m, const void *bytes, size_t n)
{
    while (m->room < m->n + n) {
        m->room = 2 * m->room + 64;
        m->at = realloc(m->at, m->room);
        if (!m->at) {
            abort();
        }
    }
    if (n) {
        memcpy(m->at + m->n, bytes, n);
    }
    m->n += n;
}

static inline void put_varint(struct message *m, uint64_t x)
{
    for (; x >= 0x80; x >>= 7) {
        put_bytes(m, (uint8_t[]){(uint8_t)(x | 0x80)}, 1);
    }
    put_bytes(m, (uint8_t[]){(uint8_t)x}, 1);
}

static inline void put_whole(struct message *m, uint32_t field, int64_t x)
{
    put_varint(m, (uint64_t)field << 3);
    put_varint(m, (uint64_t)x);
}

static inline void put_field(struct message *m, uint32_t field, const void *bytes, size_t n)
{
    put_varint(m, (uint64_t)field << 3 | 2);
    put_varint(m, n);
    put_bytes(m, bytes, n);
}

static inline void put_text(struct message *m, uint32_t field, const char *text)
{
    put_field(m, field, text, strlen(text));
}

/* Gives the inner message up. */
static inline void put_message(struct message *m, uint32_t field, struct message *inner)
{
    put_field(m, field, inner->at, inner->n);
    free(inner->at);
    *inner = (struct message){0};
}

enum { OF_FLOAT = 1, OF_INT64 = 7, FIELD_INPUT = 11, FIELD_OUTPUT = 12, FIELD_KNOWN = 13 };

/* An input or output, of floats; a dimension below 0 is left open. */
static inline void put_value(struct message *graph, uint32_t field, const char *name, uint32_t n, const int64_t *dim)
{
    struct message shape = {0}, tensor = {0}, type = {0}, value = {0};
    for (uint32_t i = 0; i < n; i++) {
        struct message one = {0};
        if (dim[i] >= 0) {
            put_whole(&one, 1, dim[i]);
        } else {
            put_text(&one, 2, "length");
        }
        put_message(&shape, 1, &one);
    }
    put_whole(&tensor, 1, OF_FLOAT);
    put_message(&tensor, 2, &shape);
    put_message(&type, 1, &tensor);
    put_text(&value, 1, name);
    put_message(&value, 2, &type);
    put_message(graph, field, &value);
}

/* A weight of floats, or with numbers a constant of wholes in a row. */
static inline void put_constant(struct message *graph, const char *name, uint32_t n, const int64_t *dim, const int64_t *number)
{
    struct message tensor = {0};
    size_t elements = 1;
    for (uint32_t i = 0; i < n; i++) {
        put_whole(&tensor, 1, dim[i]);
        elements *= (size_t)dim[i];
    }
    put_whole(&tensor, 2, number ? OF_INT64 : OF_FLOAT);
    put_text(&tensor, 8, name);
    if (number) {
        put_field(&tensor, 9, number, elements * sizeof *number);
    }
    put_message(graph, 5, &tensor);
}

/* "Conv", "x w", "y", and attributes that are wholes: "strides=2,2 group=1"; a list is one with a comma at its end, too. */
static inline struct message node_of(const char *op, const char *in, const char *out, const char *attributes)
{
    struct message node = {0};
    char text[512], *rest = NULL;
    for (int field = 1; field <= 2; field++) {
        snprintf(text, sizeof text, "%s", field == 1 ? in : out);
        for (char *at = strtok_r(text, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
            put_text(&node, (uint32_t)field, strcmp(at, "-") == 0 ? "" : at);
        }
    }
    put_text(&node, 4, op);
    snprintf(text, sizeof text, "%s", attributes);
    for (char *at = strtok_r(text, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
        struct message attribute = {0};
        char *equals = strchr(at, '='), *number = equals + 1;
        bool list = strchr(number, ',') != NULL;
        *equals = '\0';
        put_text(&attribute, 1, at);
        while (*number) {
            put_whole(&attribute, list ? 8 : 3, strtoll(number, &number, 10));
            number += *number == ',';
        }
        put_message(&node, 5, &attribute);
    }
    return node;
}

static inline void put_node(struct message *graph, const char *op, const char *in, const char *out, const char *attributes)
{
    struct message node = node_of(op, in, out, attributes);
    put_message(graph, 1, &node);
}

#define DIMS(...) (uint32_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__}

/* The model of a graph, which is given up; opset 17. */
static inline struct message model_of(struct message *graph)
{
    struct message model = {0}, opset = {0};
    put_whole(&model, 1, 8);
    put_text(&model, 2, "tests");
    put_message(&model, 7, graph);
    put_text(&opset, 1, "");
    put_whole(&opset, 2, 17);
    put_message(&model, 8, &opset);
    return model;
}

/* The text with number k in the place of each #, into buf[64]. */
static inline const char *numbered(char *buf, const char *text, int64_t k)
{
    size_t n = 0;
    for (; *text && n < 63; text++) {
        n += *text == '#' ? (size_t)snprintf(buf + n, 64 - n, "%d", (int)k) : (size_t)(buf[n] = *text, 1);
    }
    buf[n < 63 ? n : 63] = '\0';
    return buf;
}

/* Decoder blocks of a width, with heads, that take `length` tokens in after `past` that they have keys and values of. */
struct transformer {
    int64_t blocks, width, heads, length, past;
};

static inline struct message transformer_of(struct transformer t)
{
    struct message g = {0};
    int64_t e = t.width, d = e / t.heads;
    char a[64], b[64];
    put_value(&g, FIELD_INPUT, "x0", DIMS(1, t.length, e));
    put_constant(&g, "heads", DIMS(4), (int64_t[]){1, t.length, t.heads, d});
    put_constant(&g, "flat", DIMS(3), (int64_t[]){1, t.length, e});
    put_constant(&g, "root", DIMS(1), NULL);
    for (int64_t k = 0; k < t.blocks; k++) {
        put_constant(&g, numbered(a, "wn#", k), DIMS(e), NULL);
        put_node(&g, "LayerNormalization", numbered(a, "x# wn#", k), numbered(b, "n#", k), "axis=-1");
        static const char *const project[][6] = {
            {"wq#", "n# wq#", "q#", "q# heads", "qh#", "qt#"},
            {"wk#", "n# wk#", "k#", "k# heads", "kh#", "kt#"},
            {"wv#", "n# wv#", "v#", "v# heads", "vh#", "vt#"},
        };
        for (int p = 0; p < 3; p++) {
            put_constant(&g, numbered(a, project[p][0], k), DIMS(e, e), NULL);
            put_node(&g, "MatMul", numbered(a, project[p][1], k), numbered(b, project[p][2], k), "");
            put_node(&g, "Reshape", numbered(a, project[p][3], k), numbered(b, project[p][4], k), "");
            put_node(&g, "Transpose", numbered(a, project[p][4], k), numbered(b, project[p][5], k), "perm=0,2,1,3");
        }
        put_value(&g, FIELD_INPUT, numbered(a, "pastk#", k), DIMS(1, t.heads, t.past, d));
        put_value(&g, FIELD_INPUT, numbered(a, "pastv#", k), DIMS(1, t.heads, t.past, d));
        put_node(&g, "Concat", numbered(a, "pastk# kt#", k), numbered(b, "nowk#", k), "axis=2");
        put_node(&g, "Concat", numbered(a, "pastv# vt#", k), numbered(b, "nowv#", k), "axis=2");
        put_value(&g, FIELD_OUTPUT, numbered(a, "nowk#", k), 0, NULL);
        put_value(&g, FIELD_OUTPUT, numbered(a, "nowv#", k), 0, NULL);
        put_node(&g, "Transpose", numbered(a, "nowk#", k), numbered(b, "kk#", k), "perm=0,1,3,2");
        put_node(&g, "MatMul", numbered(a, "qt# kk#", k), numbered(b, "s#", k), "");
        put_node(&g, "Div", numbered(a, "s# root", k), numbered(b, "sd#", k), "");
        put_node(&g, "Softmax", numbered(a, "sd#", k), numbered(b, "p#", k), "axis=-1");
        put_node(&g, "MatMul", numbered(a, "p# nowv#", k), numbered(b, "h#", k), "");
        put_node(&g, "Transpose", numbered(a, "h#", k), numbered(b, "ht#", k), "perm=0,2,1,3");
        put_node(&g, "Reshape", numbered(a, "ht# flat", k), numbered(b, "hf#", k), "");
        put_constant(&g, numbered(a, "wo#", k), DIMS(e, e), NULL);
        put_node(&g, "MatMul", numbered(a, "hf# wo#", k), numbered(b, "o#", k), "");
        put_node(&g, "Add", numbered(a, "x# o#", k), numbered(b, "r#", k), "");
        put_constant(&g, numbered(a, "wm#", k), DIMS(e), NULL);
        put_node(&g, "LayerNormalization", numbered(a, "r# wm#", k), numbered(b, "m#", k), "axis=-1");
        put_constant(&g, numbered(a, "wu#", k), DIMS(e, 4 * e), NULL);
        put_constant(&g, numbered(a, "wd#", k), DIMS(4 * e, e), NULL);
        put_node(&g, "MatMul", numbered(a, "m# wu#", k), numbered(b, "u#", k), "");
        put_node(&g, "Gelu", numbered(a, "u#", k), numbered(b, "g#", k), "");
        put_node(&g, "MatMul", numbered(a, "g# wd#", k), numbered(b, "d#", k), "");
        put_node(&g, "Add", numbered(a, "r# d#", k), numbered(b, "x#", k + 1), "");
    }
    put_value(&g, FIELD_OUTPUT, numbered(a, "x#", t.blocks), 0, NULL);
    return model_of(&g);
}

/* A file with a path, in memory. */
struct model_file {
    int fd;
    char path[64];
};

static inline struct model_file model_file(const void *bytes, size_t n)
{
    struct model_file f = {.fd = memfd_create("model", 0)};
    if (f.fd < 0 || (n && write(f.fd, bytes, n) != (ssize_t)n)) {
        abort();
    }
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

#endif
