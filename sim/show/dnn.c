/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/dnn.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/show/number.h"
#include "sim/show/table.h"

enum { SHAPE = 128, NUMBER = 64, NAME = 32 };

static void add_number(struct table *t, double x, double per)
{
    char buf[NUMBER];
    table_add(t, "%s", x == 0 ? "0" : number_alone(x, (struct scale){per, ""}, buf, sizeof buf));
}

static void add_row(struct table *t, const struct dnn *d, uint32_t k)
{
    const struct dnn_layer *l = &d->layer[k];
    char shape[SHAPE];
    int n = (int)strlen(l->name);
    table_add(t, "%u", k + 1);
    table_add(t, "%s%.*s", n > NAME ? "..." : "", NAME, l->name + (n > NAME ? n - NAME : 0));
    table_add(t, "%.24s", l->op);
    table_add(t, "%s", l->n_out ? dnn_shape(&d->tensor[l->out[0]], shape, sizeof shape) : "none");
    add_number(t, l->flop, 1e6);
    add_number(t, l->parameters, 1e3);
    add_number(t, l->read_bytes, 1e3);
    add_number(t, l->written_bytes, 1e3);
    table_add(t, "%u", d->cut_tensors[k + 1]);
    add_number(t, d->cut_bytes[k + 1], 1e3);
}

static void print_ends(FILE *out, const struct dnn *d)
{
    char shape[SHAPE];
    for (uint32_t i = 0; i < d->n_tensor; i++) {
        const struct dnn_tensor *t = &d->tensor[i];
        if (t->input || t->result) {
            fprintf(out, "  %-6s %s: %s %s\n", t->input ? "input" : "result", t->name, dnn_shape(t, shape, sizeof shape), t->type);
        }
    }
    for (uint32_t i = 0; i < d->n_exit; i++) {
        const struct dnn_exit *x = &d->exit[i];
        fprintf(out, "  exit   %s: after %.4g Mflop", x->name, x->flop / 1e6);
        if (!isnan(x->share)) {
            fprintf(out, ", for %.4g %% of the inputs", 100 * x->share);
        }
        if (!isnan(x->accuracy)) {
            fprintf(out, ", right in %.4g %%", 100 * x->accuracy);
        }
        fputc('\n', out);
    }
}

void dnn_print(FILE *out, const struct dnn *d)
{
    static const struct table_column column[] = {
        {"", "", false, false}, {"", "layer", true, false}, {"", "operator", true, false}, {"", "output", true, false},
        {"", "Mflop", false, false}, {"", "10^3 parameters", false, false}, {"", "kB read", false, false},
        {"", "kB written", false, false}, {"cut behind it", "tensors", false, false}, {NULL, "kB", false, false}};
    struct table t = {0};
    struct dnn_sum s = dnn_sum(d);
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        table_add_column(&t, column[i]);
    }
    for (uint32_t k = 0; k < d->n_layer; k++) {
        add_row(&t, d, k);
    }
    fprintf(out, "%s: %u layers\n", d->name, d->n_layer);
    print_ends(out, d);
    fputc('\n', out);
    table_print(&t, out, paper_of(out));
    table_clear(&t);
    fprintf(out, "\n%.4g Gflop, of which %.4g GMAC; %.4g M parameters, %.4g MB; %.4g MB read and %.4g MB written\n", s.flop / 1e9,
            s.mac / 1e9, s.parameters / 1e6, s.parameter_bytes / 1e6, s.read_bytes / 1e6, s.written_bytes / 1e6);
    fprintf(out, "%u cuts between layers, %u of them over a single tensor\n", d->n_layer - 1, s.n_single);
    if (s.n_unknown > 0) {
        fprintf(out, "not counted, because the operator or its shapes are not known:");
        for (uint32_t k = 0, told = 0; k < d->n_layer && told < 8; k++) {
            if (isnan(d->layer[k].flop)) {
                fprintf(out, "%s %s (%s)", told++ ? "," : "", d->layer[k].name, d->layer[k].op);
            }
        }
        fprintf(out, s.n_unknown > 8 ? ", and %u more\n" : "\n", s.n_unknown - 8);
    }
}

