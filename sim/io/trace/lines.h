/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lines.h - a text file line by line in constant memory, whatever its size.  Lines end by LF or CRLF, the last end may be
 * missing, a UTF-8 byte order mark is passed over.  A byte 0 or a line that is too long is refused, and so is what is no
 * regular file, before it can block.
 */
#ifndef SIM_IO_TRACE_LINES_H
#define SIM_IO_TRACE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct sha256;

enum { LINE_BYTES = 1 << 16 }; /* a line has less */

struct lines {
    const char *path;
    int fd;
    struct sha256 *sha; /* takes all bytes of the file as they are read, or NULL */
    char *buffer;
    size_t next, end; /* of what was read ahead */
    bool last;        /* there is no more to read */
    char *text;       /* the line, closed by a 0, without its end; lives until the next call */
    size_t n;
    int line; /* its number, from 1 */
};

/* path and sha must outlive it.  Close also what failed to open. */
int lines_open(struct lines *l, const char *path, struct sha256 *sha, struct err *e);
/* 1, at the end 0, or a negative code. */
int lines_next(struct lines *l, struct err *e);
void lines_close(struct lines *l);

#endif
