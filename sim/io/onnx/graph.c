/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/io/onnx/onnx.pb-c.h"
#include "sim/io/onnx/wire.h"

/* What we read, for what is told, and where it goes. */
struct source {
    const char *path;
    struct arena *a;
    struct err *e;
};

/* clang-format off */
static const struct { const char *name; double bytes; } type_table[] = {
    [ONNX_FLOAT] = {"float32", 4}, [ONNX_UINT8] = {"uint8", 1}, [ONNX_INT8] = {"int8", 1}, [ONNX_UINT16] = {"uint16", 2},
    [ONNX_INT16] = {"int16", 2}, [ONNX_INT32] = {"int32", 4}, [ONNX_INT64] = {"int64", 8}, [ONNX_BOOL] = {"bool", 1},
    [ONNX_FLOAT16] = {"float16", 2}, [ONNX_DOUBLE] = {"float64", 8}, [ONNX_UINT32] = {"uint32", 4},
    [ONNX_UINT64] = {"uint64", 8}, [ONNX_COMPLEX64] = {"complex64", 8}, [ONNX_COMPLEX128] = {"complex128", 16},
    [ONNX_BFLOAT16] = {"bfloat16", 2},
};
/* clang-format on */
enum { N_TYPE = sizeof type_table / sizeof type_table[0] };

double onnx_type_bytes(int type)
{
    return type > 0 && type < N_TYPE && type_table[type].name ? type_table[type].bytes : NAN;
}

const char *onnx_type_name(int type)
{
    return type > 0 && type < N_TYPE && type_table[type].name ? type_table[type].name : "unknown";
}

static int no_memory(const struct source *s)
{
    return ERR_SET(s->e, ERR_MEMORY, "%s: out of memory", s->path);
}

/* "constant w" is at fault. */
static int wrong(const struct source *s, const char *what, const char *name, const char *found, const char *wanted)
{
    char shown[TEXT_SHOWN];
    return ERR_SET(s->e, ERR_INPUT, "%s: %s %s: found %s, wanted %s", s->path, what, text_show(name, strlen(name), shown), found,
                   wanted);
}

/* A text that may have been left out. */
static const char *text_of(const struct source *s, const char *text)
{
    return text && text[0] ? arena_copy(s->a, text) : "";
}

static int type_of(int32_t type)
{
    return type > 0 && type < N_TYPE ? type : 0;
}

/* Elements of a tensor; -1: too many to be true, or they would be if none of its dimensions were 0. */
static double elements(const struct onnx_value *v)
{
    double n = 1, most = 1;
    for (int i = 0; i < v->n_dim; i++) {
        n *= (double)v->dim[i];
        most *= v->dim[i] > 0 ? (double)v->dim[i] : 1;
    }
    return most <= ONNX_ELEMENTS ? n : -1;
}

/* Element i of raw bytes, low byte first; NAN for types whose numbers are not read. */
static double raw_number(const uint8_t *raw, int type, size_t i)
{
    union {
        float f;
        double d;
        int32_t w;
        int64_t l;
    } x;
    switch (type) {
    case ONNX_FLOAT:
        memcpy(&x.f, raw + i * sizeof x.f, sizeof x.f);
        return (double)x.f;
    case ONNX_DOUBLE:
        memcpy(&x.d, raw + i * sizeof x.d, sizeof x.d);
        return x.d;
    case ONNX_INT64:
        memcpy(&x.l, raw + i * sizeof x.l, sizeof x.l);
        return (double)x.l;
    case ONNX_INT32:
        memcpy(&x.w, raw + i * sizeof x.w, sizeof x.w);
        return (double)x.w;
    case ONNX_INT8:
        return (double)(int8_t)raw[i];
    case ONNX_UINT8:
    case ONNX_BOOL:
        return (double)raw[i];
    default:
        return NAN;
    }
}

static bool raw_is_read(int type)
{
    return type == ONNX_FLOAT || type == ONNX_DOUBLE || type == ONNX_INT64 || type == ONNX_INT32 || type == ONNX_INT8 ||
           type == ONNX_UINT8 || type == ONNX_BOOL;
}

