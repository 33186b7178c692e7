/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * onnx_write.h - ONNX models for tests, on what sim/calibrate/onnx_make.h puts.  Weights have shapes and no numbers, unless
 * numbers are given.
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

#include "sim/base/err.h"
#include "sim/calibrate/onnx_make.h"
#include "sim/io/ort/ort.h"

/* The bytes of a file. */
struct message {
    uint8_t *at;
    size_t n;
};

enum { FIELD_INPUT, FIELD_OUTPUT, FIELD_KNOWN };

/* A message of protocol buffers behind others, whose fields it adds to. */
static inline void put_packed(struct message *m, const ProtobufCMessage *more)
{
    m->at = realloc(m->at, m->n + protobuf_c_message_get_packed_size(more));
    if (!m->at) {
        abort();
    }
    m->n += protobuf_c_message_pack(more, m->at + m->n);
}

/* One line of a model's metadata. */
static inline void put_metadata(struct message *m, char *key, char *value)
{
    Onnx__StringStringEntryProto line = ONNX__STRING_STRING_ENTRY_PROTO__INIT, *all[] = {&line};
    Onnx__ModelProto more = ONNX__MODEL_PROTO__INIT;
    line.key = key;
    line.value = value;
    more.metadata_props = all;
    more.n_metadata_props = 1;
    put_packed(m, &more.base);
}

static inline struct onnx_shape shape_from(uint32_t n, const int64_t *dim)
{
    struct onnx_shape shape = {.n_dim = n};
    for (uint32_t i = 0; i < n && i < ONNX_MAX_DIM; i++) {
        shape.dim[i] = dim[i];
    }
    return shape;
}

/* An input or output, of floats, or the first tensor that is known between nodes; a dimension below 0 is left open. */
static inline void put_value(struct onnx_made *g, int field, const char *name, uint32_t n, const int64_t *dim)
{
    static char open[] = "length";
    const struct onnx_shape shape = shape_from(n, dim);
    Onnx__ValueInfoProto *v =
        field == FIELD_INPUT ? onnx_put_input(g, name, ORT_F32, shape) : onnx_put_output(g, name, ORT_F32, shape);
    for (uint32_t i = 0; i < n; i++) {
        if (dim[i] < 0) {
            v->type->tensor_type->shape->dim[i]->has_dim_value = false;
            v->type->tensor_type->shape->dim[i]->dim_param = open;
        }
    }
    if (field == FIELD_KNOWN) {
        g->graph->value_info = ARENA_NEW(&g->a, 1, Onnx__ValueInfoProto *);
        g->graph->value_info[0] = v;
        g->graph->n_value_info = 1;
        g->graph->n_output--;
    }
}

/* A weight of floats, or with numbers a constant of wholes in a row. */
static inline void put_constant(struct onnx_made *g, const char *name, uint32_t n, const int64_t *dim, const int64_t *number)
{
    Onnx__TensorProto *t = onnx_put_tensor(g, name, number ? ORT_I64 : ORT_F32, shape_from(n, dim));
    size_t elements = 1;
    for (uint32_t i = 0; i < n; i++) {
        elements *= (size_t)dim[i];
    }
    if (number) {
        t->has_raw_data = true;
        t->raw_data.len = elements * sizeof *number;
        t->raw_data.data = memcpy(ARENA_NEW(&g->a, elements, int64_t), number, t->raw_data.len);
    }
}

/* "Conv", "x w", "y", and attributes that are wholes: "strides=2,2 group=1"; a list is one with a comma at its end, too. */
static inline void put_node(struct onnx_made *g, const char *op, const char *in, const char *out, const char *attributes)
{
    char text[512], *rest = NULL;
    onnx_put_node(g, op, in, out)->name = NULL;
    snprintf(text, sizeof text, "%s", attributes);
    for (char *at = strtok_r(text, " ", &rest); at; at = strtok_r(NULL, " ", &rest)) {
        int64_t whole[8] = {0};
        uint32_t n = 0;
        char *equals = strchr(at, '='), *number = equals + 1;
        bool list = strchr(number, ',') != NULL;
        *equals = '\0';
        while (*number && n < 8) {
            whole[n++] = strtoll(number, &number, 10);
            number += *number == ',';
        }
        if (list) {
            onnx_put_ints(g, at, n, whole);
        } else {
            onnx_put_int(g, at, whole[0]);
        }
    }
}

#define DIMS(...) (uint32_t)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]){__VA_ARGS__}

/* The model of a graph, which is given up; opset 17. */
static inline struct message model_of(struct onnx_made *g)
{
    struct err e = {0};
    struct message m = {0};
    void *bytes = NULL;
    if (onnx_made_end(g, &bytes, &m.n, &e)) {
        abort();
    }
    m.at = bytes;
    return m;
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
    struct onnx_made g = {0};
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
