/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A finished replication as a block of 64-bit words, as it stands in N.part (parts.h): the head below, then the numbers of
 * each part of the layout that it has, rows of the first members, the buckets of its sketches, and a digest of all that.
 * Such a file is only ever read by the program that wrote it, to go on with a run; a block that is not what it should be
 * is passed over, and its replication run again.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/io/results_impl.h"

#define MAGIC UINT64_C(0x3230747261707374) /* "tspart02" */

struct head {
    uint64_t magic, identity;
    uint64_t n_word; /* of the block */
    uint64_t cell, status, wall_s, n_row;
    uint64_t present; /* bit p: part p of the layout */
    uint64_t has_members, n_place, n_channel;
    uint64_t n_bucket, n_own;
    uint64_t n_told_word; /* of the answers of language models */
    char text[TEXT_MAX];
};

enum { HEAD_WORDS = sizeof(struct head) / sizeof(uint64_t) };

_Static_assert(sizeof(struct tally) % sizeof(uint64_t) == 0, "whole words");
enum { OWN_WORDS = sizeof(struct tally) / sizeof(uint64_t) };

static uint64_t *more(struct pending *p, size_t n)
{
    if (p->n + n > p->room) {
        size_t room = 2 * (p->n + n);
        uint64_t *grown = realloc(p->word, room * sizeof *grown);
        if (!grown) {
            return NULL;
        }
        p->word = grown;
        p->room = room;
    }
    p->n += n;
    return p->word + p->n - n;
}

static size_t stage_words(const struct results *r, uint64_t present)
{
    size_t n = 0;
    for (unsigned part = 0; part < N_PART; part++) {
        n += present >> part & 1 ? layout_part[part].n_field * layout_rows(&layout_part[part], r->length) : 0;
    }
    return n;
}

static size_t member_words(const struct results *r)
{
    return (size_t)(r->length[AXIS_POOL] + r->length[AXIS_LINK]);
}

int results_pack(struct results *r, size_t cell, struct err *e)
{
    const struct sketch_pack *sketch = &r->sketch[cell];
    struct head h = {.magic = MAGIC,
                     .identity = r->parts.identity,
                     .cell = cell,
                     .status = r->status[cell],
                     .n_row = r->n_row[cell],
                     .has_members = r->pool_first_member != NULL,
                     .n_place = r->length[AXIS_PLACE],
                     .n_channel = r->length[AXIS_CHANNEL],
                     .n_bucket = sketch->n,
                     .n_own = r->own[cell].n,
                     .n_told_word = results_told_words(r->taking->told, r->taking->n_told)};
    memcpy(&h.wall_s, &r->wall_s[cell], sizeof h.wall_s);
    memcpy(h.text, r->text[cell], sizeof h.text);
    for (unsigned part = 0; part < N_PART; part++) {
        h.present |= (uint64_t)(r->stage[part] != NULL) << part;
    }
    h.n_word = HEAD_WORDS + stage_words(r, h.present) + (h.has_members ? member_words(r) : 0) + 2 * sketch->n +
               OWN_WORDS * h.n_own + h.n_told_word + 1;
    uint64_t *first = more(&r->pending, (size_t)h.n_word), *w = first;
    if (!w) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the results of a replication");
    }
    if (first == r->pending.word) {
        r->pending.since_s = results_now_s();
    }
    memcpy(w, &h, sizeof h);
    w += HEAD_WORDS;
    for (unsigned part = 0; part < N_PART; part++) {
        size_t n = layout_rows(&layout_part[part], r->length);
        for (unsigned f = 0; r->stage[part] && f < layout_part[part].n_field; f++, w += n) {
            memcpy(w, r->stage[part][f] + cell * n, n * sizeof *w);
        }
    }
    for (size_t i = 0; h.has_members && i < r->length[AXIS_POOL]; i++) {
        *w++ = r->pool_first_member[i];
    }
    for (size_t i = 0; h.has_members && i < r->length[AXIS_LINK]; i++) {
        *w++ = r->link_first_member[i];
    }
    for (size_t i = 0; i < sketch->n; i++) {
        const struct packed_bucket *b = &sketch->bucket[i];
        *w++ = b->count;
        *w++ = (uint64_t)b->bucket << 32 | (uint64_t)b->class << 16 | b->segment;
    }
    for (uint32_t i = 0; i < r->own[cell].n; i++, w += OWN_WORDS) {
        memcpy(w, &r->own[cell].row[i], sizeof r->own[cell].row[i]);
    }
    w = results_told_pack(r->taking->told, r->taking->n_told, w);
    *w = digest_bytes(first, (size_t)(w - first) * sizeof *w);
    return 0;
}

/* Is that the head of a block of this run, all of which is there and as it was written? */
static bool is_sound(const struct results *r, const struct head *h, const uint64_t *word, size_t n)
{
    if (h->magic != MAGIC || h->identity != r->parts.identity || h->n_word <= HEAD_WORDS || h->n_word > n ||
        h->cell >= r->n_cell || h->status > RECORD_FAILED || h->n_bucket > n || h->n_own > n || h->n_told_word > n ||
        h->n_place > n || h->n_channel > n) {
        return false;
    }
    return word[h->n_word - 1] == digest_bytes(word, (size_t)(h->n_word - 1) * sizeof *word);
}