/* The elements of a small constant, wherever all of them are: large ones and those in another file are left out. */
static int read_numbers(const struct source *s, const Onnx__TensorProto *t, struct onnx_value *v)
{
    const double wanted = elements(v);
    if (wanted > ONNX_NUMBERS) {
        return 0;
    }
    const size_t n = (size_t)wanted;
    const bool raw = raw_is_read(v->type) && (double)t->raw_data.len == wanted * onnx_type_bytes(v->type);
    if (!raw && t->n_float_data != n && t->n_double_data != n && t->n_int32_data != n && t->n_int64_data != n) {
        return 0;
    }
    double *number = ARENA_NEW(s->a, n + 1, double);
    if (!number) {
        return no_memory(s);
    }
    for (size_t i = 0; i < n; i++) {
        number[i] = raw                     ? raw_number(t->raw_data.data, v->type, i)
                    : t->n_float_data == n  ? (double)t->float_data[i]
                    : t->n_double_data == n ? t->double_data[i]
                    : t->n_int32_data == n  ? (double)t->int32_data[i]
                                            : (double)t->int64_data[i];
    }
    v->n_number = (uint32_t)n;
    v->number = number;
    return 0;
}

static int read_tensor(const struct source *s, const Onnx__TensorProto *t, struct onnx_value *v)
{
    *v = (struct onnx_value){.name = text_of(s, t->name), .type = type_of(t->data_type), .constant = true};
    if (!v->name) {
        return no_memory(s);
    }
    if (t->n_dims > DNN_DIMS) {
        return wrong(s, "constant", v->name, "a shape of more than 8 dimensions", "fewer");
    }
    for (; v->n_dim < (int)t->n_dims; v->n_dim++) {
        v->dim[v->n_dim] = t->dims[v->n_dim];
        if (v->dim[v->n_dim] < 0) {
            return wrong(s, "constant", v->name, "a dimension below 0", "a size");
        }
    }
    return elements(v) < 0 ? wrong(s, "constant", v->name, "more than 2^50 elements", "fewer") : read_numbers(s, t, v);
}

static int read_value(const struct source *s, const Onnx__ValueInfoProto *from, struct onnx_value *v)
{
    const Onnx__TypeProto__Tensor *t = from->type ? from->type->tensor_type : NULL;
    const Onnx__TensorShapeProto *shape = t ? t->shape : NULL;
    *v = (struct onnx_value){.name = text_of(s, from->name), .type = t ? type_of(t->elem_type) : 0, .n_dim = shape ? 0 : -1};
    if (!v->name) {
        return no_memory(s);
    }
    if (shape && shape->n_dim > DNN_DIMS) {
        return wrong(s, "tensor", v->name, "a shape of more than 8 dimensions", "fewer");
    }
    for (size_t i = 0; shape && i < shape->n_dim; i++, v->n_dim++) {
        const Onnx__TensorShapeProto__Dimension *d = shape->dim[i];
        bool is_size = d->has_dim_value && d->dim_value >= 0 && (double)d->dim_value <= ONNX_ELEMENTS;
        v->dim[i] = is_size ? d->dim_value : -1;
        v->symbol[i] = d->dim_param && d->dim_param[0] ? arena_copy(s->a, d->dim_param) : NULL;
    }
    return s->a->failed ? no_memory(s) : 0;
}

static int read_graph(const struct source *s, const Onnx__GraphProto *from, struct onnx_graph **to);

/* The lists of an attribute; what is longer than ONNX_NUMBERS is no shape, and cut short. */
static int read_lists(const struct source *s, const Onnx__AttributeProto *from, struct onnx_attribute *at)
{
    const size_t n_whole = from->n_ints < ONNX_NUMBERS ? from->n_ints : ONNX_NUMBERS;
    const size_t n_number = from->n_floats < ONNX_NUMBERS ? from->n_floats : ONNX_NUMBERS;
    int64_t *whole = ARENA_NEW(s->a, n_whole + 1, int64_t);
    double *number = ARENA_NEW(s->a, n_number + 1, double);
    if (!whole || !number) {
        return no_memory(s);
    }
    for (size_t i = 0; i < n_whole; i++) {
        whole[i] = from->ints[i];
    }
    for (size_t i = 0; i < n_number; i++) {
        number[i] = (double)from->floats[i];
    }
    at->n_whole = (uint32_t)n_whole;
    at->wholes = whole;
    at->n_number = (uint32_t)n_number;
    at->numbers = number;
    return 0;
}

