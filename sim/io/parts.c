/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/io/durable.h"
#include "sim/io/file.h"

enum { RUN_BYTES = 64 << 20, SHOWN = 200 };

const char *parts_file(struct parts *p, const char *fmt, ...)
{
    char name[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(name, sizeof name, fmt, ap);
    va_end(ap);
    return arena_format(&p->arena, "%s%s", p->folder, name);
}

static bool has_end(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

/* Is that a file of ours: a part, rows, something unfinished? */
static bool is_ours(const char *name)
{
    size_t digits = strspn(name, "0123456789-");
    return has_end(name, ".tmp") || (digits > 0 && (strcmp(name + digits, ".part") == 0 ||
                                                     strcmp(name + digits, ".rows.h5") == 0));
}

static void drop_name(const struct parts *p, const char *name)
{
    char path[PATH_MAX + 256];
    snprintf(path, sizeof path, "%s%s", p->folder, name);
    unlink(path);
}

void parts_drop(struct parts *p, const char *file)
{
    (void)p;
    unlink(file);
}

/* Remove our files: all, or those that nobody finished. */
static void sweep(const struct parts *p, bool all)
{
    DIR *d = opendir(p->folder);
    for (struct dirent *f; d && (f = readdir(d));) {
        if (is_ours(f->d_name) && (all || has_end(f->d_name, ".tmp"))) {
            drop_name(p, f->d_name);
        }
    }
    if (d) {
        closedir(d);
    }
}

/* 1: locked; 0: it went away meanwhile, try again. */
static int try_lock(struct parts *p, struct err *e)
{
    struct stat st;
    const char *lock = parts_file(p, "lock");
    if (!lock) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    if (mkdir(p->folder, 0777) < 0 && errno != EEXIST) {
        return ERR_SET(e, ERR_IO, "%s: cannot create the file: %s", p->path, strerror(errno));
    }
    p->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (p->lock < 0) {
        return errno == ENOENT ? 0
                               : ERR_SET(e, ERR_IO, "%s: cannot create the file: %s: %s", p->path, lock,
                                         strerror(errno));
    }
    if (flock(p->lock, LOCK_EX | LOCK_NB) < 0) {
        int why = errno;
        close(p->lock);
        p->lock = -1;
        return why == EWOULDBLOCK
                   ? ERR_SET(e, ERR_IO, "%s: another process is writing this file; wait for it, or take another --output",
                             p->path)
                   : ERR_SET(e, ERR_IO, "%s: cannot lock %s: %s", p->path, lock, strerror(why));
    }
    if (fstat(p->lock, &st) < 0 || st.st_nlink == 0) { /* its owner has just finished and removed it */
        close(p->lock);
        p->lock = -1;
        return 0;
    }
    return 1;
}

int parts_open(struct parts *p, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    *p = (struct parts){.lock = -1};
    p->path = arena_copy(&p->arena, path);
    p->beside = slash ? arena_copy_n(&p->arena, path, (size_t)(slash + 1 - path)) : "./";
    p->folder = arena_format(&p->arena, "%s.parts/", path);
    p->name = arena_format(&p->arena, "%s.parts", slash ? slash + 1 : path);
    if (p->arena.failed) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    int rc = 0;
    for (int i = 0; rc == 0 && i < 100; i++) {
        rc = try_lock(p, e);
    }
    return rc > 0 ? 0 : rc < 0 ? rc : ERR_SET(e, ERR_IO, "%s: cannot lock %s", path, p->folder);
}

static size_t line_length(const char *s)
{
    return strcspn(s, "\n");
}

/* Where two runs differ, in the words of their lines. */
static int differs(const struct parts *p, const char *was, const char *is, struct err *e)
{
    while (*was && *is && line_length(was) == line_length(is) && strncmp(was, is, line_length(was)) == 0) {
        was += line_length(was) + (was[line_length(was)] == '\n');
        is += line_length(is) + (is[line_length(is)] == '\n');
    }
    was += strspn(was, " ");
    is += strspn(is, " ");
    int n_was = line_length(was) > SHOWN ? SHOWN : (int)line_length(was);
    int n_is = line_length(is) > SHOWN ? SHOWN : (int)line_length(is);
    return ERR_SET(e, ERR_INPUT,
                   "%s: cannot be resumed by another run: it was begun with '%.*s', found '%.*s'; without --resume it "
                   "is begun anew",
                   p->path, n_was, was, n_is, is);
}

int parts_claim(struct parts *p, const char *run, bool resume, bool *kept, struct err *e)
{
    const char *file = parts_file(p, "run"), *tmp = parts_file(p, "run.tmp");
    char *was = NULL;
    size_t n = 0;
    int rc = 0;
    *kept = false;
    p->identity = digest_bytes(run, strlen(run));
    if (!file || !tmp) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    if (resume && access(file, F_OK) == 0) {
        *kept = true;
        rc = file_read(file, RUN_BYTES, &was, &n, e);
        if (rc == 0 && strcmp(was, run) != 0) {
            rc = differs(p, was, run, e);
        }
        free(was);
    }
    if (rc == 0) {
        sweep(p, !*kept);
    }
    return rc || *kept ? rc : durable_write(tmp, file, p->folder, p->path, run, strlen(run), e);
}

int parts_add(struct parts *p, const void *bytes, size_t n, struct err *e)
{
    const char *to = parts_file(p, "%" PRIu32 ".part", p->next), *by = parts_file(p, "part.tmp");
    if (!to || !by) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    int rc = durable_write(by, to, p->folder, p->path, bytes, n, e);
    p->next += rc == 0;
    return rc;
}

static int read_words(const char *file, uint64_t **word, size_t *n, struct err *e)
{
    struct stat st;
    int fd = open(file, O_RDONLY | O_CLOEXEC), rc = 0;
    *word = NULL;
    *n = 0;
    if (fd < 0 || fstat(fd, &st) < 0) {
        rc = ERR_SET(e, ERR_IO, "%s: %s", file, strerror(errno));
    } else if (!(*word = malloc((size_t)st.st_size + sizeof **word))) {
        rc = ERR_SET(e, ERR_MEMORY, "no memory to read %s", file);
    }
    for (size_t at = 0; rc == 0 && at < (size_t)st.st_size;) {
        ssize_t got = read(fd, (char *)*word + at, (size_t)st.st_size - at);
        if (got < 0 && errno != EINTR) {
            rc = ERR_SET(e, ERR_IO, "%s: %s", file, strerror(errno));
        } else if (got == 0) {
            break;
        }
        at += got > 0 ? (size_t)got : 0;
        *n = at / sizeof **word;
    }
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Numbers of the parts that are there, in order. */
static int list(struct parts *p, uint32_t **number, size_t *n, struct err *e)
{
    size_t room = 0;
    int rc = 0;
    DIR *d = opendir(p->folder);
    if (!d) {
        return ERR_SET(e, ERR_IO, "%s: cannot read the folder %s: %s", p->path, p->folder, strerror(errno));
    }
    for (struct dirent *f; rc == 0 && (f = readdir(d));) {
        char *end;
        unsigned long k = strtoul(f->d_name, &end, 10);
        if (end == f->d_name || strcmp(end, ".part") != 0 || k >= UINT32_MAX) {
            continue;
        }
        if (*n == room) {
            uint32_t *grown = realloc(*number, (room = 2 * room + 64) * sizeof *grown);
            if (!grown) {
                rc = ERR_SET(e, ERR_MEMORY, "no memory to list %s", p->folder);
                break;
            }
            *number = grown;
        }
        (*number)[(*n)++] = (uint32_t)k;
    }
    closedir(d);
    if (*n > 0) {
        qsort(*number, *n, sizeof **number, by_number);
    }
    return rc;
}

int parts_each(struct parts *p, int (*take)(void *ctx, const uint64_t *word, size_t n, struct err *e), void *ctx,
               struct err *e)
{
    uint32_t *number = NULL;
    size_t n = 0;
    int rc = list(p, &number, &n, e);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        uint64_t *word = NULL;
        size_t n_word = 0;
        const char *file = parts_file(p, "%" PRIu32 ".part", number[i]);
        rc = file ? read_words(file, &word, &n_word, e) : ERR_SET(e, ERR_MEMORY, "no memory for results");
        rc = rc ? rc : take(ctx, word, n_word, e);
        free(word);
        p->next = number[i] + 1;
    }
    free(number);
    return rc;
}

void parts_close(struct parts *p, bool remove)
{
    if (p->lock >= 0) {
        sweep(p, remove);
        if (remove) {
            drop_name(p, "run");
            drop_name(p, "lock");
            rmdir(p->folder);
        }
        close(p->lock);
    }
    arena_clear(&p->arena);
    *p = (struct parts){.lock = -1};
}
