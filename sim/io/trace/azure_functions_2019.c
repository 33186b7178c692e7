/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * azure_functions_2019.c - Azure Functions, July 2019 (Shahrad et al., "Serverless in the wild", USENIX ATC 2020): how often
 * each function was invoked in each minute of a day, one row a function; beside it the percentiles of its durations.
 *
 * The n invocations of a minute lie at n uniform instants in it, as those of a Poisson process of which the number is known.
 * A duration is drawn from the percentiles, with straight lines between.  Draws are addressed by the function's hash and
 * the number of the invocation, so that a part of the file has the arrivals of the whole.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/base/stream.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { HASHES = 3, POINTS = 7, FUNCTIONS = 1000000, PER_MINUTE = 10000000 };

static const char *const hash_heading[HASHES] = {"HashOwner", "HashApp", "HashFunction"};
static const double point[POINTS] = {0, 0.01, 0.25, 0.5, 0.75, 0.99, 1};

struct durations {
    struct arena arena;
    struct names known;
    size_t room;
    double (*ms)[POINTS]; /* [known.n] */
};

static const char *key_of(const struct sheet *s, const int *hash, char *key, size_t n)
{
    snprintf(key, n, "%.80s:%.80s:%.80s", s->field[hash[0]], s->field[hash[1]], s->field[hash[2]]);
    return key;
}

static int add_durations(struct durations *d, const struct sheet *s, const int *hash, const int *percentile,
                         struct err *e)
{
    char key[256];
    if (d->known.n == d->room) {
        size_t room = d->room ? 2 * d->room : 1024;
        double(*more)[POINTS] = d->room < FUNCTIONS ? reallocarray(d->ms, room, sizeof *more) : NULL;
        if (!more) {
            return ERR_SET(e, ERR_MEMORY, "%s: no memory for more than %zu functions", s->lines.path, d->room);
        }
        d->ms = more;
        d->room = room;
    }
    uint32_t before = d->known.n;
    const char *copy = arena_copy(&d->arena, key_of(s, hash, key, sizeof key));
    uint32_t row = copy ? names_add(&d->known, copy) : NAME_NONE;
    if (row == NAME_NONE) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory for the names of its functions", s->lines.path);
    }
    if (row != before) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1, "found a function for the second time, wanted each once");
    }
    for (int p = 0; p < POINTS; p++) {
        int rc = sheet_number(s, percentile[p], s->header[percentile[p]], &d->ms[row][p], e);
        if (rc < 0) {
            return rc;
        }
        if (p > 0 && d->ms[row][p] < d->ms[row][p - 1]) {
            return sheet_fault(s, percentile[p], "a percentile that is not below the one before", e);
        }
    }
    return 0;
}

static int read_durations(struct durations *d, const char *path, struct err *e)
{
    static const char *const heading[POINTS] = {
        "percentile_Average_0",  "percentile_Average_1",  "percentile_Average_25",  "percentile_Average_50",
        "percentile_Average_75", "percentile_Average_99", "percentile_Average_100",
    };
    struct sheet s;
    int hash[HASHES], percentile[POINTS];
    d->known.arena = &d->arena;
    int rc = sheet_open(&s, path, NULL, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, hash_heading, HASHES, hash, e);
    rc = rc ? rc : sheet_fields(&s, heading, POINTS, percentile, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = add_durations(d, &s, hash, percentile, e);
    }
    sheet_close(&s);
    return rc;
}

static double draw_duration_s(const double *ms, double u)
{
    int p = 1;
    while (p < POINTS - 1 && u >= point[p]) {
        p++;
    }
    return (ms[p - 1] + (ms[p] - ms[p - 1]) * (u - point[p - 1]) / (point[p] - point[p - 1])) / 1000;
}

struct function {
    const double *ms; /* NULL: no durations are wanted */
    bool known;       /* or they are there */
    double number;
    struct draw_at at; /* of the next invocation */
};

static int add_minute(struct flow *f, const struct sheet *s, struct function *fn, double minute, double n,
                      struct err *e)
{
    int rc = 0;
    for (double i = 0; i < n && rc == 0; i++, fn->at.index++) {
        if (!fn->known) {
            flow_drop(f, s->lines.line, "no durations of the function");
            continue;
        }
        fn->at.purpose = DRAW_INTERVAL;
        double at_s = 60 * (minute + draw_uniform(&fn->at, 0));
        fn->at.purpose = DRAW_WORK;
        double duration_s = fn->ms ? draw_duration_s(fn->ms, draw_uniform(&fn->at, 0)) : 0;
        rc = flow_row(f, at_s, (const double[]){fn->number, duration_s}, e);
    }
    return rc;
}

/* Columns of minutes are those with a number for a heading, from 1. */
static int find_minutes(const struct sheet *s, double *minute, struct err *e)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_header; i++) {
        const char *text = s->header[i];
        bool digits = text[0] && strlen(text) <= 5 && text[strspn(text, "0123456789")] == 0;
        minute[i] = digits ? strtod(text, NULL) - 1 : -1;
        n += digits;
    }
    return n > 0 ? 0
                 : ERR_AT(e, s->lines.path, s->lines.line, 1, "found no heading of a minute, such as 1, wanted some");
}

static int read_function(struct flow *f, const struct sheet *s, const int *hash, const double *minute,
                         const struct durations *d, double number, struct err *e)
{
    char key[256];
    struct function fn = {
        .known = true, .number = number, .at.entity = stream_entity(key_of(s, hash, key, sizeof key))};
    if (f->with) {
        uint32_t row = names_find(&d->known, key);
        fn.known = row != NAME_NONE;
        fn.ms = fn.known ? d->ms[row] : NULL;
    }
    int rc = 0;
    for (int i = 0; i < s->n_field && rc == 0; i++) {
        double n;
        if (minute[i] < 0) {
            continue;
        }
        rc = sheet_whole(s, i, "a count of invocations", &n, e);
        if (rc == 0 && n > PER_MINUTE) {
            rc = sheet_fault(s, i, "at most 10000000 invocations in a minute", e);
        }
        rc = rc ? rc : add_minute(f, s, &fn, minute[i], n, e);
    }
    return rc;
}

int trace_read_azure_functions_2019(struct flow *f, struct err *e)
{
    struct durations d = {.room = 0};
    struct sheet s = {.n_header = 0};
    int hash[HASHES];
    double *minute = malloc(SHEET_FIELDS * sizeof *minute), number = 0;
    flow_column(f, "function", "number");
    int rc = minute ? 0 : ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", f->path);
    if (f->with) {
        flow_column(f, "duration", "s");
        rc = rc ? rc : read_durations(&d, f->with, e);
    }
    rc = rc ? rc : sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : sheet_header(&s, e);
    rc = rc ? rc : sheet_fields(&s, hash_heading, HASHES, hash, e);
    rc = rc ? rc : find_minutes(&s, minute, e);
    while (rc == 0 && (rc = sheet_next(&s, e)) > 0) {
        rc = read_function(f, &s, hash, minute, &d, number++, e);
    }
    sheet_close(&s);
    arena_clear(&d.arena);
    free(d.ms);
    free(minute);
    return rc;
}
