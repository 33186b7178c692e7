/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/table.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PIPE_WIDTH = 120, NARROWEST = 40, GAP = 2 };

struct paper paper_of(FILE *out)
{
    struct paper p = {.width = PIPE_WIDTH};
    if (!isatty(fileno(out))) {
        return p;
    }
    const char *none = getenv("NO_COLOR"), *columns = getenv("COLUMNS"), *term = getenv("TERM");
    struct winsize size = {0};
    p.colour = !(none && none[0]) && !(term && strcmp(term, "dumb") == 0);
    if (columns && atoi(columns) > 0) {
        p.width = (unsigned)atoi(columns);
    } else if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        p.width = size.ws_col;
    }
    p.width = p.width < NARROWEST ? NARROWEST : p.width;
    return p;
}

unsigned text_width(const char *s)
{
    unsigned n = 0;
    for (; *s; s++) {
        n += ((unsigned char)*s & 0xC0) != 0x80;
    }
    return n;
}

void table_add_column(struct table *t, struct table_column c)
{
    if (t->n_column < TABLE_COLUMNS) {
        t->column[t->n_column++] = c;
    }
}

/* Room for one more row, all cells empty. */
static bool open_row(struct table *t)
{
    if (t->n_row == t->room) {
        uint32_t room = t->room ? 2 * t->room : 32;
        const char **cell = realloc(t->cell, (size_t)room * t->n_column * sizeof *cell);
        if (!cell) {
            return false;
        }
        t->cell = cell;
        t->room = room;
    }
    for (unsigned c = 0; c < t->n_column; c++) {
        t->cell[(size_t)t->n_row * t->n_column + c] = c ? "" : NULL;
    }
    t->n_row++;
    return true;
}

__attribute__((format(printf, 3, 0))) static void put(struct table *t, unsigned column, const char *fmt, va_list ap)
{
    char text[512];
    vsnprintf(text, sizeof text, fmt, ap);
    const char *kept = arena_copy(&t->arena, text);
    t->cell[(size_t)(t->n_row - 1) * t->n_column + column] = kept ? kept : "";
}

void table_add(struct table *t, const char *fmt, ...)
{
    va_list ap;
    if (t->at == 0 && !open_row(t)) {
        return;
    }
    va_start(ap, fmt);
    put(t, t->at, fmt, ap);
    va_end(ap);
    t->at = (t->at + 1) % t->n_column;
}

void table_add_heading(struct table *t, const char *fmt, ...)
{
    va_list ap;
    if (!open_row(t)) {
        return;
    }
    va_start(ap, fmt);
    put(t, 0, fmt, ap);
    va_end(ap);
    if (t->n_column > 1) {
        t->cell[(size_t)(t->n_row - 1) * t->n_column + 1] = NULL;
    }
    t->at = 0;
}

static const char *cell(const struct table *t, uint32_t row, unsigned column)
{
    return t->cell[(size_t)row * t->n_column + column];
}

static bool is_heading(const struct table *t, uint32_t row)
{
    return t->n_column > 1 && !cell(t, row, 1);
}

/* Characters of a number before its decimal point (or its end: a number ends where its digits do). */
static unsigned before_point(const char *s)
{
    const char *point = strchr(s, '.');
    if (!point) {
        point = s + strlen(s);
        while (point > s && !isdigit((unsigned char)point[-1]) && strpbrk(s, "0123456789")) {
            point--;
        }
    }
    unsigned n = 0;
    for (; s < point; s++) {
        n += ((unsigned char)*s & 0xC0) != 0x80;
    }
    return n;
}

struct extent {
    unsigned before, after, width;
};

static struct extent measure_column(const struct table *t, unsigned c)
{
    struct extent x = {0};
    for (uint32_t r = 0; r < t->n_row; r++) {
        const char *s = is_heading(t, r) ? "" : cell(t, r, c);
        unsigned w = text_width(s), b = t->column[c].text ? 0 : before_point(s);
        x.before = b > x.before ? b : x.before;
        x.after = w - b > x.after ? w - b : x.after;
    }
    x.width = x.before + x.after;
    return x;
}

static void spaces(FILE *out, unsigned n)
{
    fprintf(out, "%*s", (int)n, "");
}

/* Columns of a block, and where each begins. */
struct block {
    unsigned n, column[TABLE_COLUMNS], start[TABLE_COLUMNS], width;
};

static unsigned gap_before(const struct table *t, unsigned c)
{
    return c == 0 ? 0 : t->column[c].joined ? 1 : GAP;
}

/* Does a column, with what is joined to it, stand alone below the heading of its group? */
static bool is_group(const struct table *t, unsigned c)
{
    unsigned next = c + 1;
    while (next < t->n_column && t->column[next].joined) {
        next++;
    }
    return t->column[c].over && (next == t->n_column || t->column[next].over);
}

/* Width that a column's own headings ask for, given that what is joined to it stands below them, too. */
static unsigned heading_width(const struct table *t, unsigned c)
{
    if (t->column[c].joined || !t->column[c].name) {
        return 0;
    }
    unsigned name = text_width(t->column[c].name), group = is_group(t, c) ? text_width(t->column[c].over) : 0;
    return name > group ? name : group;
}

static void lay_block(const struct table *t, struct extent *x, unsigned *next, unsigned limit, struct block *b)
{
    *b = (struct block){0};
    b->column[b->n++] = 0;
    b->width = x[0].width;
    while (*next < t->n_column) {
        unsigned end = *next + 1, width = gap_before(t, *next) + x[*next].width;
        while (end < t->n_column && t->column[end].joined) {
            width += gap_before(t, end) + x[end].width;
            end++;
        }
        if (b->n > 1 && b->width + width > limit) {
            return;
        }
        for (unsigned c = *next; c < end && b->n < TABLE_COLUMNS; c++) {
            b->start[b->n] = b->width + gap_before(t, c);
            b->width = b->start[b->n] + x[c].width;
            b->column[b->n++] = c;
        }
        *next = end;
    }
}

