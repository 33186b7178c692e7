/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/graph.h"

#include <math.h>
#include <string.h>

#include "sim/base/names.h"

/* Where we read, for what is told. */
struct source {
    const char *path;
    const uint8_t *first;
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

static int malformed(const struct source *s, const uint8_t *at, const char *found, const char *wanted)
{
    return ERR_SET(s->e, ERR_INPUT, "%s: found %s at byte %zu, wanted %s", s->path, found, (size_t)(at - s->first), wanted);
}

static int no_memory(const struct source *s)
{
    return ERR_SET(s->e, ERR_MEMORY, "%s: out of memory", s->path);
}

static int ended(const struct source *s, const struct pb *w)
{
    return w->fault ? malformed(s, w->at, w->fault, "a field of an ONNX model") : 0;
}

/* How often a field stands in a message, which shows that the message as such is well-formed. */
static int count(const struct source *s, struct span message, uint32_t number, uint32_t most, const char *what, uint32_t *n)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    *n = 0;
    while (pb_next(&w, &f)) {
        *n += f.number == number && f.type == PB_BYTES;
        if (*n > most) {
            return malformed(s, f.span.at, what, "fewer");
        }
    }
    return ended(s, &w);
}

static bool is_bytes(const struct pb_field *f, uint32_t number)
{
    return f->number == number && f->type == PB_BYTES;
}

static const char *text_of(const struct source *s, struct span text)
{
    return arena_copy_n(s->a, (const char *)text.at, text.n);
}

static double float_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float x;
    memcpy(&x, &low, sizeof x);
    return (double)x;
}

