/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/onnx.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/base/quantity.h"
#include "sim/base/text.h"
#include "sim/io/file.h"
#include "sim/io/onnx/infer.h"

/* The tables under construction: rooms are those of the file's nodes. */
struct making {
    const struct onnx_request *q;
    struct arena *a;
    struct err *e;
    struct dnn *d;
    uint32_t tensor_room;
};

static int no_memory(const struct making *m)
{
    return ERR_SET(m->e, ERR_MEMORY, "%s: out of memory", m->q->path);
}

/* Row of a tensor, which is added if it is new. */
static uint32_t tensor_row(struct making *m, struct onnx_value *v)
{
    struct dnn *d = m->d;
    if (v->row != DNN_NONE) {
        return v->row;
    }
    CHECK(d->n_tensor < m->tensor_room);
    struct dnn_tensor *t = &d->tensor[d->n_tensor];
    *t = (struct dnn_tensor){.name = v->name, .type = onnx_type_name(v->type), .known = op_is_known(v), .bytes = onnx_bytes(v),
                             .maker = DNN_NONE, .last = DNN_NONE, .parameter = v->constant};
    if (t->known) {
        t->n_dim = (uint32_t)v->n_dim;
        memcpy(t->dim, v->dim, sizeof t->dim);
    }
    return v->row = d->n_tensor++;
}

static int add_layer(void *to, const struct onnx_node *n, uint32_t number, struct onnx_value **in, struct onnx_value **out,
                     const struct onnx_cost *cost)
{
    struct making *m = to;
    struct dnn *d = m->d;
    uint32_t k = d->n_layer++, *in_row = ARENA_NEW(m->a, n->n_in + 1, uint32_t), *out_row = ARENA_NEW(m->a, n->n_out + 1, uint32_t);
    if (!in_row || !out_row) {
        return no_memory(m);
    }
    struct dnn_layer *l = &d->layer[k];
    *l = (struct dnn_layer){.name = n->name[0] ? n->name : arena_format(m->a, "%s_%u", n->op, number), .op = n->op,
                            .in = in_row, .out = out_row, .mac = cost->mac, .flop = cost->flop, .read_bytes = cost->read_bytes,
                            .written_bytes = cost->written_bytes, .parameters = cost->parameters,
                            .parameter_bytes = cost->parameter_bytes, .unknown = cost->unknown};
    for (uint32_t i = 0; i < n->n_in; i++) {
        if (in[i]) {
            in_row[l->n_in++] = tensor_row(m, in[i]);
        }
    }
    for (uint32_t o = 0; o < n->n_out; o++) {
        if (out[o]) {
            out_row[l->n_out] = tensor_row(m, out[o]);
            d->tensor[out_row[l->n_out++]].maker = k;
        }
    }
    return 0;
}

int onnx_parse_given(const char *text, bool shape, struct onnx_given *g)
{
    uint32_t n = 0;
    const char *at = text;
    for (char *end = NULL; *at || n == 0; at = *end == 'x' ? end + 1 : end) {
        errno = 0;
        const long long size = strtoll(at, &end, 10);
        if (!isdigit((unsigned char)*at) || errno || size < 1 || size > (long long)1 << 40 || n == DNN_DIMS ||
            (*end && (*end != 'x' || !shape || !end[1]))) {
            return -1;
        }
        g->dim[n++] = size;
    }
    g->n_dim = shape ? n : 0;
    return 0;
}

static const struct onnx_given *given(const struct onnx_request *q, const char *name, bool shape)
{
    for (uint32_t i = 0; i < q->n_given; i++) {
        if ((q->given[i].n_dim > 0) == shape && strcmp(q->given[i].name, name) == 0) {
            return &q->given[i];
        }
    }
    return NULL;
}

