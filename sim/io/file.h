/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file.h - an input file as a whole, with bounds: a directory, a pipe or a device is refused before it can block or never
 * end, and so is a file that is too large.
 */
#ifndef SIM_IO_FILE_H
#define SIM_IO_FILE_H

#include <stddef.h>
#include <stdint.h>

struct err;

/*
 * Opens path for reading into *fd, and says its size unless size is NULL.  ERR_INPUT, and -1 in *fd, if it cannot be opened or is
 * no regular file.
 */
int file_open(const char *path, int *fd, size_t *size, struct err *e);

/*
 * Reads path into *text, *size bytes and a closing 0; free() it.  ERR_INPUT if it cannot be opened, is no regular file,
 * has more than max_bytes or holds a byte 0; ERR_IO if reading fails.
 */
int file_read(const char *path, size_t max_bytes, char **text, size_t *size, struct err *e);
/* The same of a file that is no text: any byte may be in it. */
int file_read_bytes(const char *path, size_t max_bytes, char **bytes, size_t *size, struct err *e);

/* Digest of the bytes of a file, whatever its size.  ERR_INPUT if it cannot be read. */
int file_digest(const char *path, uint64_t *digest, struct err *e);

#endif
