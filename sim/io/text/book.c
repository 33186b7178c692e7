/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/text/book.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <tiersim/policy.h>
#include <unistd.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/io/file.h"

enum { RECORDING_BYTES = 1 << 30, RECORDINGS = 128, KEY_ROOM = SHA256_TEXT + 16 };

struct recording {
    uint32_t model;
    const char *path;
    FILE *file;
};

/* Stands where somebody is looking for the answer. */
static const struct text_entry claimed;

struct book {
    pthread_mutex_t lock;
    pthread_cond_t settled;
    struct arena arena;
    struct names key;                 /* "ROW HASH" of each entry */
    const struct text_entry **entry;  /* [key.n]; NULL: given up */
    size_t room;
    uint32_t n_recording;
    struct recording recording[RECORDINGS];
};

int book_open(struct book **out, struct err *e)
{
    struct book *b = calloc(1, sizeof *b);
    *out = b;
    if (!b) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the answers of language models");
    }
    b->key.arena = &b->arena;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->settled, NULL);
    return 0;
}

void book_close(struct book *b)
{
    if (!b) {
        return;
    }
    for (uint32_t i = 0; i < b->n_recording; i++) {
        fclose(b->recording[i].file);
    }
    pthread_cond_destroy(&b->settled);
    pthread_mutex_destroy(&b->lock);
    free(b->entry);
    arena_clear(&b->arena);
    free(b);
}

/* Row of a request, which is new if it is the old key.n; NAME_NONE: out of memory. */
static uint32_t row_of(struct book *b, uint32_t model, const char *hash)
{
    char key[KEY_ROOM];
    snprintf(key, sizeof key, "%u %s", model, hash);
    uint32_t row = names_find(&b->key, key);
    if (row != NAME_NONE) {
        return row;
    }
    if (b->key.n == b->room) {
        size_t room = 2 * b->room + 64;
        const struct text_entry **grown = realloc(b->entry, room * sizeof *grown);
        if (!grown) {
            return NAME_NONE;
        }
        b->entry = grown;
        b->room = room;
    }
    const char *kept = arena_copy(&b->arena, key);
    row = kept ? names_add(&b->key, kept) : NAME_NONE;
    if (row != NAME_NONE) {
        b->entry[row] = NULL;
    }
    return row;
}

static const struct text_entry *copy(struct book *b, const struct text_entry *entry)
{
    struct text_entry *kept = ARENA_NEW(&b->arena, 1, struct text_entry);
    if (kept) {
        *kept = *entry;
        kept->answer = arena_copy(&b->arena, entry->answer);
        kept->by = arena_copy(&b->arena, entry->by);
        kept->prompt = arena_copy(&b->arena, entry->prompt);
    }
    return kept && kept->answer && kept->by && kept->prompt ? kept : NULL;
}

static const struct text_entry *add(struct book *b, const struct text_entry *entry, bool over)
{
    pthread_mutex_lock(&b->lock);
    uint32_t row = row_of(b, entry->model, entry->hash);
    if (row != NAME_NONE && (over || !b->entry[row] || b->entry[row] == &claimed)) {
        b->entry[row] = copy(b, entry);
    }
    const struct text_entry *there = row == NAME_NONE ? NULL : b->entry[row];
    pthread_mutex_unlock(&b->lock);
    return there;
}

const struct text_entry *book_add(struct book *b, const struct text_entry *entry)
{
    return add(b, entry, false);
}

