/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/fence.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/digest.h"

enum { FENCE_BYTES = FENCE_WORDS * sizeof(uint64_t) };

static size_t whole_words(size_t n)
{
    return (n + sizeof(uint64_t) - 1) / sizeof(uint64_t);
}

void *fence_alloc(size_t n)
{
    const size_t words = whole_words(n);
    uint64_t *all = words < SIZE_MAX / 16 ? calloc(words + 2 * FENCE_WORDS, sizeof *all) : NULL;
    if (!all) {
        return NULL;
    }
    uint64_t *memory = all + FENCE_WORDS;
    const uint64_t word = FENCE_WORD;
    for (size_t i = 0; i < FENCE_WORDS; i++) {
        all[i] = memory[words + i] = FENCE_WORD;
    }
    if (n % sizeof word) { /* what is left of the last word is fence, too */
        memcpy((char *)memory + n, &word, words * sizeof word - n);
    }
    return memory;
}

void fence_free(void *memory)
{
    if (memory) {
        free((uint64_t *)memory - FENCE_WORDS);
    }
}

bool fence_is_whole(const void *memory, size_t n)
{
    const uint64_t *words = memory;
    const size_t behind = whole_words(n);
    const uint64_t word = FENCE_WORD;
    bool whole = memcmp((const char *)memory + n, &word, behind * sizeof word - n) == 0;
    for (size_t i = 0; i < FENCE_WORDS; i++) {
        whole &= *(words - 1 - i) == FENCE_WORD && words[behind + i] == FENCE_WORD;
    }
    return whole;
}

static void add(struct digest *d, const void *bytes, size_t n)
{
    if (bytes) {
        digest_add(d, digest_bytes(bytes, n), n >> 1, 0, 0);
    }
}

uint64_t seal_of(const struct ts_view *v, const struct ts_ask *a)
{
    struct digest d = digest_start();
    const uint32_t n_place = v->n_place < SEAL_PLACES ? v->n_place : SEAL_PLACES;
    add(&d, v, sizeof *v);
    add(&d, v->col, v->n_col * sizeof *v->col);
    for (uint32_t c = 0; c < v->n_col; c++) {
        add(&d, v->col[c], n_place * sizeof **v->col);
    }
    if (a) {
        add(&d, a, sizeof *a);
        add(&d, a->task, (size_t)a->n_task * a->task_size);
        add(&d, a->cand, a->n_cand * sizeof *a->cand);
        add(&d, a->edge, a->n_edge * sizeof *a->edge);
        add(&d, a->est, a->n_est * sizeof *a->est);
        for (uint32_t e = 0; e < a->n_est; e++) {
            add(&d, a->est[e], a->n_cand * sizeof **a->est);
        }
    }
    return digest_value(d);
}