static double double_of(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Dimensions of a tensor. */
struct dims {
    struct onnx_value *of;
    bool bad;
};

static void put_dim(void *to, uint64_t bits)
{
    struct dims *d = to;
    struct onnx_value *v = d->of;
    if (v->n_dim == DNN_DIMS || (int64_t)bits < 0) {
        d->bad = true;
        return;
    }
    v->dim[v->n_dim++] = (int64_t)bits;
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

struct numbers {
    uint32_t n, room;
    double *number;
};

static void put_number(void *to, uint64_t bits)
{
    struct numbers *x = to;
    if (x->n < x->room) {
        x->number[x->n] = (double)(int64_t)bits;
    }
    x->n++;
}

/* Numbers of a fixed width, packed. */
static void put_fixed(struct numbers *x, struct span bytes, unsigned width, double (*of)(uint64_t bits))
{
    for (size_t at = 0; at + width <= bytes.n && x->n < x->room; at += width) {
        uint64_t bits = 0;
        memcpy(&bits, bytes.at + at, width);
        x->number[x->n++] = of(bits);
    }
}

static double signed_8(uint64_t bits)
{
    return (double)(int8_t)bits;
}
static double signed_32(uint64_t bits)
{
    return (double)(int32_t)bits;
}
static double signed_64(uint64_t bits)
{
    return (double)(int64_t)bits;
}
static double unsigned_8(uint64_t bits)
{
    return (double)(uint8_t)bits;
}

static void put_raw(struct numbers *x, int type, struct span raw)
{
    switch (type) {
    case ONNX_FLOAT:
        put_fixed(x, raw, 4, float_of);
        break;
    case ONNX_DOUBLE:
        put_fixed(x, raw, 8, double_of);
        break;
    case ONNX_INT64:
        put_fixed(x, raw, 8, signed_64);
        break;
    case ONNX_INT32:
        put_fixed(x, raw, 4, signed_32);
        break;
    case ONNX_INT8:
        put_fixed(x, raw, 1, signed_8);
        break;
    case ONNX_UINT8:
    case ONNX_BOOL:
        put_fixed(x, raw, 1, unsigned_8);
        break;
    default:
        break;
    }
}

enum { TENSOR_DIMS = 1, TENSOR_TYPE, TENSOR_FLOATS = 4, TENSOR_INT32S, TENSOR_INT64S = 7, TENSOR_NAME, TENSOR_RAW, TENSOR_DOUBLES };

/* The elements of a small constant. */
static int read_numbers(const struct source *s, struct span message, struct onnx_value *v)
{
    double n = elements(v);
    if (n < 0 || n > ONNX_NUMBERS || n > (double)message.n) {
        return 0; /* large, or not there (kept in another file) */
    }
    struct numbers x = {.room = (uint32_t)n, .number = ARENA_NEW(s->a, (size_t)n + 1, double)};
    struct pb w = pb_of(message);
    struct pb_field f;
    while (x.number && pb_next(&w, &f)) {
        if (is_bytes(&f, TENSOR_RAW)) {
            put_raw(&x, v->type, f.span);
        } else if (is_bytes(&f, TENSOR_FLOATS)) {
            put_fixed(&x, f.span, 4, float_of);
        } else if (is_bytes(&f, TENSOR_DOUBLES)) {
            put_fixed(&x, f.span, 8, double_of);
        } else if ((f.number == TENSOR_INT32S || f.number == TENSOR_INT64S) && !pb_numbers(&f, put_number, &x)) {
            return malformed(s, f.span.at, "a number that does not end", "the numbers of a constant");
        }
    }
    if (!x.number) {
        return no_memory(s);
    }
    if (x.n == x.room) {
        v->n_number = x.n;
        v->number = x.number;
    }
    return 0;
}

static int read_tensor(const struct source *s, struct span message, struct onnx_value *v)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    struct dims dims = {.of = v};
    *v = (struct onnx_value){.name = "", .constant = true};
    while (pb_next(&w, &f)) {
        if (f.number == TENSOR_DIMS && (!pb_numbers(&f, put_dim, &dims) || dims.bad)) {
            return malformed(s, w.at, "a shape of more than 8 dimensions, or one below 0", "the shape of a constant");
        }
        if (f.number == TENSOR_TYPE && f.type == PB_VARINT) {
            v->type = f.value < N_TYPE ? (int)f.value : 0;
        } else if (is_bytes(&f, TENSOR_NAME)) {
            v->name = text_of(s, f.span);
        }
    }
    int rc = ended(s, &w);
    if (rc == 0 && elements(v) < 0) {
        rc = malformed(s, message.at, "a constant of more than 2^50 elements", "fewer");
    }
    return rc ? rc : read_numbers(s, message, v);
}

enum { DIMENSION_VALUE = 1, DIMENSION_NAME = 2 };

static int read_dimension(const struct source *s, struct span message, struct onnx_value *v)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    if (v->n_dim == DNN_DIMS) {
        return malformed(s, message.at, "a shape of more than 8 dimensions", "fewer");
    }
    int i = v->n_dim++;
    v->dim[i] = -1;
    while (pb_next(&w, &f)) {
        if (f.number == DIMENSION_VALUE && f.type == PB_VARINT) {
            v->dim[i] = (int64_t)f.value >= 0 && (double)f.value <= ONNX_ELEMENTS ? (int64_t)f.value : -1;
        } else if (is_bytes(&f, DIMENSION_NAME) && f.span.n > 0) {
            v->symbol[i] = text_of(s, f.span);
        }
    }
    return ended(s, &w);
}

/* TypeProto.tensor_type, .elem_type, .shape; TensorShapeProto.dim; ValueInfoProto.name, .type */
enum { TYPE_TENSOR = 1, TYPE_ELEMENT = 1, TYPE_SHAPE = 2, SHAPE_DIMENSION = 1, VALUE_NAME = 1, VALUE_TYPE = 2 };

static int read_shape(const struct source *s, struct span message, struct onnx_value *v)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    int rc = 0;
    v->n_dim = 0;
    while (rc == 0 && pb_next(&w, &f)) {
        rc = is_bytes(&f, SHAPE_DIMENSION) ? read_dimension(s, f.span, v) : 0;
    }
    return rc ? rc : ended(s, &w);
}

static int read_type(const struct source *s, struct span message, struct onnx_value *v, bool inner)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    int rc = 0;
    while (rc == 0 && pb_next(&w, &f)) {
        if (!inner) {
            rc = is_bytes(&f, TYPE_TENSOR) ? read_type(s, f.span, v, true) : 0;
        } else if (f.number == TYPE_ELEMENT && f.type == PB_VARINT) {
            v->type = f.value < N_TYPE ? (int)f.value : 0;
        } else if (is_bytes(&f, TYPE_SHAPE)) {
            rc = read_shape(s, f.span, v);
        }
    }
    return rc ? rc : ended(s, &w);
}

