/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * damage.h - a sound file of HDF5 whose bytes are other ones, by a list of changes, four bytes each: where (three) and what.
 * Whatever libhdf5 makes of it, reading gives what is in it or an error, and ends a child process at worst (sim/io/probe.h).
 */
#ifndef TESTS_DAMAGE_H
#define TESTS_DAMAGE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/base/err.h"

enum { DAMAGE_BYTES = 1 << 20, DAMAGE_CHANGE = 4, DAMAGE_CHANGES = 8 };

struct damage {
    char folder[32], file[64];
    uint8_t *sound; /* [n] */
    size_t n;
};

/* The sound file, by who writes it, in a folder of its own. */
static inline void damage_begin(struct damage *d, int (*write_it)(const char *path, struct err *e))
{
    struct err e = {0};
    snprintf(d->folder, sizeof d->folder, "/tmp/tiersim-damage-XXXXXX");
    if (!mkdtemp(d->folder) || !(d->sound = malloc(DAMAGE_BYTES))) {
        abort();
    }
    snprintf(d->file, sizeof d->file, "%s/x.h5", d->folder);
    FILE *f = write_it(d->file, &e) == 0 ? fopen(d->file, "rb") : NULL;
    d->n = f ? fread(d->sound, 1, DAMAGE_BYTES, f) : 0;
    if (d->n == 0) {
        abort();
    }
    fclose(f);
}

/* Read the file with those changes. */
static inline void damage_try(struct damage *d, const uint8_t *data, size_t size, int (*read_it)(const char *path, struct err *e))
{
    uint8_t was[DAMAGE_CHANGES];
    size_t at[DAMAGE_CHANGES], n = size / DAMAGE_CHANGE < DAMAGE_CHANGES ? size / DAMAGE_CHANGE : DAMAGE_CHANGES;
    struct err e = {0};
    for (size_t i = 0; i < n; i++) {
        const uint8_t *c = data + DAMAGE_CHANGE * i;
        at[i] = ((size_t)c[0] << 16 | (size_t)c[1] << 8 | c[2]) % d->n;
        was[i] = d->sound[at[i]];
        d->sound[at[i]] = c[3];
    }
    FILE *f = fopen(d->file, "wb");
    if (!f || fwrite(d->sound, 1, d->n, f) != d->n || fclose(f) != 0) {
        abort();
    }
    if (read_it(d->file, &e) < 0 && !e.text[0]) {
        abort();
    }
    while (n-- > 0) {
        d->sound[at[n]] = was[n];
    }
    unlink(d->file);
}

static inline void damage_end(struct damage *d)
{
    unlink(d->file);
    rmdir(d->folder);
    free(d->sound);
}

/* One byte of every 97 of the file is another one, each alone. */
static inline void damage_each(int (*write_it)(const char *path, struct err *e), int (*read_it)(const char *path, struct err *e))
{
    enum { STEP = 97 };
    struct damage d;
    damage_begin(&d, write_it);
    for (size_t at = 0; at < d.n; at += STEP) {
        const uint8_t change[] = {(uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at, (uint8_t)(d.sound[at] ^ (at | 1))};
        damage_try(&d, change, sizeof change, read_it);
    }
    damage_end(&d);
}

/* The body of a fuzzer: the file is written once, and left when the fuzzer ends. */
static inline int damage_fuzz(const uint8_t *data, size_t size, int (*write_it)(const char *path, struct err *e),
                              int (*read_it)(const char *path, struct err *e))
{
    static struct damage damage;
    if (!damage.sound) {
        damage_begin(&damage, write_it);
    }
    damage_try(&damage, data, size, read_it);
    return 0;
}

#endif
