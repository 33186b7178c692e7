/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe.h - a file that libhdf5 itself cannot bear, or over which it never ends, ends a child process, not this one, and one
 * that is wrong leaves nothing behind in the library: whoever is about to read a file from elsewhere lets it be read there
 * first.
 */
#ifndef SIM_IO_PROBE_H
#define SIM_IO_PROBE_H

struct err;

enum { PROBE_MOST_S = 5 }; /* of the processor, for one file; a table of 100 MB takes well below one */

/* What read returns and says in a process of its own; ERR_INPUT if that came to an end.  wanted: "a result file", for the
 * message. */
int probe_read(const char *path, const char *wanted, int (*read_it)(const char *path, struct err *e), struct err *e);

#endif
