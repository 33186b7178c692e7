/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/infer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/text.h"

struct onnx_value *onnx_find(const struct onnx_scope *s, const char *name)
{
    for (; s; s = s->outer) {
        uint32_t row = names_find(&s->names, name);
        if (row != NAME_NONE) {
            return s->value[row];
        }
    }
    return NULL;
}

struct onnx_value *onnx_add(const struct onnx_infer *x, struct onnx_scope *s, const struct onnx_value *v)
{
    struct onnx_value *copy = ARENA_NEW(x->a, 1, struct onnx_value);
    uint32_t n = s->names.n, row = copy ? names_add(&s->names, v->name) : NAME_NONE;
    if (row == n && n == s->room) {
        s->room = 2 * s->room + 64;
        struct onnx_value **more = ARENA_NEW(x->a, s->room, struct onnx_value *);
        if (more && n) {
            memcpy(more, s->value, n * sizeof *more);
        }
        s->value = more;
    }
    if (x->a->failed || row == NAME_NONE) {
        return NULL;
    }
    *copy = *v;
    return s->value[row] = copy;
}

double onnx_bytes(const struct onnx_value *v)
{
    return op_is_known(v) ? op_elements(v) * onnx_type_bytes(v->type) : NAN;
}

static int no_memory(const struct onnx_infer *x)
{
    return ERR_SET(x->e, ERR_MEMORY, "%s: out of memory", x->path);
}

/* "node 12 (Conv, conv1)" */
static const char *called(const struct onnx_node *n, uint32_t number, char *buf, size_t room)
{
    char op[TEXT_SHOWN], name[TEXT_SHOWN];
    snprintf(buf, room, "node %u (%s%s%s)", number, text_show(n->op, strlen(n->op), op), n->name[0] ? ", " : "",
             text_show(n->name, strlen(n->name), name));
    return buf;
}

static int find_inputs(const struct onnx_infer *x, const struct onnx_node *n, uint32_t number, const struct onnx_scope *scope,
                       struct onnx_value **in)
{
    char node[3 * TEXT_SHOWN], name[TEXT_SHOWN];
    for (uint32_t i = 0; i < n->n_in; i++) {
        in[i] = n->in[i][0] ? onnx_find(scope, n->in[i]) : NULL;
        if (n->in[i][0] && !in[i]) {
            return ERR_SET(x->e, ERR_INPUT, "%s: %s: found the input %s, which no node before it makes, wanted one that is there",
                           x->path, called(n, number, node, sizeof node), text_show(n->in[i], strlen(n->in[i]), name));
        }
    }
    return 0;
}

/* Outputs, with what the file declares of them. */
static int add_outputs(const struct onnx_infer *x, const struct onnx_node *n, uint32_t number, const struct onnx_scope *declared,
                       struct onnx_scope *scope, struct onnx_value **out)
{
    char node[3 * TEXT_SHOWN], name[TEXT_SHOWN];
    for (uint32_t o = 0; o < n->n_out; o++) {
        const struct onnx_value *known = n->out[o][0] ? onnx_find(declared, n->out[o]) : NULL;
        struct onnx_value fresh = {.name = n->out[o], .n_dim = -1, .row = DNN_NONE};
        if (known) {
            fresh = *known;
        }
        out[o] = NULL;
        if (!n->out[o][0]) {
            continue;
        }
        if (names_find(&scope->names, n->out[o]) != NAME_NONE) {
            return ERR_SET(x->e, ERR_INPUT, "%s: %s: found the output %s, which is there already, wanted a name of its own",
                           x->path, called(n, number, node, sizeof node), text_show(n->out[o], strlen(n->out[o]), name));
        }
        out[o] = onnx_add(x, scope, &fresh);
        if (!out[o]) {
            return no_memory(x);
        }
    }
    return 0;
}

/* What a graph within a node costs in all. */
struct inner {
    struct onnx_cost sum;
};

static int add_up(void *to, const struct onnx_node *n, uint32_t number, struct onnx_value **in, struct onnx_value **out,
                  const struct onnx_cost *cost)
{
    struct onnx_cost *s = &((struct inner *)to)->sum;
    (void)n, (void)number, (void)in, (void)out;
    s->mac += cost->mac;
    s->flop += cost->flop;
    s->read_bytes += cost->read_bytes;
    s->written_bytes += cost->written_bytes;
    s->parameters += cost->parameters;
    s->parameter_bytes += cost->parameter_bytes;
    return 0;
}