static int read_value(const struct source *s, struct span message, struct onnx_value *v)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    int rc = 0;
    *v = (struct onnx_value){.name = "", .n_dim = -1};
    while (rc == 0 && pb_next(&w, &f)) {
        if (is_bytes(&f, VALUE_NAME)) {
            v->name = text_of(s, f.span);
        } else if (is_bytes(&f, VALUE_TYPE)) {
            rc = read_type(s, f.span, v, false);
        }
    }
    return rc ? rc : ended(s, &w);
}

static int read_graph(const struct source *s, struct span message, unsigned depth, struct onnx_graph **to);

enum {
    ATTRIBUTE_NAME = 1, ATTRIBUTE_F, ATTRIBUTE_I, ATTRIBUTE_S, ATTRIBUTE_T, ATTRIBUTE_G, ATTRIBUTE_FLOATS, ATTRIBUTE_INTS,
    ATTRIBUTE_GRAPHS = 11
};

struct wholes {
    uint32_t n, room;
    int64_t *whole;
};

static void put_whole(void *to, uint64_t bits)
{
    struct wholes *x = to;
    if (x->n < x->room) {
        x->whole[x->n] = (int64_t)bits;
    }
    x->n += x->n < ONNX_NUMBERS; /* what is longer is no shape, and cut short */
}

/* The lists of an attribute: counted, then taken. */
static int read_lists(const struct source *s, struct span message, struct onnx_attribute *at)
{
    struct wholes whole = {0};
    struct numbers number = {0};
    uint32_t n_float = 0;
    struct pb_field f;
    for (int pass = 0; pass < 2; pass++) {
        struct pb w = pb_of(message);
        whole.n = number.n = 0;
        while (pb_next(&w, &f)) {
            if (f.number == ATTRIBUTE_INTS && !pb_numbers(&f, put_whole, &whole)) {
                return malformed(s, f.span.at, "a number that does not end", "the numbers of an attribute");
            }
            if (f.number == ATTRIBUTE_FLOATS && f.type == PB_32) {
                put_fixed(&number, (struct span){(const uint8_t *)&f.value, 4}, 4, float_of);
                n_float += pass == 0;
            } else if (is_bytes(&f, ATTRIBUTE_FLOATS)) {
                put_fixed(&number, f.span, 4, float_of);
                n_float += pass == 0 ? (uint32_t)(f.span.n / 4 < ONNX_NUMBERS ? f.span.n / 4 : ONNX_NUMBERS) : 0;
            }
        }
        if (pass == 0) {
            whole.room = whole.n;
            number.room = n_float < ONNX_NUMBERS ? n_float : ONNX_NUMBERS;
            whole.whole = ARENA_NEW(s->a, whole.room + 1, int64_t);
            number.number = ARENA_NEW(s->a, number.room + 1, double);
            if (s->a->failed) {
                return no_memory(s);
            }
        }
    }
    at->n_whole = whole.room;
    at->wholes = whole.whole;
    at->n_number = number.room;
    at->numbers = number.number;
    return 0;
}

