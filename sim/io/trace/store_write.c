/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_write.c - a trace in columns, written: see store.h. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/io/durable.h"
#include "sim/io/trace/part.h"
#include "sim/io/trace/store.h"
#include "sim/io/trace/store_form.h"

struct store_writer {
    const char *path;
    char folder[4096], temporary[4096 + 32];
    uint32_t n_part;
    struct part part[1 + TRACE_COLUMNS]; /* the time, then the columns */
    int fd;
    bool published;
};

uint64_t store_head_digest(const struct store_head *h)
{
    struct digest d = digest_start();
    uint64_t word[4];
    for (size_t at = 0; at < offsetof(struct store_head, digest); at += sizeof word) {
        size_t left = offsetof(struct store_head, digest) - at;
        memset(word, 0, sizeof word);
        memcpy(word, (const char *)h + at, left < sizeof word ? left : sizeof word);
        /* Word 1 of a record stays below 2^63: its top bit goes into word 0. */
        digest_add(&d, word[0] ^ word[1] >> 63 << 32, word[1] & INT64_MAX, word[2], word[3]);
    }
    return digest_value(d);
}

/* The numbers are not negative, so that every word is below 2^63. */
void store_digest_add(struct digest *d, const double *x, size_t n)
{
    uint64_t word[4];
    for (; n >= 4; n -= 4, x += 4) {
        memcpy(word, x, sizeof word);
        digest_add(d, word[0], word[1], word[2], word[3]);
    }
    if (n > 0) {
        memset(word, 0, sizeof word);
        memcpy(word, x, n * sizeof *x);
        digest_add(d, word[0], word[1], word[2], word[3]);
    }
}

int store_create(struct store_writer **out, const char *path, struct err *e)
{
    struct store_writer *w = calloc(1, sizeof *w);
    struct stat st;
    char copy[4096];
    *out = w;
    if (!w) {
        return ERR_SET(e, ERR_MEMORY, "no memory to write %s", path);
    }
    w->path = path;
    w->fd = -1;
    if (snprintf(copy, sizeof copy, "%s", path) >= (int)sizeof copy) {
        return ERR_AT(e, path, 0, 0, "found a path of %zu bytes, wanted a shorter one", strlen(path));
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        /* A device would be replaced by the file. */
        return ERR_AT(e, path, 0, 0, "found something of that name that is no file, wanted another name");
    }
    snprintf(w->folder, sizeof w->folder, "%s", dirname(copy));
    snprintf(w->temporary, sizeof w->temporary, "%s.XXXXXX", path);
    w->fd = mkostemp(w->temporary, O_CLOEXEC);
    if (w->fd < 0) {
        return ERR_SET(e, ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    }
    return 0;
}

void store_free(struct store_writer *w)
{
    if (!w) {
        return;
    }
    for (uint32_t c = 0; c < w->n_part; c++) {
        part_close(&w->part[c]);
    }
    if (w->fd >= 0) {
        close(w->fd);
    }
    if (w->fd >= 0 && !w->published) {
        unlink(w->temporary);
    }
    free(w);
}

int store_keep(void *ctx, const struct flow *f, double time_s, const double *value, struct err *e)
{
    struct store_writer *w = ctx;
    int rc = 0;
    while (w->n_part < 1 + f->n_column && rc == 0) {
        rc = part_open(&w->part[w->n_part], w->folder, e);
        w->n_part += rc == 0;
    }
    rc = rc ? rc : part_write(&w->part[0], &time_s, sizeof time_s, e);
    for (uint32_t c = 0; c < f->n_column && rc == 0; c++) {
        rc = part_write(&w->part[1 + c], &value[c], sizeof *value, e);
    }
    return rc;
}

static int write_all(struct store_writer *w, const void *data, size_t n, struct err *e)
{
    for (size_t done = 0; done < n;) {
        ssize_t wrote = write(w->fd, (const char *)data + done, n - done);
        if (wrote < 0 && errno != EINTR) {
            return ERR_SET(e, ERR_IO, "%s: cannot be written: %s", w->path, strerror(errno));
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    return 0;
}

/* A column behind what is there, filled up to whole pages; its digest. */
static int append(struct store_writer *w, struct part *from, uint64_t n_row, uint64_t *digest, struct err *e)
{
    static const char nothing[STORE_PAGE];
    const uint64_t bytes = n_row * sizeof(double);
    struct digest d = digest_start();
    double *buffer = malloc(STORE_ROWS * sizeof *buffer);
    if (!buffer) {
        return ERR_SET(e, ERR_MEMORY, "no memory to write %s", w->path);
    }
    int rc = part_flush(from, e);
    for (uint64_t at = 0; at < bytes && rc == 0;) {
        size_t n = bytes - at < STORE_ROWS * sizeof *buffer ? (size_t)(bytes - at) : STORE_ROWS * sizeof *buffer;
        rc = part_read(from, at, buffer, n, e);
        if (rc == 0) {
            store_digest_add(&d, buffer, n / sizeof *buffer);
            rc = write_all(w, buffer, n, e);
        }
        at += n;
    }
    free(buffer);
    *digest = digest_value(d);
    return rc ? rc : write_all(w, nothing, (size_t)(store_column_bytes(n_row) - bytes), e);
}

static int write_head(struct store_writer *w, const struct store_head *h, struct err *e)
{
    static const char nothing[STORE_HEAD - sizeof *h];
    if (lseek(w->fd, 0, SEEK_SET) != 0) {
        return ERR_SET(e, ERR_IO, "%s: cannot be written: %s", w->path, strerror(errno));
    }
    int rc = write_all(w, h, sizeof *h, e);
    return rc ? rc : write_all(w, nothing, sizeof nothing, e);
}

static int commit(struct store_writer *w, struct err *e)
{
    int rc = fchmod(w->fd, 0644) == 0 ? 0 : ERR_SET(e, ERR_IO, "%s: cannot be written: %s", w->path, strerror(errno));
    rc = rc ? rc : durable_publish(w->temporary, w->path, w->folder, w->path, e);
    w->published = rc == 0;
    return rc;
}

int store_finish(struct store_writer *w, const struct flow *f, const struct store_origin *from, struct err *e)
{
    struct store_head h = {.version = STORE_VERSION,
                           .points = f->points,
                           .n_row = f->n_kept,
                           .file_bytes = STORE_HEAD,
                           .span_s = f->span_s,
                           .n_column = f->n_column,
                           .digest_version = DIGEST_VERSION,
                           .column[0] = {.name = "time", .unit = "s"}};
    memcpy(h.magic, STORE_MAGIC, sizeof h.magic);
    snprintf(h.origin, sizeof h.origin, "kind %s\nsource %s\nsha256 %s\nprogram %s\n", from->kind, from->source,
             from->sha256, from->program);
    int rc = write_head(w, &h, e); /* in its place when all is known */
    for (uint32_t c = 0; c < 1 + f->n_column && rc == 0; c++) {
        if (c > 0) {
            memcpy(h.column[c].name, f->column_of[c - 1].name, TRACE_NAME);
            memcpy(h.column[c].unit, f->column_of[c - 1].unit, TRACE_NAME);
        }
        h.column[c].offset = h.file_bytes;
        h.file_bytes += store_column_bytes(h.n_row);
        rc = append(w, &w->part[c], h.n_row, &h.column[c].digest, e);
        part_close(&w->part[c]);
    }
    h.digest = store_head_digest(&h);
    rc = rc ? rc : write_head(w, &h, e);
    return rc ? rc : commit(w, e);
}