static int unpack_members(struct results *r, const struct head *h, const uint64_t *w, struct err *e)
{
    if (!h->has_members || r->pool_first_member) {
        return 0;
    }
    r->pool_first_member = calloc((size_t)r->length[AXIS_POOL] + 1, sizeof(uint32_t));
    r->link_first_member = calloc((size_t)r->length[AXIS_LINK] + 1, sizeof(uint32_t));
    if (!r->pool_first_member || !r->link_first_member) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    for (size_t i = 0; i < r->length[AXIS_POOL]; i++) {
        r->pool_first_member[i] = (uint32_t)*w++;
    }
    for (size_t i = 0; i < r->length[AXIS_LINK]; i++) {
        r->link_first_member[i] = (uint32_t)*w++;
    }
    return 0;
}

static int unpack_sketch(struct sketch_pack *p, const uint64_t *w, size_t n, struct err *e)
{
    p->bucket = calloc(n + 1, sizeof *p->bucket);
    if (!p->bucket) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the sketches of a replication");
    }
    p->n = n;
    for (size_t i = 0; i < n; i++) {
        p->bucket[i] = (struct packed_bucket){.count = w[2 * i],
                                              .bucket = (uint32_t)(w[2 * i + 1] >> 32),
                                              .class = (uint16_t)(w[2 * i + 1] >> 16),
                                              .segment = (uint8_t)w[2 * i + 1]};
    }
    return 0;
}

static int unpack_own(struct tallies *own, const uint64_t *w, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++, w += OWN_WORDS) {
        struct tally row;
        memcpy(&row, w, sizeof row);
        if (tallies_put(own, &row) < 0) {
            return ERR_SET(e, ERR_MEMORY, "no memory for what policies report of themselves");
        }
    }
    return 0;
}

/* One block, whose digest is right, into its cell. */
static int unpack(struct results *r, const struct head *h, const uint64_t *word, struct err *e)
{
    const uint64_t *w = word + HEAD_WORDS;
    size_t cell = (size_t)h->cell;
    if (h->has_members && !r->pool_first_member) {
        r->length[AXIS_PLACE] = h->n_place;
        r->length[AXIS_CHANNEL] = h->n_channel;
    }
    if (h->n_word != HEAD_WORDS + stage_words(r, h->present) + (h->has_members ? member_words(r) : 0) +
                         2 * h->n_bucket + OWN_WORDS * h->n_own + h->n_told_word + 1) {
        return 0; /* not what this program would have written */
    }
    for (unsigned part = 0; part < N_PART; part++) {
        size_t n = layout_rows(&layout_part[part], r->length);
        int rc = h->present >> part & 1 && !r->stage[part] ? results_stage_part(r, part, e) : 0;
        if (rc < 0) {
            return rc;
        }
        for (unsigned f = 0; h->present >> part & 1 && f < layout_part[part].n_field; f++, w += n) {
            memcpy(r->stage[part][f] + cell * n, w, n * sizeof *w);
        }
    }
    int rc = unpack_members(r, h, w, e);
    w += h->has_members ? member_words(r) : 0;
    rc = rc ? rc : unpack_sketch(&r->sketch[cell], w, (size_t)h->n_bucket, e);
    rc = rc ? rc : unpack_own(&r->own[cell], w + 2 * h->n_bucket, (size_t)h->n_own, e);
    rc = rc ? rc : results_told_unpack(&r->told, w + 2 * h->n_bucket + OWN_WORDS * h->n_own, (size_t)h->n_told_word, e);
    if (rc == 0) {
        r->status[cell] = (uint8_t)h->status;
        r->n_row[cell] = h->n_row;
        memcpy(&r->wall_s[cell], &h->wall_s, sizeof h->wall_s);
        memcpy(r->text[cell], h->text, TEXT_MAX - 1);
        r->n_done++;
    }
    return rc;
}

int results_unpack(void *results, const uint64_t *word, size_t n, struct err *e)
{
    struct results *r = results;
    for (size_t at = 0; n - at > HEAD_WORDS;) {
        struct head h;
        memcpy(&h, word + at, sizeof h);
        if (!is_sound(r, &h, word + at, n - at)) {
            return 0;
        }
        if (r->status[h.cell] == RECORD_EMPTY) {
            const char *rows = results_rows_file(r, (size_t)h.cell);
            int rc = !rows                                       ? ERR_SET(e, ERR_MEMORY, "no memory for results")
                     : h.n_row > 0 && access(rows, R_OK) != 0 ? 0
                                                                  : unpack(r, &h, word + at, e);
            if (rc < 0) {
                return rc;
            }
        }
        at += (size_t)h.n_word;
    }
    return 0;
}