static int read_attribute(const struct source *s, struct span message, unsigned depth, struct onnx_attribute *at)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    uint32_t n_graph = 0;
    int rc = count(s, message, ATTRIBUTE_GRAPHS, ONNX_DEPTH, "many graphs in an attribute", &n_graph);
    *at = (struct onnx_attribute){.name = "", .graph = ARENA_NEW(s->a, n_graph + 1, struct onnx_graph *)};
    if (!at->graph) {
        return no_memory(s);
    }
    while (rc == 0 && pb_next(&w, &f)) {
        if (is_bytes(&f, ATTRIBUTE_NAME)) {
            at->name = text_of(s, f.span);
        } else if (f.number == ATTRIBUTE_F) {
            at->number = float_of(f.value);
        } else if (f.number == ATTRIBUTE_I) {
            at->whole = (int64_t)f.value;
        } else if (is_bytes(&f, ATTRIBUTE_S)) {
            at->text = text_of(s, f.span);
        } else if (is_bytes(&f, ATTRIBUTE_T)) {
            at->tensor = ARENA_NEW(s->a, 1, struct onnx_value);
            rc = at->tensor ? read_tensor(s, f.span, at->tensor) : no_memory(s);
        } else if ((is_bytes(&f, ATTRIBUTE_G) || is_bytes(&f, ATTRIBUTE_GRAPHS)) && at->n_graph <= n_graph) {
            rc = read_graph(s, f.span, depth + 1, &at->graph[at->n_graph]);
            at->n_graph += rc == 0;
        }
    }
    rc = rc ? rc : ended(s, &w);
    return rc ? rc : read_lists(s, message, at);
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

enum { NODE_IN = 1, NODE_OUT, NODE_NAME, NODE_OP, NODE_ATTRIBUTE, NODE_DOMAIN = 7 };

static int read_node(const struct source *s, struct span message, unsigned depth, struct onnx_node *n)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    uint32_t in = 0, out = 0, attribute = 0;
    *n = (struct onnx_node){.op = "", .domain = "", .name = ""};
    int rc = count(s, message, NODE_IN, ONNX_LINKS, "many inputs of a node", &in);
    rc = rc ? rc : count(s, message, NODE_OUT, ONNX_LINKS, "many outputs of a node", &out);
    rc = rc ? rc : count(s, message, NODE_ATTRIBUTE, ONNX_LINKS, "many attributes of a node", &attribute);
    if (rc) {
        return rc;
    }
    n->in = ARENA_NEW(s->a, in + 1, const char *);
    n->out = ARENA_NEW(s->a, out + 1, const char *);
    n->attribute = ARENA_NEW(s->a, attribute + 1, struct onnx_attribute);
    if (s->a->failed) {
        return no_memory(s);
    }
    while (rc == 0 && pb_next(&w, &f)) {
        if (f.type != PB_BYTES) {
            continue;
        }
        switch (f.number) {
        case NODE_IN:
            n->in[n->n_in++] = text_of(s, f.span);
            break;
        case NODE_OUT:
            n->out[n->n_out++] = text_of(s, f.span);
            break;
        case NODE_NAME:
            n->name = text_of(s, f.span);
            break;
        case NODE_OP:
            n->op = text_of(s, f.span);
            break;
        case NODE_DOMAIN:
            n->domain = text_of(s, f.span);
            break;
        case NODE_ATTRIBUTE:
            rc = read_attribute(s, f.span, depth, &n->attribute[n->n_attribute++]);
            break;
        default:
            break;
        }
    }
    if (rc == 0 && s->a->failed) {
        return no_memory(s);
    }
    if (rc == 0 && !n->op[0]) {
        return malformed(s, message.at, "a node without an operator", "its op_type");
    }
    rc = rc ? rc : ended(s, &w);
    bool holds = false;
    for (uint32_t i = 0; rc == 0 && i < n->n_attribute; i++) {
        holds = holds || n->attribute[i].n_graph > 0;
    }
    return rc == 0 && holds ? capture_all(s, n) : rc;
}

enum { GRAPH_NODE = 1, GRAPH_NAME, GRAPH_CONSTANT = 5, GRAPH_INPUT = 11, GRAPH_OUTPUT, GRAPH_VALUE };

/* The values of one field of a graph: what is declared of tensors, or constants. */
static int read_values(const struct source *s, struct span message, uint32_t number, uint32_t *n, struct onnx_value **to)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    uint32_t room = 0;
    int rc = count(s, message, number, 2 * ONNX_NODES, "many tensors in a graph", &room);
    if (rc) {
        return rc;
    }
    *n = 0;
    *to = ARENA_NEW(s->a, room + 1, struct onnx_value);
    if (!*to) {
        return no_memory(s);
    }
    while (rc == 0 && pb_next(&w, &f)) {
        if (is_bytes(&f, number)) {
            struct onnx_value *v = &(*to)[(*n)++];
            rc = number == GRAPH_CONSTANT ? read_tensor(s, f.span, v) : read_value(s, f.span, v);
        }
    }
    return rc;
}

