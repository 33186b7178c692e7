/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/text/wire.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/model/scenario.h"

enum { NAME_BYTES = 63 };

/* {"type": "object", "properties": {NAME: {"type": "number", "minimum": .., "maximum": ..}}, ..} */
static json_t *schema_of(const struct ts_slot *slot, uint32_t n_slot)
{
    json_t *properties = json_object(), *required = json_array();
    for (uint32_t i = 0; i < n_slot; i++) {
        bool whole = slot[i].flags & TS_WHOLE;
        json_t *of = json_pack("{s:s}", "type", whole ? "integer" : "number");
        json_object_set_new(of, "minimum", whole ? json_integer((json_int_t)slot[i].min) : json_real(slot[i].min));
        json_object_set_new(of, "maximum", whole ? json_integer((json_int_t)slot[i].max) : json_real(slot[i].max));
        json_object_set_new(properties, slot[i].name, of);
        json_array_append_new(required, json_string(slot[i].name));
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required", required,
                     "additionalProperties", 0);
}

int wire_request(const struct text_model *m, const char *prompt, const struct ts_slot *slot, uint32_t n_slot, char **body,
                 struct err *e)
{
    json_t *request = json_pack("{s:s, s:[{s:s, s:s}], s:i, s:f, s:i, s:b}", "model", m->model, "messages", "role", "user",
                                "content", prompt, "max_tokens", (int)m->tokens, "temperature", m->temperature, "seed", 1,
                                "stream", 0);
    if (request && n_slot > 0 && m->constrain == TEXT_JSON_SCHEMA) {
        json_object_set_new(request, "response_format",
                            json_pack("{s:s, s:{s:s, s:b, s:o}}", "type", "json_schema", "json_schema", "name", "answer",
                                      "strict", 1, "schema", schema_of(slot, n_slot)));
    } else if (request && n_slot > 0 && m->constrain == TEXT_JSON_OBJECT) {
        json_object_set_new(request, "response_format",
                            json_pack("{s:s, s:o}", "type", "json_object", "schema", schema_of(slot, n_slot)));
    }
    *body = json_dumps(request, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(request);
    return *body ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for a request to the language model %s", m->name);
}

static double count_at(const json_t *usage, const char *key)
{
    const json_t *n = json_object_get(usage, key);
    double x = json_number_value(n);
    return json_is_number(n) && x >= 0 && x <= 1e9 ? x : NAN;
}

enum ts_saying wire_reply(const char *body, size_t n, struct wire_reply *r)
{
    json_error_t why;
    json_t *reply = json_loadb(body, n, JSON_REJECT_DUPLICATES, &why);
    const json_t *choice = json_array_get(json_object_get(reply, "choices"), 0), *usage = json_object_get(reply, "usage");
    const char *content = json_string_value(json_object_get(json_object_get(choice, "message"), "content"));
    const char *by = json_string_value(json_object_get(reply, "model"));
    *r = (struct wire_reply){.content = strdup(content ? content : ""),
                             .by = strndup(by ? by : "", NAME_BYTES),
                             .tokens_in = count_at(usage, "prompt_tokens"),
                             .tokens_out = count_at(usage, "completion_tokens")};
    json_decref(reply);
    return content && r->content && r->by ? TS_S_FINE : TS_S_MALFORMED;
}

void wire_clear(struct wire_reply *r)
{
    free(r->content);
    free(r->by);
    *r = (struct wire_reply){0};
}

enum ts_saying wire_numbers(const char *content, const struct ts_slot *slot, uint32_t n_slot, double *value)
{
    json_error_t why;
    json_t *object = json_loads(content, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    enum ts_saying is = !object                            ? TS_S_MALFORMED
                        : json_object_size(object) != n_slot ? TS_S_INVALID
                                                             : TS_S_FINE;
    for (uint32_t i = 0; is == TS_S_FINE && i < n_slot; i++) {
        const json_t *number = json_object_get(object, slot[i].name);
        value[i] = json_number_value(number);
        if (!json_is_number(number) || !(slot[i].min <= value[i] && value[i] <= slot[i].max) ||
            (slot[i].flags & TS_WHOLE && floor(value[i]) != value[i])) {
            is = TS_S_INVALID;
        }
    }
    json_decref(object);
    return is;
}

char *wire_object(const struct ts_slot *slot, uint32_t n_slot, const double *value)
{
    json_t *object = json_object();
    for (uint32_t i = 0; i < n_slot; i++) {
        bool whole = floor(value[i]) == value[i] && fabs(value[i]) < 1e15;
        json_object_set_new(object, slot[i].name, whole ? json_integer((json_int_t)value[i]) : json_real(value[i]));
    }
    char *text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(17));
    json_decref(object);
    return text;
}