static const char *text_at(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

static double number_at(const json_t *line, const char *key)
{
    double x = json_number_value(json_object_get(line, key));
    return x >= 0 && x <= 1e15 ? x : 0;
}

static int read_line(const json_t *line, const char *path, int number, struct text_entry *entry,
                     struct err *e)
{
    const char *hash = text_at(line, "sha256");
    entry->status = (uint32_t)number_at(line, "status");
    entry->think_s = number_at(line, "think_s");
    entry->tokens_in = number_at(line, "tokens_in");
    entry->tokens_out = number_at(line, "tokens_out");
    entry->answer = text_at(line, "answer");
    entry->by = text_at(line, "model");
    entry->prompt = text_at(line, "prompt");
    snprintf(entry->hash, sizeof entry->hash, "%s", hash);
    if (strlen(hash) != SHA256_TEXT - 1 || strspn(hash, "0123456789abcdef") != SHA256_TEXT - 1 ||
        entry->status >= TS_N_SAYING || !json_object_get(line, "status")) {
        return ERR_AT(e, path, number, 1,
                      "found what is no answer of a language model, wanted {\"sha256\": .., \"status\": .., \"answer\": ..}");
    }
    return 0;
}

int book_read(struct book *b, const char *path, uint32_t model, void (*charge)(const void *ctx, struct text_entry *entry),
              const void *ctx, bool only_fine, struct err *e)
{
    char *text = NULL;
    size_t size = 0;
    int rc = file_read(path, RECORDING_BYTES, &text, &size, e), number = 1;
    for (char *from = text, *end; rc == 0 && (end = memchr(from, '\n', size - (size_t)(from - text))); from = end + 1) {
        struct text_entry entry = {.model = model};
        json_error_t why;
        json_t *line = json_loadb(from, (size_t)(end - from), 0, &why);
        rc = read_line(line, path, number++, &entry, e);
        if (rc == 0 && !(only_fine && entry.status != TS_S_FINE)) {
            charge(ctx, &entry);
            rc = add(b, &entry, true) ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for %s", path);
        }
        json_decref(line);
    }
    free(text);
    return rc;
}

/* Cut off what a killed process left of a line. */
static int mend(FILE *file)
{
    long size, keep = 0;
    int c;
    rewind(file);
    for (size = 0; (c = getc(file)) != EOF; size++) {
        keep = c == '\n' ? size + 1 : keep;
    }
    return ferror(file) || (keep < size && ftruncate(fileno(file), keep) != 0) ? -1 : fseek(file, 0, SEEK_END);
}

int book_record(struct book *b, const char *path, uint32_t model, struct err *e)
{
    if (b->n_recording == RECORDINGS) {
        return ERR_SET(e, ERR_INPUT, "%s: found more than %d recordings, wanted fewer", path, RECORDINGS);
    }
    FILE *file = fopen(path, "a+");
    if (!file || flock(fileno(file), LOCK_EX | LOCK_NB) != 0 || mend(file) != 0) {
        const char *why = file && errno == EWOULDBLOCK ? "another process, or another model, is writing it" : strerror(errno);
        int rc = ERR_SET(e, ERR_IO, "%s: answers cannot be recorded: %s", path, why);
        if (file) {
            fclose(file);
        }
        return rc;
    }
    b->recording[b->n_recording++] = (struct recording){model, path, file};
    return 0;
}

const struct text_entry *book_find(struct book *b, uint32_t model, const char *hash, bool claim, bool *mine)
{
    char key[KEY_ROOM];
    snprintf(key, sizeof key, "%u %s", model, hash);
    const struct text_entry *entry = NULL;
    *mine = false;
    pthread_mutex_lock(&b->lock);
    for (;;) {
        uint32_t row = names_find(&b->key, key);
        entry = row == NAME_NONE ? NULL : b->entry[row];
        if (entry != &claimed || !claim) {
            break;
        }
        pthread_cond_wait(&b->settled, &b->lock);
    }
    entry = entry == &claimed ? NULL : entry;
    if (!entry && claim) {
        *mine = true;
        uint32_t row = row_of(b, model, hash);
        if (row != NAME_NONE) { /* without memory nobody waits; settling tells */
            b->entry[row] = &claimed;
        }
    }
    pthread_mutex_unlock(&b->lock);
    return entry;
}

static int append(const struct recording *r, const struct text_entry *t, struct err *e)
{
    json_t *line = json_pack("{s:s, s:i, s:s, s:s, s:f, s:f, s:f}", "sha256", t->hash, "status", (int)t->status, "answer",
                             t->answer, "model", t->by, "think_s", t->think_s, "tokens_in", t->tokens_in, "tokens_out",
                             t->tokens_out);
    if (line && t->prompt[0]) {
        json_object_set_new(line, "prompt", json_string(t->prompt));
    }
    char *text = json_dumps(line, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(17));
    int rc = text && fprintf(r->file, "%s\n", text) > 0 && fflush(r->file) == 0
                 ? 0
                 : ERR_SET(e, ERR_IO, "%s: an answer cannot be recorded: %s", r->path, strerror(errno));
    free(text);
    json_decref(line);
    return rc;
}

int book_settle(struct book *b, uint32_t model, const char *hash, const struct text_entry *entry,
                const struct text_entry **there, struct err *e)
{
    int rc = 0;
    pthread_mutex_lock(&b->lock);
    uint32_t row = row_of(b, model, hash);
    *there = row != NAME_NONE && entry ? copy(b, entry) : NULL;
    if (entry && !*there) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for the answers of language models");
    }
    if (row != NAME_NONE) {
        b->entry[row] = *there;
    }
    for (uint32_t i = 0; rc == 0 && entry && i < b->n_recording; i++) {
        rc = b->recording[i].model == model ? append(&b->recording[i], entry, e) : 0;
    }
    pthread_cond_broadcast(&b->settled);
    pthread_mutex_unlock(&b->lock);
    return rc;
}
