/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/workflow.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/file.h"
#include "sim/io/read.h"
#include "sim/model/graph.h"

enum { FILE_BYTES = 32 << 20, NAME_MOST = 60 };

/* A name that a scenario takes: other letters become _, what begins with a digit or would be misread (null) gets a t, what is
 * there already a number. */
static const char *fit_name(struct workflow *w, const char *name)
{
    char fit[NAME_MOST + 16] = "";
    size_t n = 0;
    for (const char *c = name; *c && n < NAME_MOST - 8; c++) {
        fit[n++] = (char)(isalnum((unsigned char)*c) || *c == '_' || *c == '-' ? *c : '_');
    }
    if (!read_is_name(fit)) {
        memmove(fit + 1, fit, ++n);
        fit[0] = 't';
    }
    for (uint32_t k = w->names.n + 1; names_find(&w->fit, fit) != NAME_NONE; k++) {
        snprintf(fit + n, sizeof fit - n, "_%u", k);
    }
    const char *kept = arena_copy(&w->arena, fit);
    return kept && names_add(&w->fit, kept) != NAME_NONE ? kept : NULL;
}

uint32_t workflow_task(struct workflow *w, const char *name, size_t n)
{
    const char *kept = arena_copy_n(&w->arena, name, n);
    uint32_t row = kept ? names_find(&w->names, kept) : NAME_NONE;
    if (row != NAME_NONE || !kept) {
        return row;
    }
    if (w->names.n == w->room_task) {
        uint32_t room = 2 * w->room_task + 64;
        struct workflow_task *grown = realloc(w->task, room * sizeof *grown);
        if (!grown) {
            return NAME_NONE;
        }
        w->task = grown;
        w->room_task = room;
    }
    row = fit_name(w, kept) ? names_add(&w->names, kept) : NAME_NONE;
    if (row != NAME_NONE) {
        w->task[row] = (struct workflow_task){.work = NAN};
    }
    return row;
}

int workflow_add_edge(struct workflow *w, struct workflow_edge edge, struct err *e)
{
    if (w->n_edge == w->room_edge) {
        uint32_t room = 2 * w->room_edge + 64;
        struct workflow_edge *grown = realloc(w->edge, room * sizeof *grown);
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for a graph of %u edges", w->n_edge);
        }
        w->edge = grown;
        w->room_edge = room;
    }
    w->edge[w->n_edge++] = edge;
    return 0;
}

void workflow_clear(struct workflow *w)
{
    free(w->task);
    free(w->edge);
    free(w->use);
    arena_clear(&w->arena);
    *w = (struct workflow){0};
}

/* A number of 0 or more behind a key such as size=, in or without quotes; NAN: there is none. */
static double number_after(const char *line, const char *key)
{
    const char *at = strstr(line, key);
    char *end;
    while (at && at > line && (isalnum((unsigned char)at[-1]) || at[-1] == '_')) {
        at = strstr(at + 1, key); /* another key, which ends as this one */
    }
    if (!at) {
        return NAN;
    }
    at += strlen(key);
    at += *at == '"';
    double x = strtod(at, &end);
    return end > at && x >= 0 && isfinite(x) ? x : NAN;
}

static size_t word(const char *at)
{
    return strcspn(at, " \t[;\"\r");
}

static const char *skip(const char *at)
{
    return at + strspn(at, " \t\"");
}

static const char *skip_blank(const char *at)
{
    return at + strspn(at, " \t\r");
}

static bool is_arrow(const char *at)
{
    return strncmp(at, "->", 2) == 0;
}

/* A name of DOT, in or without quotes; *at goes on behind it.  0: there is none. */
static size_t take_name(const char **at, const char **name)
{
    const bool quoted = **at == '"';
    const char *a = *at + quoted;
    size_t n = quoted ? strcspn(a, "\"") : 0;
    while (!quoted && a[n] && !strchr(" \t\r[]{};=\"", a[n]) && !is_arrow(a + n)) {
        n++;
    }
    *name = a;
    *at = skip_blank(a + n + (quoted && a[n]));
    return n;
}

/* NODE [size="1e9"], or A -> B [size="1e6"], or A -> B -> C of the same. */
static int read_dot_statement(struct workflow *w, const char *text, int line, int column, struct err *e)
{
    const char *at = text, *name;
    const size_t n = take_name(&at, &name);
    const bool edge = is_arrow(at);
    const double size = number_after(at, "size=");
    if (n == 0 || isnan(size)) {
        return ERR_AT(e, w->path, line, column, "found no %s, wanted %s",
                      n == 0 ? "task" : edge ? "size of the data" : "size of the task",
                      edge ? "A -> B [size=\"BYTES\"]" : "NODE [size=\"FLOP\"]");
    }
    uint32_t from = workflow_task(w, name, n);
    if (from == NAME_NONE) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a graph");
    }
    if (!edge && !isnan(w->task[from].work)) {
        return ERR_AT(e, w->path, line, column, "found the task %s a second time, wanted it once", w->names.name[from]);
    }
    if (!edge) {
        w->task[from].work = size;
    }
    int rc = 0;
    while (rc == 0 && is_arrow(at)) {
        at = skip_blank(at + 2);
        const size_t n_to = take_name(&at, &name);
        if (n_to == 0) {
            return ERR_AT(e, w->path, line, column, "found no task behind ->, wanted A -> B [size=\"BYTES\"]");
        }
        const uint32_t to = workflow_task(w, name, n_to);
        rc = workflow_add_edge(w, (struct workflow_edge){from, to, size}, e);
        from = to;
    }
    return rc;
}