/* Right edge of a column with what is joined to it. */
static unsigned right_edge(const struct table *t, const struct extent *x, const struct block *b, unsigned i)
{
    unsigned last = i;
    while (last + 1 < b->n && t->column[b->column[last + 1]].joined) {
        last++;
    }
    return b->start[last] + x[b->column[last]].width;
}

/*
 * Heading above the column at position i of the block: its own, or that of the group in whose midst the block starts.
 */
static const char *group_name(const struct table *t, const struct block *b, unsigned i)
{
    unsigned c = b->column[i];
    const char *s = t->column[c].over;
    while (!s && i == 1 && c > 1) {
        s = t->column[--c].over;
    }
    return s;
}

static void print_groups(const struct table *t, const struct extent *x, const struct block *b, FILE *out)
{
    unsigned at = 0, n_shown = 0;
    for (unsigned i = 1; i < b->n;) {
        const char *s = group_name(t, b, i);
        unsigned first = i, n_column = 0;
        do {
            n_column += !t->column[b->column[i]].joined;
            i++;
        } while (i < b->n && !t->column[b->column[i]].over);
        if (!s || !s[0]) {
            continue;
        }
        unsigned end = b->start[i - 1] + x[b->column[i - 1]].width, w = text_width(s), start = b->start[first];
        if (n_column == 1 && end > w + start) {
            start = end - w;
        }
        spaces(out, start > at ? start - at : 0);
        fputs(s, out);
        at = (start > at ? start : at) + w;
        if (n_column > 1 && at + 1 < end) {
            fputc(' ', out);
            for (at++; at < end; at++) {
                fputs("─", out);
            }
        }
        n_shown++;
    }
    fputs(n_shown ? "\n" : "", out);
}

static void print_headings(const struct table *t, const struct extent *x, const struct block *b, FILE *out, bool colour)
{
    print_groups(t, x, b, out);
    fputs(colour ? "\033[1m" : "", out);
    unsigned at = 0;
    for (unsigned i = 0; i < b->n; i++) {
        unsigned c = b->column[i];
        if (t->column[c].joined) {
            continue;
        }
        unsigned w = text_width(t->column[c].name), edge = right_edge(t, x, b, i);
        unsigned start = t->column[c].text || edge < w + b->start[i] ? b->start[i] : edge - w;
        spaces(out, start > at ? start - at : 0);
        fputs(t->column[c].name, out);
        at = (start > at ? start : at) + w;
    }
    fprintf(out, "%s\n", colour ? "\033[0m" : "");
    for (unsigned i = 0; i < b->width; i++) {
        fputs("─", out);
    }
    fputc('\n', out);
}

static void print_row(const struct table *t, const struct extent *x, const struct block *b, uint32_t row, FILE *out)
{
    unsigned at = 0;
    for (unsigned i = 0; i < b->n; i++) {
        unsigned c = b->column[i];
        const char *s = cell(t, row, c);
        if (s[0]) {
            unsigned start = b->start[i] + (t->column[c].text ? 0 : x[c].before - before_point(s));
            spaces(out, start > at ? start - at : 0);
            fputs(s, out);
            at = start + text_width(s);
        }
    }
    fputc('\n', out);
}

/* More room in a column: before its numbers, behind its texts. */
static void widen(const struct table *t, struct extent *x, unsigned c, unsigned by)
{
    x[c].before += t->column[c].text ? 0 : by;
    x[c].width += by;
}

/* Groups of several columns are as wide as their headings. */
static void widen_groups(const struct table *t, struct extent *x)
{
    for (unsigned c = 1; c < t->n_column;) {
        const unsigned first = c;
        unsigned width = 0;
        do {
            width += (c > first ? gap_before(t, c) : 0) + x[c].width;
            c++;
        } while (c < t->n_column && !t->column[c].over);
        const unsigned want = t->column[first].over ? text_width(t->column[first].over) : 0;
        widen(t, x, first, want > width ? want - width : 0);
    }
}

void table_print(const struct table *t, FILE *out, struct paper paper)
{
    struct extent x[TABLE_COLUMNS];
    for (unsigned c = 0; c < t->n_column; c++) {
        x[c] = measure_column(t, c);
    }
    for (unsigned c = 0; c < t->n_column; c++) {
        unsigned width = x[c].width, want = heading_width(t, c);
        for (unsigned j = c + 1; j < t->n_column && t->column[j].joined; j++) {
            width += 1 + x[j].width;
        }
        if (!t->column[c].joined) {
            widen(t, x, c, want > width ? want - width : 0);
        }
    }
    widen_groups(t, x);
    unsigned next = 1;
    struct block b;
    do {
        lay_block(t, x, &next, paper.width, &b);
        print_headings(t, x, &b, out, paper.colour);
        for (uint32_t r = 0; r < t->n_row; r++) {
            if (is_heading(t, r)) {
                fprintf(out, "%s\n", cell(t, r, 0));
            } else {
                print_row(t, x, &b, r, out);
            }
        }
        fputs(next < t->n_column ? "\n" : "", out);
    } while (next < t->n_column);
}

void table_clear(struct table *t)
{
    free(t->cell);
    arena_clear(&t->arena);
    *t = (struct table){0};
}
