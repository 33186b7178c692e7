/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sheet.h - a CSV file row by row, each field with its place, in constant memory.  Split by libcsv, one line at a time: a
 * quoted field may hold commas and doubled quotes but no line break, so that a forgotten quote is told on its own line.
 * Empty lines are passed over.  Fields may also be parted by blanks (any number of spaces and tabs, no quotes).  Numbers
 * have a decimal point whatever the locale.
 */
#ifndef SIM_IO_TRACE_SHEET_H
#define SIM_IO_TRACE_SHEET_H

#include <csv.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>

#include "sim/io/trace/lines.h"

struct err;

#define SHEET_NUMBER_MAX 1e15

enum { SHEET_FIELDS = 2048 };

struct sheet {
    struct lines lines;
    char delimiter, comment;
    int n_field;
    size_t n_header;                 /* fields that each row must have; 0 before sheet_header */
    const char *field[SHEET_FIELDS]; /* of the row */
    char *room;                      /* their bytes */
    size_t used;
    bool overfull;
    int n_row; /* that libcsv saw in the line */
    struct csv_parser parser;
    bool has_parser;
    locale_t plain;
    char *header[SHEET_FIELDS];
};

/*
 * path and sha (lines.h) must outlive the sheet.  delimiter: ',', ';', a tab, or ' ' for blanks; lines that start with
 * `comment` (0: none) are passed over.
 */
int sheet_open(struct sheet *s, const char *path, struct sha256 *sha, char delimiter, char comment, struct err *e);
/* The first row, kept in header[]; each later row must have as many fields. */
int sheet_header(struct sheet *s, struct err *e);
/* The next row: 1, at the end 0, or a negative code. */
int sheet_next(struct sheet *s, struct err *e);
/* Field of that name in the header, or -1; upper and lower case are one if `fold`. */
int sheet_field(const struct sheet *s, const char *name, bool fold);
/* Fields of the n names that the header must have. */
int sheet_fields(const struct sheet *s, const char *const *name, int n, int *field, struct err *e);
/* Column, from 1, at which field i of the row starts. */
int sheet_column(const struct sheet *s, int i);
/* Field i as a number; `what` it is: "found 'x', wanted capacity_mbps: a number from 0 to 1e15". */
int sheet_number(const struct sheet *s, int i, const char *what, double *x, struct err *e);
/* The same, whole and at most 1e9. */
int sheet_whole(const struct sheet *s, int i, const char *what, double *x, struct err *e);
/* "found 'x', which is before the row above, wanted rows in order of time" */
int sheet_goes_back(const struct sheet *s, int i, struct err *e);
/* "found 'x', wanted ..." of field i */
int sheet_fault(const struct sheet *s, int i, const char *wanted, struct err *e);
void sheet_close(struct sheet *s);

#endif
