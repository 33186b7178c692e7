/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/dnn.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "sim/base/err.h"
#include "sim/model/dnn_exits.h"

/* The first cut that a tensor goes over. */
static uint32_t first_cut(const struct dnn_tensor *t)
{
    return t->maker == DNN_NONE ? 0 : t->maker + 1;
}

static bool travels(const struct dnn_tensor *t)
{
    return !t->parameter && t->last != DNN_NONE && (t->input || t->maker != DNN_NONE);
}

/* To the end. */
static bool is_kept(const struct dnn_tensor *t)
{
    return t->result && !t->leaves;
}

static void find_last(struct dnn *d)
{
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        d->tensor[t].last = is_kept(&d->tensor[t]) ? d->n_layer : DNN_NONE;
    }
    for (uint32_t k = 0; k < d->n_layer; k++) {
        for (uint32_t i = 0; i < d->layer[k].n_in; i++) {
            struct dnn_tensor *t = &d->tensor[d->layer[k].in[i]];
            t->last = is_kept(t) ? t->last : k;
        }
    }
}

int dnn_finish(struct dnn *d, struct arena *a)
{
    uint32_t n = d->n_layer + 2;
    int64_t *unknown = ARENA_NEW(a, n, int64_t), *more = ARENA_NEW(a, n, int64_t);
    double *bytes = ARENA_NEW(a, n, double);
    d->cut_tensors = ARENA_NEW(a, n, uint32_t);
    d->cut_bytes = bytes;
    if (a->failed || dnn_order_exits(d, a)) {
        return -ERR_MEMORY;
    }
    find_last(d);
    /* Differences from cut to cut, then their sums: bytes are whole numbers, so the sums are exact below 2^53. */
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        const struct dnn_tensor *x = &d->tensor[t];
        if (!travels(x)) {
            continue;
        }
        uint32_t first = first_cut(x);
        uint32_t behind = x->last + 1;
        more[first]++;
        more[behind]--;
        if (isnan(x->bytes)) {
            unknown[first]++;
            unknown[behind]--;
        } else {
            bytes[first] += x->bytes;
            bytes[behind] -= x->bytes;
        }
    }
    int64_t there = 0, not_known = 0;
    double sum = 0;
    for (uint32_t k = 0; k <= d->n_layer; k++) {
        there += more[k];
        not_known += unknown[k];
        sum += bytes[k];
        d->cut_tensors[k] = (uint32_t)there;
        bytes[k] = not_known > 0 ? NAN : sum;
    }
    return 0;
}

struct dnn_sum dnn_sum(const struct dnn *d)
{
    struct dnn_sum s = {0};
    for (uint32_t k = 0; k < d->n_layer; k++) {
        const struct dnn_layer *l = &d->layer[k];
        s.mac += isnan(l->mac) ? 0 : l->mac;
        s.flop += isnan(l->flop) ? 0 : l->flop;
        s.n_unknown += isnan(l->flop) ? 1 : 0;
        s.parameters += l->parameters;
        s.parameter_bytes += l->parameter_bytes;
        s.read_bytes += isnan(l->read_bytes) ? 0 : l->read_bytes;
        s.written_bytes += isnan(l->written_bytes) ? 0 : l->written_bytes;
        s.n_single += k > 0 && d->cut_tensors[k] == 1 ? 1 : 0;
    }
    return s;
}

uint32_t dnn_cut(const struct dnn *d, uint32_t k, uint32_t *tensor, uint32_t room)
{
    uint32_t n = 0;
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        const struct dnn_tensor *x = &d->tensor[t];
        if (travels(x) && first_cut(x) <= k && x->last >= k) {
            if (n < room) {
                tensor[n] = t;
            }
            n++;
        }
    }
    return n;
}

void dnn_reach(const struct dnn *d, uint32_t t, bool *need)
{
    for (uint32_t k = 0; k < d->n_layer; k++) {
        need[k] = k == d->tensor[t].maker;
    }
    for (uint32_t k = d->n_layer; k-- > 0;) {
        for (uint32_t i = 0; need[k] && i < d->layer[k].n_in; i++) {
            uint32_t maker = d->tensor[d->layer[k].in[i]].maker;
            if (maker != DNN_NONE) {
                need[maker] = true;
            }
        }
    }
}

const char *dnn_shape(const struct dnn_tensor *t, char *buf, size_t n)
{
    size_t at = 0;
    snprintf(buf, n, "%s", !t->known ? "?" : "scalar");
    for (uint32_t i = 0; t->known && i < t->n_dim && at < n; i++) {
        int one = snprintf(buf + at, n - at, i ? "x%" PRId64 : "%" PRId64, t->dim[i]);
        at += one > 0 ? (size_t)one : 0;
    }
    return buf;
}
