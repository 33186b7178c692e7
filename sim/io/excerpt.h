/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * excerpt.h - the line of a file that a message is about, and a caret under the place:
 *       14 |     count: -2
 *          |            ^
 * For terminals.  The file is read anew and kept until another one is asked for.
 */
#ifndef SIM_IO_EXCERPT_H
#define SIM_IO_EXCERPT_H

#include <stddef.h>
#include <stdio.h>

/* Start with {0}. */
struct excerpt {
    const char *file; /* that was read last; the caller's string */
    char *text;       /* NULL if it could not be read */
    size_t n;
};

/* Print it; nothing where there is no such line.  line and column count characters, from 1. */
void excerpt_print(struct excerpt *x, const char *file, int line, int column, FILE *out);
void excerpt_clear(struct excerpt *x);

#endif
