/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/names.h"
#include "sim/base/text.h"
#include "sim/io/file.h"

enum { SMALL_MAP = 16 }; /* pairs up to which keys are compared each with each */

/* A value on its way into the collection that is open. */
struct pending {
    struct yaml_pair pair; /* the key is NULL in a list */
    bool merge;            /* the key is a plain << */
};

/* A mapping or list whose end has not come yet. */
struct open {
    struct yaml_node *node;
    size_t first;        /* of its members in pending */
    struct pending next; /* MAP: the key that waits for its value, if any */
    bool has_key;
};

struct builder {
    struct yaml *y;
    struct errors *errs;
    uint32_t source;
    bool placed;
    struct fy_parser *parser;
    struct open open[YAML_DEPTH];
    unsigned depth;
    struct pending *pending;
    size_t n_pending, room;
    struct names anchor; /* of the file */
    struct yaml_node **target;
    uint32_t target_room;
    uint64_t n_merged;
    uint32_t n_duplicate;
    struct yaml_node *root;
};

static int fault(struct builder *b, struct yaml_place at, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int fault(struct builder *b, struct yaml_place at, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    errors_add_v(b->errs, at.source, b->y->source[at.source].name, at.line, at.column, fmt, ap);
    va_end(ap);
    return -ERR_INPUT;
}

static int out_of_memory(struct errors *errs)
{
    struct err e = {.code = ERR_MEMORY, .text = "out of memory"};
    errors_add_err(errs, 0, &e);
    return -ERR_MEMORY;
}

static bool is_quoted(struct fy_token *token)
{
    enum fy_scalar_style style = fy_token_scalar_style(token);
    return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

/* A scalar that is not there: libfyaml gives none of a token (0.7), or one without a text (0.9). */
static bool is_absent(struct fy_token *token)
{
    return fy_token_scalar_style(token) == FYSS_PLAIN && fy_token_get_text_length(token) == 0;
}

static struct yaml_place place_of(const struct builder *b, struct fy_token *token)
{
    const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
    struct yaml_place at = {.source = b->source};
    if (b->placed && mark) {
        at.line = mark->line + 1;
        at.column = mark->column + 1 - is_quoted(token); /* the mark is behind the quote */
    } else if (b->placed && b->depth > 0) {
        const struct open *o = &b->open[b->depth - 1]; /* an empty value stands where its key does */
        at = o->has_key ? o->next.pair.at : o->node->at;
    }
    return at;
}

static struct yaml_node *new_node(struct builder *b, enum yaml_kind kind, struct fy_token *token)
{
    struct yaml_node *node = ARENA_NEW(&b->y->arena, 1, struct yaml_node);
    if (node) {
        *node = (struct yaml_node){.at = place_of(b, token), .kind = kind, .depth = 1, .weight = 1};
    }
    return node;
}

static int push_pending(struct builder *b, struct pending p)
{
    if (b->n_pending == b->room) {
        size_t room = b->room ? 2 * b->room : 256;
        struct pending *grown = realloc(b->pending, room * sizeof *grown);
        if (!grown) {
            return out_of_memory(b->errs);
        }
        b->pending = grown;
        b->room = room;
    }
    b->pending[b->n_pending++] = p;
    return 0;
}

static int add_key(struct builder *b, struct open *o, const struct yaml_node *key)
{
    if (key->kind != YAML_SCALAR || yaml_is_null(key)) {
        return fault(b, key->at, "found %s as a key, wanted a name",
                     key->kind == YAML_MAP    ? "a mapping"
                     : key->kind == YAML_LIST ? "a list"
                                              : "nothing");
    }
    o->next = (struct pending){.pair = {.key = key->text, .at = key->at},
                               .merge = key->plain && strcmp(key->text, "<<") == 0};
    o->has_key = true;
    return 0;
}

/* A path after the key `file`, as seen from the folder of the first file. */
static struct yaml_node *place_path(struct builder *b, struct yaml_node *node)
{
    const char *prefix = b->y->prefix;
    if (!prefix || !*prefix || node->kind != YAML_SCALAR || node->text[0] == '/' || strncmp(node->text, "${", 2) == 0) {
        return node;
    }
    struct yaml_node *placed = ARENA_NEW(&b->y->arena, 1, struct yaml_node);
    char *text = arena_format(&b->y->arena, "%s%s", prefix, node->text);
    if (!placed || !text) {
        return NULL;
    }
    *placed = *node;
    placed->text = text;
    placed->n = (uint32_t)strlen(text);
    return placed;
}

/* A complete node: into the collection that is open, as key or value, or it is the root. */
static int add_node(struct builder *b, struct yaml_node *node)
{
    if (b->depth == 0) {
        b->root = node;
        return 0;
    }
    struct open *o = &b->open[b->depth - 1];
    if (o->node->kind == YAML_MAP && !o->has_key) {
        return add_key(b, o, node);
    }
    uint64_t weight = (uint64_t)o->node->weight + node->weight;
    if (weight > YAML_WEIGHT) {
        return fault(b, node->at, "found more than %d values, aliases written out, wanted fewer", YAML_WEIGHT);
    }
    if (node->depth + b->depth > YAML_DEPTH) {
        return fault(b, node->at, "found nesting deeper than %d levels, wanted less", YAML_DEPTH);
    }
    o->node->weight = (uint32_t)weight;
    if (o->node->depth <= node->depth) {
        o->node->depth = (uint8_t)(node->depth + 1);
    }
    struct pending p = o->has_key ? o->next : (struct pending){0};
    bool is_path = o->has_key && strcmp(p.pair.key, "file") == 0;
    p.pair.value = is_path ? place_path(b, node) : node;
    if (!p.pair.value) {
        return out_of_memory(b->errs);
    }
    o->has_key = false;
    return push_pending(b, p);
}

/* Keys of the mapping that is being closed: few are compared one by one, many through a table. */
struct seen {
    struct yaml_pair *pair;
    uint32_t n;
    bool large;
    struct names names;
    struct arena scratch;
};

static const struct yaml_pair *find_seen(const struct seen *s, const char *key)
{
    if (s->large) {
        uint32_t row = names_find(&s->names, key);
        return row == NAME_NONE ? NULL : &s->pair[row];
    }
    for (uint32_t i = 0; i < s->n; i++) {
        if (strcmp(s->pair[i].key, key) == 0) {
            return &s->pair[i];
        }
    }
    return NULL;
}

static int add_seen(struct seen *s, struct yaml_pair pair)
{
    s->pair[s->n++] = pair;
    return s->large && names_add(&s->names, pair.key) == NAME_NONE ? -ERR_MEMORY : 0;
}

/* The mappings that a merge key names: one, or a list of them. */
static uint32_t merged_count(const struct yaml_node *value)
{
    return value->kind == YAML_LIST ? value->n : 1;
}

static const struct yaml_node *merged_map(const struct yaml_node *value, uint32_t i)
{
    return value->kind == YAML_LIST ? value->item[i] : value;
}

/* How many pairs a mapping may come to hold at most, or -code. */
static int64_t count_pairs(struct builder *b, const struct pending *member, size_t n)
{
    int64_t room = 0;
    for (size_t i = 0; i < n; i++) {
        const struct yaml_node *value = member[i].pair.value;
        if (!member[i].merge) {
            room++;
            continue;
        }
        for (uint32_t k = 0; k < merged_count(value); k++) {
            const struct yaml_node *map = merged_map(value, k);
            if (map->kind != YAML_MAP) {
                return fault(b, map->at, "found something else than a mapping after <<, wanted the alias of one");
            }
            room += map->n;
            b->n_merged += map->n;
        }
    }
    if (b->n_merged > YAML_WEIGHT) {
        return fault(b, member[0].pair.at, "found merges of more than %d values, wanted fewer", YAML_WEIGHT);
    }
    return room;
}

static int collect_pairs(struct builder *b, struct seen *s, const struct pending *member, size_t n)
{
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        const struct yaml_pair *pair = &member[i].pair, *other = member[i].merge ? NULL : find_seen(s, pair->key);
        char shown[TEXT_SHOWN];
        if (other) {
            b->n_duplicate++; /* told, and the first stays */
            fault(b, pair->at, "found the key %s a second time, wanted it once (first at %d:%d)",
                  text_show(pair->key, strlen(pair->key), shown), other->at.line, other->at.column);
        } else if (!member[i].merge && add_seen(s, *pair) != 0) {
            rc = out_of_memory(b->errs);
        }
    }
    for (size_t i = 0; i < n && rc == 0; i++) {
        for (uint32_t k = 0; member[i].merge && k < merged_count(member[i].pair.value); k++) {
            const struct yaml_node *map = merged_map(member[i].pair.value, k);
            for (uint32_t j = 0; j < map->n && rc == 0; j++) {
                struct yaml_pair pair = map->pair[j];
                pair.merged = true;
                if (!find_seen(s, pair.key) && add_seen(s, pair) != 0) {
                    rc = out_of_memory(b->errs);
                }
            }
        }
    }
    return rc;
}

static int close_map(struct builder *b, struct open *o)
{
    const struct pending *member = b->pending ? b->pending + o->first : NULL;
    size_t n = b->n_pending - o->first;
    int64_t room = count_pairs(b, member, n);
    if (room < 0) {
        return (int)room;
    }
    struct seen s = {.large = room > SMALL_MAP, .pair = ARENA_NEW(&b->y->arena, (size_t)room, struct yaml_pair)};
    s.names.arena = &s.scratch;
    int rc = s.pair ? collect_pairs(b, &s, member, n) : out_of_memory(b->errs);
    arena_clear(&s.scratch);
    o->node->pair = s.pair;
    o->node->n = s.n;
    return rc;
}

static int close_list(struct builder *b, struct open *o)
{
    size_t n = b->n_pending - o->first;
    const struct yaml_node **item = ARENA_NEW(&b->y->arena, n, const struct yaml_node *);
    if (!item) {
        return out_of_memory(b->errs);
    }
    for (size_t i = 0; i < n; i++) {
        item[i] = b->pending[o->first + i].pair.value;
    }
    o->node->item = item;
    o->node->n = (uint32_t)n;
    return 0;
}

static int close_collection(struct builder *b)
{
    struct open *o = &b->open[b->depth - 1];
    int rc = o->node->kind == YAML_MAP ? close_map(b, o) : close_list(b, o);
    b->n_pending = o->first;
    b->depth--;
    return rc ? rc : add_node(b, o->node);
}

static int open_collection(struct builder *b, enum yaml_kind kind, struct yaml_node *node)
{
    if (b->depth == YAML_DEPTH) {
        return fault(b, node->at, "found nesting deeper than %d levels, wanted less", YAML_DEPTH);
    }
    node->kind = kind;
    b->open[b->depth++] = (struct open){.node = node, .first = b->n_pending};
    return 0;
}

static char *token_text(struct builder *b, struct fy_token *token, size_t *n)
{
    const char *text = token ? fy_token_get_text(token, n) : NULL;
    if (!text) {
        *n = 0;
        text = "";
    }
    return arena_copy_n(&b->y->arena, text, *n);
}

static int add_scalar(struct builder *b, struct fy_token *token, struct yaml_node *node)
{
    size_t n;
    char *text = token_text(b, token, &n);
    if (!text) {
        return out_of_memory(b->errs);
    }
    if (strlen(text) != n) {
        return fault(b, node->at, "found a NUL character, wanted text");
    }
    node->plain = !token || fy_token_scalar_style(token) == FYSS_PLAIN;
    node->text = text;
    node->n = (uint32_t)n;
    node->weight = 1 + (uint32_t)(n / 16);
    return add_node(b, node);
}

/* Remember what an anchor names; as in YAML, a later anchor of the name takes its place. */
static int set_anchor(struct builder *b, struct fy_token *token, struct yaml_node *node)
{
    size_t n;
    char *name = token_text(b, token, &n);
    uint32_t row = name ? names_add(&b->anchor, name) : NAME_NONE;
    if (row == NAME_NONE) {
        return out_of_memory(b->errs);
    }
    if (row >= b->target_room) {
        uint32_t room = 2 * row + 16;
        struct yaml_node **grown = realloc(b->target, room * sizeof(struct yaml_node *));
        if (!grown) {
            return out_of_memory(b->errs);
        }
        b->target = grown;
        b->target_room = room;
    }
    b->target[row] = node;
    return 0;
}

static int add_alias(struct builder *b, struct fy_token *token)
{
    size_t n;
    char *name = token_text(b, token, &n), shown[TEXT_SHOWN];
    if (!name) {
        return out_of_memory(b->errs);
    }
    uint32_t row = names_find(&b->anchor, name);
    struct yaml_place at = place_of(b, token);
    if (row == NAME_NONE) {
        struct text_nearest best = {0};
        for (uint32_t i = 0; i < b->anchor.n && !errors_full(b->errs); i++) {
            text_nearest_offer(&best, name, b->anchor.name[i]);
        }
        return fault(b, at, "found the alias *%s of no anchor, wanted %s%s", text_show(name, n, shown),
                     best.word ? "*" : "one that stands above", best.word ? best.word : "");
    }
    for (unsigned i = 0; i < b->depth; i++) {
        if (b->open[i].node == b->target[row]) {
            return fault(b, at, "found the alias *%s inside what it stands for, wanted one that is complete",
                         text_show(name, n, shown));
        }
    }
    return add_node(b, b->target[row]);
}

/* A node of the file proper: its tag and anchor, then itself. */
static int begin_node(struct builder *b, enum yaml_kind kind, struct fy_token *token, struct fy_token *anchor,
                      struct fy_token *tag)
{
    bool absent = kind == YAML_SCALAR && token && is_absent(token);
    struct yaml_node *node = new_node(b, YAML_SCALAR, absent ? NULL : token);
    if (!node) {
        return out_of_memory(b->errs);
    }
    if (tag) {
        char shown[TEXT_SHOWN];
        size_t n;
        char *text = token_text(b, tag, &n);
        return text ? fault(b, place_of(b, tag), "found the tag %s, wanted none", text_show(text, n, shown))
                    : out_of_memory(b->errs);
    }
    int rc = anchor ? set_anchor(b, anchor, node) : 0;
    if (rc == 0) {
        rc = kind == YAML_SCALAR ? add_scalar(b, token, node) : open_collection(b, kind, node);
    }
    return rc;
}

static int take_event(struct builder *b, const struct fy_event *event)
{
    switch (event->type) {
    case FYET_DOCUMENT_START:
        return b->root ? fault(b, place_of(b, event->document_start.document_start),
                               "found a second document, wanted one per file")
                       : 0;
    case FYET_SCALAR:
        return begin_node(b, YAML_SCALAR, event->scalar.value, event->scalar.anchor, event->scalar.tag);
    case FYET_MAPPING_START:
        return begin_node(b, YAML_MAP, event->mapping_start.mapping_start, event->mapping_start.anchor,
                          event->mapping_start.tag);
    case FYET_SEQUENCE_START:
        return begin_node(b, YAML_LIST, event->sequence_start.sequence_start, event->sequence_start.anchor,
                          event->sequence_start.tag);
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_END:
        return close_collection(b);
    case FYET_ALIAS:
        return add_alias(b, event->alias.anchor);
    default:
        return 0;
    }
}

/* The first thing the parser itself said; what it says afterwards follows from that. */
static int parser_fault(struct builder *b, struct fy_diag *diag)
{
    void *at = NULL;
    const struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
    struct yaml_place place = {.source = b->source};
    if (e && b->placed) {
        place.line = e->line;
        place.column = e->column;
    }
    return fault(b, place, "not YAML: %s", e && e->msg ? e->msg : "the parser gave no reason");
}

/* Directives (%YAML, %TAG) are of no use here, and some that are none keep libfyaml 0.7 busy for ever. */
static int refuse_directives(struct builder *b, const char *text, size_t n)
{
    struct yaml_place at = {.source = b->source, .line = b->placed, .column = b->placed};
    for (size_t i = 0; i < n; i++) {
        bool starts_line = i == 0 || text[i - 1] == '\n' || text[i - 1] == '\r';
        at.line += b->placed && i > 0 && text[i - 1] == '\n';
        if (text[i] == '%' && starts_line) {
            return fault(b, at, "found a line that starts with %%, wanted no directive");
        }
    }
    return 0;
}

static int build(struct builder *b, struct fy_diag *diag, const char *text, size_t n)
{
    if (refuse_directives(b, text, n) != 0) {
        return -ERR_INPUT;
    }
    if (fy_parser_set_string(b->parser, text, n) != 0) {
        return out_of_memory(b->errs);
    }
    int rc = 0;
    struct fy_event *event;
    while (rc == 0 && (event = fy_parser_parse(b->parser)) != NULL) {
        rc = take_event(b, event);
        fy_parser_event_free(b->parser, event);
    }
    if (rc == 0 && fy_parser_get_stream_error(b->parser)) {
        rc = parser_fault(b, diag);
    }
    b->root = rc ? NULL : b->root;
    return rc ? rc : b->n_duplicate ? -ERR_INPUT : 0;
}

/* `by`: the source that includes it, or UINT32_MAX. */
static int add_source(struct yaml *y, const char *name, uint32_t by, uint32_t *row)
{
    struct yaml_source *source = ARENA_NEW(&y->arena, y->n_source + 1, struct yaml_source);
    char *copy = arena_copy(&y->arena, name);
    if (!source || !copy) {
        return -ERR_MEMORY;
    }
    if (y->n_source) {
        memcpy(source, y->source, y->n_source * sizeof *source);
    }
    *row = y->n_source++;
    source[*row] = (struct yaml_source){.name = copy, .by = by < *row ? by : *row};
    y->source = source;
    return 0;
}

static int parse(struct builder *b, const char *name, uint32_t by, const char *text, size_t n)
{
    struct arena scratch = {0};
    b->anchor.arena = &scratch;
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.colorize = false;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    struct fy_parse_cfg cfg = {.flags = FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE, .diag = diag};
    int rc = -ERR_MEMORY;
    if (diag && add_source(b->y, name, by, &b->source) == 0) {
        fy_diag_set_collect_errors(diag, true);
        b->parser = fy_parser_create(&cfg);
        rc = b->parser ? build(b, diag, text, n) : out_of_memory(b->errs);
    } else {
        out_of_memory(b->errs);
    }
    if (b->parser) {
        fy_parser_destroy(b->parser);
    }
    fy_diag_destroy(diag);
    free(b->pending);
    free(b->target);
    arena_clear(&scratch);
    return rc;
}

int yaml_parse(struct yaml *y, const char *name, bool placed, const char *text, size_t n,
               const struct yaml_node **value, struct errors *errs)
{
    struct builder b = {.y = y, .errs = errs, .placed = placed};
    int rc = parse(&b, name, UINT32_MAX, text, n);
    *value = b.root;
    return rc;
}

int yaml_parse_map(struct yaml *y, const char *name, uint32_t by, const char *text, size_t n,
                   const struct yaml_node **root, struct errors *errs)
{
    struct builder b = {.y = y, .errs = errs, .placed = true};
    int rc = parse(&b, name, by, text, n);
    *root = b.root;
    y->n_byte += n;
    if ((rc == 0 && !b.root) || (b.root && b.root->kind != YAML_MAP)) {
        struct yaml_place at = b.root ? b.root->at : (struct yaml_place){b.source, 1, 1};
        rc = fault(&b, at, "found %s, wanted a mapping of keys to values",
                   !b.root || yaml_is_null(b.root) ? "an empty file"
                   : b.root->kind == YAML_LIST     ? "a list"
                                                   : "a single value");
        *root = NULL;
    }
    return rc;
}

int yaml_read_file(struct yaml *y, const char *path, struct errors *errs)
{
    struct err e = {0};
    char *bytes = NULL;
    size_t n = 0;
    int rc = file_read(path, YAML_FILE_BYTES, &bytes, &n, &e);
    if (rc != 0) {
        errors_add_err(errs, 0, &e);
    } else {
        rc = yaml_parse_map(y, path, UINT32_MAX, bytes, n, &y->root, errs);
    }
    free(bytes);
    return rc;
}

const struct yaml_node *yaml_get(const struct yaml_node *map, const char *key)
{
    for (uint32_t i = 0; map->kind == YAML_MAP && i < map->n; i++) {
        if (strcmp(map->pair[i].key, key) == 0) {
            return map->pair[i].value;
        }
    }
    return NULL;
}

struct yaml_place yaml_place_of(const struct yaml_node *root, const char *path)
{
    struct yaml_place at = root->at;
    while (*path && *path != ':' && root->kind == YAML_MAP) {
        size_t n = strcspn(path, ".:");
        uint32_t i = 0;
        while (i < root->n && (strncmp(root->pair[i].key, path, n) != 0 || root->pair[i].key[n] != '\0')) {
            i++;
        }
        if (i == root->n) {
            break;
        }
        at = root->pair[i].value->kind == YAML_SCALAR ? root->pair[i].value->at : root->pair[i].at;
        root = root->pair[i].value;
        path += n + (path[n] == '.');
    }
    return at;
}

bool yaml_is_null(const struct yaml_node *n)
{
    static const char *const null[] = {"", "~", "null", "Null", "NULL"};
    for (size_t i = 0; n->kind == YAML_SCALAR && n->plain && i < sizeof null / sizeof null[0]; i++) {
        if (strcmp(n->text, null[i]) == 0) {
            return true;
        }
    }
    return false;
}

void yaml_clear(struct yaml *y)
{
    arena_clear(&y->arena);
    *y = (struct yaml){0};
}
