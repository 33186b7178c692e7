/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/dnn_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/base/names.h"

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
    if (t == DNN_NONE || d->tensor[t].maker == DNN_NONE || n_reader[t] != 1 || d->tensor[t].result || d->tensor[t].leaves ||
        d->layer[k].mac > 0 || d->layer[k].n_out == 0 || d->layer[d->tensor[t].maker].stage != d->layer[k].stage) {
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
        p->of[k] = with == DNN_NONE ? p->n++ : p->of[with];
    }
}

/* A place where a chain may be cut. */
struct border {
    uint32_t layer; /* behind it */
    double bytes;
};

/* The fewest bytes first, those that are not known last; of equals the first. */
static int compare_borders(const void *a, const void *b)
{
    const struct border *x = a, *y = b;
    const double left = isnan(x->bytes) ? INFINITY : x->bytes, right = isnan(y->bytes) ? INFINITY : y->bytes;
    return left < right ? -1 : left > right ? 1 : x->layer < y->layer ? -1 : 1;
}

/* Number the parts of a chain; room for d->n_layer borders.  What an exit parts is parted in any case. */
static void part_chain(struct dnn_parts *p, const struct dnn *d, const uint32_t *n_reader, uint32_t most, struct border *border,
                       bool *is_border)
{
    uint32_t n = 0, n_border = 0;
    for (uint32_t k = 1; k < d->n_layer; k++) {
        is_border[k] = d->layer[k].stage != d->layer[k - 1].stage;
        n += is_border[k] ? 1 : 0;
        if (!is_border[k] && d->cut_tensors[k] == 1 && goes_with(d, n_reader, k) != k - 1) {
            border[n_border++] = (struct border){k, d->cut_bytes[k]};
        }
    }
    if (n_border > 1) {
        qsort(border, n_border, sizeof *border, compare_borders);
    }
    for (uint32_t i = 0; i < n_border && n + 1 < most; i++, n++) {
        is_border[border[i].layer] = true;
    }
    for (uint32_t k = 0; k < d->n_layer; k++) {
        p->n += k == 0 || is_border[k] ? 1 : 0;
        p->of[k] = p->n - 1;
    }
}

/* The layers of each part, in their order; next[p->n] is room. */
static void list_layers(struct dnn_parts *p, const struct dnn *d, uint32_t *next)
{
    for (uint32_t k = 0; k < d->n_layer; k++) {
        p->begin[p->of[k] + 1]++;
    }
    for (uint32_t i = 0; i < p->n; i++) {
        next[i] = p->begin[i];
        p->begin[i + 1] += p->begin[i];
    }
    for (uint32_t k = 0; k < d->n_layer; k++) {
        p->layer[next[p->of[k]]++] = k;
    }
}

static void find_read(struct dnn_parts *p, const struct dnn *d)
{
    for (uint32_t k = 0; k < d->n_layer; k++) {
        for (uint32_t i = 0; i < d->layer[k].n_in; i++) {
            const uint32_t maker = d->tensor[d->layer[k].in[i]].maker;
            if (maker != DNN_NONE && p->of[maker] != p->of[k]) {
                p->is_read[p->of[maker]] = true;
            }
        }
    }
}

int dnn_parts(struct dnn_parts *p, const struct dnn *d, enum dnn_form form, uint32_t most, struct arena *a)
{
    const uint32_t n = d->n_layer;
    uint32_t *n_reader = ARENA_NEW(a, d->n_tensor + 1, uint32_t), *next = ARENA_NEW(a, n + 1, uint32_t);
    struct border *border = ARENA_NEW(a, n + 1, struct border);
    bool *is_border = ARENA_NEW(a, n + 1, bool);
    *p = (struct dnn_parts){.of = ARENA_NEW(a, n + 1, uint32_t), .begin = ARENA_NEW(a, n + 2, uint32_t),
                            .layer = ARENA_NEW(a, n + 1, uint32_t), .exit = ARENA_NEW(a, n + 1, uint32_t),
                            .is_read = ARENA_NEW(a, n + 1, bool)};
    if (a->failed) {
        return -ERR_MEMORY;
    }
    count_readers(d, n_reader);
    if (form == DNN_CHAIN) {
        part_chain(p, d, n_reader, most, border, is_border);
    } else {
        part_graph(p, d, n_reader);
    }
    list_layers(p, d, next);
    find_read(p, d);
    for (uint32_t i = 0; i < p->n; i++) {
        p->exit[i] = DNN_NONE;
    }
    for (uint32_t i = 0; i < d->n_exit; i++) {
        p->exit[p->of[d->tensor[d->exit[i].tensor].maker]] = i;
    }
    return 0;
}

