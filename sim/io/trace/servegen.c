/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * servegen.c - a client of ServeGen (Xiang et al., "ServeGen: workload characterization and generation of large language
 * model serving in production"): not requests but, for each window, their rate and the CV of the times between them:
 * window_start s, rate /s, CV, family, shape, scale; and beside it the distributions of tokens.
 *
 * Times between arrivals are drawn as gamma of that CV with mean 1, and the clock runs at the window's rate: so each window
 * has its rate, and an interval goes on over its border.  The stored shape and scale are passed over: those of Weibull do
 * not give the stored CV.  Draws are addressed by the number of the arrival.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/dist.h"
#include "sim/base/err.h"
#include "sim/base/quantity.h"
#include "sim/io/trace/json_file.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/sheet.h"

enum { TABLES = 3, PER_WINDOW = 100000000 };

/* Names of a distribution in the file (one of two), and the column it becomes. */
static const struct {
    const char *key, *other, *column;
} token_table[TABLES] = {
    {"input_tokens", "text_tokens", "prompt_tokens"},
    {"output_tokens", "output_tokens", "output_tokens"},
    {"image_tokens", "image_tokens", "image_tokens"},
};

struct law {
    size_t n;
    struct {
        double value, upto; /* upto: cumulative probability, not normalised */
    } * point;              /* [n] */
};

struct token_window {
    double from_s;
    struct law law[TABLES];
};

struct tokens {
    size_t n;
    int n_table;                 /* two, or three with images */
    struct token_window *window; /* in order of time */
};

static void tokens_clear(struct tokens *t)
{
    for (size_t i = 0; i < t->n; i++) {
        for (int k = 0; k < TABLES; k++) {
            free(t->window[i].law[k].point);
        }
    }
    free(t->window);
}

static int law_add(struct law *l, size_t *room, double value, double p, const char *path, struct err *e)
{
    if (l->n == *room) {
        *room = 2 * *room + 64;
        void *more = reallocarray(l->point, *room, sizeof *l->point);
        if (!more) {
            return ERR_SET(e, ERR_MEMORY, "%s: no memory for its distributions", path);
        }
        l->point = more;
    }
    l->point[l->n].upto = (l->n > 0 ? l->point[l->n - 1].upto : 0) + p;
    l->point[l->n++].value = value;
    return 0;
}

/* "{4: 7.2e-05, 5: 0.00016}", as Python prints a dictionary. */
static int law_read(struct law *l, const char *text, const char *path, const char *key, struct err *e)
{
    size_t room = 0;
    const char *c = text + (*text == '{');
    while (*c && *c != '}') {
        double value, p;
        size_t n = strcspn(c, ":,}"), after = c[n] == ':' ? strspn(c + n + 1, " ") + 1 : 0;
        size_t m = strcspn(c + n + after, ",}");
        if (after == 0 || number_parse(c, n, &value) != 0 || number_parse(c + n + after, m, &p) != 0 || value < 0 ||
            p < 0 || value > JSON_NUMBER_MAX || p > 1) {
            return ERR_AT(e, path, 0, 0, "found '%.40s' in %s, wanted {tokens: probability, ...}", c, key);
        }
        int rc = law_add(l, &room, value, p, path, e);
        if (rc < 0) {
            return rc;
        }
        c += n + after + m;
        c += *c == ',';
        c += strspn(c, " ");
    }
    return l->n > 0 && l->point[l->n - 1].upto > 0 ? 0
                                                   : ERR_AT(e, path, 0, 0, "found no tokens in %s, wanted some", key);
}

static double law_draw(const struct law *l, double u)
{
    double target = u * l->point[l->n - 1].upto;
    size_t low = 0, high = l->n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->point[middle].upto < target) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return l->point[low].value;
}

static int compare_windows(const void *a, const void *b)
{
    const struct token_window *x = a, *y = b;
    return (x->from_s > y->from_s) - (x->from_s < y->from_s);
}

static int read_token_window(struct tokens *t, const char *name, const json_t *laws, const char *path, struct err *e)
{
    struct token_window *w = &t->window[t->n++];
    if (number_parse(name, strlen(name), &w->from_s) != 0) {
        return ERR_AT(e, path, 0, 0, "found the window '%.40s', wanted its start in seconds", name);
    }
    for (int k = 0; k < TABLES; k++) {
        const char *key = json_object_get(laws, token_table[k].key) ? token_table[k].key : token_table[k].other;
        const json_t *text = json_object_get(laws, key);
        if (k == 2 && t->n == 1) {
            t->n_table = text ? 3 : 2;
        }
        if (k == t->n_table && k > 1) {
            break;
        }
        if (!json_is_string(text)) {
            return ERR_AT(e, path, 0, 0, "found no %s in the window %.40s, wanted a distribution", key, name);
        }
        int rc = law_read(&w->law[k], json_string_value(text), path, key, e);
        if (rc < 0) {
            return rc;
        }
    }
    return 0;
}

