/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"

static const char *kind_of(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a folder";
    case S_IFIFO:
        return "a pipe";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

/* Up to room bytes; the count, or -1. */
static ssize_t read_all(int fd, char *to, size_t room)
{
    size_t done = 0;
    while (done < room) {
        ssize_t n = read(fd, to + done, room - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return -1;
        }
        if (n == 0) {
            break;
        }
        done += (size_t)n;
    }
    return (ssize_t)done;
}

static int no_zero_bytes(const char *path, const char *text, size_t size, struct err *e)
{
    const char *zero = memchr(text, 0, size);
    if (!zero) {
        return 0;
    }
    int line = 1;
    const char *start = text, *newline;
    while ((newline = memchr(start, '\n', (size_t)(zero - start)))) {
        line++;
        start = newline + 1;
    }
    return ERR_AT(e, path, line, (int)(zero - start) + 1, "found a byte 0, wanted text");
}

int file_open(const char *path, int *fd, size_t *size, struct err *e)
{
    struct stat st;
    int rc = 0;
    *fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) != 0) {
        rc = ERR_AT(e, path, 0, 0, "the file cannot be opened: %s", strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        rc = ERR_AT(e, path, 0, 0, "found %s, wanted a file", kind_of(st.st_mode));
    } else if (size) {
        *size = (size_t)st.st_size;
    }
    if (rc != 0 && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return rc;
}

int file_read_bytes(const char *path, size_t max_bytes, char **text, size_t *size, struct err *e)
{
    int fd;
    size_t bytes = 0;
    char *all = NULL;
    int rc = file_open(path, &fd, &bytes, e);
    if (rc != 0) {
        goto out;
    }
    if (bytes > max_bytes) {
        rc = ERR_AT(e, path, 0, 0, "found %zu bytes, wanted at most %zu", bytes, max_bytes);
        goto out;
    }
    all = malloc(bytes + 1);
    if (!all) {
        rc = ERR_SET(e, ERR_MEMORY, "%s: no memory for its %zu bytes", path, bytes);
        goto out;
    }
    ssize_t got = read_all(fd, all, bytes);
    if (got < 0) {
        rc = ERR_SET(e, ERR_IO, "%s: reading failed: %s", path, strerror(errno));
        goto out;
    }
    all[got] = 0;
    *text = all;
    *size = (size_t)got;
    all = NULL;
out:
    free(all);
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

int file_read(const char *path, size_t max_bytes, char **text, size_t *size, struct err *e)
{
    char *all = NULL;
    size_t n = 0;
    int rc = file_read_bytes(path, max_bytes, &all, &n, e);
    rc = rc ? rc : no_zero_bytes(path, all, n, e);
    if (rc != 0) {
        free(all);
        return rc;
    }
    *text = all;
    *size = n;
    return 0;
}

int file_digest(const char *path, uint64_t *digest, struct err *e)
{
    struct stat st;
    int rc = 0, fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = ERR_AT(e, path, 0, 0, "the file cannot be opened: %s", strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        rc = ERR_AT(e, path, 0, 0, "found %s, wanted a file", kind_of(st.st_mode));
    } else {
        size_t n = (size_t)st.st_size;
        void *bytes = n ? mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
        if (bytes == MAP_FAILED) {
            rc = ERR_AT(e, path, 0, 0, "the file cannot be read: %s", strerror(errno));
        } else {
            *digest = digest_bytes(bytes ? bytes : "", n);
        }
        if (bytes && bytes != MAP_FAILED) {
            munmap(bytes, n);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}
