/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/onnx/dnn_tasks.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/model/graph.h"
#include "sim/io/onnx/dnn_operators.h"

enum { NAME = 64, PATH = 512, COMMENT = 60 };

struct page {
    FILE *out;
    const struct dnn *d;
    const struct dnn_tasks_request *q;
    const struct dnn_tasks *t;
    const bool *fused;
    int indent;
};

double dnn_layer_s(const struct dnn_layer *l, const struct dnn_device *on)
{
    double bytes = l->read_bytes + l->written_bytes;
    return l->flop == 0 && bytes == 0 ? 0 : on->overhead_s + fmax(l->flop / on->speed_flops, bytes / on->bytes_per_s);
}

/* Every layer that is taken must have a cost, and all data a size. */
static int check(const struct page *p, struct err *e)
{
    const struct dnn_parts *x = &p->t->parts;
    for (uint32_t i = x->begin[p->t->first]; i < x->begin[p->t->last + 1]; i++) {
        const struct dnn_layer *l = &p->d->layer[x->layer[i]];
        if (isnan(l->flop) || ((p->q->n_device > 0 || p->q->operators) && isnan(l->read_bytes + l->written_bytes))) {
            return ERR_SET(e, ERR_INPUT, "%s: found layer %s (%s), whose cost is not known, wanted layers that are all known",
                           p->q->path, l->name, l->op);
        }
    }
    bool known = !isnan(x->all_input_bytes);
    for (uint32_t i = 0; i < x->n_edge; i++) {
        known = known && !isnan(x->edge[i].bytes);
    }
    for (uint32_t i = p->t->first; i <= p->t->last; i++) {
        known = known && !isnan(x->output_bytes[i]);
    }
    return known ? 0 : ERR_SET(e, ERR_INPUT, "%s: found data of unknown size between layers, wanted all known", p->q->path);
}

/* An exit whose results others read, too, is a task of its own behind that: who leaves it out does not leave out what they read. */
static bool ends_as_exit(const struct dnn_parts *p, uint32_t part)
{
    return p->exit[part] != DNN_NONE && !p->is_read[part];
}

/* "conv", or "layer" if the operator's name begins with no letter. */
static void make_word(const char *op, char word[NAME])
{
    size_t n = 0;
    for (; *op && n < 40; op++) {
        if (isalnum((unsigned char)*op)) {
            word[n++] = (char)tolower((unsigned char)*op);
        }
    }
    word[n] = '\0';
    if (!isalpha((unsigned char)word[0])) {
        snprintf(word, NAME, "layer");
    }
}

static void add_name(struct dnn_tasks *t, const char *name, uint32_t part)
{
    if (name && names_add(&t->names, name) != NAME_NONE) {
        t->part[t->names.n - 1] = part;
    }
}

int dnn_tasks_name(struct dnn_tasks *t, const struct dnn *d, const struct dnn_tasks_request *q, struct arena *a, struct err *e)
{
    struct names words = {.arena = a};
    *t = (struct dnn_tasks){.names.arena = a};
    int rc = dnn_parts(&t->parts, d, q->form, q->most, a);
    const struct dnn_parts *p = &t->parts;
    const uint32_t n = rc ? 0 : p->n;
    uint32_t *count = ARENA_NEW(a, n + 1, uint32_t);
    t->last = n - 1;
    t->part = ARENA_NEW(a, n + d->n_exit + 1, uint32_t);
    t->exit = ARENA_NEW(a, n + 1, uint32_t);
    for (uint32_t i = 0; i < n && !a->failed; i++) {
        char word[NAME];
        if (ends_as_exit(p, i)) {
            add_name(t, arena_format(a, "exit%u", p->exit[i] + 1), i);
            t->exit[i] = i;
            continue;
        }
        make_word(d->layer[p->layer[p->begin[i]]].op, word);
        const char *kept = arena_copy(a, word);
        const uint32_t row = kept ? names_add(&words, kept) : NAME_NONE;
        add_name(t, row == NAME_NONE ? NULL : arena_format(a, "%s%u", words.name[row], ++count[row]), i);
    }
    for (uint32_t i = 0; i < n && !a->failed; i++) {
        if (p->exit[i] != DNN_NONE && !ends_as_exit(p, i)) {
            t->exit[i] = t->names.n;
            add_name(t, arena_format(a, "exit%u", p->exit[i] + 1), i);
        }
    }
    return a->failed ? ERR_SET(e, ERR_MEMORY, "%s: out of memory", q->path) : 0;
}

