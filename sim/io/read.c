/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sim/base/text.h"

enum { WANTED_ROOM = 512, NAMES_LISTED = 8 };

const char *const read_misread[] = {"on", "off", "yes", "no", "y", "n", "true", "false", "null", NULL};
const struct key read_name_key = {.name = "name", .type = VALUE_NAME};
const struct key read_source_key = {.name = "source", .type = VALUE_TEXT, .about = "where the figures come from"};
const struct key read_text_key = {.name = "text", .type = VALUE_TEXT};

static bool same_place(struct yaml_place a, struct yaml_place b)
{
    return a.source == b.source && a.line == b.line && a.column == b.column;
}

/* How many bytes of the reader's path lead to the last mapping on it into which what stands at `at` was merged, or -1. */
static int find_merge(const struct reader *r, struct yaml_place at)
{
    const struct yaml_node *n = r->y->root;
    const char *s = r->path;
    int merge = -1;
    while (*s) {
        int done = (int)(s - r->path);
        if (*s == '[') {
            unsigned long i = strtoul(s + 1, NULL, 10);
            if (n->kind != YAML_LIST || i >= n->n) {
                return merge;
            }
            n = n->item[i];
            s += strcspn(s, "]") + 1;
            continue;
        }
        s += *s == '.';
        size_t length = strcspn(s, ".[");
        uint32_t i = 0;
        while (n->kind == YAML_MAP && i < n->n &&
               (strncmp(n->pair[i].key, s, length) != 0 || n->pair[i].key[length] != '\0')) {
            i++;
        }
        if (n->kind != YAML_MAP || i == n->n) {
            return merge;
        }
        merge = n->pair[i].merged ? done : merge;
        n = n->pair[i].value;
        s += length;
    }
    for (uint32_t i = 0; n->kind == YAML_MAP && i < n->n; i++) {
        if (n->pair[i].merged && (same_place(n->pair[i].at, at) || same_place(n->pair[i].value->at, at))) {
            return (int)r->path_n;
        }
    }
    return merge;
}

/* Where what stands at `at` takes effect, if that is elsewhere: by a merge key, or because its file is included. */
static const char *merged_into(const struct reader *r, struct yaml_place at, char *buf, size_t room)
{
    const struct yaml_source *source = &r->y->source[at.source];
    int merge = find_merge(r, at);
    *buf = '\0';
    if (merge >= 0) {
        snprintf(buf, room, " (merged into %.*s)", merge, r->path);
    } else if (source->by != at.source) {
        snprintf(buf, room, " (merged into %s)", r->y->source[source->by].name);
    }
    return buf;
}

int read_fault(struct reader *r, struct yaml_place at, const char *fmt, ...)
{
    if (errors_full(r->errs)) {
        errors_add(r->errs, at.source, "", at.line, at.column, "%s", ""); /* counted */
        return -ERR_INPUT;
    }
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    char into[PATH_ROOM + 32];
    errors_add(r->errs, at.source, r->y->source[at.source].name, at.line, at.column, "%s%s%s%s", r->path,
               r->path_n ? ": " : "", text, merged_into(r, at, into, sizeof into));
    return -ERR_INPUT;
}

int read_fault_err(struct reader *r, struct yaml_place at, const struct err *e)
{
    if (e->code != ERR_INPUT) {
        errors_add_err(r->errs, at.source, e);
        return -(int)e->code;
    }
    char text[sizeof e->input + sizeof e->text + 32];
    return read_fault(r, at, "%s", err_text(e, text, sizeof text));
}

int read_out_of_memory(struct reader *r)
{
    struct err e = {.code = ERR_MEMORY, .text = "out of memory"};
    errors_add_err(r->errs, 0, &e);
    return -ERR_MEMORY;
}

static size_t enter(struct reader *r, const char *part)
{
    size_t mark = r->path_n;
    int n = snprintf(r->path + mark, sizeof r->path - mark, "%s", part);
    r->path_n += n < 0 ? 0 : (size_t)n;
    r->path_n = r->path_n < sizeof r->path ? r->path_n : sizeof r->path - 1;
    return mark;
}

