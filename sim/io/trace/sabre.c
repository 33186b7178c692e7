/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sabre.c - network traces of Sabre (Spiteri, Sitaraman, Sparacio, "From theory to practice: improving bitrate
 * adaptation in the DASH reference player", MMSys 2018): a JSON array of {duration_ms, bandwidth_kbps, latency_ms}.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/io/trace/json_file.h"
#include "sim/io/trace/kinds.h"

/* Where item `index` of the outer array starts: jansson keeps no places, and only errors need them. */
static void place_of_item(const char *text, size_t index, int *line, int *column)
{
    bool quoted = false;
    int depth = 0;
    *line = *column = 1;
    for (const char *c = text; *c; c++) {
        if (quoted) {
            c += *c == '\\' && c[1];
            quoted = *c != '"';
        } else if (*c == '"') {
            quoted = true;
        } else if (*c == '[' || *c == '{') {
            if (++depth == 2 && index-- == 0) {
                return;
            }
        } else if (*c == ']' || *c == '}') {
            depth--;
        }
        *column = *c == '\n' ? 1 : *column + 1;
        *line += *c == '\n';
    }
}

struct item {
    const char *path, *text;
    const json_t *json;
    size_t index;
};

static int fault(const struct item *item, const char *key, const json_t *found, const char *wanted, struct err *e)
{
    int line, column;
    char *text = found ? json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    place_of_item(item->text, item->index, &line, &column);
    int rc = ERR_AT(e, item->path, line, column, "found %s %.40s, wanted %s", key, text ? text : "missing", wanted);
    free(text);
    return rc;
}

static int get(const struct item *item, const char *key, double *x, struct err *e)
{
    const json_t *value = json_object_get(item->json, key);
    *x = json_number_value(value);
    if (!json_is_number(value) || !(*x >= 0 && *x <= JSON_NUMBER_MAX)) {
        return fault(item, key, value, "a number from 0 to 1e15", e);
    }
    return 0;
}

static int read_items(struct flow *f, const char *text, const json_t *list, struct err *e)
{
    /* Whole milliseconds add up exactly. */
    double time_ms = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const struct item item = {f->path, text, json_array_get(list, i), i};
        double duration_ms, kbps, latency_ms;
        int rc = get(&item, "duration_ms", &duration_ms, e);
        rc = rc ? rc : get(&item, "bandwidth_kbps", &kbps, e);
        rc = rc ? rc : get(&item, "latency_ms", &latency_ms, e);
        if (rc == 0 && !(time_ms + duration_ms > time_ms)) {
            rc = fault(&item, "duration_ms", json_object_get(item.json, "duration_ms"), "a time above 0", e);
        }
        rc = rc ? rc : flow_row(f, time_ms / 1000, (double[]){kbps * 1e3, latency_ms / 1000}, e);
        if (rc != 0) {
            return rc;
        }
        time_ms += duration_ms;
    }
    f->end_s = time_ms / 1000;
    return 0;
}

int trace_read_sabre(struct flow *f, struct err *e)
{
    char *text = NULL;
    json_t *list = NULL;
    flow_column(f, "capacity", "bit/s");
    flow_column(f, "latency", "s");
    int rc = json_file_read(f->path, &f->sha, &list, &text, e);
    if (rc == 0 && !json_is_array(list)) {
        rc = ERR_AT(e, f->path, 1, 1,
                    "found no array, wanted [{\"duration_ms\": ..., \"bandwidth_kbps\": ..., \"latency_ms\": ...}]");
    }
    rc = rc ? rc : read_items(f, text, list, e);
    json_decref(list);
    free(text);
    return rc;
}