int dnn_tasks_find(const struct dnn_tasks *t, const struct dnn_tasks_request *q, const char *name, uint32_t *part, struct err *e)
{
    struct text_nearest best = {0};
    const uint32_t row = names_find(&t->names, name);
    for (uint32_t i = 0; row == NAME_NONE && i < t->names.n; i++) {
        text_nearest_offer(&best, name, t->names.name[i]);
    }
    *part = row == NAME_NONE ? 0 : t->part[row];
    return row != NAME_NONE ? 0
                            : ERR_SET(e, ERR_INPUT, "%s: found the task %s, wanted one of those that are printed%s%s", q->path,
                                      name, best.word ? ", the nearest is " : "", best.word ? best.word : "");
}

static void print_work(const struct page *p, uint32_t part)
{
    const uint32_t *layer = p->t->parts.layer + p->t->parts.begin[part], n = p->t->parts.begin[part + 1] - p->t->parts.begin[part];
    double flop = 0;
    fprintf(p->out, "work: ");
    if (p->q->operators) {
        dnn_operators_print(p->out, p->d, p->fused, layer, n);
        return;
    }
    for (uint32_t i = 0; i < p->q->n_device; i++) {
        double s = 0;
        for (uint32_t k = 0; k < n; k++) {
            s += dnn_layer_s(&p->d->layer[layer[k]], &p->q->device[i]);
        }
        fprintf(p->out, "%s%s: %.6g ms", i ? ", " : "{seconds: {", p->q->device[i].name, s * 1e3);
    }
    for (uint32_t k = 0; p->q->n_device == 0 && k < n; k++) {
        flop += p->d->layer[layer[k]].flop;
    }
    if (p->q->n_device == 0) {
        fprintf(p->out, "%.9g MFLOP", flop / 1e6);
    } else {
        fprintf(p->out, "}}");
    }
}

/* What reads the job's input beside other data needs it from a task of no work. */
static bool needs_input_task(const struct dnn_tasks *t)
{
    uint32_t n = 0;
    for (uint32_t i = t->first; i <= t->last; i++) {
        n += t->parts.input_bytes[i] > 0 ? 1 : 0;
    }
    return n > 1 || !(t->parts.input_bytes[t->first] > 0);
}

/* The layers of a part, as a comment. */
static void print_layers(const struct page *p, uint32_t part)
{
    const struct dnn_parts *x = &p->t->parts;
    int n = 0;
    for (uint32_t i = x->begin[part]; i < x->begin[part + 1]; i++) {
        n += n < COMMENT ? fprintf(p->out, "%s %.24s", n ? "," : " #", p->d->layer[x->layer[i]].op) : 0;
    }
    fprintf(p->out, n < COMMENT ? "\n" : ", ...\n");
}

/* Jobs leave where there is more behind.  Of an exit for whose jobs no share is declared, none: policies choose one. */
static void print_exit(const struct page *p, uint32_t exit)
{
    const struct dnn_parts *parts = &p->t->parts;
    const struct dnn_exit *x = &p->d->exit[exit];
    if (p->d->layer[parts->layer[parts->begin[p->t->last]]].stage > exit) {
        fprintf(p->out, ", leaves: %.9g", isnan(x->share) ? 0 : x->share);
    }
    if (!isnan(x->accuracy)) {
        fprintf(p->out, ", accuracy: %.9g", x->accuracy);
    }
}

static void print_output(const struct page *p, double bytes)
{
    if (bytes > 0) {
        fprintf(p->out, ", output: %.17g B", bytes);
    }
}

/* Data from a task: what several read has its name, so that it goes to a node once. */
static void print_data(const struct page *p, const char *from, double bytes, uint32_t same)
{
    if (same == 0) {
        fprintf(p->out, "%s: %.17g B", from, bytes);
    } else if (same == 1) {
        fprintf(p->out, "%s: {data: %.17g B, tensor: %s}", from, bytes, from);
    } else {
        fprintf(p->out, "%s: {data: %.17g B, tensor: %s-%u}", from, bytes, from, same);
    }
}

