/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/dnn_parts.h"

#include <math.h>

#include "sim/base/err.h"

/* The one tensor that a layer reads beside its parameters, or DNN_NONE. */
static uint32_t only_input(const struct dnn *d, uint32_t k)
{
    uint32_t only = DNN_NONE;
    for (uint32_t i = 0; i < d->layer[k].n_in; i++) {
        uint32_t t = d->layer[k].in[i];
        if (d->tensor[t].parameter || t == only) {
            continue;
        }
        if (only != DNN_NONE) {
            return DNN_NONE;
        }
        only = t;
    }
    return only;
}

/* The layer that layer k goes with, or DNN_NONE. */
static uint32_t goes_with(const struct dnn *d, const uint32_t *n_reader, uint32_t k)
{
    uint32_t t = only_input(d, k);
    if (t == DNN_NONE || d->tensor[t].maker == DNN_NONE || n_reader[t] != 1 || d->tensor[t].result || d->layer[k].mac > 0 ||
        d->layer[k].n_out == 0) {
        return DNN_NONE;
    }
    for (uint32_t o = 1; o < d->layer[k].n_out; o++) {
        if (d->tensor[d->layer[k].out[o]].last != DNN_NONE) {
            return DNN_NONE;
        }
    }
    return d->tensor[d->layer[k].out[0]].bytes == d->tensor[t].bytes ? d->tensor[t].maker : DNN_NONE;
}

static void count_readers(const struct dnn *d, uint32_t *n_reader)
{
    for (uint32_t k = 0; k < d->n_layer; k++) {
        for (uint32_t i = 0; i < d->layer[k].n_in; i++) {
            n_reader[d->layer[k].in[i]]++;
        }
    }
}

/* Number the parts of a graph. */
static void part_graph(struct dnn_parts *p, const struct dnn *d, const uint32_t *n_reader)
{
    for (uint32_t k = 0; k < d->n_layer; k++) {
        uint32_t with = goes_with(d, n_reader, k);
        if (with == DNN_NONE) {
            p->first[p->n] = k;
            p->of[k] = p->n++;
        } else {
            p->of[k] = p->of[with];
        }
    }
}

/* Number the parts of a chain; border[k]: one before layer k. */
static void part_chain(struct dnn_parts *p, const struct dnn *d, const uint32_t *n_reader, uint32_t most, bool *border)
{
    uint32_t n = 1;
    for (uint32_t k = 1; k < d->n_layer; k++) {
        border[k] = d->cut_tensors[k] == 1 && goes_with(d, n_reader, k) != k - 1;
        n += border[k] ? 1 : 0;
    }
    for (; n > most; n--) {
        uint32_t worst = 0;
        for (uint32_t k = 1; k < d->n_layer; k++) {
            worst = border[k] && (worst == 0 || !(d->cut_bytes[k] < d->cut_bytes[worst])) ? k : worst;
        }
        border[worst] = false;
    }
    for (uint32_t k = 0; k < d->n_layer; k++) {
        if (k == 0 || border[k]) {
            p->first[p->n++] = k;
        }
        p->of[k] = p->n - 1;
    }
}

/* Data from part to part: each tensor once, however many layers of a part read it. */
static void join(struct dnn_parts *p, const struct dnn *d, uint32_t *seen_of, uint32_t *edge_of)
{
    for (uint32_t to = 0; to < p->n; to++) {
        const uint32_t begin = p->n_edge;
        for (uint32_t k = p->first[to]; k < d->n_layer; k++) {
            for (uint32_t i = 0; p->of[k] == to && i < d->layer[k].n_in; i++) {
                const uint32_t t = d->layer[k].in[i];
                const struct dnn_tensor *x = &d->tensor[t];
                if (x->parameter || seen_of[t] == to + 1) {
                    continue;
                }
                seen_of[t] = to + 1;
                if (x->maker == DNN_NONE) {
                    p->input_bytes[to] += x->bytes;
                    continue;
                }
                uint32_t from = p->of[x->maker];
                if (from == to) {
                    continue;
                }
                if (edge_of[from] <= begin) {
                    p->edge[p->n_edge++] = (struct dnn_edge){.from = from, .to = to};
                    edge_of[from] = p->n_edge;
                }
                p->edge[edge_of[from] - 1].bytes += x->bytes;
            }
        }
    }
}

int dnn_parts(struct dnn_parts *p, const struct dnn *d, enum dnn_form form, uint32_t most, struct arena *a)
{
    uint32_t n_link = 0, n = d->n_layer, *n_reader = ARENA_NEW(a, d->n_tensor + 1, uint32_t);
    for (uint32_t k = 0; k < n; k++) {
        n_link += d->layer[k].n_in;
    }
    bool *border = ARENA_NEW(a, n + 1, bool);
    uint32_t *seen_of = ARENA_NEW(a, d->n_tensor + 1, uint32_t), *edge_of = ARENA_NEW(a, n + 1, uint32_t);
    *p = (struct dnn_parts){.of = ARENA_NEW(a, n + 1, uint32_t), .first = ARENA_NEW(a, n + 1, uint32_t),
                            .edge = ARENA_NEW(a, n_link + 1, struct dnn_edge), .input_bytes = ARENA_NEW(a, n + 1, double),
                            .output_bytes = ARENA_NEW(a, n + 1, double)};
    if (a->failed) {
        return -ERR_MEMORY;
    }
    count_readers(d, n_reader);
    if (form == DNN_CHAIN) {
        part_chain(p, d, n_reader, most, border);
    } else {
        part_graph(p, d, n_reader);
    }
    join(p, d, seen_of, edge_of);
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        if (d->tensor[t].result && d->tensor[t].maker != DNN_NONE) {
            p->output_bytes[p->of[d->tensor[t].maker]] += d->tensor[t].bytes;
        }
    }
    return 0;
}