/* Weights among the inputs of a node; wholes of 64 bits are shapes and indices. */
static void count_parameters(const struct onnx_node *n, struct onnx_value **in, struct onnx_cost *c)
{
    for (uint32_t i = 0; i < n->n_in; i++) {
        struct onnx_value *v = in[i];
        if (v && v->constant && !v->counted && v->type != ONNX_INT64 && v->type != ONNX_STRING && op_is_known(v)) {
            v->counted = true;
            c->parameters += op_elements(v);
            c->parameter_bytes += onnx_bytes(v);
        }
    }
}

static int infer_inner(const struct onnx_infer *x, const struct onnx_graph *g, const struct onnx_scope *outer, struct inner *sum,
                       struct onnx_scope *scope, struct err *e)
{
    struct onnx_infer within = *x;
    within.e = e;
    *sum = (struct inner){0};
    *scope = (struct onnx_scope){.names.arena = x->a, .outer = outer};
    within.layer = add_up;
    within.to = sum;
    for (uint32_t k = 0; k < g->n_input; k++) {
        if (!onnx_add(x, scope, &g->input[k])) {
            return no_memory(&within);
        }
    }
    return onnx_infer(&within, g, scope);
}

/* A branch gives its shape to an output; where the other one gives another, none is known. */
static void meet(struct onnx_value *out, const struct onnx_value *v, bool first)
{
    bool same = out->n_dim == v->n_dim && out->type == v->type;
    for (int i = 0; i < v->n_dim && same; i++) {
        same = out->dim[i] == v->dim[i];
    }
    if (first) {
        out->type = v->type;
        out->n_dim = v->n_dim;
        memcpy(out->dim, v->dim, sizeof v->dim);
    } else if (!same) {
        out->n_dim = -1;
    }
}

/* The branches of an If: the dearer counts, unless it is known which is taken.  One that contradicts its inputs is not. */
static int infer_if(const struct onnx_infer *x, const struct onnx_node *n, const struct onnx_scope *scope,
                    struct onnx_value **in, struct onnx_value **out, struct onnx_cost *cost)
{
    static const char *const branch[] = {"then_branch", "else_branch"};
    const double *test = n->n_in && in[0] && in[0]->n_number == 1 ? in[0]->number : NULL;
    int first = test && test[0] == 0 ? 1 : 0, last = test && test[0] != 0 ? 0 : 1;
    struct err fault = {0};
    bool fits = false;
    *cost = (struct onnx_cost){.mac = 0};
    for (int b = first; b <= last; b++) {
        const struct onnx_attribute *at = onnx_attribute(n, branch[b]);
        struct onnx_scope inside;
        struct inner sum;
        if (!at || at->n_graph == 0) {
            return ERR_SET(x->e, ERR_INPUT, "%s: found an If without a %s, wanted both", x->path, branch[b]);
        }
        int rc = infer_inner(x, at->graph[0], scope, &sum, &inside, &fault);
        if (rc == -ERR_INPUT) {
            continue;
        }
        if (rc) {
            *x->e = fault;
            return rc;
        }
        for (uint32_t o = 0; o < n->n_out && o < at->graph[0]->n_output; o++) {
            const struct onnx_value *v = onnx_find(&inside, at->graph[0]->output[o].name);
            if (out[o] && v) {
                meet(out[o], v, !fits);
            }
        }
        cost->mac = fmax(cost->mac, sum.sum.mac);
        cost->flop = isnan(cost->flop) || isnan(sum.sum.flop) ? NAN : fmax(cost->flop, sum.sum.flop);
        cost->read_bytes = fmax(cost->read_bytes, sum.sum.read_bytes);
        cost->written_bytes = fmax(cost->written_bytes, sum.sum.written_bytes);
        cost->parameters += sum.sum.parameters;
        cost->parameter_bytes += sum.sum.parameter_bytes;
        fits = true;
    }
    cost->unknown = isnan(cost->flop);
    if (!fits) {
        *x->e = fault;
    }
    return fits ? 0 : -ERR_INPUT;
}

/* What is usual, where the rule said nothing else. */
static void complete(const struct op *op, const struct op_call *c, struct onnx_cost *cost)
{
    double read = 0, written = 0;
    for (uint32_t i = 0; i < c->n_in; i++) {
        read += c->in[i] ? onnx_bytes(c->in[i]) : 0;
    }
    for (uint32_t o = 0; o < c->n_out; o++) {
        written += c->out[o] ? onnx_bytes(c->out[o]) : 0;
    }
    double first = c->n_out && c->out[0] && op_is_known(c->out[0]) ? op_elements(c->out[0]) : NAN;
    double each = op->per_element > 0 ? op->per_element * first : 0;
    *cost = (struct onnx_cost){
        .mac = isnan(c->mac) ? 0 : c->mac,
        .flop = isnan(c->flop) ? each : c->flop,
        .read_bytes = op->view ? 0 : isnan(c->read_bytes) ? read : c->read_bytes,
        .written_bytes = op->view ? 0 : isnan(c->written_bytes) ? written : c->written_bytes,
    };
}