/* JSON has no NAN: what is not known is null. */
static json_t *number(double x)
{
    return isfinite(x) ? json_real(x) : json_null();
}

static json_t *tensor(const struct dnn_tensor *t)
{
    json_t *o = json_pack("{s:s, s:s, s:o}", "name", t->name, "type", t->type, "bytes", number(t->bytes));
    json_t *shape = t->known ? json_array() : json_null();
    for (uint32_t i = 0; t->known && i < t->n_dim; i++) {
        json_array_append_new(shape, json_integer(t->dim[i]));
    }
    json_object_set_new(o, "shape", shape);
    return o;
}

static json_t *layer(const struct dnn *d, const struct dnn_layer *l)
{
    json_t *in = json_array(), *out = json_array();
    for (uint32_t i = 0; i < l->n_in; i++) {
        if (!d->tensor[l->in[i]].parameter) {
            json_array_append_new(in, json_string(d->tensor[l->in[i]].name));
        }
    }
    for (uint32_t i = 0; i < l->n_out; i++) {
        json_array_append_new(out, tensor(&d->tensor[l->out[i]]));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name", l->name, "operator", l->op, "in", in, "out",
                     out, "mac", number(l->mac), "flop", number(l->flop), "read_bytes", number(l->read_bytes), "written_bytes",
                     number(l->written_bytes), "parameters", number(l->parameters), "parameter_bytes",
                     number(l->parameter_bytes));
}

enum { CUT_NAMES = 64 };

static json_t *cut(const struct dnn *d, uint32_t k)
{
    uint32_t row[CUT_NAMES], n = dnn_cut(d, k, row, CUT_NAMES);
    json_t *names = json_array();
    for (uint32_t i = 0; i < n && i < CUT_NAMES; i++) {
        json_array_append_new(names, json_string(d->tensor[row[i]].name));
    }
    return json_pack("{s:i, s:i, s:o, s:o}", "before", (int)k, "n", (int)n, "tensors", names, "bytes", number(d->cut_bytes[k]));
}

int dnn_json(FILE *out, const struct dnn *d, struct err *e)
{
    struct dnn_sum s = dnn_sum(d);
    json_t *layers = json_array(), *cuts = json_array(), *inputs = json_array(), *results = json_array(), *exits = json_array();
    for (uint32_t i = 0; i < d->n_tensor; i++) {
        if (d->tensor[i].input) {
            json_array_append_new(inputs, tensor(&d->tensor[i]));
        }
        if (d->tensor[i].result) {
            json_array_append_new(results, json_string(d->tensor[i].name));
        }
    }
    for (uint32_t k = 0; k < d->n_layer; k++) {
        json_array_append_new(layers, layer(d, &d->layer[k]));
    }
    for (uint32_t k = 0; k <= d->n_layer; k++) {
        json_array_append_new(cuts, cut(d, k));
    }
    for (uint32_t i = 0; i < d->n_exit; i++) {
        json_array_append_new(exits, json_pack("{s:s, s:o, s:o, s:o}", "tensor", d->exit[i].name, "flop", number(d->exit[i].flop),
                                               "share", number(d->exit[i].share), "accuracy", number(d->exit[i].accuracy)));
    }
    json_t *total = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:i}", "mac", number(s.mac), "flop", number(s.flop),
                              "parameters", number(s.parameters), "parameter_bytes", number(s.parameter_bytes), "read_bytes",
                              number(s.read_bytes), "written_bytes", number(s.written_bytes), "unknown", (int)s.n_unknown,
                              "single_cuts", (int)s.n_single);
    json_t *root = json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "name", d->name, "inputs", inputs, "results", results,
                             "layers", layers, "cuts", cuts, "exits", exits, "total", total);
    int rc = root ? json_dumpf(root, out, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : -1;
    fputc('\n', out);
    json_decref(root);
    return rc == 0 ? 0 : ERR_SET(e, ERR_INPUT, "%s: found names that are no UTF-8, wanted such as JSON can hold", d->name);
}
