/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * /recording of a result file: what language models outside the program answered, each request once, in the order of their
 * hashes.  With it a run can be repeated without them.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/io/results_impl.h"
#include "sim/io/text/book.h"

enum { HASH_BYTES = SHA256_TEXT - 1, HEAD_WORDS = HASH_BYTES / 8 + 6, TEXT_BYTES_MAX = 1 << 28 };

void results_told_clear(struct told *t)
{
    free(t->entry);
    arena_clear(&t->arena);
    *t = (struct told){.key = {0}};
}

int results_told_add(struct told *t, const struct text_entry *entry, struct err *e)
{
    t->key.arena = &t->arena;
    const char *key = arena_format(&t->arena, "%u %s", entry->model, entry->hash);
    uint32_t row = key ? names_add(&t->key, key) : NAME_NONE;
    if (row != NAME_NONE && row < t->n) {
        return 0;
    }
    if (row != NAME_NONE && t->n == t->room) {
        size_t room = 2 * t->room + 64;
        struct text_entry *grown = realloc(t->entry, room * sizeof *grown);
        if (grown) {
            t->entry = grown;
            t->room = room;
        }
    }
    if (row == NAME_NONE || t->n == t->room) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the answers of language models");
    }
    struct text_entry *kept = &t->entry[t->n++];
    *kept = *entry;
    kept->answer = arena_copy(&t->arena, entry->answer);
    kept->by = arena_copy(&t->arena, entry->by);
    kept->prompt = arena_copy(&t->arena, entry->prompt);
    return t->arena.failed ? ERR_SET(e, ERR_MEMORY, "no memory for the answers of language models") : 0;
}

static size_t words_of(size_t bytes)
{
    return (bytes + 7) / 8;
}

size_t results_told_words(const struct text_entry *const *told, size_t n)
{
    size_t words = 0;
    for (size_t i = 0; i < n; i++) {
        words += HEAD_WORDS + words_of(strlen(told[i]->answer)) + words_of(strlen(told[i]->by)) +
                 words_of(strlen(told[i]->prompt));
    }
    return words;
}

/* The text at w, zeros behind it to the end of its last word; returns what follows. */
static uint64_t *pack_text(uint64_t *w, const char *text)
{
    size_t n = strlen(text);
    memset(w, 0, words_of(n) * sizeof *w);
    memcpy(w, text, n);
    return w + words_of(n);
}

uint64_t *results_told_pack(const struct text_entry *const *told, size_t n, uint64_t *w)
{
    for (size_t i = 0; i < n; i++) {
        const struct text_entry *t = told[i];
        const double number[] = {t->think_s, t->tokens_in, t->tokens_out};
        memcpy(w, t->hash, HASH_BYTES);
        w += HASH_BYTES / 8;
        memcpy(w, number, sizeof number);
        w += 3;
        *w++ = (uint64_t)t->model << 32 | t->status;
        *w++ = (uint64_t)strlen(t->answer) << 32 | strlen(t->by);
        *w++ = strlen(t->prompt);
        w = pack_text(pack_text(pack_text(w, t->answer), t->by), t->prompt);
    }
    return w;
}

int results_told_unpack(struct told *t, const uint64_t *w, size_t n, struct err *e)
{
    struct arena scratch = {0};
    int rc = 0;
    while (rc == 0 && n >= HEAD_WORDS) {
        struct text_entry entry = {.hash = ""};
        const uint64_t *head = w + HASH_BYTES / 8;
        memcpy(entry.hash, w, HASH_BYTES);
        memcpy(&entry.think_s, head, sizeof entry.think_s);
        memcpy(&entry.tokens_in, head + 1, sizeof entry.tokens_in);
        memcpy(&entry.tokens_out, head + 2, sizeof entry.tokens_out);
        entry.model = (uint32_t)(head[3] >> 32);
        entry.status = (uint32_t)head[3];
        const size_t bytes[] = {(size_t)(head[4] >> 32), (size_t)(uint32_t)head[4], (size_t)head[5]};
        const char **text[] = {&entry.answer, &entry.by, &entry.prompt};
        w += HEAD_WORDS;
        n -= HEAD_WORDS;
        for (int i = 0; i < 3 && rc == 0; i++) {
            if (bytes[i] > TEXT_BYTES_MAX || words_of(bytes[i]) > n) {
                return rc; /* not what this program would have written */
            }
            *text[i] = arena_copy_n(&scratch, (const char *)w, bytes[i]);
            w += words_of(bytes[i]);
            n -= words_of(bytes[i]);
        }
        rc = scratch.failed ? ERR_SET(e, ERR_MEMORY, "no memory for results") : results_told_add(t, &entry, e);
        arena_clear(&scratch);
    }
    return rc;
}

