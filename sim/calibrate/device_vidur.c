/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * device_vidur.c - a row for each number of tokens: medians of the layers of a block, in ms, at 16 bits a number.  What a layer
 * computes and moves follows from the sizes in the row, so laws of operators are fitted to them (cost_fit.h).
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/cost_fit.h"
#include "sim/calibrate/device_table.h"
#include "sim/io/trace/sheet.h"

enum { EMBD, EXPANDED, HEADS, KV_HEADS, TOKENS, CARDS, GATED, N_SIZE, N_LAYER = 8, SAMPLES = 100000, BYTES = 2 };

static const char *const size_name[N_SIZE] = {"n_embd", "n_expanded_embd", "n_head", "n_kv_head", "num_tokens",
                                              "num_tensor_parallel_workers", "use_gated_mlp"};

/* What is fitted to; the matrices come first, in the order of sample_of. */
static const struct layer {
    const char *field;
    enum kernel kernel;
} layer[N_LAYER] = {
    {"time_stats.attn_pre_proj.median", KERNEL_GEMM}, {"time_stats.attn_post_proj.median", KERNEL_GEMM},
    {"time_stats.mlp_up_proj.median", KERNEL_GEMM},   {"time_stats.mlp_down_proj.median", KERNEL_GEMM},
    {"time_stats.input_layernorm.median", KERNEL_NORM}, {"time_stats.post_attention_layernorm.median", KERNEL_NORM},
    {"time_stats.add.median", KERNEL_ELEMENTWISE},    {"time_stats.emb.median", KERNEL_EMBEDDING},
};

struct samples {
    struct cost_sample *x[N_KERNEL];
    size_t n[N_KERNEL];
};

enum { N_GEMM = 4 }; /* the first of the layers */

/* Flop and bytes of layer i on one of the cards that share it. */
static struct cost_sample sample_of(int i, const double *size)
{
    const double h = size[EMBD], f = size[EXPANDED], t = size[TOKENS], of = size[CARDS];
    const double in[N_GEMM] = {h, h / of, h, f / of};
    const double out[N_GEMM] = {(h + 2 * h * size[KV_HEADS] / size[HEADS]) / of, h, (size[GATED] > 0 ? 2 : 1) * f / of, h};
    struct cost_sample x = {0};
    if (layer[i].kernel == KERNEL_GEMM) {
        x.flop = 2 * t * in[i] * out[i];
        x.bytes = BYTES * (t * in[i] + in[i] * out[i] + t * out[i]);
    } else {
        const double passes = layer[i].kernel == KERNEL_ELEMENTWISE ? 3 : 2; /* two read and one written, or one and one */
        x.bytes = BYTES * passes * t * h;
    }
    return x;
}

static int read_row(const struct sheet *s, const int *at, const int *column, double cards, struct samples *all, struct err *e)
{
    double size[N_SIZE] = {0}, ms;
    int rc = 0;
    for (int i = 0; i < GATED && rc == 0; i++) {
        rc = sheet_number(s, at[i], size_name[i], &size[i], e);
        if (rc == 0 && !(size[i] > 0)) {
            rc = sheet_fault(s, at[i], "a size above 0", e);
        }
    }
    size[GATED] = strcmp(s->field[at[GATED]], "True") == 0;
    for (int i = 0; i < N_LAYER && rc == 0 && size[CARDS] == cards; i++) {
        const enum kernel k = layer[i].kernel;
        if (!*s->field[column[i]]) {
            continue; /* not measured */
        }
        rc = sheet_number(s, column[i], "a time in ms", &ms, e);
        if (rc == 0 && all->n[k] < SAMPLES && ms > 0) {
            struct cost_sample x = sample_of(i, size);
            x.s = ms * 1e-3;
            all->x[k][all->n[k]++] = x;
        }
    }
    return rc;
}

static int fit(struct device_table *t, const struct samples *all, struct err *e)
{
    struct device_row *row = NULL;
    int rc = 0;
    for (int k = 0; k < N_KERNEL && rc == 0; k++) {
        if (all->n[k] == 0) {
            continue;
        }
        row = row ? row : device_table_row(t, "card", "gpu", e);
        if (!row) {
            return -ERR_MEMORY;
        }
        struct err why = {0};
        if (cost_fit(all->x[k], all->n[k], &row->law[k], &why)) {
            rc = ERR_SET(e, ERR_INPUT, "%s: found times of %s that no law fits: %s", t->path, kernel_name[k], why.text);
        }
    }
    if (row && row->law[KERNEL_GEMM].term_s[COST_FLOP] > 0) {
        row->speed_flops = 1 / row->law[KERNEL_GEMM].term_s[COST_FLOP];
    }
    return rc;
}

int device_read_vidur(struct device_table *t, struct err *e)
{
    struct sheet s;
    struct samples all = {.n = {0}};
    const char *name[N_LAYER];
    int at[N_SIZE], column[N_LAYER];
    double cards = 1;
    for (int i = 0; i < N_LAYER; i++) {
        name[i] = layer[i].field;
    }
    int rc = sheet_open(&s, t->path, NULL, ',', 0, e);
    rc = rc ? rc : device_table_choice(t, &cards, e);
    for (int i = 0; i < N_LAYER && rc == 0; i++) {
        const enum kernel k = layer[i].kernel;
        all.x[k] = all.x[k] ? all.x[k] : calloc(SAMPLES, sizeof *all.x[k]);
        rc = all.x[k] ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for %s", t->path);
    }
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, size_name, N_SIZE, at, e);
    rc = rc ? rc : sheet_fields(&s, name, N_LAYER, column, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_row(&s, at, column, cards, &all, e);
    }
    rc = rc ? rc : fit(t, &all, e);
    sheet_close(&s);
    for (int k = 0; k < N_KERNEL; k++) {
        free(all.x[k]);
    }
    return rc;
}
