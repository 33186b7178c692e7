/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_language_models.c - the section `language_models`: who answers when a policy asks one. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/file.h"
#include "sim/io/read_sections.h"
#include "sim/io/text/prompt.h"

enum { MODELS = 100, TEMPLATE_BYTES = 64 << 10, ANSWER_MAX_BITS = 8 << 24 };

static const char *const backend_word[] = {"rules", "replay", "http", "record", NULL};
static const char *const time_word[] = {"profile", "measured", NULL};
static const char *const constrain_word[] = {"json_schema", "json_object", "none", NULL};
static const char *const keep_word[] = {"hashes", "prompts", NULL};

enum { TIME_NOT_SAID = 2 };

struct model_written {
    struct text_model model;
    unsigned backend, time, constrain, keep;
    double answer_bits;
    const char *recording;
    const struct yaml_node *prompts;
};

#define MODEL(name)   offsetof(struct model_written, model.name)
#define WRITTEN(name) offsetof(struct model_written, name)

static int settle_model(struct reader *r, const struct yaml_node *n, void *out);

/* clang-format off */
static const struct key model_key[] = {
    {.name = "backend", .type = VALUE_WORD, .offset = WRITTEN(backend), .word = backend_word, .otherwise = "rules",
     .about = "who answers: rules of this program that read the same prompt; a recording; a server; a server whose answers "
              "are recorded"},
    {.name = "url", .type = VALUE_TEXT, .offset = MODEL(url),
     .about = "http, record: where an OpenAI-compatible server takes chat completions, such as "
              "http://127.0.0.1:8080/v1/chat/completions"},
    {.name = "model", .type = VALUE_TEXT, .offset = MODEL(model), .otherwise = "default",
     .about = "the name under which the server knows it"},
    {.name = "key_from", .type = VALUE_NAME, .offset = MODEL(key_from),
     .about = "name of the environment variable that holds the server's key; the key itself stands in no file"},
    {.name = "recording", .type = VALUE_TEXT, .offset = WRITTEN(recording),
     .about = "replay: the file with the answers; record: the file that they are added to"},
    {.name = "timeout", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = MODEL(timeout_s), .otherwise = "10 s",
     .above = true, .max = 3600, .about = "an answer that takes longer is late"},
    {.name = "tries", .type = VALUE_WHOLE, .offset = MODEL(tries), .min = 1, .max = 20, .otherwise = "3",
     .about = "http, record: how often a question is put while the server is not reached, busy or broken"},
    {.name = "back_off", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = MODEL(back_off_s), .max = 600,
     .otherwise = "0.5 s", .about = "wait before the second try, twice as long before each further one"},
    {.name = "answer", .type = VALUE_QUANTITY, .dimension = DIM_DATA, .offset = WRITTEN(answer_bits), .min = 800,
     .max = ANSWER_MAX_BITS, .otherwise = "64 kB", .about = "the longest reply that is read"},
    {.name = "tokens", .type = VALUE_WHOLE, .offset = MODEL(tokens), .min = 1, .max = 1000000, .otherwise = "256",
     .about = "the most tokens that the model is let write"},
    {.name = "temperature", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = MODEL(temperature), .max = 2,
     .otherwise = "0", .about = "of its sampling"},
    {.name = "constrain", .type = VALUE_WORD, .offset = WRITTEN(constrain), .word = constrain_word, .otherwise = "json_schema",
     .about = "how response_format sends the answer's JSON Schema along: as OpenAI and llama.cpp take it, as llama-cpp-python "
              "does, or not; the answer is checked in any case"},
    {.name = "time", .type = VALUE_WORD, .offset = WRITTEN(time), .word = time_word,
     .derived = "profile with rules, else measured",
     .about = "simulated time that a question costs: by latency, read and write below, or as long as it took"},
    {.name = "latency", .type = VALUE_QUANTITY, .dimension = DIM_TIME, .offset = MODEL(latency_s), .otherwise = "0 s",
     .max = 3600, .about = "profile: of each question"},
    {.name = "read", .type = VALUE_QUANTITY, .dimension = DIM_FREQUENCY, .offset = MODEL(read_hz), .above = true,
     .otherwise = "2000 /s", .about = "profile: tokens of the prompt in a second"},
    {.name = "write", .type = VALUE_QUANTITY, .dimension = DIM_FREQUENCY, .offset = MODEL(write_hz), .above = true,
     .otherwise = "50 /s", .about = "profile: tokens of the answer in a second"},
    {.name = "keep", .type = VALUE_WORD, .offset = WRITTEN(keep), .word = keep_word, .otherwise = "hashes",
     .about = "what stands beside the answers in result files and recordings: hashes of the prompts, or the prompts too"},
    {.name = "prompts", .type = VALUE_NODE, .offset = WRITTEN(prompts), .each = &read_text_key, .least = 1,
     .wanted = "a mapping of uses to files of templates",
     .about = "templates to take the place of a policy's own, by the name of their use, such as score"},
};
const struct table language_model_table = {.title = "language_models.NAME", TABLE(model_key), .after = settle_model};
/* clang-format on */

/* A server's address: with a scheme that we speak, and without a password in it. */
static bool is_url(const char *url)
{
    const char *host = strncmp(url, "http://", 7) == 0 ? url + 7 : strncmp(url, "https://", 8) == 0 ? url + 8 : NULL;
    size_t n = host ? strcspn(host, "/?#") : 0;
    return n > 0 && !memchr(host, '@', n) && url[strcspn(url, " \t\r\n")] == '\0';
}