size_t read_enter(struct reader *r, const char *key)
{
    char shown[TEXT_SHOWN], part[TEXT_SHOWN + 1];
    snprintf(part, sizeof part, "%s%s", r->path_n ? "." : "", text_show(key, strlen(key), shown));
    return enter(r, part);
}

size_t read_enter_item(struct reader *r, uint32_t i)
{
    char part[24];
    snprintf(part, sizeof part, "[%u]", i);
    return enter(r, part);
}

void read_leave(struct reader *r, size_t mark)
{
    r->path_n = mark;
    r->path[mark] = '\0';
}

const char *read_found(const struct yaml_node *n, char *buf)
{
    if (n->kind != YAML_SCALAR) {
        return n->kind == YAML_MAP ? "a mapping" : "a list";
    }
    return yaml_is_null(n) || n->n == 0 ? "nothing" : text_show(n->text, n->n, buf);
}

static void append(char *buf, size_t room, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void append(char *buf, size_t room, const char *fmt, ...)
{
    size_t n = strlen(buf);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf + n, room - n, fmt, ap);
    va_end(ap);
}

double read_largest(const struct key *k)
{
    if (k->max != 0 || k->min < 0) {
        return k->max;
    }
    return k->type == VALUE_WHOLE ? UINT32_MAX : k->type == VALUE_WHOLE64 ? 0x1p53 : INFINITY;
}

/* " above 0 s", " from 0 to 1", where there is a range worth telling. */
static void append_range(char *buf, size_t room, const struct key *k, const char *unit)
{
    double max = read_largest(k);
    const char *space = *unit ? " " : "";
    if (isinf(max)) {
        append(buf, room, k->above ? " above %.10g%s%s" : " of at least %.10g%s%s", k->min, space, unit);
    } else if (k->above) {
        append(buf, room, " above %.15g, up to %.15g%s%s", k->min, max, space, unit);
    } else {
        append(buf, room, " from %.15g to %s%.15g%s%s", k->min, k->below ? "below " : "", max, space, unit);
    }
}

static void append_words(char *buf, size_t room, const char *const *word)
{
    append(buf, room, word[1] ? "one of " : "");
    for (; *word; word++) {
        append(buf, room, "%s%s", *word, word[1] ? ", " : "");
    }
}

size_t read_key_count(const struct table *t)
{
    size_t n = 0;
    for (; t; t = t->more) {
        n += t->n;
    }
    return n;
}

const struct key *read_key_at(const struct table *t, size_t i, size_t *offset, int *tag)
{
    *offset = 0;
    *tag = 0;
    for (; i >= t->n; t = t->more) {
        i -= t->n;
        *offset += t->more_offset;
        *tag += t->more_tag;
    }
    return &t->key[i];
}

static const char *key_name(const struct table *t, size_t i)
{
    size_t offset;
    int tag;
    return read_key_at(t, i, &offset, &tag)->name;
}

static bool is_choice(const struct table *t, size_t i)
{
    size_t offset;
    int tag;
    return read_key_at(t, i, &offset, &tag)->choice;
}

static void append_keys(char *buf, size_t room, const struct table *t)
{
    for (size_t i = 0; i < read_key_count(t); i++) {
        append(buf, room, "%s%s", i ? ", " : "", key_name(t, i));
    }
}

static enum dimension key_dimension(const struct reader *r, const struct key *k)
{
    return k->dimension == DIM_PLACE ? r->dimension : k->dimension;
}

