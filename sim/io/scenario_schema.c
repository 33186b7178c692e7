/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario_schema.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/read_sections.h"

enum { NAME_ROOM = 160, PATTERN_ROOM = 2048 };

/*
 * A definition stands for a table where quantities have dimension `place`, whole or partial: a file that includes others,
 * or whose nodes are devices, may leave out what those say, and takes something away by a null.
 */
struct maker {
    const struct policy_set *policies;
    json_t *definitions;
    enum dimension place;
    bool partial;
};

static json_t *schema_of(struct maker *m, const struct key *k);

static void append(char *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void append(char *buf, const char *fmt, ...)
{
    size_t n = strlen(buf);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(buf + n, PATTERN_ROOM - n, fmt, ap);
    va_end(ap);
}

/* Words of a definition's name: what a reference may hold as it is. */
static void append_name(char *name, const char *words)
{
    size_t n = strlen(name);
    for (; *words && n + 1 < NAME_ROOM; words++) {
        bool plain = isalnum((unsigned char)*words) || *words == '.' || *words == '_';
        if (plain) {
            name[n++] = *words;
        } else if (n > 0 && name[n - 1] != '_') {
            name[n++] = '_';
        }
    }
    name[n] = '\0';
}

static json_t *reference(const char *name)
{
    return json_pack("{s:o}", "$ref", json_sprintf("#/definitions/%s", name));
}

static json_t *pattern(const char *text)
{
    return json_pack("{s:s, s:s}", "type", "string", "pattern", text);
}

/* Where numbers are to be above 0, some digit before the exponent is none. */
static void append_number(char *buf, bool positive, bool negative)
{
    append(buf, "%s[%s]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?", positive ? "(?=[+]?[0-9.]*[1-9])" : "",
           negative ? "+-" : "+");
}

static void append_units(char *buf, enum dimension d)
{
    const char *separator = "";
    for (const struct unit *u = unit_table; u->name; u++) {
        if (u->dimension == d) {
            append(buf, "%s%s", separator, u->name);
            separator = "|";
        }
    }
}

/* A number with a unit; only its sign can be checked. */
static json_t *quantity_with_unit(struct maker *m, enum dimension d, const struct key *k)
{
    bool positive = (k->above && !(k->min < 0)) || k->min > 0;
    char name[NAME_ROOM] = "", text[PATTERN_ROOM] = "^(?:";
    append_name(name, dimension_name(d));
    append_name(name, positive ? " above 0" : "");
    const char *word = k->unlimited ? "unlimited" : k->automatic ? "auto" : NULL;
    append_name(name, word ? " or " : "");
    append_name(name, word ? word : "");
    if (!json_object_get(m->definitions, name)) {
        append_number(text, positive, k->min < 0);
        append(text, " *(?:");
        append_units(text, d);
        append(text, ")%s%s)$", word ? "|" : "", word ? word : "");
        json_object_set_new(m->definitions, name, pattern(text));
    }
    return reference(name);
}

static void set_range(json_t *number, const struct key *k)
{
    double max = read_largest(k);
    bool whole = k->type == VALUE_WHOLE || k->type == VALUE_WHOLE64;
    json_object_set_new(number, k->above ? "exclusiveMinimum" : "minimum",
                        whole ? json_integer((json_int_t)k->min) : json_real(k->min));
    if (isfinite(max)) {
        json_object_set_new(number, k->below ? "exclusiveMaximum" : "maximum",
                            whole ? json_integer((json_int_t)max) : json_real(max));
    }
}

static json_t *bare_number(const struct key *k)
{
    char percent[PATTERN_ROOM] = "^";
    json_t *number = json_pack("{s:s}", "type", "number");
    append_number(percent, k->above && !(k->min < 0), k->min < 0);
    append(percent, " *%%%s$", k->unlimited ? "|^unlimited" : "");
    set_range(number, k);
    return json_pack("{s:[o, o]}", "anyOf", number, pattern(percent));
}

static json_t *whole_number(const struct key *k)
{
    json_t *number = json_pack("{s:s}", "type", "integer");
    set_range(number, k);
    return k->unlimited ? json_pack("{s:[o, {s:s}]}", "anyOf", number, "const", "unlimited") : number;
}

static json_t *words(const struct key *k)
{
    json_t *list = json_array();
    for (size_t i = 0; k->word_at ? k->word_at(i) != NULL : k->word[i] != NULL; i++) {
        json_array_append_new(list, json_string(k->word_at ? k->word_at(i) : k->word[i]));
    }
    return json_pack("{s:o}", "enum", list);
}

/* Any scalar but null: what looks like a number is text, too. */
static json_t *text(const struct key *k)
{
    json_t *schema = json_pack("{s:[s, s, s]}", "type", "string", "number", "boolean");
    if (k->about) {
        json_object_set_new(schema, "description", json_string(k->about));
    }
    return schema;
}

/* A name that read_name takes. */
static json_t *name_of_the_users(struct maker *m)
{
    if (!json_object_get(m->definitions, "name")) {
        char text[PATTERN_ROOM] = "^(?!(?:";
        for (size_t i = 0; read_misread[i]; i++) {
            append(text, "%s", i ? "|" : "");
            for (const char *c = read_misread[i]; *c; c++) {
                append(text, "[%c%c]", *c, toupper((unsigned char)*c));
            }
        }
        append(text, ")$)[A-Za-z_][A-Za-z0-9_-]{0,%d}$", NAME_LENGTH - 1);
        json_object_set_new(m->definitions, "name", pattern(text));
    }
    return reference("name");
}

/* Those of the set, so that editors offer them, or any name: there may be others. */
static json_t *policy_name(struct maker *m)
{
    json_t *any = json_array();
    for (size_t i = 0; i < m->policies->n; i++) {
        const struct ts_policy *p = m->policies->policy[i];
        json_array_append_new(any, json_pack("{s:s, s:s}", "const", p->name, "description", p->about));
    }
    json_array_append_new(any, name_of_the_users(m));
    return json_pack("{s:o}", "anyOf", any);
}

/* What may stand under the name of each policy of the set; a dotted parameter is a nested mapping. */
static json_t *policy_params(struct maker *m, const struct key *params)
{
    json_t *policies = json_object();
    for (size_t i = 0; i < m->policies->n; i++) {
        const struct ts_policy *p = m->policies->policy[i];
        json_t *properties = json_object();
        for (size_t q = 0; policy_param_at(p, q); q++) {
            const struct ts_param *param = policy_param_at(p, q);
            char key[NAME_ROOM];
            snprintf(key, sizeof key, "%.*s", (int)strcspn(param->key, "."), param->key);
            json_object_set_new(properties, key, json_pack("{s:o}", "description",
                                json_sprintf("%s (if left out: %g%s%s)", param->about, param->dflt,
                                             param->unit && *param->unit ? " " : "", param->unit ? param->unit : "")));
        }
        json_object_set_new(policies, p->name, json_pack("{s:[o], s:o, s:s}", "allOf", schema_of(m, params),
                                                         "properties", properties, "description", p->about));
    }
    return policies;
}

/* Keys of the table into properties; those that are required, and those of which one must be there. */
static void add_keys(struct maker *m, const struct table *t, json_t *properties, json_t *required, json_t *choices)
{
    for (size_t i = 0; i < read_key_count(t); i++) {
        size_t offset;
        int tag;
        const struct key *k = read_key_at(t, i, &offset, &tag);
        json_t *value = schema_of(m, k);
        if (m->partial) {
            value = json_pack("{s:[o, {s:s}]}", "anyOf", value, "type", "null");
        }
        if (k->otherwise || k->derived) {
            json_object_set_new(value, "description",
                                json_sprintf("%s (if left out: %s)", k->about, k->otherwise ? k->otherwise : k->derived));
        } else if (k->about) {
            json_object_set_new(value, "description", json_string(k->about));
        }
        json_object_set_new(properties, k->name, value);
        if (k->required) {
            json_array_append_new(required, json_string(k->name));
        }
        if (k->choice) {
            json_array_append_new(choices, json_pack("{s:[s]}", "required", k->name));
        }
    }
}

static json_t *mapping(struct maker *m, const struct table *t)
{
    json_t *properties = json_object(), *required = json_array(), *choices = json_array();
    add_keys(m, t, properties, required, choices);
    json_object_set_new(properties, read_source_key.name, text(&read_source_key));
    json_t *map = json_pack("{s:s, s:o}", "type", "object", "properties", properties);
    if (!t->open) {
        json_object_set_new(map, "additionalProperties", json_false());
    } else if (t->each) {
        json_object_set_new(map, "additionalProperties", schema_of(m, t->each));
    }
    if (t->open) {
        json_object_set_new(map, "propertyNames", name_of_the_users(m));
    }
    if (json_array_size(required) > 0 && !m->partial) {
        json_object_set(map, "required", required);
    }
    if (json_array_size(choices) > 0 && !m->partial) {
        json_object_set(map, "oneOf", choices);
    }
    json_decref(required);
    json_decref(choices);
    return map;
}

/* The tables that depend on the dimension of their place have a definition for each. */
static json_t *definition(struct maker *m, const struct table *t)
{
    char name[NAME_ROOM] = "";
    append_name(name, m->partial ? "partial " : "");
    append_name(name, t->title);
    if (m->place != DIM_PLACE) {
        append_name(name, " of ");
        append_name(name, dimension_name(m->place));
    }
    if (!json_object_get(m->definitions, name)) {
        json_object_set_new(m->definitions, name, json_object()); /* it may come to itself */
        json_t *map = mapping(m, t);
        json_object_update(json_object_get(m->definitions, name), map);
        json_decref(map);
    }
    return reference(name);
}

static json_t *counted(json_t *schema, const char *least, const char *most, const struct key *k, bool partial)
{
    if (k->least && !partial) {
        json_object_set_new(schema, least, json_integer(k->least));
    }
    if (k->most) {
        json_object_set_new(schema, most, json_integer(k->most));
    }
    return schema;
}

/* What stands at a key that a function of its own reads: one of several. */
static json_t *alternatives(struct maker *m, const struct key *k)
{
    json_t *any = json_array();
    if (k->word_at) {
        json_array_append_new(any, words(k));
    }
    if (k->scalar) {
        json_array_append_new(any, schema_of(m, k->scalar));
    }
    if (k->table) {
        json_array_append_new(any, definition(m, k->table));
    }
    if (k->item) {
        json_t *list = json_pack("{s:s, s:o}", "type", "array", "items", schema_of(m, k->item));
        if (k->item == &read_name_key) {
            json_object_set_new(list, "uniqueItems", json_true());
        }
        json_array_append_new(any, counted(list, "minItems", "maxItems", k, false));
    }
    if (k->pair) {
        json_array_append_new(any, json_pack("{s:s, s:[o, o], s:i, s:i}", "type", "array", "items",
                                             schema_of(m, &k->pair[0]), schema_of(m, &k->pair[1]), "minItems", 2,
                                             "maxItems", 2));
    }
    if (k->each) {
        const bool outer = m->partial;
        m->partial |= k->partial;
        json_t *map = json_pack("{s:s, s:o}", "type", "object", "additionalProperties", schema_of(m, k->each));
        m->partial = outer;
        if (k->each->type == VALUE_MAP) {
            json_object_set_new(map, "propertyNames", name_of_the_users(m));
        }
        if (k->scalar == &policy_name_key) {
            json_object_set_new(map, "properties", policy_params(m, k->each));
        }
        if (k->sourced) {
            json_object_set_new(map, "properties", json_pack("{s:o}", read_source_key.name, text(&read_source_key)));
        }
        json_array_append_new(any, counted(map, "minProperties", "maxProperties", k, m->partial));
    }
    if (json_array_size(any) == 1) {
        json_t *only = json_incref(json_array_get(any, 0));
        json_decref(any);
        return only;
    }
    return json_pack("{s:o}", "anyOf", any);
}

static json_t *schema_by_type(struct maker *m, const struct key *k)
{
    switch (k->type) {
    case VALUE_QUANTITY: {
        enum dimension d = k->dimension == DIM_PLACE ? m->place : k->dimension, outer = m->place;
        json_t *scalar = d == DIM_NUMBER ? bare_number(k) : quantity_with_unit(m, d, k);
        if (!k->table) {
            return scalar;
        }
        m->place = d;
        json_t *either = json_pack("{s:[o, o]}", "anyOf", scalar, definition(m, k->table));
        m->place = outer;
        return either;
    }
    case VALUE_WHOLE:
    case VALUE_WHOLE64:
        return whole_number(k);
    case VALUE_FLAG:
        return json_pack("{s:s}", "type", "boolean");
    case VALUE_WORD:
        return words(k);
    case VALUE_NAME:
        return k == &policy_name_key ? policy_name(m) : name_of_the_users(m);
    case VALUE_ROW:
        return name_of_the_users(m);
    case VALUE_TEXT:
        return text(k);
    case VALUE_MAP:
        return definition(m, k->table);
    case VALUE_ANY:
        return json_object();
    default:
        return alternatives(m, k);
    }
}

static json_t *schema_of(struct maker *m, const struct key *k)
{
    enum dimension outer = m->place;
    bool sets_place = (k->type == VALUE_READ || k->type == VALUE_NODE) && k->dimension != DIM_PLACE &&
                      (k->dimension != DIM_NUMBER || k->of_numbers);
    m->place = sets_place ? k->dimension : m->place;
    json_t *schema = schema_by_type(m, k);
    m->place = outer;
    return schema;
}

/* A line for each member, and for each definition. */
static void print_object(json_t *object, FILE *out)
{
    const char *key, *separator = "{\n";
    json_t *value;
    json_object_foreach(object, key, value) {
        fprintf(out, "%s\"%s\": ", separator, key);
        if (strcmp(key, "definitions") == 0) {
            print_object(value, out);
        } else {
            json_dumpf(value, out, JSON_ENCODE_ANY);
        }
        separator = ",\n";
    }
    fputs("\n}", out);
}

int scenario_schema(const struct policy_set *policies, FILE *out)
{
    struct maker m = {.policies = policies, .definitions = json_object(), .place = DIM_PLACE};
    json_t *whole = definition(&m, &scenario_table);
    m.partial = true;
    json_t *partial = definition(&m, &scenario_table);
    json_t *root = json_pack("{s:s, s:s, s:{s:[{s:[s]}, {s:[s]}]}, s:o, s:o, s:o}", "$schema",
                             "http://json-schema.org/draft-07/schema#", "title", "A scenario of Tiersim", "if", "anyOf",
                             "required", "include", "required", "devices", "then", partial, "else", whole, "definitions",
                             m.definitions);
    int rc = root ? 0 : -ERR_MEMORY;
    if (rc == 0) {
        print_object(root, out);
        fputc('\n', out);
        rc = ferror(out) ? -ERR_IO : 0;
    }
    json_decref(root);
    return rc;
}