/* Where a statement ends: at a ; or } or behind its ], but not within quotes. */
static char *end_of_statement(char *at)
{
    bool quoted = false, listed = false;
    for (; *at; at++) {
        quoted ^= *at == '"';
        listed |= !quoted && *at == '[';
        if (!quoted && ((!listed && strchr(";{}", *at)) || (listed && *at == ']'))) {
            return at + (*at == ']');
        }
    }
    return at;
}

/* Statements, and what a file begins and ends with. */
static int read_dot_line(struct workflow *w, char *line, int number, struct err *e)
{
    int rc = 0;
    for (char *at = line; *at && rc == 0;) {
        at += strspn(at, " \t\r;{}");
        if (*at == '\0' || *at == '#' || strncmp(at, "//", 2) == 0) {
            break;
        }
        char *end = end_of_statement(at), next = *end;
        const bool head = strncmp(at, "digraph", 7) == 0 || strncmp(at, "strict", 6) == 0;
        *end = '\0';
        rc = head ? 0 : read_dot_statement(w, at, number, (int)(at - line) + 1, e);
        *end = next;
        at = end;
    }
    return rc;
}

/* nodeN -- op -- figures; or a tab and nodeA -- nodeB, whose data are what nodeA makes. */
static int read_pipedream_line(struct workflow *w, char *line, int number, struct err *e)
{
    const char *a = skip(line), *dash = strstr(a, " -- ");
    if (*a == '\0' || *a == '\r') {
        return 0;
    }
    if (!dash) {
        return ERR_AT(e, w->path, number, 1, "found a line without --, wanted NODE -- OPERATOR -- FIGURES or NODE -- NODE");
    }
    const uint32_t from = workflow_task(w, a, (size_t)(dash - a));
    if (from == NAME_NONE) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a graph");
    }
    if (*line == '\t') {
        const char *b = skip(dash + 4);
        return workflow_add_edge(w, (struct workflow_edge){from, workflow_task(w, b, word(b)), NAN}, e);
    }
    const double ms = number_after(line, "forward_compute_time="), bytes = number_after(line, "activation_size=");
    if (isnan(ms)) {
        return ERR_AT(e, w->path, number, 1, "found no forward_compute_time of the node, wanted milliseconds");
    }
    w->task[from].work = ms * 1e-3;
    w->task[from].left_out = strncmp(dash + 4, "Input", 5) == 0;
    w->task[from].made_bytes = isnan(bytes) ? 0 : bytes;
    return 0;
}

static int read_lines(struct workflow *w, int (*read)(struct workflow *w, char *line, int number, struct err *e),
                      struct err *e)
{
    char *text = NULL, *rest = NULL;
    size_t size;
    int number = 1, rc = file_read(w->path, FILE_BYTES, &text, &size, e);
    for (char *line = text; rc == 0 && line; line = rest, number++) {
        rest = strchr(line, '\n');
        if (rest) {
            *rest++ = '\0';
        }
        rc = read(w, line, number, e);
    }
    free(text);
    return rc;
}

static int read_dot(struct workflow *w, struct err *e)
{
    return read_lines(w, read_dot_line, e);
}

static int read_pipedream(struct workflow *w, struct err *e)
{
    w->in_seconds = true;
    int rc = read_lines(w, read_pipedream_line, e);
    for (uint32_t k = 0; rc == 0 && k < w->n_edge; k++) {
        w->edge[k].bytes = w->edge[k].from != NAME_NONE ? w->task[w->edge[k].from].made_bytes : 0;
    }
    return rc;
}

/* clang-format off */
const struct workflow_kind *workflow_kinds(void)
{
    static const struct workflow_kind kind[] = {
        {"dot", "daggen: A [size=FLOP], A -> B [size=BYTES]", NULL, read_dot},
        {"pipedream", "graph.txt of PipeDream's profiler: layers, forward",
         "PipeDream's profiler (Narayanan et al., SOSP 2019)", read_pipedream},
        {"workflow", "WfFormat of WfCommons, JSON up to 1.5", NULL, workflow_read_json},
        {"dax", "DAX of Pegasus, XML", NULL, workflow_read_dax},
        {NULL, NULL, NULL, NULL},
    };
    return kind;
}
/* clang-format on */

