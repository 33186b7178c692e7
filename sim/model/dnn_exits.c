/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/model/dnn_exits.h"

#include <math.h>
#include <string.h>

#include "sim/base/err.h"

static void count_flop(struct dnn *d, bool *need)
{
    for (uint32_t i = 0; i < d->n_exit; i++) {
        struct dnn_exit *x = &d->exit[i];
        dnn_reach(d, x->tensor, need);
        x->flop = 0;
        for (uint32_t k = 0; k < d->n_layer; k++) {
            x->flop += need[k] ? d->layer[k].flop : 0;
        }
    }
}

/* Of an exit that another one needs, so that it comes before that also where its flop is the same. */
static bool is_before(const struct dnn *d, const struct dnn_exit *x, const struct dnn_exit *y)
{
    const double left = isnan(x->flop) ? INFINITY : x->flop, right = isnan(y->flop) ? INFINITY : y->flop;
    return left < right || (!(left > right) && d->tensor[x->tensor].maker < d->tensor[y->tensor].maker);
}

/* They are few. */
static void sort_exits(struct dnn *d)
{
    for (uint32_t i = 1; i < d->n_exit; i++) {
        const struct dnn_exit x = d->exit[i];
        uint32_t at = i;
        for (; at > 0 && is_before(d, &x, &d->exit[at - 1]); at--) {
            d->exit[at] = d->exit[at - 1];
        }
        d->exit[at] = x;
    }
}

static void find_stages(struct dnn *d, bool *need)
{
    for (uint32_t k = 0; k < d->n_layer; k++) {
        d->layer[k].stage = d->n_exit;
    }
    for (uint32_t i = d->n_exit; i-- > 0;) {
        dnn_reach(d, d->exit[i].tensor, need);
        for (uint32_t k = 0; k < d->n_layer; k++) {
            d->layer[k].stage = need[k] ? i : d->layer[k].stage;
        }
    }
}

/* Layers of a stage stay in their order: what a layer needs is of no later stage. */
static void sort_layers(struct dnn *d, struct dnn_layer *sorted, uint32_t *new_row)
{
    uint32_t n = 0;
    for (uint32_t stage = 0; stage <= d->n_exit; stage++) {
        for (uint32_t k = 0; k < d->n_layer; k++) {
            if (d->layer[k].stage == stage) {
                new_row[k] = n;
                sorted[n++] = d->layer[k];
            }
        }
    }
    memcpy(d->layer, sorted, n * sizeof *sorted);
    for (uint32_t t = 0; t < d->n_tensor; t++) {
        const uint32_t maker = d->tensor[t].maker;
        d->tensor[t].maker = maker == DNN_NONE ? DNN_NONE : new_row[maker];
    }
}

int dnn_order_exits(struct dnn *d, struct arena *a)
{
    if (d->n_exit == 0) {
        return 0;
    }
    bool *need = ARENA_NEW(a, d->n_layer + 1, bool);
    struct dnn_layer *sorted = ARENA_NEW(a, d->n_layer + 1, struct dnn_layer);
    uint32_t *new_row = ARENA_NEW(a, d->n_layer + 1, uint32_t);
    if (a->failed) {
        return -ERR_MEMORY;
    }
    count_flop(d, need);
    sort_exits(d);
    find_stages(d, need);
    sort_layers(d, sorted, new_row);
    for (uint32_t i = 0; i < d->n_exit; i++) {
        d->tensor[d->exit[i].tensor].leaves = d->layer[d->n_layer - 1].stage > i;
    }
    return 0;
}