static int read_graph(const struct source *s, struct span message, unsigned depth, struct onnx_graph **to)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    uint32_t n_node = 0;
    if (depth > ONNX_DEPTH) {
        return malformed(s, message.at, "graphs in graphs deeper than 16", "fewer");
    }
    int rc = count(s, message, GRAPH_NODE, ONNX_NODES, "more than 200000 nodes in a graph", &n_node);
    if (rc) {
        return rc;
    }
    struct onnx_graph *g = *to = ARENA_NEW(s->a, 1, struct onnx_graph);
    struct onnx_node *node = ARENA_NEW(s->a, n_node + 1, struct onnx_node);
    if (!g || !node) {
        return no_memory(s);
    }
    *g = (struct onnx_graph){.name = "", .node = node};
    while (rc == 0 && pb_next(&w, &f)) {
        if (is_bytes(&f, GRAPH_NODE)) {
            rc = read_node(s, f.span, depth, &g->node[g->n_node++]);
        } else if (is_bytes(&f, GRAPH_NAME)) {
            g->name = text_of(s, f.span);
        }
    }
    rc = rc ? rc : read_values(s, message, GRAPH_CONSTANT, &g->n_constant, &g->constant);
    rc = rc ? rc : read_values(s, message, GRAPH_INPUT, &g->n_input, &g->input);
    rc = rc ? rc : read_values(s, message, GRAPH_OUTPUT, &g->n_output, &g->output);
    rc = rc ? rc : read_values(s, message, GRAPH_VALUE, &g->n_known, &g->known);
    return rc == 0 && s->a->failed ? no_memory(s) : rc;
}

/* Two texts or numbers, 1 and 2: OperatorSetIdProto {domain, version}, StringStringEntryProto {key, value}. */
static int read_pair(const struct source *s, struct span message, const char *text[2], int64_t *number)
{
    struct pb w = pb_of(message);
    struct pb_field f;
    text[0] = text[1] = "";
    while (pb_next(&w, &f)) {
        if (f.type == PB_BYTES && (f.number == 1 || f.number == 2)) {
            text[f.number - 1] = text_of(s, f.span);
        } else if (f.type == PB_VARINT && f.number == 2) {
            *number = (int64_t)f.value;
        }
    }
    return s->a->failed ? no_memory(s) : ended(s, &w);
}

enum { MODEL_PRODUCER = 2, MODEL_GRAPH = 7, MODEL_OPSET = 8, MODEL_METADATA = 14 };

int onnx_graph_read(struct onnx_model *m, struct span bytes, const char *path, struct arena *a, struct err *e)
{
    const struct source s = {.path = path, .first = bytes.at, .a = a, .e = e};
    struct pb w = pb_of(bytes);
    struct pb_field f;
    const char *text[2];
    int rc = 0;
    *m = (struct onnx_model){.producer = ""};
    while (rc == 0 && pb_next(&w, &f)) {
        int64_t version = 0;
        if (is_bytes(&f, MODEL_GRAPH) && !m->graph) {
            rc = read_graph(&s, f.span, 0, &m->graph);
        } else if (is_bytes(&f, MODEL_PRODUCER)) {
            m->producer = text_of(&s, f.span);
        } else if (is_bytes(&f, MODEL_OPSET)) {
            rc = read_pair(&s, f.span, text, &version);
            m->opset = rc == 0 && (!text[0][0] || strcmp(text[0], "ai.onnx") == 0) ? version : m->opset;
        } else if (is_bytes(&f, MODEL_METADATA)) {
            rc = read_pair(&s, f.span, text, &version);
            m->exits = rc == 0 && strcmp(text[0], "exits") == 0 ? text[1] : m->exits;
        }
    }
    rc = rc ? rc : ended(&s, &w);
    if (rc == 0 && (!m->graph || m->graph->n_node == 0)) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found no graph with nodes, wanted an ONNX model", path);
    }
    return rc == 0 && a->failed ? no_memory(&s) : rc;
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