/*
 * That a tensor is among the data of an owner: what part `to` reads from elsewhere (owner `to`), the exit of a part (n + part), or
 * an edge (2 n + edge).
 */
struct datum {
    uint32_t owner, tensor;
};

/* Rooms of a join, all with zeros. */
struct joining {
    struct dnn_parts *p;
    const struct dnn *d;
    uint32_t first, last;
    uint32_t *seen_of; /* [n_tensor] the part that read it last, + 1 */
    uint32_t *edge_of; /* [n] the edge from a part that was made last, + 1 */
    bool *counted;     /* [n_tensor] among what comes in */
    uint32_t n_datum;
    struct datum *datum;
};

static struct dnn_edge *find_edge(struct joining *j, uint32_t from, uint32_t to, uint32_t begin)
{
    struct dnn_parts *p = j->p;
    if (j->edge_of[from] <= begin) {
        p->edge[p->n_edge++] = (struct dnn_edge){.from = from, .to = to};
        j->edge_of[from] = p->n_edge;
    }
    return &p->edge[j->edge_of[from] - 1];
}

static void add_datum(struct joining *j, uint32_t owner, uint32_t tensor)
{
    j->datum[j->n_datum++] = (struct datum){owner, tensor};
}

/* A tensor that part `to` reads. */
static void join_tensor(struct joining *j, uint32_t t, uint32_t to, uint32_t begin)
{
    struct dnn_parts *p = j->p;
    const struct dnn_tensor *x = &j->d->tensor[t];
    const uint32_t from = x->maker == DNN_NONE ? DNN_NONE : p->of[x->maker];
    if (x->parameter || from == to || j->seen_of[t] == to + 1) {
        return;
    }
    j->seen_of[t] = to + 1;
    if (from == DNN_NONE || from < j->first) {
        p->input_bytes[to] += x->bytes;
        p->all_input_bytes += j->counted[t] ? 0 : x->bytes;
        j->counted[t] = true;
        add_datum(j, to, t);
    } else {
        struct dnn_edge *edge = find_edge(j, from, to, begin);
        edge->bytes += x->bytes;
        add_datum(j, 2 * p->n + (uint32_t)(edge - p->edge), t);
    }
}

/* What reads nothing of its stage waits for the exit before it, so that it is no part of the jobs that end there. */
static void join_exit(struct joining *j, uint32_t to, uint32_t begin)
{
    struct dnn_parts *p = j->p;
    const uint32_t stage = j->d->layer[p->layer[p->begin[to]]].stage;
    bool waits = false; /* with what it reads */
    for (uint32_t e = begin; e < p->n_edge; e++) {
        waits = waits || j->d->layer[p->layer[p->begin[p->edge[e].from]]].stage == stage;
    }
    if (stage > 0 && !waits) {
        const uint32_t from = p->of[j->d->tensor[j->d->exit[stage - 1].tensor].maker];
        if (from >= j->first && from < to) {
            p->edge[p->n_edge++] = (struct dnn_edge){.from = from, .to = to, .gate = true};
        }
    }
}

/* What leaves a part for good: results, and what parts behind the last one read. */
static void join_outputs(struct joining *j)
{
    struct dnn_parts *p = j->p;
    const struct dnn *d = j->d;
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        j->counted[t] = d->tensor[t].result || d->tensor[t].leaves;
    }
    for (uint32_t i = p->begin[j->last + 1]; i < d->n_layer; i++) {
        const struct dnn_layer *l = &d->layer[p->layer[i]];
        for (uint32_t k = 0; k < l->n_in; k++) {
            j->counted[l->in[k]] = true;
        }
    }
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        const uint32_t maker = d->tensor[t].maker, part = maker == DNN_NONE ? DNN_NONE : p->of[maker];
        if (j->counted[t] && part != DNN_NONE && part >= j->first && part <= j->last) {
            p->output_bytes[part] += d->tensor[t].bytes;
        }
    }
}

static int compare_data(const void *a, const void *b)
{
    const struct datum *x = a, *y = b;
    return x->owner != y->owner ? (x->owner < y->owner ? -1 : 1) : x->tensor < y->tensor ? -1 : x->tensor > y->tensor;
}

static uint32_t from_of(const struct dnn_parts *p, uint32_t owner)
{
    return owner < p->n ? p->n : owner < 2 * p->n ? owner - p->n : p->edge[owner - 2 * p->n].from;
}

