/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/onnx_make.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/ort/ort.h"

enum { IR_VERSION = 8, OPERATOR_SET = 17 };
enum { VARINT = 0, LENGTH = 2 }; /* kinds of fields */
enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_GRAPH = 7, MODEL_SET = 8, SET_VERSION = 2 };
enum { GRAPH_NODE = 1, GRAPH_NAME = 2, GRAPH_WEIGHT = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT = 12 };
enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_INT = 3, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20, TYPE_INT = 2, TYPE_INTS = 7 };
enum { TENSOR_DIM = 1, TENSOR_TYPE = 2, TENSOR_NAME = 8, TENSOR_RAW = 9 };
enum { VALUE_NAME = 1, VALUE_TYPE = 2, TYPE_TENSOR = 1, TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2, SHAPE_DIM = 1, DIM_VALUE = 1 };

static uint8_t *room_for(struct wire *w, size_t n)
{
    if (!w->failed && w->n + n > w->room) {
        size_t room = 2 * (w->n + n) + 256;
        uint8_t *grown = realloc(w->byte, room);
        if (grown) {
            w->byte = grown;
            w->room = room;
        }
        w->failed = !grown;
    }
    if (w->failed) {
        return NULL;
    }
    w->n += n;
    return w->byte + w->n - n;
}

