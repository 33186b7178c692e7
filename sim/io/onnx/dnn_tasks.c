/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/dnn_tasks.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "sim/base/names.h"
#include "sim/model/graph.h"
#include "sim/io/onnx/dnn_operators.h"

enum { NAME = 64, PATH = 512, COMMENT = 60 };

struct page {
    FILE *out;
    const struct dnn *d;
    const struct dnn_tasks_request *q;
    struct dnn_parts parts;
    struct arena a;
    const char **name; /* [parts.n] */
    int indent;
};

double dnn_layer_s(const struct dnn_layer *l, const struct dnn_device *on)
{
    double bytes = l->read_bytes + l->written_bytes;
    return l->flop == 0 && bytes == 0 ? 0 : on->overhead_s + fmax(l->flop / on->speed_flops, bytes / on->bytes_per_s);
}

static int check(const struct page *p, struct err *e)
{
    const struct dnn *d = p->d;
    for (uint32_t k = 0; k < d->n_layer; k++) {
        const struct dnn_layer *l = &d->layer[k];
        if (isnan(l->flop) || ((p->q->n_device > 0 || p->q->operators) && isnan(l->read_bytes + l->written_bytes))) {
            return ERR_SET(e, ERR_INPUT, "%s: found layer %s (%s), whose cost is not known, wanted layers that are all known",
                           p->q->path, l->name, l->op);
        }
    }
    for (uint32_t i = 0; i < p->parts.n_edge; i++) {
        if (isnan(p->parts.edge[i].bytes)) {
            return ERR_SET(e, ERR_INPUT, "%s: found data of unknown size between layers, wanted all known", p->q->path);
        }
    }
    return p->parts.n < GRAPH_TASKS ? 0
                                    : ERR_SET(e, ERR_INPUT, "%s: found %u tasks, wanted at most %d: try --tasks=chain",
                                              p->q->path, p->parts.n, GRAPH_TASKS - 1);
}

/* "conv1", "conv2", ...: the operator of the first layer, counted. */
static int name_parts(struct page *p, struct err *e)
{
    struct names op = {.arena = &p->a};
    uint32_t *count = ARENA_NEW(&p->a, p->parts.n + 1, uint32_t);
    p->name = ARENA_NEW(&p->a, p->parts.n + 1, const char *);
    for (uint32_t i = 0; i < p->parts.n && !p->a.failed; i++) {
        const char *from = p->d->layer[p->parts.first[i]].op;
        char word[NAME];
        size_t n = 0;
        for (; *from && n < 40; from++) {
            if (isalnum((unsigned char)*from)) {
                word[n++] = (char)tolower((unsigned char)*from);
            }
        }
        word[n] = '\0';
        uint32_t row = names_add(&op, arena_format(&p->a, "%s", isalpha((unsigned char)word[0]) ? word : "layer"));
        p->name[i] = row == NAME_NONE ? NULL : arena_format(&p->a, "%s%u", op.name[row], ++count[row]);
    }
    return p->a.failed ? ERR_SET(e, ERR_MEMORY, "out of memory") : 0;
}

static void print_work(const struct page *p, uint32_t part)
{
    double flop = 0;
    fprintf(p->out, "work: ");
    if (p->q->operators) {
        dnn_operators_print(p->out, p->d, p->parts.of, part);
        return;
    }
    for (uint32_t i = 0; i < p->q->n_device; i++) {
        double s = 0;
        for (uint32_t k = 0; k < p->d->n_layer; k++) {
            s += p->parts.of[k] == part ? dnn_layer_s(&p->d->layer[k], &p->q->device[i]) : 0;
        }
        fprintf(p->out, "%s%s: %.6g ms", i ? ", " : "{seconds: {", p->q->device[i].name, s * 1e3);
    }
    for (uint32_t k = 0; p->q->n_device == 0 && k < p->d->n_layer; k++) {
        flop += p->parts.of[k] == part ? p->d->layer[k].flop : 0;
    }
    if (p->q->n_device == 0) {
        fprintf(p->out, "%.9g MFLOP", flop / 1e6);
    } else {
        fprintf(p->out, "}}");
    }
}