static uint32_t *same_of(struct dnn_parts *p, uint32_t owner)
{
    return owner < p->n       ? &p->input_same[owner]
           : owner < 2 * p->n ? &p->exit_same[owner - p->n]
                              : &p->edge[owner - 2 * p->n].same;
}

enum { DIGITS = 11 }; /* of a number and a blank */

/* The row of the tensors from datum `at` on that have one owner, among all such sets; *at goes behind them. */
static uint32_t set_row(struct joining *j, uint32_t *at, struct names *sets, struct arena *a)
{
    uint32_t first = *at;
    while (*at < j->n_datum && j->datum[*at].owner == j->datum[first].owner) {
        ++*at;
    }
    const size_t room = (size_t)(*at - first + 1) * DIGITS + 1;
    char *key = ARENA_NEW(a, room, char);
    size_t n = key ? (size_t)snprintf(key, room, "%u", from_of(j->p, j->datum[first].owner)) : 0;
    for (; key && first < *at; first++) {
        n += (size_t)snprintf(key + n, room - n, " %u", j->datum[first].tensor);
    }
    return key ? names_add(sets, key) : NAME_NONE;
}

/* Number what carries the same tensors from one place to several. */
static int find_same(struct joining *j, struct arena *a)
{
    struct dnn_parts *p = j->p;
    struct names sets = {.arena = a};
    uint32_t *row = ARENA_NEW(a, j->n_datum + 1, uint32_t), *n_owner = ARENA_NEW(a, j->n_datum + 1, uint32_t);
    uint32_t *number = ARENA_NEW(a, j->n_datum + 1, uint32_t), *n_same = ARENA_NEW(a, p->n + 1, uint32_t), n = 0;
    if (a->failed) {
        return -ERR_MEMORY;
    }
    if (j->n_datum > 1) {
        qsort(j->datum, j->n_datum, sizeof *j->datum, compare_data);
    }
    for (uint32_t at = 0; at < j->n_datum && !a->failed; n++) {
        row[n] = set_row(j, &at, &sets, a);
        if (row[n] != NAME_NONE) {
            n_owner[row[n]]++;
        }
    }
    for (uint32_t at = 0, i = 0; i < n && !a->failed; i++) {
        const uint32_t owner = j->datum[at].owner;
        if (n_owner[row[i]] > 1) {
            number[row[i]] = number[row[i]] ? number[row[i]] : ++n_same[from_of(p, owner)];
            *same_of(p, owner) = number[row[i]];
        }
        while (at < j->n_datum && j->datum[at].owner == owner) {
            at++;
        }
    }
    return a->failed ? -ERR_MEMORY : 0;
}

int dnn_join(struct dnn_parts *p, const struct dnn *d, uint32_t first, uint32_t last, struct arena *a)
{
    size_t n_link = 0;
    for (uint32_t k = 0; k < d->n_layer; k++) {
        n_link += d->layer[k].n_in;
    }
    struct joining j = {.p = p, .d = d, .first = first, .last = last, .seen_of = ARENA_NEW(a, d->n_tensor + 1, uint32_t),
                        .edge_of = ARENA_NEW(a, p->n + 1, uint32_t), .counted = ARENA_NEW(a, d->n_tensor + 1, bool),
                        .datum = ARENA_NEW(a, n_link + p->n + 1, struct datum)};
    p->n_edge = 0;
    p->edge = ARENA_NEW(a, n_link + p->n + 1, struct dnn_edge);
    p->input_bytes = ARENA_NEW(a, p->n + 1, double);
    p->output_bytes = ARENA_NEW(a, p->n + 1, double);
    p->input_same = ARENA_NEW(a, p->n + 1, uint32_t);
    p->exit_same = ARENA_NEW(a, p->n + 1, uint32_t);
    p->all_input_bytes = 0;
    if (a->failed) {
        return -ERR_MEMORY;
    }
    for (uint32_t to = first; to <= last; to++) {
        const uint32_t begin = p->n_edge;
        for (uint32_t i = p->begin[to]; i < p->begin[to + 1]; i++) {
            const struct dnn_layer *l = &d->layer[p->layer[i]];
            for (uint32_t k = 0; k < l->n_in; k++) {
                join_tensor(&j, l->in[k], to, begin);
            }
        }
        join_exit(&j, to, begin);
        if (p->exit[to] != DNN_NONE && p->is_read[to]) {
            add_datum(&j, p->n + to, d->exit[p->exit[to]].tensor);
        }
    }
    join_outputs(&j);
    return find_same(&j, a);
}