/* The shape of an input in full: as the user, then the file has it, one of a batch. */
static int settle(struct making *m, struct onnx_value *v)
{
    const struct onnx_given *shape = given(m->q, v->name, true);
    char name[TEXT_SHOWN];
    text_show(v->name, strlen(v->name), name);
    if (shape) {
        if (v->n_dim >= 0 && (uint32_t)v->n_dim != shape->n_dim) {
            return ERR_SET(m->e, ERR_INPUT, "%s: input %s: found a shape of %u dimensions, wanted %d", m->q->path, name,
                           shape->n_dim, v->n_dim);
        }
        v->n_dim = (int)shape->n_dim;
        memcpy(v->dim, shape->dim, sizeof v->dim);
    }
    double elements = 1;
    for (int i = 0; i < v->n_dim; i++) {
        const struct onnx_given *size = v->symbol[i] ? given(m->q, v->symbol[i], false) : NULL;
        bool batch = i == 0 || (v->symbol[i] && strcmp(v->symbol[i], "batch") == 0);
        v->dim[i] = v->dim[i] >= 0 ? v->dim[i] : size ? size->dim[0] : batch ? 1 : -1;
        if (v->dim[i] < 0 && v->symbol[i]) {
            return ERR_SET(m->e, ERR_INPUT, "%s: input %s: found dimension %d left open as %s, wanted its size (dim %s=SIZE)",
                           m->q->path, name, i + 1, v->symbol[i], v->symbol[i]);
        }
        if (v->dim[i] < 0) {
            return ERR_SET(m->e, ERR_INPUT, "%s: input %s: found dimension %d of %d left open, wanted its shape (shape %s=...)",
                           m->q->path, name, i + 1, v->n_dim, name);
        }
        elements *= v->dim[i] > 0 ? (double)v->dim[i] : 1;
    }
    return elements <= ONNX_ELEMENTS ? 0 : ERR_SET(m->e, ERR_INPUT, "%s: input %s: found more than 2^50 elements, wanted fewer",
                                                   m->q->path, name);
}

/* What the user gives has to be there. */
static int check_given(const struct making *m, const struct onnx_graph *g)
{
    for (uint32_t k = 0; k < m->q->n_given; k++) {
        const struct onnx_given *x = &m->q->given[k];
        bool used = false;
        for (uint32_t i = 0; i < g->n_input; i++) {
            used = used || (x->n_dim > 0 && strcmp(g->input[i].name, x->name) == 0);
            for (int j = 0; x->n_dim == 0 && j < g->input[i].n_dim; j++) {
                used = used || (g->input[i].symbol[j] && strcmp(g->input[i].symbol[j], x->name) == 0);
            }
        }
        if (!used) {
            return ERR_SET(m->e, ERR_INPUT, "%s: found no %s %s, wanted one of those that the model has", m->q->path,
                           x->n_dim ? "input" : "dimension", x->name);
        }
    }
    return 0;
}

static int add_inputs(struct making *m, const struct onnx_infer *x, const struct onnx_graph *g, struct onnx_scope *scope)
{
    struct names constant = {.arena = m->a};
    int rc = check_given(m, g);
    for (uint32_t k = 0; k < g->n_constant; k++) {
        names_add(&constant, g->constant[k].name);
    }
    for (uint32_t k = 0; rc == 0 && k < g->n_input; k++) {
        struct onnx_value *v = &g->input[k];
        if (names_find(&constant, v->name) != NAME_NONE) {
            continue; /* a weight that says its shape as an input, as files of old do */
        }
        v->row = DNN_NONE;
        rc = settle(m, v);
        struct onnx_value *own = rc ? NULL : onnx_add(x, scope, v);
        if (rc == 0 && !own) {
            return no_memory(m);
        }
        if (rc == 0) {
            m->d->tensor[tensor_row(m, own)].input = true;
        }
    }
    return rc;
}

enum { EXITS = 64 };

/* "0.4:0.95" behind a tensor's name: share and accuracy, each of which may be left out. */
static int parse_declared(const char *at, struct dnn_exit *exit)
{
    double *value[] = {&exit->share, &exit->accuracy};
    for (int i = 0; i < 2 && at; i++) {
        const size_t n = strcspn(at, ":");
        if (n > 0 && (number_parse(at, n, value[i]) || !(*value[i] >= 0 && *value[i] <= 1))) {
            return -ERR_INPUT;
        }
        at = at[n] ? at + n + 1 : NULL;
    }
    return at ? -ERR_INPUT : 0;
}

/* The exit of a tensor, which is new unless it has been declared before. */
static struct dnn_exit *exit_of(struct making *m, uint32_t tensor)
{
    struct dnn *d = m->d;
    for (uint32_t i = 0; i < d->n_exit; i++) {
        if (d->exit[i].tensor == tensor) {
            return &d->exit[i];
        }
    }
    struct dnn_exit *x = d->n_exit < EXITS ? &d->exit[d->n_exit++] : NULL;
    if (x) {
        *x = (struct dnn_exit){.tensor = tensor, .share = NAN, .accuracy = NAN};
    }
    return x;
}