/* What reads the model's input beside other data needs it from a task of no work. */
static bool needs_input_task(const struct dnn_parts *x)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < x->n; i++) {
        n += x->input_bytes[i] > 0 ? 1 : 0;
    }
    return n > 1 || !(x->input_bytes[0] > 0);
}

/* The layers of a part, as a comment. */
static void print_layers(const struct page *p, uint32_t part)
{
    int n = 0;
    for (uint32_t k = 0; k < p->d->n_layer; k++) {
        if (p->parts.of[k] == part) {
            n += n < COMMENT ? fprintf(p->out, "%s %.24s", n ? "," : " #", p->d->layer[k].op) : 0;
        }
    }
    fprintf(p->out, n < COMMENT ? "\n" : ", ...\n");
}

static void print_task(const struct page *p, uint32_t part, bool has_input, uint32_t *edge)
{
    const struct dnn_parts *x = &p->parts;
    bool more = false;
    fprintf(p->out, "%*s%s: {", p->indent + 2, "", p->name[part]);
    print_work(p, part);
    if (has_input && x->input_bytes[part] > 0) {
        fprintf(p->out, ", after: {input: %.17g B", x->input_bytes[part]);
        more = true;
    }
    for (; *edge < x->n_edge && x->edge[*edge].to == part; (*edge)++) {
        fprintf(p->out, "%s%s: %.17g B", more ? ", " : ", after: {", p->name[x->edge[*edge].from], x->edge[*edge].bytes);
        more = true;
    }
    fputs(more ? "}" : "", p->out);
    if (x->output_bytes[part] > 0) {
        fprintf(p->out, ", output: %.17g B", x->output_bytes[part]);
    }
    fputc('}', p->out);
    print_layers(p, part);
}

static void print_heading(struct page *p)
{
    char path[PATH], *rest = NULL;
    fprintf(p->out, "# %u tasks from the %u layers of %s, by tiersim profile --tasks=%s\n", p->parts.n, p->d->n_layer, p->d->name,
            p->q->form == DNN_CHAIN ? "chain" : "graph");
    for (uint32_t i = 0; i < p->q->n_device; i++) {
        const struct dnn_device *on = &p->q->device[i];
        fprintf(p->out, "# %s: %.6g GFLOP/s, %.6g GB/s, %.6g ms a layer\n", on->name, on->speed_flops / 1e9, on->bytes_per_s / 1e9,
                on->overhead_s * 1e3);
    }
    snprintf(path, sizeof path, "%s", p->q->under ? p->q->under : "");
    for (char *key = strtok_r(path, ".", &rest); key; key = strtok_r(NULL, ".", &rest)) {
        fprintf(p->out, "%*s%s:\n", p->indent, "", key);
        p->indent += 2;
    }
}

static void print(struct page *p)
{
    const struct dnn_parts *x = &p->parts;
    double input = 0;
    uint32_t edge = 0;
    for (uint32_t t = 0; t < p->d->n_tensor; t++) {
        const struct dnn_tensor *y = &p->d->tensor[t];
        input += y->input && y->last != DNN_NONE ? y->bytes : 0;
    }
    print_heading(p);
    fprintf(p->out, "%*sinput: %.17g B\n", p->indent, "", input);
    fprintf(p->out, "%*stasks:\n", p->indent, "");
    bool has_input = needs_input_task(x);
    if (has_input) {
        fprintf(p->out, "%*sinput: {work: 0 FLOP}\n", p->indent + 2, "");
    }
    for (uint32_t i = 0; i < x->n; i++) {
        print_task(p, i, has_input, &edge);
    }
}

int dnn_tasks_print(FILE *out, const struct dnn *d, const struct dnn_tasks_request *q, struct err *e)
{
    struct page p = {.out = out, .d = d, .q = q};
    int rc = dnn_parts(&p.parts, d, q->form, q->most, &p.a) ? ERR_SET(e, ERR_MEMORY, "out of memory") : 0;
    rc = rc ? rc : check(&p, e);
    rc = rc ? rc : name_parts(&p, e);
    if (rc == 0) {
        print(&p);
    }
    arena_clear(&p.a);
    return rc;
}