static int tokens_read(struct tokens *t, const char *path, struct err *e)
{
    json_t *all = NULL, *laws;
    const char *name;
    int rc = json_file_read(path, NULL, &all, NULL, e);
    if (rc == 0 && (!json_is_object(all) || json_object_size(all) == 0)) {
        rc = ERR_AT(e, path, 1, 1, "found no object with windows, wanted {\"0\": {\"input_tokens\": ...}, ...}");
    }
    if (rc == 0) {
        t->window = calloc(json_object_size(all), sizeof *t->window);
        rc = t->window ? 0 : ERR_SET(e, ERR_MEMORY, "%s: no memory for its distributions", path);
    }
    if (rc == 0) {
        json_object_foreach(all, name, laws)
        {
            rc = rc ? rc : read_token_window(t, name, laws, path, e);
        }
    }
    if (rc == 0) {
        qsort(t->window, t->n, sizeof *t->window, compare_windows);
    }
    json_decref(all);
    return rc;
}

/* What is drawn. */
struct client {
    struct flow *flow;
    const struct tokens *tokens;
    size_t token_window;
    struct dist unit; /* times between arrivals, of mean 1 */
    double left;      /* of the time to the next arrival, in those units */
    struct draw_at at;
};

static int arrive(struct client *c, double time_s, struct err *e)
{
    double value[TABLES] = {0};
    const struct tokens *t = c->tokens;
    while (c->token_window + 1 < t->n && t->window[c->token_window + 1].from_s <= time_s) {
        c->token_window++;
    }
    for (int k = 0; k < t->n_table; k++) {
        static const uint8_t purpose[TABLES] = {DRAW_INPUT, DRAW_OUTPUT, DRAW_WORK};
        c->at.purpose = purpose[k];
        value[k] = law_draw(&t->window[c->token_window].law[k], draw_uniform(&c->at, 0));
    }
    c->at.index++;
    return flow_row(c->flow, time_s, value, e);
}

static double draw_unit(struct client *c)
{
    c->at.purpose = DRAW_INTERVAL;
    return dist_draw(&c->unit, &c->at);
}

/* Arrivals in [from_s, to_s). */
static int run_window(struct client *c, double from_s, double to_s, double rate, double cv, struct err *e)
{
    if (rate == 0 || c->flow->past) {
        return 0;
    }
    int rc = cv < 0.001 ? dist_constant(&c->unit, 1, e) : dist_gamma(&c->unit, 1, fmin(cv, 1000), e);
    c->left = rc == 0 && c->left < 0 ? draw_unit(c) : c->left;
    for (double now_s = from_s; rc == 0 && !c->flow->past;) {
        double at_s = now_s + c->left / rate;
        if (at_s >= to_s) {
            c->left = fmax(c->left - (to_s - now_s) * rate, 0);
            break;
        }
        rc = arrive(c, at_s, e);
        c->left = draw_unit(c);
        now_s = at_s;
    }
    return rc;
}

/* A window is known to its end when the next one comes; the last is as long as the one before. */
struct window {
    double from_s, rate, cv, length_s;
};

static int read_window(const struct sheet *s, struct window *w, struct err *e)
{
    if (s->n_field != 6) {
        return ERR_AT(e, s->lines.path, s->lines.line, 1,
                      "found %d fields, wanted 6: start, rate, CV, family, shape, scale", s->n_field);
    }
    int rc = sheet_number(s, 0, "window_start", &w->from_s, e);
    rc = rc ? rc : sheet_number(s, 1, "rate", &w->rate, e);
    return rc ? rc : sheet_number(s, 2, "CV", &w->cv, e);
}

static int read_windows(struct client *c, struct sheet *s, struct err *e)
{
    struct window now = {.length_s = -1}, next;
    bool first = true;
    int rc = 0;
    while (rc == 0 && (rc = sheet_next(s, e)) > 0) {
        rc = read_window(s, &next, e);
        if (rc == 0 && !first && next.from_s <= now.from_s) {
            rc = sheet_goes_back(s, 0, e);
        }
        if (rc == 0 && !first) {
            next.length_s = next.from_s - now.from_s;
            if (now.rate * next.length_s > PER_WINDOW) {
                rc = ERR_AT(e, s->lines.path, s->lines.line, 1,
                            "found a window of %g arrivals before it, wanted at most 1e8", now.rate * next.length_s);
            }
            rc = rc ? rc : run_window(c, now.from_s, next.from_s, now.rate, now.cv, e);
        }
        now = next;
        first = false;
    }
    if (rc == 0 && now.length_s > 0 && now.rate * now.length_s <= PER_WINDOW) {
        rc = run_window(c, now.from_s, now.from_s + now.length_s, now.rate, now.cv, e);
    }
    return rc;
}

int trace_read_servegen(struct flow *f, struct err *e)
{
    struct tokens tokens = {0};
    struct sheet s = {.n_header = 0};
    struct client c = {.flow = f, .tokens = &tokens, .left = -1, .at.entity = stream_entity("servegen")};
    int rc = f->with ? tokens_read(&tokens, f->with, e) : 0;
    for (int k = 0; k < tokens.n_table; k++) {
        flow_column(f, token_table[k].column, "tokens");
    }
    rc = rc ? rc : sheet_open(&s, f->path, &f->sha, ',', 0, e);
    rc = rc ? rc : read_windows(&c, &s, e);
    sheet_close(&s);
    tokens_clear(&tokens);
    return rc;
}