/* TENSOR, or TENSOR=SHARE:ACCURACY. */
static int add_exit(struct making *m, const struct onnx_scope *scope, const char *written)
{
    const char *equals = strrchr(written, '='), *name = written;
    const struct onnx_value *v = onnx_find(scope, written);
    if (!v && equals) {
        name = arena_copy_n(m->a, written, (size_t)(equals - written));
        v = name ? onnx_find(scope, name) : NULL;
    }
    if (!name) {
        return no_memory(m);
    }
    if (!v || v->row == DNN_NONE || m->d->tensor[v->row].maker == DNN_NONE) {
        return ERR_SET(m->e, ERR_INPUT, "%s: found the exit %s, wanted the name of a tensor that a layer makes", m->q->path, name);
    }
    struct dnn_exit *x = exit_of(m, v->row);
    if (!x) {
        return ERR_SET(m->e, ERR_INPUT, "%s: found more than %d exits, wanted fewer", m->q->path, EXITS);
    }
    x->name = name;
    return name == written || parse_declared(equals + 1, x) == 0
               ? 0
               : ERR_SET(m->e, ERR_INPUT, "%s: found the exit %s, wanted TENSOR=SHARE:ACCURACY with numbers from 0 to 1 such as "
                                          "%s=0.4:0.95", m->q->path, written, name);
}

/* Exits of the file, "a, b", and those that the user names, who may declare more of the same. */
static int add_exits(struct making *m, const struct onnx_scope *scope, const char *written)
{
    int rc = 0;
    m->d->exit = ARENA_NEW(m->a, EXITS, struct dnn_exit);
    if (!m->d->exit) {
        return no_memory(m);
    }
    for (const char *at = written; rc == 0 && at; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        size_t n = strcspn(at, ", ");
        const char *one = n ? arena_copy_n(m->a, at, n) : NULL;
        rc = one ? add_exit(m, scope, one) : n ? no_memory(m) : 0;
    }
    for (uint32_t i = 0; rc == 0 && i < m->q->n_exit; i++) {
        rc = add_exit(m, scope, m->q->exit[i]);
    }
    return rc;
}

static int make(struct making *m, struct onnx_model *model, struct dnn **to)
{
    struct onnx_graph *g = model->graph;
    uint32_t room = g->n_input + g->n_constant + 1;
    for (uint32_t k = 0; k < g->n_constant; k++) {
        g->constant[k].row = DNN_NONE;
    }
    for (uint32_t k = 0; k < g->n_known; k++) {
        g->known[k].row = DNN_NONE;
    }
    for (uint32_t k = 0; k < g->n_output; k++) {
        g->output[k].row = DNN_NONE;
    }
    for (uint32_t k = 0; k < g->n_node; k++) {
        room += g->node[k].n_out;
    }
    struct dnn *d = m->d = ARENA_NEW(m->a, 1, struct dnn);
    if (!d) {
        return no_memory(m);
    }
    const char *slash = strrchr(m->q->path, '/');
    m->tensor_room = room;
    d->name = g->name[0] ? g->name : arena_copy(m->a, slash ? slash + 1 : m->q->path);
    d->layer = ARENA_NEW(m->a, g->n_node, struct dnn_layer);
    d->tensor = ARENA_NEW(m->a, room, struct dnn_tensor);
    if (m->a->failed) {
        return no_memory(m);
    }
    const struct onnx_infer x = {.path = m->q->path, .model = model, .a = m->a, .e = m->e, .layer = add_layer, .to = m};
    struct onnx_scope scope = {.names.arena = m->a};
    int rc = add_inputs(m, &x, g, &scope);
    rc = rc ? rc : onnx_infer(&x, g, &scope);
    for (uint32_t k = 0; rc == 0 && k < g->n_output; k++) {
        const struct onnx_value *v = onnx_find(&scope, g->output[k].name);
        if (v && v->row != DNN_NONE) {
            d->tensor[v->row].result = true;
        }
    }
    rc = rc ? rc : add_exits(m, &scope, model->exits);
    if (rc == 0 && d->n_layer == 0) {
        rc = ERR_SET(m->e, ERR_INPUT, "%s: found nothing that depends on an input, wanted a layer", m->q->path);
    }
    rc = rc ? rc : dnn_finish(d, m->a) ? no_memory(m) : 0;
    *to = d;
    return rc;
}

int onnx_read(const struct onnx_request *q, struct arena *a, struct dnn **d, struct err *e)
{
    struct making m = {.q = q, .a = a, .e = e};
    struct onnx_model model;
    size_t n = 0;
    int fd = -1, rc = file_open(q->path, &fd, &n, e);
    void *bytes = rc == 0 && n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (rc == 0 && n == 0) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found an empty file, wanted an ONNX model", q->path);
    } else if (bytes == MAP_FAILED) {
        rc = ERR_SET(e, ERR_IO, "%s: the file cannot be read: %s", q->path, strerror(errno));
    }
    rc = rc ? rc : onnx_graph_read(&model, bytes, n, q->path, a, e);
    rc = rc ? rc : make(&m, &model, d);
    if (bytes && bytes != MAP_FAILED) {
        munmap(bytes, n);
    }
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}
