/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * provenance.h - all that may differ between two runs of the same thing: who ran it, when, where, built how.  It
 * stands in one group of a result file, apart from the results.
 */
#ifndef SIM_IO_PROVENANCE_H
#define SIM_IO_PROVENANCE_H

#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/io/h5.h"

enum { PROVENANCE_MAX = 32 };

struct provenance_line {
    const char *key, *value;
};

struct provenance {
    struct arena arena; /* owns the texts */
    uint32_t n;
    struct provenance_line line[PROVENANCE_MAX];
};

/* Program, commit, mode, compiler, libraries, host, system, time in UTC, and the command line (NULL: unknown). */
void provenance_now(struct provenance *p, const char *command_line);
/* One more line, such as threads and wall time. */
void provenance_add(struct provenance *p, const char *key, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* Value of a key, or NULL. */
const char *provenance_find(const struct provenance *p, const char *key);
/* As attributes of a group, which fails if not all that was added had room; p NULL: nothing. */
void provenance_write(struct h5 *h, hid_t group, const struct provenance *p);
void provenance_clear(struct provenance *p);

/* "tiersim 0.1.0 (commit, mode)". */
const char *provenance_program(void);

#endif