const char *read_wanted(const struct reader *r, const struct key *k, char *buf, size_t room)
{
    *buf = '\0';
    switch (k->type) {
    case VALUE_QUANTITY:
        append(buf, room, "%s such as %s", dimension_name(key_dimension(r, k)), dimension_example(key_dimension(r, k)));
        break;
    case VALUE_WHOLE:
    case VALUE_WHOLE64:
        if (k->min == k->max) {
            append(buf, room, "%.10g", k->min);
        } else {
            append(buf, room, "a whole number");
            append_range(buf, room, k, "");
        }
        break;
    case VALUE_FLAG:
        append(buf, room, "true or false");
        break;
    case VALUE_WORD:
        append_words(buf, room, k->word);
        break;
    case VALUE_NAME:
        append(buf, room, "a name of letters, digits, _ and -");
        break;
    case VALUE_ROW:
        append(buf, room, "the name of a %s", k->noun);
        break;
    case VALUE_MAP:
        append(buf, room, "a mapping with keys among ");
        append_keys(buf, room, k->table);
        break;
    case VALUE_READ:
    case VALUE_NODE:
        append(buf, room, "%s", k->wanted);
        break;
    default:
        append(buf, room, "text");
    }
    if (k->unlimited || k->automatic) {
        append(buf, room, ", or %s", k->automatic ? "auto" : "unlimited");
    }
    return buf;
}

static int fault_value(struct reader *r, const struct key *k, const struct yaml_node *n)
{
    char shown[TEXT_SHOWN], wanted[WANTED_ROOM];
    const char *quote = n->kind == YAML_SCALAR && !n->plain ? "\"" : "";
    return read_fault(r, n->at, "found %s%s%s, wanted %s", quote, read_found(n, shown), quote,
                      read_wanted(r, k, wanted, sizeof wanted));
}

static bool in_range(const struct key *k, double v)
{
    double max = read_largest(k);
    return (k->above ? v > k->min : v >= k->min) && (k->below ? v < max : v <= max);
}

int read_list(struct reader *r, const struct yaml_node *n, const char *wanted, uint32_t max)
{
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_LIST || n->n == 0 || n->n > max) {
        return read_fault(
            r, n->at, "found %s, wanted %s",
            n->kind == YAML_LIST ? n->n ? "a list that is too long" : "an empty list" : read_found(n, shown), wanted);
    }
    return 0;
}

int read_quantity(struct reader *r, const struct key *k, const struct yaml_node *n, double *si)
{
    enum dimension d = key_dimension(r, k);
    if (n->kind != YAML_SCALAR || yaml_is_null(n) || n->n == 0 || (d == DIM_NUMBER && !n->plain)) {
        return fault_value(r, k, n);
    }
    if (k->unlimited && strcmp(n->text, "unlimited") == 0) {
        *si = INFINITY;
        return 0;
    }
    if (k->automatic && strcmp(n->text, "auto") == 0) {
        *si = NAN;
        return 0;
    }
    struct err e = {0};
    double v;
    if (quantity_parse(n->text, n->n, d, &v, &e) != 0) {
        bool is_word = isalpha((unsigned char)n->text[0]);
        return read_fault(r, n->at, "%s%s", e.text,
                          k->unlimited && is_word   ? ", or unlimited"
                          : k->automatic && is_word ? ", or auto"
                                                    : "");
    }
    if (!in_range(k, v)) {
        char shown[TEXT_SHOWN], range[WANTED_ROOM] = "";
        append_range(range, sizeof range, k, dimension_si(d));
        return read_fault(r, n->at, "found %s, wanted %s%s", read_found(n, shown), dimension_name(d), range);
    }
    *si = v;
    return 0;
}

static int read_whole(struct reader *r, const struct key *k, const struct yaml_node *n, uint64_t *whole)
{
    double v;
    if (n->kind == YAML_SCALAR && k->unlimited && strcmp(n->text, "unlimited") == 0) {
        *whole = 0;
        return 0;
    }
    if (n->kind != YAML_SCALAR || !n->plain || number_parse(n->text, n->n, &v) != 0 || v != floor(v) ||
        !in_range(k, v)) {
        return fault_value(r, k, n);
    }
    *whole = (uint64_t)v;
    return 0;
}

