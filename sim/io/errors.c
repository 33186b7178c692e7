/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/errors.h"

#include <stdlib.h>
#include <string.h>

#include "sim/io/excerpt.h"

bool errors_full(const struct errors *e)
{
    return e->n_kept == ERRORS_KEPT;
}

static void keep(struct errors *e, enum err_code code, struct error_entry entry)
{
    e->n++;
    if (e->code == ERR_NONE || e->code == ERR_INPUT) {
        e->code = code;
    }
    if (!errors_full(e)) {
        e->entry[e->n_kept++] = entry;
    }
}

void errors_add(struct errors *e, uint32_t source, const char *input, int line, int column, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    errors_add_v(e, source, input, line, column, fmt, ap);
    va_end(ap);
}

void errors_add_v(struct errors *e, uint32_t source, const char *input, int line, int column, const char *fmt,
                  va_list ap)
{
    struct error_entry entry = {.source = source, .line = line, .column = column};
    if (!errors_full(e)) {
        char text[1536];
        vsnprintf(text, sizeof text, fmt, ap);
        entry.input = arena_copy(&e->arena, input);
        entry.text = arena_copy(&e->arena, text);
    }
    keep(e, ERR_INPUT, entry);
}

void errors_add_err(struct errors *e, uint32_t source, const struct err *err)
{
    struct error_entry entry = {
        .source = source,
        .line = err->line,
        .column = err->column,
        .input = arena_copy(&e->arena, err->input),
        .text = arena_copy(&e->arena, err->text),
    };
    keep(e, err->code, entry);
}

static int by_place(const void *a, const void *b)
{
    const struct error_entry *x = a, *y = b;
    if (x->source != y->source) {
        return x->source < y->source ? -1 : 1;
    }
    if (x->line != y->line) {
        return x->line < y->line ? -1 : 1;
    }
    if (x->column != y->column) {
        return x->column < y->column ? -1 : 1;
    }
    return strcmp(x->text ? x->text : "", y->text ? y->text : "");
}

static void print(struct errors *e, FILE *out, struct excerpt *x)
{
    qsort(e->entry, e->n_kept, sizeof e->entry[0], by_place);
    for (size_t i = 0; i < e->n_kept; i++) {
        const struct error_entry *entry = &e->entry[i];
        const char *input = entry->input ? entry->input : "", *text = entry->text ? entry->text : "out of memory";
        if (entry->line) {
            fprintf(out, "%s:%d:%d: %s\n", input, entry->line, entry->column, text);
            if (x) {
                excerpt_print(x, input, entry->line, entry->column, out);
            }
        } else {
            fprintf(out, "%s%s%s\n", input, *input ? ": " : "", text);
        }
    }
    if (e->n > e->n_kept) {
        fprintf(out, "... and %zu more\n", e->n - e->n_kept);
    }
}

void errors_print(struct errors *e, FILE *out)
{
    print(e, out, NULL);
}

void errors_print_lines(struct errors *e, FILE *out)
{
    struct excerpt x = {0};
    print(e, out, &x);
    excerpt_clear(&x);
}

void errors_clear(struct errors *e)
{
    arena_clear(&e->arena);
    e->n = e->n_kept = 0;
    e->code = ERR_NONE;
}
