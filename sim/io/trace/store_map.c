/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store_map.c - a trace in columns, checked and mapped: see store.h. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/io/file.h"
#include "sim/io/trace/rows.h"
#include "sim/io/trace/store.h"
#include "sim/io/trace/store_form.h"

/* A file that is being checked. */
struct stored {
    const char *path;
    int fd;
    size_t size;
    struct store_head head;
    struct digest digest[1 + TRACE_COLUMNS];
    double sum[TRACE_COLUMNS];
    double *time_s, *value; /* [STORE_ROWS + 1], [STORE_ROWS] */
};

static int broken(const struct stored *t, const char *what, struct err *e)
{
    return ERR_AT(e, t->path, 0, 0, "found %s, wanted a trace as `tiersim import` writes it", what);
}

/* All n bytes at `from`; what the size promised and is not there was cut off meanwhile. */
static int read_at(const struct stored *t, uint64_t from, void *to, size_t n, struct err *e)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(t->fd, (char *)to + done, n - done, (off_t)(from + done));
        if (got < 0 && errno != EINTR) {
            return ERR_SET(e, ERR_IO, "%s: reading failed: %s", t->path, strerror(errno));
        }
        if (got == 0) {
            return broken(t, "a file that is cut short", e);
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}

bool store_is(const char *path)
{
    char magic[8] = "";
    int fd;
    if (file_open(path, &fd, NULL, NULL) != 0) {
        return false;
    }
    bool is = read(fd, magic, sizeof magic) == sizeof magic && memcmp(magic, STORE_MAGIC, sizeof magic) == 0;
    close(fd);
    return is;
}

static int check_head(struct stored *t, struct err *e)
{
    struct store_head *h = &t->head;
    if (t->size < sizeof h->magic) {
        return broken(t, "another file", e);
    }
    int rc = read_at(t, 0, h, t->size < sizeof *h ? t->size : sizeof *h, e);
    if (rc < 0) {
        return rc;
    }
    if (memcmp(h->magic, STORE_MAGIC, sizeof h->magic) != 0) {
        return broken(t, "another file", e);
    }
    if (t->size < STORE_HEAD) {
        return broken(t, "a file that is cut short", e);
    }
    if (h->version != STORE_VERSION) {
        return ERR_AT(e, t->path, 0, 0, "found version %u of the form, wanted %d: import the trace again", h->version,
                      STORE_VERSION);
    }
    if (h->digest_version != DIGEST_VERSION || h->digest != store_head_digest(h)) {
        return broken(t, "a head that was altered", e);
    }
    uint64_t room = (t->size - STORE_HEAD) / sizeof(double);
    bool sound = h->points <= 1 && h->n_column <= TRACE_COLUMNS && h->n_row >= 2 && h->n_row <= TRACE_ROWS_MAX &&
                 h->n_row <= room && h->span_s > 0 && h->span_s <= TRACE_SPAN_S && !h->origin[STORE_ORIGIN - 1];
    for (uint32_t c = 0; sound && c < 1 + h->n_column; c++) {
        const struct store_column *column = &h->column[c];
        sound = column->offset == STORE_HEAD + c * store_column_bytes(h->n_row) &&
                memchr(column->name, 0, TRACE_NAME) && memchr(column->unit, 0, TRACE_NAME) && column->name[0];
    }
    if (!sound || h->file_bytes != STORE_HEAD + (1 + h->n_column) * store_column_bytes(h->n_row)) {
        return broken(t, "a head that makes no sense", e);
    }
    if (h->file_bytes != t->size) {
        return ERR_AT(e, t->path, 0, 0, "found %zu bytes, wanted %llu: the file is cut short or something follows it",
                      t->size, (unsigned long long)h->file_bytes);
    }
    return 0;
}

static int check_times(const struct stored *t, uint64_t from, size_t n, double before, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        double now = t->time_s[i];
        bool on = t->head.points ? now >= before : now > before;
        if (!(from + i == 0 ? now == 0 : on && now <= t->head.span_s)) {
            return ERR_AT(e, t->path, 0, 0,
                          "found row %llu at %.9g s after one at %.9g s, wanted rows in order of time from 0 on",
                          (unsigned long long)(from + i + 1), now, before);
        }
        before = now;
    }
    return 0;
}

static int check_values(const struct stored *t, uint32_t c, uint64_t from, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        if (!(t->value[i] >= 0 && t->value[i] < INFINITY) || signbit(t->value[i])) {
            return ERR_AT(e, t->path, 0, 0, "found %g in row %llu of %s, wanted a finite number from 0", t->value[i],
                          (unsigned long long)(from + i + 1), t->head.column[1 + c].name);
        }
    }
    return 0;
}