static void print_after(const struct page *p, uint32_t part, bool has_input, uint32_t *edge)
{
    static const char first[] = ", after: {", next[] = ", ";
    const struct dnn_parts *x = &p->t->parts;
    const char *const *name = p->t->names.name, *separator = first;
    if (has_input && x->input_bytes[part] > 0) {
        fputs(separator, p->out);
        print_data(p, "input", x->input_bytes[part], x->input_same[part]);
        separator = next;
    }
    for (; *edge < x->n_edge && x->edge[*edge].to == part; (*edge)++) {
        const struct dnn_edge *l = &x->edge[*edge];
        fputs(separator, p->out);
        print_data(p, name[l->gate ? p->t->exit[l->from] : l->from], l->bytes, l->same);
        separator = next;
    }
    fputs(separator == next ? "}" : "", p->out);
}

static void print_task(const struct page *p, uint32_t part, bool has_input, uint32_t *edge)
{
    const struct dnn_parts *x = &p->t->parts;
    const char *const *name = p->t->names.name;
    const uint32_t exit = x->exit[part];
    const bool is_exit = ends_as_exit(x, part);
    const double exit_bytes = exit == DNN_NONE ? 0 : p->d->tensor[p->d->exit[exit].tensor].bytes;
    fprintf(p->out, "%*s%s: {", p->indent + 2, "", name[part]);
    print_work(p, part);
    print_after(p, part, has_input, edge);
    print_output(p, x->output_bytes[part] - (is_exit ? 0 : exit_bytes));
    if (is_exit) {
        print_exit(p, exit);
    }
    fputc('}', p->out);
    print_layers(p, part);
    if (exit != DNN_NONE && !is_exit) {
        fprintf(p->out, "%*s%s: {work: 0 FLOP, after: {", p->indent + 2, "", name[p->t->exit[part]]);
        print_data(p, name[part], exit_bytes, x->exit_same[part]);
        fputc('}', p->out);
        print_output(p, exit_bytes);
        print_exit(p, exit);
        fputs("}\n", p->out);
    }
}

static void print_heading(struct page *p)
{
    char path[PATH], name[TEXT_SHOWN], *rest = NULL;
    const uint32_t n = p->t->last - p->t->first + 1;
    fprintf(p->out, "# %u tasks from %s %u layers of %s, by tiersim profile --tasks=%s\n", n,
            n < p->t->parts.n ? "some of the" : "the", p->d->n_layer, text_show(p->d->name, strlen(p->d->name), name),
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

int dnn_tasks_print(FILE *out, const struct dnn *d, struct dnn_tasks *t, const struct dnn_tasks_request *q, struct arena *a,
                    struct err *e)
{
    struct page p = {.out = out, .d = d, .q = q, .t = t, .fused = dnn_fused(d, a)};
    uint32_t edge = 0;
    const uint32_t n = t->last - t->first + 1 + (t->names.n - t->parts.n); /* exits that are tasks of their own, too */
    if (n >= GRAPH_TASKS) {
        return ERR_SET(e, ERR_INPUT, "%s: found %u tasks, wanted at most %d: try a chain", q->path, n, GRAPH_TASKS - 1);
    }
    if (!p.fused || dnn_join(&t->parts, d, t->first, t->last, a)) {
        return ERR_SET(e, ERR_MEMORY, "%s: out of memory", q->path);
    }
    int rc = check(&p, e);
    if (rc) {
        return rc;
    }
    if (!q->bare) {
        print_heading(&p);
    }
    fprintf(out, "%*sinput: %.17g B\n", p.indent, "", t->parts.all_input_bytes);
    fprintf(out, "%*stasks:\n", p.indent, "");
    const bool has_input = needs_input_task(t);
    if (has_input) {
        fprintf(out, "%*sinput: {work: 0 FLOP}\n", p.indent + 2, "");
    }
    for (uint32_t i = t->first; i <= t->last; i++) {
        print_task(&p, i, has_input, &edge);
    }
    return 0;
}