static int read_attribute(const struct source *s, const Onnx__AttributeProto *from, struct onnx_attribute *at)
{
    *at = (struct onnx_attribute){.name = text_of(s, from->name), .number = (double)from->f, .whole = from->i,
                                  .graph = ARENA_NEW(s->a, from->n_graphs + 1, struct onnx_graph *)};
    if (from->has_s) {
        at->text = arena_copy_n(s->a, (const char *)from->s.data, from->s.len);
    }
    if (from->t) {
        at->tensor = ARENA_NEW(s->a, 1, struct onnx_value);
    }
    if (s->a->failed) {
        return no_memory(s);
    }
    int rc = from->t ? read_tensor(s, from->t, at->tensor) : 0;
    if (rc == 0 && from->g) {
        rc = read_graph(s, from->g, &at->graph[at->n_graph++]);
    }
    for (size_t i = 0; rc == 0 && i < from->n_graphs; i++) {
        rc = read_graph(s, from->graphs[i], &at->graph[at->n_graph++]);
    }
    return rc ? rc : read_lists(s, from, at);
}

/* The names that a graph within a node uses and does not make are inputs of the node, too. */
static int capture(const struct source *s, const struct onnx_graph *g, struct names *seen, struct onnx_node *n, uint32_t *room)
{
    struct names made = {.arena = s->a};
    for (uint32_t k = 0; k < g->n_input; k++) {
        names_add(&made, g->input[k].name);
    }
    for (uint32_t k = 0; k < g->n_constant; k++) {
        names_add(&made, g->constant[k].name);
    }
    for (uint32_t k = 0; k < g->n_node; k++) {
        for (uint32_t o = 0; o < g->node[k].n_out; o++) {
            names_add(&made, g->node[k].out[o]);
        }
    }
    for (uint32_t k = 0; k < g->n_node; k++) {
        for (uint32_t i = 0; i < g->node[k].n_in; i++) {
            const char *name = g->node[k].in[i];
            uint32_t before = seen->n;
            if (!name[0] || names_find(&made, name) != NAME_NONE || names_add(seen, name) < before) {
                continue;
            }
            if (n->n_in == *room) {
                *room = 2 * *room + 8;
                const char **more = ARENA_NEW(s->a, *room, const char *);
                if (!more) {
                    return no_memory(s);
                }
                memcpy(more, n->in, n->n_in * sizeof *more);
                n->in = more;
            }
            n->in[n->n_in++] = name;
        }
    }
    return s->a->failed ? no_memory(s) : 0;
}

static int capture_all(const struct source *s, struct onnx_node *n)
{
    struct names seen = {.arena = s->a};
    uint32_t room = n->n_in;
    int rc = 0;
    for (uint32_t k = 0; k < n->n_in; k++) {
        names_add(&seen, n->in[k]);
    }
    for (uint32_t i = 0; i < n->n_attribute; i++) {
        for (uint32_t k = 0; rc == 0 && k < n->attribute[i].n_graph; k++) {
            rc = capture(s, n->attribute[i].graph[k], &seen, n, &room);
        }
    }
    return rc;
}

static const char **texts_of(const struct source *s, size_t n, char *const *text)
{
    const char **to = ARENA_NEW(s->a, n + 1, const char *);
    for (size_t i = 0; to && i < n; i++) {
        to[i] = text_of(s, text[i]);
    }
    return to;
}

static int read_node(const struct source *s, const Onnx__NodeProto *from, uint32_t number, struct onnx_node *n)
{
    const size_t most = from->n_input > from->n_output ? from->n_input : from->n_output;
    bool holds = false;
    int rc = 0;
    char where[32];
    snprintf(where, sizeof where, "node %u", number);
    if (!from->op_type || !from->op_type[0]) {
        return wrong(s, where, from->name ? from->name : "", "no operator", "its op_type");
    }
    if (most > ONNX_LINKS || from->n_attribute > ONNX_LINKS) {
        return wrong(s, where, from->op_type, "more than 100000 inputs, outputs or attributes", "fewer");
    }
    *n = (struct onnx_node){.op = text_of(s, from->op_type), .domain = text_of(s, from->domain), .name = text_of(s, from->name),
                            .n_in = (uint32_t)from->n_input, .in = texts_of(s, from->n_input, from->input),
                            .n_out = (uint32_t)from->n_output, .out = texts_of(s, from->n_output, from->output),
                            .attribute = ARENA_NEW(s->a, from->n_attribute + 1, struct onnx_attribute)};
    if (s->a->failed) {
        return no_memory(s);
    }
    for (size_t i = 0; rc == 0 && i < from->n_attribute; i++) {
        rc = read_attribute(s, from->attribute[i], &n->attribute[n->n_attribute]);
        holds = holds || n->attribute[n->n_attribute].n_graph > 0;
        n->n_attribute += rc == 0;
    }
    return rc == 0 && holds ? capture_all(s, n) : rc;
}