static int infer_node(const struct onnx_infer *x, const struct onnx_node *n, uint32_t number, const struct onnx_scope *scope,
                      struct onnx_value **in, struct onnx_value **out, struct onnx_cost *cost)
{
    char node[3 * TEXT_SHOWN];
    const struct op *op = op_find(n);
    struct op_call c = {.node = n, .model = x->model, .a = x->a, .n_in = n->n_in, .n_out = n->n_out,
                        .in = (const struct onnx_value *const *)in, .out = out, .mac = NAN, .flop = NAN, .read_bytes = NAN,
                        .written_bytes = NAN};
    if (strcmp(n->op, "If") == 0 && !n->domain[0]) {
        return infer_if(x, n, scope, in, out, cost);
    }
    int rc = op ? op->rule(&c) : OP_UNKNOWN;
    if (rc < 0) {
        return ERR_SET(x->e, ERR_INPUT, "%s: %s: %s", x->path, called(n, number, node, sizeof node), c.fault);
    }
    *cost = (struct onnx_cost){.mac = NAN, .flop = NAN, .read_bytes = NAN, .written_bytes = NAN, .unknown = true};
    if (rc == OP_FINE) {
        complete(op, &c, cost);
    } else if (op && op->per_element > 0 && n->n_out && out[0] && op_is_known(out[0])) {
        complete(op, &c, cost); /* the file says what we could not work out */
    }
    return x->a->failed ? no_memory(x) : 0;
}

/* A node whose result never changes: a constant, a shape, or made of such alone. */
static bool is_constant(const struct onnx_node *n, struct onnx_value **in, struct onnx_value **out)
{
    bool all = strcmp(n->op, "If") != 0 && strncmp(n->op, "Random", 6) != 0 && op_find(n) != NULL &&
               strcmp(n->op, "DequantizeLinear") != 0;
    bool known = n->n_out > 0 && out[0] && out[0]->number;
    for (uint32_t i = 0; i < n->n_in; i++) {
        all = all && (!in[i] || in[i]->constant);
    }
    return known || all || strcmp(n->op, "Shape") == 0 || strcmp(n->op, "Size") == 0;
}

int onnx_infer(const struct onnx_infer *x, const struct onnx_graph *g, struct onnx_scope *scope)
{
    struct onnx_scope declared = {.names.arena = x->a};
    uint32_t most = 0;
    for (uint32_t k = 0; k < g->n_constant; k++) {
        if (!onnx_add(x, scope, &g->constant[k])) {
            return no_memory(x);
        }
    }
    for (uint32_t k = 0; k < g->n_known + g->n_output; k++) {
        const struct onnx_value *v = k < g->n_known ? &g->known[k] : &g->output[k - g->n_known];
        if (op_is_known(v) && !onnx_add(x, &declared, v)) {
            return no_memory(x);
        }
    }
    for (uint32_t k = 0; k < g->n_node; k++) {
        uint32_t n = g->node[k].n_in + g->node[k].n_out;
        most = n > most ? n : most;
    }
    struct onnx_value **link = ARENA_NEW(x->a, most + 1, struct onnx_value *);
    if (!link) {
        return no_memory(x);
    }
    for (uint32_t k = 0; k < g->n_node; k++) {
        const struct onnx_node *n = &g->node[k];
        struct onnx_value **in = link, **out = link + n->n_in;
        struct onnx_cost cost;
        int rc = find_inputs(x, n, k, scope, in);
        rc = rc ? rc : add_outputs(x, n, k, &declared, scope, out);
        rc = rc ? rc : infer_node(x, n, k, scope, in, out, &cost);
        if (rc) {
            return rc;
        }
        bool constant = is_constant(n, in, out);
        for (uint32_t o = 0; o < n->n_out; o++) {
            if (out[o]) {
                out[o]->constant = constant;
            }
        }
        if (!constant) {
            count_parameters(n, in, &cost);
        }
        rc = constant ? 0 : x->layer(x->to, n, k, in, out, &cost);
        if (rc) {
            return rc;
        }
    }
    return 0;
}
