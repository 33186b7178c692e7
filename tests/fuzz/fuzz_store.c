/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_store.c - the binary form of traces.  If the first byte is odd, digests are made right, so that what lies behind them is
 * reached too.  What is mapped is read to its last number.  fuzz: max_len 20000
 */
#include <math.h>
#include <string.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/io/trace/store.h"
#include "sim/io/trace/store_form.h"
#include "tests/fuzz/fuzz.h"

enum { MOST_ROWS = 512 };

static void make_digests_right(uint8_t *data, size_t size)
{
    struct store_head h;
    if (size < sizeof h) {
        return;
    }
    memcpy(&h, data, sizeof h);
    for (uint32_t c = 0; c < 1 + TRACE_COLUMNS; c++) {
        uint64_t offset = h.column[c].offset;
        double x[MOST_ROWS];
        if (h.n_row <= MOST_ROWS && offset <= size && h.n_row * sizeof *x <= size - offset) {
            struct digest d = digest_start();
            memcpy(x, data + offset, h.n_row * sizeof *x);
            store_digest_add(&d, x, h.n_row);
            h.column[c].digest = digest_value(d);
        }
    }
    h.digest_version = DIGEST_VERSION;
    h.digest = store_head_digest(&h);
    memcpy(data, &h, sizeof h);
}

static void read_all(const struct series *s)
{
    for (size_t i = 0; i < s->n_row; i++) {
        if (!(s->time_s[i] >= (i ? s->time_s[i - 1] : 0) && s->time_s[i] <= s->span_s)) {
            abort();
        }
        for (size_t c = 0; c < s->n_column; c++) {
            if (!(s->value[c][i] >= 0 && s->value[c][i] < INFINITY)) {
                abort();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint8_t *copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    if (data[0] & 1) {
        make_digests_right(copy, size - 1);
    }
    struct fuzz_file file = fuzz_file(copy, size - 1);
    struct arena arena = {0};
    struct err e = {0};
    struct store_origin from;
    const struct series *s = NULL;
    if (store_map(&arena, file.path, &s, &from, &e) == 0) {
        read_all(s);
    } else if (!e.text[0] || s) {
        abort();
    }
    arena_clear(&arena);
    fuzz_close(&file);
    free(copy);
    return 0;
}