/* Rows [from, from + n) of all columns. */
static int check_rows(struct stored *t, uint64_t from, size_t n, struct err *e)
{
    const struct store_head *h = &t->head;
    double before = from > 0 ? t->time_s[STORE_ROWS - 1] : 0;
    bool last = from + n == h->n_row;
    int rc = read_at(t, h->column[0].offset + from * sizeof(double), t->time_s, (n + !last) * sizeof(double), e);
    rc = rc ? rc : check_times(t, from, n, before, e);
    if (rc == 0) {
        store_digest_add(&t->digest[0], t->time_s, n);
    }
    for (uint32_t c = 0; c < h->n_column && rc == 0; c++) {
        rc = read_at(t, h->column[1 + c].offset + from * sizeof(double), t->value, n * sizeof(double), e);
        rc = rc ? rc : check_values(t, c, from, n, e);
        if (rc == 0) {
            store_digest_add(&t->digest[1 + c], t->value, n);
            t->sum[c] = trace_sum_on(t->sum[c], h->points, t->time_s, last ? h->span_s : t->time_s[n], t->value, n);
        }
    }
    return rc;
}

static int check_columns(struct stored *t, struct err *e)
{
    const struct store_head *h = &t->head;
    int rc = 0;
    for (uint32_t c = 0; c < 1 + h->n_column; c++) {
        t->digest[c] = digest_start();
    }
    for (uint64_t at = 0; at < h->n_row && rc == 0; at += STORE_ROWS) {
        rc = check_rows(t, at, h->n_row - at < STORE_ROWS ? (size_t)(h->n_row - at) : STORE_ROWS, e);
    }
    for (uint32_t c = 0; c < 1 + h->n_column && rc == 0; c++) {
        if (digest_value(t->digest[c]) != h->column[c].digest) {
            rc = ERR_AT(e, t->path, 0, 0, "found the column %s altered, wanted it as `tiersim import` wrote it",
                        h->column[c].name);
        }
    }
    if (rc == 0 && !h->points && t->time_s[(h->n_row - 1) % STORE_ROWS] >= h->span_s) {
        rc = broken(t, "a last level that has no end", e);
    }
    return rc;
}

/* The value of a line "key value" of the text, or "". */
static const char *origin_line(struct arena *a, const char *text, const char *key)
{
    size_t n = strlen(key);
    for (; *text; text += strcspn(text, "\n"), text += *text == '\n') {
        if (strncmp(text, key, n) == 0 && text[n] == ' ') {
            return arena_copy_n(a, text + n + 1, strcspn(text + n + 1, "\n"));
        }
    }
    return "";
}

static int map(const struct stored *t, struct arena *a, const struct series **out, struct err *e)
{
    const struct store_head *h = &t->head;
    struct series *s = ARENA_NEW(a, 1, struct series);
    const double **value = ARENA_NEW(a, h->n_column, const double *);
    const char **name = ARENA_NEW(a, h->n_column, const char *), **unit = ARENA_NEW(a, h->n_column, const char *);
    double *mean = ARENA_NEW(a, h->n_column, double);
    char *at = mmap(NULL, t->size, PROT_READ, MAP_SHARED, t->fd, 0);
    if (at == MAP_FAILED) {
        return ERR_SET(e, ERR_MEMORY, "%s: its %zu bytes cannot be mapped: %s", t->path, t->size, strerror(errno));
    }
    if (arena_own_map(a, at, t->size) != 0) {
        munmap(at, t->size);
    }
    for (uint32_t c = 0; c < h->n_column && !a->failed; c++) {
        value[c] = (const double *)(const void *)(at + h->column[1 + c].offset);
        name[c] = arena_copy(a, h->column[1 + c].name);
        unit[c] = arena_copy(a, h->column[1 + c].unit);
        mean[c] = t->sum[c] / (h->points ? (double)h->n_row : h->span_s);
    }
    if (a->failed) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the trace %s", t->path);
    }
    *s = (struct series){h->n_row,  h->n_column, (const double *)(const void *)(at + h->column[0].offset),
                         value,     name,        mean,
                         h->span_s, unit,        h->points};
    *out = s;
    return 0;
}

int store_map(struct arena *a, const char *path, const struct series **out, struct store_origin *from, struct err *e)
{
    struct stored *t = calloc(1, sizeof *t);
    if (!t) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", path);
    }
    t->path = path;
    t->time_s = malloc((STORE_ROWS + 1) * sizeof *t->time_s);
    t->value = malloc(STORE_ROWS * sizeof *t->value);
    int rc = t->time_s && t->value ? 0 : ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", path);
    t->fd = -1;
    rc = rc ? rc : file_open(path, &t->fd, &t->size, e);
    rc = rc ? rc : check_head(t, e);
    rc = rc ? rc : check_columns(t, e);
    rc = rc ? rc : map(t, a, out, e);
    if (rc == 0 && from) {
        const char *text = t->head.origin;
        *from = (struct store_origin){origin_line(a, text, "kind"), origin_line(a, text, "source"),
                                      origin_line(a, text, "sha256"), origin_line(a, text, "program")};
    }
    if (t->fd >= 0) {
        close(t->fd);
    }
    free(t->time_s);
    free(t->value);
    free(t);
    return rc;
}
