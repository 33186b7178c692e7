/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/onnx_make.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/ort/ort.h"

enum { IR_VERSION = 8, OPERATOR_SET = 17 };

/* Room for one more in a list of n: it doubles where n is a power of two, so that how much there is need not be kept. */
static void *room_for(struct onnx_made *o, void *list, size_t n, size_t size)
{
    if (n & (n - 1)) {
        return list;
    }
    void *more = arena_take(&o->a, n ? 2 * n : 1, size);
    if (more && n) {
        memcpy(more, list, n * size);
    }
    return more;
}

/* The message of a type, as its initial value has it. */
static void *message(struct onnx_made *o, const ProtobufCMessageDescriptor *type)
{
    void *m = arena_take(&o->a, 1, type->sizeof_message);
    if (m) {
        type->message_init(m);
    }
    return m;
}

static Onnx__GraphProto *graph_of(struct onnx_made *o)
{
    if (!o->graph) {
        o->graph = message(o, &onnx__graph_proto__descriptor);
    }
    return o->a.failed ? NULL : o->graph;
}

static Onnx__TensorShapeProto *shape_of(struct onnx_made *o, struct onnx_shape shape)
{
    Onnx__TensorShapeProto *s = message(o, &onnx__tensor_shape_proto__descriptor);
    Onnx__TensorShapeProto__Dimension **dim = ARENA_NEW(&o->a, shape.n_dim, Onnx__TensorShapeProto__Dimension *);
    for (uint32_t i = 0; s && dim && i < shape.n_dim; i++) {
        dim[i] = message(o, &onnx__tensor_shape_proto__dimension__descriptor);
        if (!dim[i]) {
            return NULL;
        }
        dim[i]->has_dim_value = true;
        dim[i]->dim_value = shape.dim[i];
        s->dim = dim;
        s->n_dim++;
    }
    return s;
}

static Onnx__ValueInfoProto *value_of(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    Onnx__ValueInfoProto *v = message(o, &onnx__value_info_proto__descriptor);
    Onnx__TypeProto *kind = message(o, &onnx__type_proto__descriptor);
    Onnx__TypeProto__Tensor *tensor = message(o, &onnx__type_proto__tensor__descriptor);
    if (!v || !kind || !tensor) {
        return NULL;
    }
    v->name = arena_copy(&o->a, name);
    v->type = kind;
    kind->tensor_type = tensor;
    tensor->has_elem_type = true;
    tensor->elem_type = type;
    tensor->shape = shape_of(o, shape);
    return v;
}

/* At the end of a list. */
static Onnx__ValueInfoProto *put_value(struct onnx_made *o, Onnx__ValueInfoProto ***list, size_t *n, Onnx__ValueInfoProto *v)
{
    Onnx__ValueInfoProto **room = room_for(o, *list, *n, sizeof v);
    if (o->a.failed) {
        return NULL;
    }
    *list = room;
    return room[(*n)++] = v;
}

Onnx__ValueInfoProto *onnx_put_input(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    Onnx__GraphProto *g = graph_of(o);
    return g ? put_value(o, &g->input, &g->n_input, value_of(o, name, type, shape)) : NULL;
}

