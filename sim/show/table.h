/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.h - tables of numbers as plain UTF-8 text, meant to be read: numbers of a column stand point under point, a
 * column is as wide as it must be, and what does not fit into the width continues in a further block below, under the
 * same row names.
 */
#ifndef SIM_SHOW_TABLE_H
#define SIM_SHOW_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/arena.h"

/* How to write: colour and width of a terminal, or fixed in a pipe (120 columns, none). */
struct paper {
    unsigned width;
    bool colour;
};

/* Of a stream: isatty, COLUMNS or the terminal's own width, NO_COLOR. */
struct paper paper_of(FILE *out);

enum { TABLE_COLUMNS = 40 };

struct table_column {
    const char *over; /* heading above, shared by the columns that follow with over = NULL; "" = none */
    const char *name;
    bool text;   /* left-aligned; else aligned at the decimal point */
    bool joined; /* belongs to the column before it: one space between, never parted */
};

struct table {
    struct arena arena; /* owns cells */
    unsigned n_column;
    struct table_column column[TABLE_COLUMNS];
    uint32_t n_row, room;
    const char **cell; /* [n_row][n_column]; a row whose second cell is NULL is a heading */
    unsigned at;       /* column of the next cell */
};

/* Start with {0}; the first column holds the names of the rows.  Memory that runs out shows as missing cells. */
void table_add_column(struct table *t, struct table_column c);
/* The next cell of the row under way, or the first of a new one. */
void table_add(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A row with a heading for those that follow. */
void table_add_heading(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void table_print(const struct table *t, FILE *out, struct paper paper);
void table_clear(struct table *t);

/* Columns that a text takes: characters, not bytes. */
unsigned text_width(const char *s);

#endif