/* What holds of every graph; edges once each, by the task they lead to. */
static int check(const struct workflow *w, struct err *e)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < w->names.n; k++) {
        if (isnan(w->task[k].work)) {
            return ERR_SET(e, ERR_INPUT, "%s: found data of %s, which is no task of the file, wanted one", w->path,
                           w->names.name[k]);
        }
        n += !w->task[k].left_out;
    }
    if (n == 0 || n > GRAPH_TASKS || w->n_edge > GRAPH_EDGES) {
        return ERR_SET(e, ERR_INPUT, "%s: found %u tasks and %u edges, wanted 1 to %d tasks and at most %d edges", w->path, n,
                       w->n_edge, GRAPH_TASKS, GRAPH_EDGES);
    }
    return 0;
}

static int by_to(const void *va, const void *vb)
{
    const struct workflow_edge *a = va, *b = vb;
    return a->to != b->to ? (a->to > b->to) - (a->to < b->to) : (a->from > b->from) - (a->from < b->from);
}

/* Edges between the same tasks become one. */
static void settle_edges(struct workflow *w)
{
    uint32_t n = 0;
    if (w->n_edge > 0) {
        qsort(w->edge, w->n_edge, sizeof *w->edge, by_to);
    }
    for (uint32_t i = 0; i < w->n_edge; i++) {
        const struct workflow_edge edge = w->edge[i];
        if (w->task[edge.from].left_out || w->task[edge.to].left_out) {
            continue;
        }
        if (n > 0 && by_to(&w->edge[n - 1], &edge) == 0) {
            w->edge[n - 1].bytes += edge.bytes;
        } else {
            w->edge[n++] = edge;
        }
    }
    w->n_edge = n;
}

/* What is of a minibatch, by the sample. */
static void divide(struct workflow *w)
{
    for (uint32_t k = 0; k < w->names.n; k++) {
        w->task[k].work /= w->batch;
    }
    for (uint32_t i = 0; i < w->n_edge; i++) {
        w->edge[i].bytes /= w->batch;
    }
}

int workflow_read(struct workflow *w, const struct workflow_kind *kind, const char *path, uint32_t batch, struct err *e)
{
    *w = (struct workflow){.path = path, .kind = kind, .batch = batch};
    w->names.arena = w->fit.arena = w->files.arena = &w->arena;
    int rc = kind->read(w, e);
    for (uint32_t i = 0; rc == 0 && i < w->n_edge; i++) {
        if (w->edge[i].from == NAME_NONE || w->edge[i].to == NAME_NONE) {
            rc = ERR_SET(e, ERR_MEMORY, "out of memory for a graph of %u tasks", w->names.n);
        }
    }
    rc = rc ? rc : check(w, e);
    if (rc == 0) {
        settle_edges(w);
    }
    if (rc == 0 && batch > 0) {
        divide(w);
    }
    return rc;
}

int workflow_print(const struct workflow *w, const char *under, const char *on, FILE *out)
{
    uint32_t n = 0;
    int indent = 0;
    for (uint32_t k = 0; k < w->names.n; k++) {
        n += !w->task[k].left_out;
    }
    fprintf(out, "# %u tasks and %u edges of %s, by tiersim import\n", n, w->n_edge, w->path);
    if (w->batch > 0) {
        fprintf(out, "# times and data by the sample: those of a minibatch of %u, by %s, divided by it\n", w->batch,
                w->kind->minibatch);
    } else if (w->kind->minibatch) {
        fprintf(out, "# times and data of a whole minibatch, by %s\n", w->kind->minibatch);
    }
    for (const char *key = under; key; indent += 2) {
        const size_t length = strcspn(key, ".");
        fprintf(out, "%*s%.*s:\n", indent, "", (int)length, key);
        key = key[length] ? key + length + 1 : NULL;
    }
    fprintf(out, "%*stasks:\n", indent, "");
    for (uint32_t k = 0, i = 0; k < w->names.n; k++) {
        const struct workflow_task *t = &w->task[k];
        while (i < w->n_edge && w->edge[i].to < k) {
            i++;
        }
        if (t->left_out) {
            continue;
        }
        fprintf(out, "%*s%s: {work: ", indent + 2, "", w->fit.name[k]);
        if (w->in_seconds && t->work > 0) {
            fprintf(out, "{seconds: {%s: %.12g s}}", on, t->work);
        } else {
            fprintf(out, "%.12g FLOP", t->work);
        }
        bool more = false;
        for (; i < w->n_edge && w->edge[i].to == k; i++) {
            fprintf(out, "%s%s: %.12g B", more ? ", " : ", after: {", w->fit.name[w->edge[i].from], w->edge[i].bytes);
            more = true;
        }
        fputs(more ? "}}\n" : "}\n", out);
    }
    return ferror(out) ? -ERR_IO : 0;
}
