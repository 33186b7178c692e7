/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/text/text.h"

#include <curl/curl.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/text/http.h"
#include "sim/io/text/prompt.h"
#include "sim/io/text/rules.h"
#include "sim/io/text/wire.h"

/* Bytes of a token where nobody counts them: about that of English under the usual tokenisers. */
enum { TOKEN_BYTES = 4 };

struct text_models {
    const struct scenario *s;
    const char *replayed; /* the file that a run is repeated from, or NULL */
    const char **key;     /* [n_text_model] of the server, "" if it wants none; NULL: not prepared */
    struct book *book;
    pthread_mutex_t preparing;
};

static bool asks_server(const struct text_model *m)
{
    return m->backend == TEXT_HTTP || m->backend == TEXT_RECORD;
}

static double profile_s(const struct text_model *m, double tokens_in, double tokens_out)
{
    return m->latency_s + tokens_in / m->read_hz + tokens_out / m->write_hz;
}

/* What the entry of a recording costs here. */
static void charge(const void *ctx, struct text_entry *entry)
{
    const struct text_model *m = ctx;
    if (!m->measured) {
        entry->think_s = profile_s(m, entry->tokens_in, entry->tokens_out);
    }
}

static int prepare(struct text_models *t, uint32_t row, struct err *e)
{
    const struct text_model *m = &t->s->text_model[row];
    const char *key = "";
    int rc = 0;
    if (asks_server(m) && m->key_from) {
        key = getenv(m->key_from);
        if (!key || !key[0] || key[strcspn(key, "\r\n")]) {
            return ERR_SET(e, ERR_INPUT, "language_models.%s.key_from: the environment variable %s holds no key", m->name,
                           m->key_from);
        }
    }
    if (m->backend == TEXT_REPLAY || (m->backend == TEXT_RECORD && access(m->recording, F_OK) == 0)) {
        rc = book_read(t->book, m->recording, row, charge, m, m->backend == TEXT_RECORD, e);
    }
    rc = rc || m->backend != TEXT_RECORD ? rc : book_record(t->book, m->recording, row, e);
    t->key[row] = rc ? NULL : key;
    return rc;
}

int text_prepare(struct text_models *t, const struct policy_spec *policy, struct err *e)
{
    uint32_t row = policy->text_model;
    if (row >= t->s->n_text_model || t->replayed) {
        return 0;
    }
    pthread_mutex_lock(&t->preparing);
    int rc = t->key[row] ? 0 : prepare(t, row, e);
    pthread_mutex_unlock(&t->preparing);
    return rc;
}

int text_open(struct text_models **out, const struct scenario *s, const struct text_replay *replay, struct err *e)
{
    struct text_models *t = calloc(1, sizeof *t);
    *out = t;
    if (!t || !(t->key = calloc(s->n_text_model + 1u, sizeof *t->key))) {
        free(t);
        *out = NULL;
        return ERR_SET(e, ERR_MEMORY, "out of memory for the language models");
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    pthread_mutex_init(&t->preparing, NULL);
    t->s = s;
    t->replayed = replay ? replay->from : NULL;
    int rc = book_open(&t->book, e);
    rc = rc || !replay ? rc : text_remember(t, replay->entry, replay->n, e);
    if (rc) {
        text_close(t);
        *out = NULL;
    }
    return rc;
}

void text_close(struct text_models *t)
{
    if (t) {
        book_close(t->book);
        pthread_mutex_destroy(&t->preparing);
        free(t->key);
        free(t);
        curl_global_cleanup();
    }
}

int text_remember(struct text_models *t, const struct text_entry *entry, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct text_entry mine = entry[i];
        for (uint32_t row = 0; mine.of && row < t->s->n_text_model; row++) {
            mine.model = strcmp(mine.of, t->s->text_model[row].name) == 0 ? row : mine.model;
        }
        if (!book_add(t->book, &mine)) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for the answers of language models");
        }
    }
    return 0;
}