const char *const *results_answerers(const struct results *r, struct arena *a)
{
    const struct experiment *x = &r->scenario->experiment;
    const char **names = ARENA_NEW(a, x->n_policy + 1u, const char *);
    for (uint32_t p = 0; names && p < x->n_policy; p++) {
        uint64_t n_asked = 0;
        for (uint32_t k = 0; k < x->replications; k++) {
            n_asked += r->stage[PART_TEXT][0][(size_t)p * x->replications + k];
        }
        names[p] = n_asked > 0 && r->scenario->text_model[x->policy[p].text_model].backend == TEXT_RULES ? "rules" : "";
        for (size_t i = 0; n_asked > 0 && i < r->told.n && names[p]; i++) {
            const struct text_entry *t = &r->told.entry[i];
            if (t->model == x->policy[p].text_model && t->by[0] && !strstr(names[p], t->by)) {
                names[p] = arena_format(a, "%s%s%s", names[p], names[p][0] ? ", " : "", t->by);
            }
        }
        names[p] = names[p] ? names[p] : "";
    }
    return names;
}

static int by_hash(const void *a, const void *b)
{
    const struct text_entry *x = a, *y = b;
    int order = strcmp(x->hash, y->hash);
    return order ? order : (x->model > y->model) - (x->model < y->model);
}

/* Columns of the group. */
enum { TOLD_HASH, TOLD_MODEL, TOLD_BY, TOLD_ANSWER, TOLD_PROMPT, N_TOLD_TEXT };

static void write_texts(struct results *r, struct h5_group *g, const struct h5_dim *dim, const char *const *const *text,
                        bool prompts)
{
    static const char *const name[N_TOLD_TEXT] = {"", "language_model", "by", "answer", "prompt"};
    static const char *const about[N_TOLD_TEXT] = {"", "who was asked, as the scenario calls it",
                                                   "the model's name, as who answered says it",
                                                   "what was used of the answer; \"\" if it was of no use", "the request"};
    for (int i = TOLD_MODEL; i < N_TOLD_TEXT; i++) {
        const struct h5_array a = {.name = name[i], .about = about[i], .unit = "", .kind = H5_TEXT, .n_dim = 1, .dim = {dim},
                                   .value = text[i]};
        if (i != TOLD_PROMPT || prompts) {
            h5_write_array(r->h5, g, &a);
        }
    }
}

void results_write_told(struct results *r, struct arena *a)
{
    static const char *const name[] = {"think_time", "tokens_in", "tokens_out"};
    static const char *const unit[] = {"s", "1", "1"};
    static const char *const about[] = {"simulated time that it cost", "tokens of the prompt", "tokens of the answer"};
    const size_t n = r->told.n;
    const char **text[N_TOLD_TEXT];
    double *number[3];
    struct text_entry *sorted = ARENA_NEW(a, n + 1, struct text_entry);
    uint8_t *status = ARENA_NEW(a, n + 1, uint8_t);
    bool prompts = false;
    if (n == 0) {
        return;
    }
    for (int i = 0; i < N_TOLD_TEXT; i++) {
        text[i] = ARENA_NEW(a, n + 1, const char *);
    }
    for (int i = 0; i < 3; i++) {
        number[i] = ARENA_NEW(a, n + 1, double);
    }
    if (a->failed) {
        h5_no_memory(r->h5, "no memory for the answers of language models");
        return;
    }
    memcpy(sorted, r->told.entry, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_hash);
    for (size_t i = 0; i < n; i++) {
        const struct text_entry *t = &sorted[i];
        text[TOLD_HASH][i] = t->hash;
        text[TOLD_MODEL][i] = r->scenario->text_model[t->model].name;
        text[TOLD_BY][i] = t->by;
        text[TOLD_ANSWER][i] = t->answer;
        text[TOLD_PROMPT][i] = t->prompt;
        prompts |= t->prompt[0] != 0;
        number[0][i] = t->think_s;
        number[1][i] = t->tokens_in;
        number[2][i] = t->tokens_out;
        status[i] = (uint8_t)t->status;
    }
    struct h5_group g;
    h5_begin_group(r->h5, &g, r->h5->file, "recording");
    if (g.id >= 0) {
        h5_write_text(r->h5, g.id, "title", "answers of language models, by the SHA-256 of the request");
    }
    const struct h5_dim dim = {"sha256", "", "of the request", H5_TEXT, n, text[TOLD_HASH]};
    write_texts(r, &g, &dim, (const char *const *const *)text, prompts);
    for (int i = 0; i < 3; i++) {
        const struct h5_array array = {.name = name[i], .about = about[i], .unit = unit[i], .kind = H5_F64, .n_dim = 1,
                                       .dim = {&dim}, .value = number[i]};
        h5_write_array(r->h5, &g, &array);
    }
    const struct h5_array array = {.name = "status", .unit = "1", .kind = H5_U8, .n_dim = 1, .dim = {&dim}, .value = status,
                                   .about = "0 answered, 1 late, 2 unreached, 3 refused, 4 too long, 5 malformed, 6 invalid"};
    h5_write_array(r->h5, &g, &array);
    h5_end_group(r->h5, &g);
}
