/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * part.h - a file without a name: written from front to back through a buffer, read back anywhere, gone when it is closed.
 */
#ifndef SIM_IO_TRACE_PART_H
#define SIM_IO_TRACE_PART_H

#include <stddef.h>
#include <stdint.h>

struct err;

enum { PART_BYTES = 1 << 18 };

struct part {
    int fd; /* of an open one */
    char *buffer;
    size_t used;
    uint64_t size; /* written, the buffer included */
};

/* In that folder; NULL: $TMPDIR, or /tmp. */
int part_open(struct part *p, const char *folder, struct err *e);
int part_write(struct part *p, const void *data, size_t n, struct err *e);
/* What is in the buffer to the file; before reading. */
int part_flush(struct part *p, struct err *e);
int part_read(struct part *p, uint64_t from, void *to, size_t n, struct err *e);
/* Also what was never opened but is zeroed. */
void part_close(struct part *p);

#endif
