/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parts.h - the folder beside a result file in which a run that is not finished keeps what it has: FILE.parts/
 *
 *   lock          held by the one process that writes (flock)
 *   run           what is run, as text; a run goes on only with the very same
 *   N.part        finished replications, N = 0, 1, 2, ...: one or more blocks, see results_part.c
 *   P-R.rows.h5   rows of policy P, replication R
 *   *.tmp         not finished; of no worth after a kill
 *
 * What has its name is whole and on disk (durable.h).  Only files of these names are ever removed.
 */
#ifndef SIM_IO_PARTS_H
#define SIM_IO_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"

/* Start with {.lock = -1}. */
struct parts {
    struct arena arena;
    const char *path;   /* of the result file */
    const char *beside; /* the folder that it is in, with a slash */
    const char *folder; /* with a slash */
    const char *name;   /* of the folder, as seen from the result file */
    int lock;           /* < 0: not open */
    uint32_t next;      /* part not yet there */
    uint64_t identity;  /* of what is run */
};

/*
 * Make the folder for the result file at path, or enter the one that is there, and lock it.  ERR_IO: it cannot be made,
 * or another process is writing there.
 */
int parts_open(struct parts *p, const char *path, struct err *e);
/*
 * Say what is run, as lines of text.  resume: what is in the folder is kept if it was of the same run, and ERR_INPUT says
 * where it differs; otherwise it is removed.  *kept: there is something that was not removed.
 */
int parts_claim(struct parts *p, const char *run, bool resume, bool *kept, struct err *e);
/* Name of a file in the folder, in the arena; NULL without memory. */
const char *parts_file(struct parts *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Remove a file of the folder that is not wanted. */
void parts_drop(struct parts *p, const char *file);
/* Put these bytes there as the next part. */
int parts_add(struct parts *p, const void *bytes, size_t n, struct err *e);
/* Give each part to take, in order.  Nonzero from there ends it and comes back. */
int parts_each(struct parts *p, int (*take)(void *ctx, const uint64_t *word, size_t n, struct err *e), void *ctx,
               struct err *e);
/* Unlock and forget; all of it is removed, or what is durable stays. */
void parts_close(struct parts *p, bool remove);

#endif
