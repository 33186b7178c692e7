/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * errors.h - all that is wrong with an input, told at once and in the order of its lines.  Each entry reads
 *     scenarios/a.yaml:14:12: nodes.edge.count: found -2, wanted a whole number from 1 to 10000000
 * Only the first hundred are kept, the others counted: a file can be wrong in more places than anybody wants to read.
 */
#ifndef SIM_IO_ERRORS_H
#define SIM_IO_ERRORS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"

enum { ERRORS_KEPT = 100 };

struct error_entry {
    uint32_t source;   /* rank of the input among others */
    int line, column;  /* from 1; 0 if there is none */
    const char *input; /* file name or argument */
    const char *text;  /* "nodes.edge.count: found -2, wanted ..." */
};

/* Start with {0}. */
struct errors {
    struct arena arena;
    enum err_code code; /* the gravest: ERR_INPUT, unless the world failed */
    size_t n, n_kept;   /* seen; in entry[] */
    struct error_entry entry[ERRORS_KEPT];
};

/* True once further entries are only counted: their texts need not be made. */
bool errors_full(const struct errors *e);
void errors_add(struct errors *e, uint32_t source, const char *input, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));
void errors_add_v(struct errors *e, uint32_t source, const char *input, int line, int column, const char *fmt,
                  va_list ap) __attribute__((format(printf, 6, 0)));
/* What a function of another module reported. */
void errors_add_err(struct errors *e, uint32_t source, const struct err *err);
/* One line each, by place, then how many more there are. */
void errors_print(struct errors *e, FILE *out);
/* The same for a terminal: below each the line of the file it is about, and a caret under the place. */
void errors_print_lines(struct errors *e, FILE *out);
void errors_clear(struct errors *e);

#endif