static int read_flag(struct reader *r, const struct key *k, const struct yaml_node *n, bool *flag)
{
    bool is_true = n->kind == YAML_SCALAR && strcmp(n->text, "true") == 0;
    if (n->kind != YAML_SCALAR || !n->plain || (!is_true && strcmp(n->text, "false") != 0)) {
        return fault_value(r, k, n);
    }
    *flag = is_true;
    return 0;
}

static int read_word(struct reader *r, const struct key *k, const struct yaml_node *n, unsigned *number)
{
    for (unsigned i = 0; n->kind == YAML_SCALAR && k->word[i]; i++) {
        if (strcmp(n->text, k->word[i]) == 0) {
            *number = i;
            return 0;
        }
    }
    return fault_value(r, k, n);
}

static int copy_text(struct reader *r, const struct yaml_node *n, const char **text)
{
    char *copy = arena_copy(&r->s->arena, n->text);
    if (!copy) {
        return read_out_of_memory(r);
    }
    *text = copy;
    return 0;
}

static bool is_misread(const char *name)
{
    for (size_t i = 0; read_misread[i]; i++) {
        if (strcasecmp(name, read_misread[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_form_of_name(const char *name)
{
    size_t n = 0;
    while (isalnum((unsigned char)name[n]) || (name[n] == '_') || (name[n] == '-' && n > 0)) {
        n++;
    }
    return n > 0 && !name[n] && n <= NAME_LENGTH && !isdigit((unsigned char)name[0]);
}

bool read_is_name(const char *name)
{
    return has_form_of_name(name) && !is_misread(name);
}

int read_name(struct reader *r, const char *name, struct yaml_place at)
{
    char shown[TEXT_SHOWN];
    text_show(name, strlen(name), shown);
    if (!has_form_of_name(name)) {
        return read_fault(r, at, "found %s, wanted a name of at most %d letters, digits, _ and -, not a digit first",
                          shown, NAME_LENGTH);
    }
    return is_misread(name) ? read_fault(r, at,
                                         "found %s, which some readers of YAML take for a truth value, wanted another name",
                                         shown)
                            : 0;
}

int read_row(struct reader *r, const struct names *names, const char *noun, const struct yaml_node *n, uint32_t *row)
{
    uint32_t found = n->kind == YAML_SCALAR ? names_find(names, n->text) : NAME_NONE;
    if (found != NAME_NONE) {
        *row = found;
        return 0;
    }
    char shown[TEXT_SHOWN], hint[WANTED_ROOM] = "";
    struct text_nearest best = {0};
    for (uint32_t i = 0; n->kind == YAML_SCALAR && i < names->n && !errors_full(r->errs); i++) {
        text_nearest_offer(&best, n->text, names->name[i]);
    }
    if (best.word) {
        append(hint, sizeof hint, ", the nearest is %s", best.word);
    }
    for (uint32_t i = 0; !best.word && i < names->n && names->n <= NAMES_LISTED; i++) {
        append(hint, sizeof hint, "%s%s", i ? ", " : ": ", names->name[i]);
    }
    return read_fault(r, n->at, "found %s, wanted the name of a %s%s", read_found(n, shown), noun, hint);
}

int read_mask(struct reader *r, const struct names *names, const char *noun, const struct yaml_node *n, uint64_t *mask)
{
    uint32_t row;
    uint64_t bits = 0;
    int rc = 0;
    if (n->kind != YAML_LIST) {
        rc = read_row(r, names, noun, n, &row);
        *mask = rc == 0 ? (uint64_t)1 << row : 0;
        return rc;
    }
    if (n->n == 0) {
        return read_fault(r, n->at, "found an empty list, wanted the name of a %s, or a list of names", noun);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        int one = read_row(r, names, noun, n->item[i], &row);
        if (one == 0 && (bits & (uint64_t)1 << row)) {
            one = read_fault(r, n->item[i]->at, "found %s a second time, wanted it once", names->name[row]);
        }
        read_leave(r, mark);
        bits |= one == 0 ? (uint64_t)1 << row : 0;
        rc = rc ? rc : one;
    }
    *mask = bits;
    return rc;
}

int read_named(struct reader *r, const struct yaml_node *n, const char *noun, uint32_t max)
{
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_MAP || n->n == 0) {
        return read_fault(r, n->at, "found %s, wanted a mapping of names to %s",
                          n->kind == YAML_MAP ? "nothing" : read_found(n, shown), noun);
    }
    if (n->n > max) {
        return read_fault(r, n->at, "found %u %s, wanted at most %u", n->n, noun, max);
    }
    int rc = 0;
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = read_name(r, n->pair[i].key, n->pair[i].at);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}

int read_value(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    int rc;
    uint64_t whole = 0;
    switch (k->type) {
    case VALUE_QUANTITY:
        return k->table && n->kind == YAML_MAP ? read_unsure(r, k, n, field) : read_quantity(r, k, n, field);
    case VALUE_WHOLE:
        rc = read_whole(r, k, n, &whole);
        if (rc == 0) {
            *(uint32_t *)field = (uint32_t)whole;
        }
        return rc;
    case VALUE_WHOLE64:
        return read_whole(r, k, n, field);
    case VALUE_FLAG:
        return read_flag(r, k, n, field);
    case VALUE_WORD:
        return read_word(r, k, n, field);
    case VALUE_NAME:
    case VALUE_TEXT:
        if (n->kind != YAML_SCALAR || yaml_is_null(n)) {
            return fault_value(r, k, n);
        }
        rc = k->type == VALUE_NAME ? read_name(r, n->text, n->at) : 0;
        return rc ? rc : copy_text(r, n, field);
    case VALUE_ROW:
        return read_row(r, (const struct names *)((const char *)r + k->names), k->noun, n, field);
    case VALUE_MAP:
        return read_table(r, k->table, n, field);
    case VALUE_NODE:
        *(const struct yaml_node **)field = n;
        return 0;
    case VALUE_READ:
        return k->read(r, k, n, field);
    default:
        return 0;
    }
}

bool read_is_source(const struct yaml_pair *pair)
{
    return strcmp(pair->key, read_source_key.name) == 0;
}

int read_source(struct reader *r, const struct yaml_pair *pair)
{
    if (pair->value->kind == YAML_SCALAR && !yaml_is_null(pair->value)) {
        return 0;
    }
    size_t mark = read_enter(r, pair->key);
    int rc = fault_value(r, &read_source_key, pair->value);
    read_leave(r, mark);
    return rc;
}

static int fault_key(struct reader *r, const struct table *t, const struct yaml_pair *pair)
{
    char shown[TEXT_SHOWN], keys[WANTED_ROOM] = "";
    struct text_nearest best = {0};
    for (size_t i = 0; i < read_key_count(t) && !errors_full(r->errs); i++) {
        text_nearest_offer(&best, pair->key, key_name(t, i));
    }
    text_nearest_offer(&best, pair->key, read_source_key.name);
    append_keys(keys, sizeof keys, t);
    append(keys, sizeof keys, ", %s", read_source_key.name);
    return read_fault(r, pair->at, "found the key %s, wanted %s%s", text_show(pair->key, strlen(pair->key), shown),
                      best.word ? "" : "one of ", best.word ? best.word : keys);
}

/* Which pair holds which key; keys that are not in the table are told. */
static int match_keys(struct reader *r, const struct table *t, const struct yaml_node *n, const struct yaml_pair **at)
{
    int rc = 0;
    for (uint32_t p = 0; p < n->n; p++) {
        size_t i = 0;
        while (i < read_key_count(t) && strcmp(key_name(t, i), n->pair[p].key) != 0) {
            i++;
        }
        if (i < read_key_count(t)) {
            at[i] = &n->pair[p];
        } else if (read_is_source(&n->pair[p])) {
            int one = read_source(r, &n->pair[p]);
            rc = rc ? rc : one;
        } else if (!t->open) {
            rc = fault_key(r, t, &n->pair[p]);
        }
    }
    return rc;
}

/* The keys of what stands for a key. */
static int check_keys_of(struct reader *r, const struct key *k, const struct yaml_node *n)
{
    int rc = 0;
    if (n->kind != YAML_MAP || !k->each) {
        return k->table && (k->type == VALUE_MAP || n->kind == YAML_MAP) ? read_check_keys(r, k->table, n) : 0;
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = check_keys_of(r, k->each, n->pair[i].value);
        read_leave(r, mark);
        rc = rc ? rc : one;
    }
    return rc;
}

int read_check_keys(struct reader *r, const struct table *t, const struct yaml_node *n)
{
    const struct yaml_pair *at[TABLE_KEYS] = {0};
    char shown[TEXT_SHOWN];
    if (n->kind != YAML_MAP) {
        return read_fault(r, n->at, "found %s, wanted a mapping", read_found(n, shown));
    }
    int rc = match_keys(r, t, n, at);
    for (size_t i = 0, offset; i < read_key_count(t); i++) {
        int tag;
        if (at[i]) {
            size_t mark = read_enter(r, at[i]->key);
            int one = check_keys_of(r, read_key_at(t, i, &offset, &tag), at[i]->value);
            read_leave(r, mark);
            rc = rc ? rc : one;
        }
    }
    return rc;
}

static int check_choice(struct reader *r, const struct table *t, const struct yaml_node *n,
                        const struct yaml_pair *const *at)
{
    const struct yaml_pair *first = NULL;
    for (size_t i = 0; i < read_key_count(t); i++) {
        if (at[i] && is_choice(t, i) && first) {
            return read_fault(r, at[i]->at, "found both %s and %s, wanted %s", first->key, at[i]->key, t->choice);
        }
        first = at[i] && is_choice(t, i) ? at[i] : first;
    }
    return first ? 0 : read_fault(r, n->at, "found %s, wanted %s", n->n ? "none of them" : "nothing", t->choice);
}

/* Key i of the table, whose value is that of the pair, or left out. */
static int read_key(struct reader *r, const struct table *t, size_t i, const struct yaml_pair *pair,
                    const struct yaml_node *n, char *out)
{
    int rc = 0;
    char wanted[WANTED_ROOM];
    size_t offset;
    int tag;
    const struct key *k = read_key_at(t, i, &offset, &tag);
    char *field = out + offset + k->offset;
    if (pair) {
        size_t mark = read_enter(r, k->name);
        rc = read_value(r, k, pair->value, field);
        read_leave(r, mark);
        if (k->choice) {
            *(int *)(void *)(out + t->tag_offset) = tag + k->tag;
        }
    } else if (k->required) {
        rc = read_fault(r, n->at, "found no %s, wanted %s", k->name, read_wanted(r, k, wanted, sizeof wanted));
    } else if (k->otherwise) {
        struct yaml_node node = {.at = n->at, .plain = true, .text = k->otherwise, .n = (uint32_t)strlen(k->otherwise)};
        rc = read_value(r, k, &node, field);
    }
    return rc;
}

int read_table(struct reader *r, const struct table *t, const struct yaml_node *n, void *out)
{
    const struct yaml_pair *at[TABLE_KEYS] = {0};
    CHECK(read_key_count(t) <= TABLE_KEYS);
    if (n->kind != YAML_MAP) {
        char shown[TEXT_SHOWN], keys[WANTED_ROOM] = "";
        append_keys(keys, sizeof keys, t);
        return read_fault(r, n->at, "found %s, wanted %s%s", read_found(n, shown),
                          t->choice ? t->choice
                          : t->open ? "a mapping"
                                    : "a mapping with keys among ",
                          t->choice || t->open ? "" : keys);
    }
    int rc = match_keys(r, t, n, at);
    if (t->choice && rc == 0) {
        rc = check_choice(r, t, n, at);
    }
    for (size_t i = 0; i < read_key_count(t); i++) {
        int one = read_key(r, t, i, at[i], n, out);
        rc = rc ? rc : one;
    }
    return rc == 0 && t->after ? t->after(r, n, out) : rc;
}