bool text_is_outside(const struct scenario *s, const struct policy_spec *policy)
{
    return policy->text_model < s->n_text_model && s->text_model[policy->text_model].backend != TEXT_RULES;
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double count_tokens(const char *text)
{
    return (double)((strlen(text) + TOKEN_BYTES - 1) / TOKEN_BYTES);
}

/* A question on its way. */
struct question {
    const char *prompt;
    const struct ts_slot *slot;
    uint32_t n_slot;
    double *value; /* [n_slot] of the answer */
};

/* What a model said, checked, as the text that is kept; to be freed.  NULL if there is none. */
static char *check(const struct question *q, const char *content, uint32_t *status)
{
    if (*status != TS_S_FINE || q->n_slot == 0) {
        return *status == TS_S_FINE ? strdup(content) : NULL;
    }
    *status = wire_numbers(content, q->slot, q->n_slot, q->value);
    return *status == TS_S_FINE ? wire_object(q->slot, q->n_slot, q->value) : NULL;
}

/* Names are of letters that names have, and no place to hide a key or a prompt in. */
static void clean_name(char *by, const char *key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@+-";
    for (char *c = by; *c; c++) {
        *c = strchr(letters, *c) ? *c : '_';
    }
    if (key[0] && strstr(by, key)) {
        by[0] = '\0';
    }
}

/* Ask the server, and make what comes of it the entry of the claimed request. */
static int ask_server(struct text_session *s, const struct question *q, const char *body, const char *hash,
                      const struct text_entry **entry, struct err *e)
{
    const struct text_model *m = s->model;
    const char *reply = "", *key = s->models->key[s->row];
    struct wire_reply said = {0};
    size_t n = 0;
    int rc = s->http ? 0 : http_open(&s->http, m, key, e);
    if (rc) {
        book_settle(s->models->book, s->row, hash, NULL, entry, NULL);
        return rc;
    }
    double from_s = now_s();
    struct text_entry new = {.model = s->row, .status = http_ask(s->http, body, &reply, &n)};
    double took_s = now_s() - from_s;
    if (new.status == TS_S_FINE) {
        new.status = wire_reply(reply, n, &said);
    }
    if (said.content && key[0] && strstr(said.content, key)) {
        new.status = TS_S_MALFORMED; /* a server that tells our key to everybody */
    }
    char *answer = said.content ? check(q, said.content, &new.status) : NULL;
    if (said.by) {
        clean_name(said.by, key);
    }
    snprintf(new.hash, sizeof new.hash, "%s", hash);
    new.tokens_in = said.tokens_in >= 0 && said.by ? said.tokens_in : count_tokens(q->prompt);
    new.tokens_out = said.tokens_out >= 0 && said.by ? said.tokens_out : said.content ? count_tokens(said.content) : 0;
    new.think_s = m->measured ? took_s : new.status == TS_S_LATE ? m->timeout_s : profile_s(m, new.tokens_in, new.tokens_out);
    new.answer = answer ? answer : "";
    new.by = said.by ? said.by : "";
    new.prompt = m->keep_prompts ? q->prompt : "";
    rc = book_settle(s->models->book, s->row, hash, &new, entry, e);
    free(answer);
    wire_clear(&said);
    return rc;
}

static int note(struct text_session *s, const struct text_entry *entry, struct err *e)
{
    if (s->n_told == s->room) {
        size_t room = 2 * s->room + 64;
        const struct text_entry **grown = realloc(s->told, room * sizeof *grown);
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for the answers of a language model");
        }
        s->told = grown;
        s->room = room;
    }
    s->told[s->n_told++] = entry;
    return 0;
}

/* The entry of a question to somebody outside: from the book, or asked now. */
static int ask_outside(struct text_session *s, const struct question *q, const struct text_entry **entry, struct err *e)
{
    struct text_models *t = s->models;
    char *body = NULL, hash[SHA256_TEXT];
    bool claim = asks_server(s->model) && !t->replayed, mine = false;
    int rc = wire_request(s->model, q->prompt, q->slot, q->n_slot, &body, e);
    if (rc) {
        return rc;
    }
    struct sha256 sum = sha256_start();
    sha256_add(&sum, body, strlen(body));
    sha256_text(&sum, hash);
    *entry = book_find(t->book, s->row, hash, claim, &mine);
    if (mine) {
        rc = ask_server(s, q, body, hash, entry, e);
    } else if (!*entry) {
        rc = ERR_SET(e, t->replayed ? ERR_AUDIT : ERR_INPUT,
                     "%s: has no answer of the language model %s to the request with SHA-256 %s: it was made by another "
                     "scenario, prompt or program",
                     t->replayed ? t->replayed : s->model->recording, s->model->name, hash);
    }
    free(body);
    return rc ? rc : note(s, *entry, e);
}

static int ask_rules(struct text_session *s, const struct question *q, const char *use, struct text_entry *entry,
                     char **answer, struct err *e)
{
    const struct text_model *m = s->model;
    int rc = rules_answer(use, q->prompt, q->slot, q->n_slot, answer, e);
    if (rc) {
        return rc;
    }
    *entry = (struct text_entry){.model = s->row, .answer = *answer, .by = "rules"};
    entry->tokens_in = count_tokens(q->prompt);
    entry->tokens_out = count_tokens(*answer);
    entry->think_s = profile_s(m, entry->tokens_in, entry->tokens_out);
    if (entry->think_s > m->timeout_s) {
        entry->status = TS_S_LATE;
        entry->think_s = m->timeout_s;
        entry->tokens_out = 0;
    }
    return 0;
}