/* Declared tensors of a graph: inputs, outputs or those between nodes. */
static int read_values(const struct source *s, size_t n_from, Onnx__ValueInfoProto *const *from, uint32_t *n,
                       struct onnx_value **to)
{
    int rc = 0;
    *to = ARENA_NEW(s->a, n_from + 1, struct onnx_value);
    if (!*to) {
        return no_memory(s);
    }
    for (*n = 0; rc == 0 && *n < n_from; *n += rc == 0) {
        rc = read_value(s, from[*n], &(*to)[*n]);
    }
    return rc;
}

/* Goes no deeper than messages are checked to be: WIRE_DEPTH. */
static int read_graph(const struct source *s, const Onnx__GraphProto *from, struct onnx_graph **to)
{
    static const size_t tensors = 2 * (size_t)ONNX_NODES;
    const char *name = from->name ? from->name : "";
    if (from->n_node > ONNX_NODES) {
        return wrong(s, "graph", name, "more than 200000 nodes", "fewer");
    }
    if (from->n_initializer > tensors || from->n_input > tensors || from->n_output > tensors || from->n_value_info > tensors) {
        return wrong(s, "graph", name, "more than 400000 tensors in a list", "fewer");
    }
    struct onnx_graph *g = *to = ARENA_NEW(s->a, 1, struct onnx_graph);
    if (!g) {
        return no_memory(s);
    }
    int rc = 0;
    *g = (struct onnx_graph){.name = text_of(s, from->name), .node = ARENA_NEW(s->a, from->n_node + 1, struct onnx_node),
                             .constant = ARENA_NEW(s->a, from->n_initializer + 1, struct onnx_value)};
    if (s->a->failed) {
        return no_memory(s);
    }
    for (; rc == 0 && g->n_node < from->n_node; g->n_node += rc == 0) {
        rc = read_node(s, from->node[g->n_node], g->n_node, &g->node[g->n_node]);
    }
    for (; rc == 0 && g->n_constant < from->n_initializer; g->n_constant += rc == 0) {
        rc = read_tensor(s, from->initializer[g->n_constant], &g->constant[g->n_constant]);
    }
    rc = rc ? rc : read_values(s, from->n_input, from->input, &g->n_input, &g->input);
    rc = rc ? rc : read_values(s, from->n_output, from->output, &g->n_output, &g->output);
    return rc ? rc : read_values(s, from->n_value_info, from->value_info, &g->n_known, &g->known);
}

static int read_model(const struct source *s, const Onnx__ModelProto *from, struct onnx_model *m)
{
    m->producer = text_of(s, from->producer_name);
    for (size_t i = 0; i < from->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = from->opset_import[i];
        bool standard = !set->domain || !set->domain[0] || strcmp(set->domain, "ai.onnx") == 0;
        m->opset = standard ? set->version : m->opset;
    }
    for (size_t i = 0; i < from->n_metadata_props; i++) {
        const Onnx__StringStringEntryProto *entry = from->metadata_props[i];
        if (entry->key && strcmp(entry->key, "exits") == 0) {
            m->exits = text_of(s, entry->value);
        }
    }
    if (!from->graph || from->graph->n_node == 0) {
        return ERR_SET(s->e, ERR_INPUT, "%s: found no graph with nodes, wanted an ONNX model", s->path);
    }
    int rc = read_graph(s, from->graph, &m->graph);
    return rc == 0 && s->a->failed ? no_memory(s) : rc;
}

int onnx_graph_read(struct onnx_model *m, const uint8_t *bytes, size_t n, const char *path, struct arena *a, struct err *e)
{
    const struct source s = {.path = path, .a = a, .e = e};
    *m = (struct onnx_model){.producer = ""};
    int rc = wire_check(&onnx__model_proto__descriptor, bytes, n, path, e);
    if (rc) {
        return rc;
    }
    Onnx__ModelProto *from = onnx__model_proto__unpack(NULL, n, bytes);
    rc = from ? read_model(&s, from, m) : no_memory(&s);
    onnx__model_proto__free_unpacked(from, NULL);
    return rc;
}

const struct onnx_attribute *onnx_attribute(const struct onnx_node *n, const char *name)
{
    for (uint32_t i = 0; i < n->n_attribute; i++) {
        if (strcmp(n->attribute[i].name, name) == 0) {
            return &n->attribute[i];
        }
    }
    return NULL;
}