static void put_varint(struct wire *w, uint64_t value)
{
    uint8_t text[10];
    size_t n = 0;
    do {
        text[n++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value);
    uint8_t *to = room_for(w, n);
    if (to) {
        memcpy(to, text, n);
    }
}

static void put_whole(struct wire *w, unsigned field, int64_t value)
{
    put_varint(w, field << 3 | VARINT);
    put_varint(w, (uint64_t)value);
}

static void put_bytes(struct wire *w, unsigned field, const void *bytes, size_t n)
{
    put_varint(w, field << 3 | LENGTH);
    put_varint(w, n);
    uint8_t *to = room_for(w, n);
    if (to && n) {
        memcpy(to, bytes, n);
    }
}

static void put_text(struct wire *w, unsigned field, const char *text)
{
    put_bytes(w, field, text, strlen(text));
}

/* A message as a field of another; it is given up. */
static void put_message(struct wire *w, unsigned field, struct wire *message)
{
    put_bytes(w, field, message->byte, message->n);
    w->failed |= message->failed;
    free(message->byte);
    *message = (struct wire){0};
}

static void finish_node(struct onnx_made *o)
{
    if (o->in_node) {
        put_message(&o->graph, GRAPH_NODE, &o->node);
        o->in_node = false;
    }
}

static void value_info(struct onnx_made *o, unsigned field, const char *name, int type, struct onnx_shape shape)
{
    struct wire value = {0}, kind = {0}, tensor = {0}, dims = {0};
    finish_node(o);
    for (uint32_t i = 0; i < shape.n_dim; i++) {
        struct wire dim = {0};
        put_whole(&dim, DIM_VALUE, shape.dim[i]);
        put_message(&dims, SHAPE_DIM, &dim);
    }
    put_whole(&tensor, TENSOR_ELEMENT, type);
    put_message(&tensor, TENSOR_SHAPE, &dims);
    put_message(&kind, TYPE_TENSOR, &tensor);
    put_text(&value, VALUE_NAME, name);
    put_message(&value, VALUE_TYPE, &kind);
    put_message(&o->graph, field, &value);
}

void onnx_put_input(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    value_info(o, GRAPH_INPUT, name, type, shape);
}

void onnx_put_output(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    value_info(o, GRAPH_OUTPUT, name, type, shape);
}

/* The next number of a congruential sequence, in [0, 1). */
static double draw(struct onnx_made *o)
{
    o->draws = o->draws * 6364136223846793005u + 1442695040888963407u;
    return (double)(o->draws >> 40) / 16777216.0;
}

static void put_element(uint8_t *to, int type, double value)
{
    if (type == ORT_F32) {
        float x = (float)value;
        memcpy(to, &x, sizeof x);
    } else if (type == ORT_I64) {
        int64_t x = (int64_t)value;
        memcpy(to, &x, sizeof x);
    } else if (type == ORT_I32) {
        int32_t x = (int32_t)value;
        memcpy(to, &x, sizeof x);
    } else {
        *to = (uint8_t)value;
    }
}

static void tensor_begin(struct wire *t, const char *name, int type, struct onnx_shape shape)
{
    for (uint32_t i = 0; i < shape.n_dim; i++) {
        put_whole(t, TENSOR_DIM, shape.dim[i]);
    }
    put_whole(t, TENSOR_TYPE, type);
    put_text(t, TENSOR_NAME, name);
}

void onnx_put_weight(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    struct wire t = {0};
    const size_t size = ort_type_bytes(type);
    size_t n = 1;
    finish_node(o);
    for (uint32_t i = 0; i < shape.n_dim; i++) {
        n *= (size_t)shape.dim[i];
    }
    tensor_begin(&t, name, type, shape);
    put_varint(&t, TENSOR_RAW << 3 | LENGTH);
    put_varint(&t, n * size);
    uint8_t *raw = room_for(&t, n * size);
    for (size_t i = 0; raw && i < n; i++) {
        put_element(raw + i * size, type, type == ORT_F32 ? 0.05 * (draw(o) - 0.5) : 1 + 99 * draw(o));
    }
    put_message(&o->graph, GRAPH_WEIGHT, &t);
}

void onnx_put_scalar(struct onnx_made *o, const char *name, int type, double value)
{
    struct wire t = {0};
    uint8_t raw[8];
    finish_node(o);
    put_element(raw, type, value);
    tensor_begin(&t, name, type, (struct onnx_shape){0});
    put_bytes(&t, TENSOR_RAW, raw, ort_type_bytes(type));
    put_message(&o->graph, GRAPH_WEIGHT, &t);
}

void onnx_put_node(struct onnx_made *o, const char *op, const char *inputs, const char *output)
{
    finish_node(o);
    o->in_node = true;
    while (*inputs) {
        size_t n = strcspn(inputs, " ");
        put_bytes(&o->node, NODE_INPUT, inputs, n);
        inputs += n + (inputs[n] == ' ');
    }
    put_text(&o->node, NODE_OUTPUT, output);
    put_text(&o->node, NODE_NAME, output);
    put_text(&o->node, NODE_OP, op);
}

void onnx_put_ints(struct onnx_made *o, const char *attribute, uint32_t n, const int64_t *value)
{
    struct wire a = {0};
    put_text(&a, ATTRIBUTE_NAME, attribute);
    for (uint32_t i = 0; i < n; i++) {
        put_whole(&a, ATTRIBUTE_INTS, value[i]);
    }
    put_whole(&a, ATTRIBUTE_TYPE, TYPE_INTS);
    put_message(&o->node, NODE_ATTRIBUTE, &a);
}

void onnx_put_int(struct onnx_made *o, const char *attribute, int64_t value)
{
    struct wire a = {0};
    put_text(&a, ATTRIBUTE_NAME, attribute);
    put_whole(&a, ATTRIBUTE_INT, value);
    put_whole(&a, ATTRIBUTE_TYPE, TYPE_INT);
    put_message(&o->node, NODE_ATTRIBUTE, &a);
}

int onnx_made_end(struct onnx_made *o, void **bytes, size_t *n, struct err *e)
{
    struct wire model = {0}, set = {0};
    finish_node(o);
    put_text(&o->graph, GRAPH_NAME, "tiersim");
    put_whole(&set, SET_VERSION, OPERATOR_SET);
    put_whole(&model, MODEL_IR, IR_VERSION);
    put_text(&model, MODEL_PRODUCER, "tiersim");
    put_message(&model, MODEL_GRAPH, &o->graph);
    put_message(&model, MODEL_SET, &set);
    *o = (struct onnx_made){0};
    *bytes = NULL;
    if (model.failed) {
        free(model.byte);
        return ERR_SET(e, ERR_MEMORY, "out of memory for a model");
    }
    *bytes = model.byte;
    *n = model.n;
    return 0;
}