/* Tell what is wrong at a key, or where it should be. */
static int wrong(struct reader *r, const struct yaml_node *n, const char *key, const char *found, const char *wanted)
{
    const struct yaml_node *at = yaml_get(n, key);
    size_t mark = read_enter(r, key);
    int rc = read_fault(r, at ? at->at : n->at, "found %s, wanted %s", found, wanted);
    read_leave(r, mark);
    return rc;
}

static int settle_model(struct reader *r, const struct yaml_node *n, void *out)
{
    struct model_written *w = out;
    struct text_model *m = &w->model;
    m->backend = (enum text_backend)w->backend;
    bool asks = m->backend == TEXT_HTTP || m->backend == TEXT_RECORD;
    bool files = m->backend == TEXT_REPLAY || m->backend == TEXT_RECORD;
    m->measured = w->time == TIME_NOT_SAID ? m->backend != TEXT_RULES : w->time == 1;
    m->answer_bytes = (size_t)(w->answer_bits / 8);
    m->constrain = (enum text_constrain)w->constrain;
    m->keep_prompts = w->keep == 1;
    if (asks && (!m->url || !is_url(m->url))) {
        char shown[TEXT_SHOWN];
        bool secret = m->url && strchr(m->url, '@');
        return wrong(r, n, "url", !m->url ? "none" : secret ? "an address with @" : text_show(m->url, strlen(m->url), shown),
                     "an address that begins with http:// or https:// and holds no password");
    }
    if (files && !w->recording) {
        return wrong(r, n, "recording", "none", "a file: the backend replays or records");
    }
    if (m->backend == TEXT_RULES && m->measured) {
        return wrong(r, n, "time", "measured with the backend rules", "profile: what they take here says nothing");
    }
    return 0;
}

static int read_template(struct reader *r, const struct yaml_pair *pair, struct text_template *t)
{
    struct err e = {0};
    char *text = NULL;
    size_t size = 0;
    char shown[TEXT_SHOWN];
    if (pair->value->kind != YAML_SCALAR || yaml_is_null(pair->value)) {
        return read_fault(r, pair->value->at, "found %s, wanted a file", read_found(pair->value, shown));
    }
    const char *path = read_expand(r, pair->value->at, pair->value->text);
    if (!path) {
        return -ERR_INPUT;
    }
    int rc = file_read(path, TEMPLATE_BYTES, &text, &size, &e);
    rc = rc ? rc : prompt_check(path, text, &e);
    if (rc) {
        rc = read_fault_err(r, pair->value->at, &e);
    } else {
        t->use = arena_copy(&r->s->arena, pair->key);
        t->file = path;
        t->text = arena_copy_n(&r->s->arena, text, size);
        rc = t->use && t->text && read_note_file(r->s, arena_copy(&r->s->arena, pair->value->text), path)
                 ? 0
                 : read_out_of_memory(r);
    }
    free(text);
    return rc;
}

static int read_templates(struct reader *r, const struct yaml_node *n, struct text_model *m)
{
    int rc = read_named(r, n, "prompts", MODELS);
    if (n->kind != YAML_MAP || n->n > MODELS) {
        return rc;
    }
    struct text_template *t = ARENA_NEW(&r->s->arena, n->n, struct text_template);
    if (!t) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = read_template(r, &n->pair[i], &t[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    m->n_template = n->n;
    m->template = t;
    return rc;
}

static int read_model(struct reader *r, const struct yaml_pair *pair, struct text_model *model)
{
    struct model_written w = {.time = TIME_NOT_SAID};
    int rc = read_table(r, &language_model_table, pair->value, &w), one = 0;
    if (w.prompts) {
        size_t mark = read_enter(r, "prompts");
        one = read_templates(r, w.prompts, &w.model);
        read_leave(r, mark);
    }
    if (w.recording) {
        const struct yaml_node *at = yaml_get(pair->value, "recording");
        size_t mark = read_enter(r, "recording");
        w.model.recording = read_expand(r, at->at, w.recording);
        one = one ? one : w.model.recording ? 0 : -ERR_INPUT;
        read_leave(r, mark);
    }
    *model = w.model;
    model->name = arena_copy(&r->s->arena, pair->key);
    return rc ? rc : one ? one : names_add(&r->model, model->name ? model->name : "") == NAME_NONE ? read_out_of_memory(r) : 0;
}

int read_default_language_model(struct reader *r)
{
    const struct yaml_node nothing = {.kind = YAML_MAP};
    const struct yaml_pair rules = {.key = "rules", .value = &nothing};
    r->s->text_model = ARENA_NEW(&r->s->arena, 1, struct text_model);
    r->s->n_text_model = 1;
    return r->s->text_model ? read_model(r, &rules, r->s->text_model) : read_out_of_memory(r);
}

int read_language_models(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct scenario *s = r->s;
    int rc = read_named(r, n, "language models", MODELS);
    (void)k, (void)field;
    if (n->kind != YAML_MAP || n->n > MODELS) {
        return rc;
    }
    s->n_text_model = n->n;
    s->text_model = ARENA_NEW(&s->arena, n->n, struct text_model);
    if (!s->text_model) {
        return read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = read_model(r, &n->pair[i], &s->text_model[i]);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}