Onnx__ValueInfoProto *onnx_put_output(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    Onnx__GraphProto *g = graph_of(o);
    return g ? put_value(o, &g->output, &g->n_output, value_of(o, name, type, shape)) : NULL;
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

Onnx__TensorProto *onnx_put_tensor(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    Onnx__GraphProto *g = graph_of(o);
    Onnx__TensorProto *t = message(o, &onnx__tensor_proto__descriptor);
    Onnx__TensorProto **list = g ? room_for(o, g->initializer, g->n_initializer, sizeof t) : NULL;
    int64_t *dim = ARENA_NEW(&o->a, shape.n_dim, int64_t);
    char *copy = arena_copy(&o->a, name);
    if (!list || o->a.failed) {
        return NULL;
    }
    memcpy(dim, shape.dim, shape.n_dim * sizeof *dim);
    t->dims = dim;
    t->n_dims = shape.n_dim;
    t->has_data_type = true;
    t->data_type = type;
    t->name = copy;
    g->initializer = list;
    return list[g->n_initializer++] = t;
}

/* Room for n numbers of a tensor, as raw bytes. */
static uint8_t *raw_of(struct onnx_made *o, Onnx__TensorProto *t, size_t n)
{
    uint8_t *raw = t ? arena_take(&o->a, n, ort_type_bytes(t->data_type)) : NULL;
    if (raw) {
        t->has_raw_data = true;
        t->raw_data = (ProtobufCBinaryData){.len = n * ort_type_bytes(t->data_type), .data = raw};
    }
    return raw;
}

static size_t elements(struct onnx_shape shape)
{
    size_t n = 1;
    for (uint32_t i = 0; i < shape.n_dim; i++) {
        n *= (size_t)shape.dim[i];
    }
    return n;
}

void onnx_put_weight(struct onnx_made *o, const char *name, int type, struct onnx_shape shape)
{
    const size_t n = elements(shape);
    uint8_t *raw = raw_of(o, onnx_put_tensor(o, name, type, shape), n);
    for (size_t i = 0; raw && i < n; i++) {
        put_element(raw + i * ort_type_bytes(type), type, type == ORT_F32 ? 0.05 * (draw(o) - 0.5) : 1 + 99 * draw(o));
    }
}

void onnx_put_floats(struct onnx_made *o, const char *name, struct onnx_shape shape, const float *value)
{
    const size_t n = elements(shape);
    uint8_t *raw = raw_of(o, onnx_put_tensor(o, name, ORT_F32, shape), n);
    if (raw) {
        memcpy(raw, value, n * sizeof *value);
    }
}

void onnx_put_scalar(struct onnx_made *o, const char *name, int type, double value)
{
    uint8_t *raw = raw_of(o, onnx_put_tensor(o, name, type, (struct onnx_shape){0}), 1);
    if (raw) {
        put_element(raw, type, value);
    }
}

Onnx__NodeProto *onnx_put_node(struct onnx_made *o, const char *op, const char *inputs, const char *output)
{
    Onnx__GraphProto *g = graph_of(o);
    Onnx__NodeProto *node = message(o, &onnx__node_proto__descriptor);
    Onnx__NodeProto **list = g ? room_for(o, g->node, g->n_node, sizeof node) : NULL;
    char **out = ARENA_NEW(&o->a, 1, char *);
    if (!list || o->a.failed) {
        return NULL;
    }
    while (*inputs) {
        const size_t n = strcspn(inputs, " ");
        char *name = arena_copy_n(&o->a, inputs, n), **in = room_for(o, node->input, node->n_input, sizeof name);
        if (!name || !in) {
            return NULL;
        }
        node->input = in;
        in[node->n_input++] = name;
        inputs += n + (inputs[n] == ' ');
    }
    node->op_type = arena_copy(&o->a, op);
    node->name = out[0] = arena_copy(&o->a, output);
    node->output = out;
    node->n_output = 1;
    g->node = list;
    return o->a.failed ? NULL : (list[g->n_node++] = node);
}

/* An attribute of the last node. */
static Onnx__AttributeProto *attribute_of(struct onnx_made *o, const char *name, Onnx__AttributeProto__AttributeType type)
{
    Onnx__NodeProto *node = !o->a.failed && o->graph && o->graph->n_node ? o->graph->node[o->graph->n_node - 1] : NULL;
    Onnx__AttributeProto *at = message(o, &onnx__attribute_proto__descriptor);
    Onnx__AttributeProto **list = node ? room_for(o, node->attribute, node->n_attribute, sizeof at) : NULL;
    char *copy = arena_copy(&o->a, name);
    if (!list || o->a.failed) {
        return NULL;
    }
    at->name = copy;
    at->has_type = true;
    at->type = type;
    node->attribute = list;
    return list[node->n_attribute++] = at;
}

Onnx__AttributeProto *onnx_put_ints(struct onnx_made *o, const char *attribute, uint32_t n, const int64_t *value)
{
    Onnx__AttributeProto *at = attribute_of(o, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    int64_t *ints = ARENA_NEW(&o->a, n, int64_t);
    if (!at || !ints) {
        return NULL;
    }
    memcpy(ints, value, n * sizeof *ints);
    at->ints = ints;
    at->n_ints = n;
    return at;
}

Onnx__AttributeProto *onnx_put_int(struct onnx_made *o, const char *attribute, int64_t value)
{
    Onnx__AttributeProto *at = attribute_of(o, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    if (at) {
        at->has_i = true;
        at->i = value;
    }
    return at;
}

int onnx_made_end(struct onnx_made *o, void **bytes, size_t *n, struct err *e)
{
    Onnx__OperatorSetIdProto set = ONNX__OPERATOR_SET_ID_PROTO__INIT, *sets[] = {&set};
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    char name[] = "tiersim";
    Onnx__GraphProto *g = graph_of(o);
    *bytes = NULL;
    if (g) {
        g->name = name;
        set.has_version = true;
        set.version = OPERATOR_SET;
        model.has_ir_version = true;
        model.ir_version = IR_VERSION;
        model.producer_name = name;
        model.graph = g;
        model.opset_import = sets;
        model.n_opset_import = 1;
        *n = onnx__model_proto__get_packed_size(&model);
        *bytes = malloc(*n);
    }
    if (*bytes) {
        onnx__model_proto__pack(&model, *bytes);
    }
    arena_clear(&o->a);
    *o = (struct onnx_made){0};
    return *bytes ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for a model");
}