static void count(struct text_counts *c, const struct text_entry *entry)
{
    c->n_asked++;
    c->n_came[entry->status]++;
    c->think_s += entry->think_s;
    c->think_max_s = entry->think_s > c->think_max_s ? entry->think_s : c->think_max_s;
    c->tokens_in += entry->tokens_in;
    c->tokens_out += entry->tokens_out;
}

static int no_model(struct err *e)
{
    return ERR_SET(e, ERR_INPUT, "found a policy that asks a language model, wanted language_models in the scenario");
}

/* Put a question; the text of its answer is written to copy[cap] unless that is NULL. */
static int ask(struct text_session *s, const char *use, const struct question *q, char *copy, uint32_t cap,
               struct ts_said *said, struct err *e)
{
    struct text_entry ruled;
    const struct text_entry *entry = &ruled;
    char *answer = NULL;
    int rc = s->model->backend == TEXT_RULES ? ask_rules(s, q, use, &ruled, &answer, e) : ask_outside(s, q, &entry, e);
    if (!rc && entry->status == TS_S_FINE && q->n_slot > 0 &&
        wire_numbers(entry->answer, q->slot, q->n_slot, q->value) != TS_S_FINE) {
        rc = ERR_SET(e, s->models->replayed ? ERR_AUDIT : ERR_INPUT,
                     "the answer of the language model %s to the request with SHA-256 %s is not what was asked for",
                     s->model->name, entry->hash);
    }
    if (!rc) {
        count(&s->counts, entry);
        *said = (struct ts_said){.size = sizeof *said, .status = entry->status, .think_s = entry->think_s,
                                 .tokens_in = entry->tokens_in, .tokens_out = entry->tokens_out};
        if (copy && cap > 0) {
            snprintf(copy, cap, "%s", entry->answer);
        }
    }
    free(answer);
    return rc;
}

static int consult(void *ctx, const struct ts_prompt *q, double *value, struct ts_said *said, struct err *e)
{
    struct text_session *s = ctx;
    const char *file = NULL, *template = q->form;
    char *prompt = NULL;
    if (!s->model) {
        return no_model(e);
    }
    for (uint32_t i = 0; i < s->model->n_template; i++) {
        if (strcmp(s->model->template[i].use, q->use) == 0) {
            file = s->model->template[i].file;
            template = s->model->template[i].text;
        }
    }
    int rc = prompt_fill(file, template, q->blank, q->n_blank, &prompt, e);
    if (rc == 0 && !value && s->model->backend == TEXT_RULES && !rules_know(q->use)) {
        char *answer;
        rc = rules_answer(q->use, prompt, q->slot, q->n_slot, &answer, e);
    } else if (rc == 0 && value) {
        const struct question asked = {prompt, q->slot, q->n_slot, value};
        rc = ask(s, q->use, &asked, NULL, 0, said, e);
    }
    free(prompt);
    return rc;
}

static int free_text(void *ctx, const char *prompt, char *answer, uint32_t cap, struct ts_said *said, struct err *e)
{
    const struct question asked = {.prompt = prompt};
    return ((struct text_session *)ctx)->model ? ask(ctx, "free text", &asked, answer, cap, said, e) : no_model(e);
}

void text_begin(struct text_session *s, struct text_models *t, const struct policy_spec *policy)
{
    *s = (struct text_session){.service = {consult, free_text, s}, .models = t, .row = policy->text_model};
    if (t && policy->text_model < t->s->n_text_model) {
        s->model = &t->s->text_model[policy->text_model];
    }
}

static int by_hash(const void *a, const void *b)
{
    const struct text_entry *x = *(const struct text_entry *const *)a, *y = *(const struct text_entry *const *)b;
    return strcmp(x->hash, y->hash);
}

int text_end(struct text_session *s, struct record *r, struct err *e)
{
    int rc = 0;
    http_close(s->http);
    if (r && s->counts.n_asked > 0) {
        size_t n = 0;
        if (s->n_told > 0) {
            qsort(s->told, s->n_told, sizeof(const struct text_entry *), by_hash);
        }
        for (size_t i = 0; i < s->n_told; i++) {
            if (n == 0 || s->told[n - 1] != s->told[i]) {
                s->told[n++] = s->told[i];
            }
        }
        r->asked = malloc(sizeof *r->asked);
        rc = r->asked ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for what was asked of a language model");
        if (r->asked) {
            *r->asked = s->counts;
        }
        r->told = s->told;
        r->n_told = n;
        s->told = NULL;
    }
    free(s->told);
    *s = (struct text_session){0};
    return rc;
}
