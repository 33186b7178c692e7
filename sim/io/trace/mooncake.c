/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mooncake.c - requests to an LLM service, as JSON lines (Qin et al., "Mooncake", FAST 2025): {"timestamp": ms,
 * "input_length", "output_length", "hash_ids": one of each block of 512 tokens}.
 *
 * Equal ids are equal blocks, so leading ids that came before are a prefix that a cache without end would hold: they are
 * cached_tokens.  Stamps of the conversation trace are rounded to 3 s, ten arrivals at a time; rows of one stamp are spread
 * uniformly over the step, which is the least difference of two stamps so far.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/stream.h"
#include "sim/io/trace/json_file.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/lines.h"

enum { BLOCK_TOKENS = 512, IDS = 1 << 26, GROUP = 1 << 16, COLUMNS = 3 };

struct mooncake {
    struct lines lines;
    struct flow *flow;
    uint64_t *seen;           /* a bit for each id */
    double stamp_ms, step_ms; /* of the group */
    size_t n;                 /* rows of the group, not yet passed on */
    double (*value)[COLUMNS], *place;
    uint64_t n_passed;
};

static int fault(const struct mooncake *m, const char *key, const json_t *found, const char *wanted, struct err *e)
{
    char *text = found ? json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    int rc =
        ERR_AT(e, m->lines.path, m->lines.line, 1, "found %s %.40s, wanted %s", key, text ? text : "missing", wanted);
    free(text);
    return rc;
}

static int get(const struct mooncake *m, const json_t *row, const char *key, double *x, struct err *e)
{
    const json_t *value = json_object_get(row, key);
    *x = json_number_value(value);
    if (!json_is_number(value) || !(*x >= 0 && *x <= JSON_NUMBER_MAX)) {
        return fault(m, key, value, "a number from 0 to 1e15", e);
    }
    return 0;
}

/* Leading blocks that came before; all are known afterwards. */
static int count_cached(struct mooncake *m, const json_t *row, double *blocks, struct err *e)
{
    const json_t *list = json_object_get(row, "hash_ids");
    bool leading = true;
    *blocks = 0;
    if (!json_is_array(list)) {
        return fault(m, "hash_ids", list, "an array of whole numbers", e);
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *id = json_array_get(list, i);
        json_int_t k = json_integer_value(id);
        if (!json_is_integer(id) || k < 0 || k >= IDS) {
            return fault(m, "hash_ids", id, "whole numbers from 0 to 67108863", e);
        }
        uint64_t *word = &m->seen[k / 64], bit = UINT64_C(1) << k % 64;
        leading = leading && (*word & bit);
        *blocks += leading;
        *word |= bit;
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The rows of the group, in their order, spread over its step. */
static int pass_on(struct mooncake *m, struct err *e)
{
    const struct draw_at at = {.entity = stream_entity("mooncake"), .index = m->n_passed, .purpose = DRAW_INTERVAL};
    int rc = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct draw_at here = at;
        here.index += i;
        m->place[i] = m->n > 1 && m->step_ms < INFINITY ? draw_uniform(&here, 0) * m->step_ms : 0;
    }
    qsort(m->place, m->n, sizeof *m->place, compare);
    for (size_t i = 0; i < m->n && rc == 0; i++) {
        rc = flow_row(m->flow, (m->stamp_ms + m->place[i]) / 1000, m->value[i], e);
    }
    m->n_passed += m->n;
    m->n = 0;
    return rc;
}

static int add_row(struct mooncake *m, const json_t *row, struct err *e)
{
    double stamp_ms, value[COLUMNS], blocks;
    int rc = get(m, row, "timestamp", &stamp_ms, e);
    rc = rc ? rc : get(m, row, "input_length", &value[0], e);
    rc = rc ? rc : get(m, row, "output_length", &value[1], e);
    rc = rc ? rc : count_cached(m, row, &blocks, e);
    if (rc == 0 && m->n > 0 && stamp_ms < m->stamp_ms) {
        rc = fault(m, "timestamp", json_object_get(row, "timestamp"), "rows in order of time", e);
    }
    if (rc == 0 && m->n > 0 && stamp_ms > m->stamp_ms) {
        m->step_ms = fmin(m->step_ms, stamp_ms - m->stamp_ms);
        rc = pass_on(m, e);
    }
    if (rc == 0 && m->n == GROUP) {
        rc = ERR_AT(e, m->lines.path, m->lines.line, 1,
                    "found more than %d rows of one timestamp, wanted at most as many", GROUP);
    }
    if (rc == 0) {
        value[2] = fmin(blocks * BLOCK_TOKENS, value[0]);
        memcpy(m->value[m->n++], value, sizeof value);
        m->stamp_ms = stamp_ms;
    }
    return rc;
}

static int read_line(struct mooncake *m, struct err *e)
{
    json_error_t wrong;
    json_t *row = json_loadb(m->lines.text, m->lines.n, JSON_REJECT_DUPLICATES, &wrong);
    int rc;
    if (!row) {
        rc = ERR_AT(e, m->lines.path, m->lines.line, wrong.column > 0 ? wrong.column : 1, "found %.120s, wanted JSON",
                    wrong.text);
    } else if (!json_is_object(row)) {
        rc = ERR_AT(e, m->lines.path, m->lines.line, 1,
                    "found no object, wanted {\"timestamp\": ..., \"input_length\": ..., ...}");
    } else {
        rc = add_row(m, row, e);
    }
    json_decref(row);
    return rc;
}

int trace_read_mooncake(struct flow *f, struct err *e)
{
    struct mooncake m = {.flow = f, .step_ms = INFINITY};
    m.seen = calloc(IDS / 64, sizeof *m.seen);
    m.value = malloc(GROUP * sizeof *m.value);
    m.place = malloc(GROUP * sizeof *m.place);
    flow_column(f, "prompt_tokens", "tokens");
    flow_column(f, "output_tokens", "tokens");
    flow_column(f, "cached_tokens", "tokens");
    int rc = m.seen && m.value && m.place ? 0 : ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", f->path);
    rc = rc ? rc : lines_open(&m.lines, f->path, &f->sha, e);
    while (rc == 0 && (rc = lines_next(&m.lines, e)) > 0) {
        rc = m.lines.n > 0 ? read_line(&m, e) : 0;
    }
    rc = rc ? rc : pass_on(&m, e);
    lines_close(&m.lines);
    free(m.seen);
    free(m.value);
    free(m.place);
    return rc;
}
