/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * durable.h - a file appears under its name whole and on disk, or not at all: written under another name, synced,
 * renamed, and the folder synced.  A power cut or a kill between any two of these steps leaves the old file or the new one.
 */
#ifndef SIM_IO_DURABLE_H
#define SIM_IO_DURABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/base/err.h"

/* The file at `from`, closed and complete, becomes `to` in the folder; both on one file system.  `shown` is for messages. */
int durable_publish(const char *from, const char *to, const char *folder, const char *shown, struct err *e);
/* The same for n bytes, which are first written to `by`. */
int durable_write(const char *by, const char *to, const char *folder, const char *shown, const void *bytes, size_t n,
                  struct err *e);

/*
 * Whether such a file can be put at path: its folder is there, and only a regular file would be replaced; a folder or device
 * is somebody's mistake.  what: "a result file", for the message.  ERR_IO.
 */
int durable_target(const char *path, const char *what, struct err *e);
/* Would the one take the place of the other: are they one name in one folder? */
bool durable_is_same(const char *one, const char *other);

#endif
