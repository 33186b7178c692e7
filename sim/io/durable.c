/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    int rc = fsync(fd), why = errno;
    close(fd);
    errno = why;
    return rc;
}

int durable_publish(const char *from, const char *to, const char *folder, const char *shown, struct err *e)
{
    if (sync_path(from, O_RDWR) < 0 || rename(from, to) < 0 || sync_path(folder, O_RDONLY | O_DIRECTORY) < 0) {
        return ERR_SET(e, ERR_IO, "%s: cannot put the file in its place: %s", shown, strerror(errno));
    }
    return 0;
}

static int write_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done < 0) {
            return -1;
        }
        bytes += done;
        n -= (size_t)done;
    }
    return 0;
}

int durable_write(const char *by, const char *to, const char *folder, const char *shown, const void *bytes, size_t n,
                  struct err *e)
{
    int fd = open(by, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), rc = 0;
    if (fd < 0 || write_all(fd, bytes, n) < 0) {
        rc = ERR_SET(e, ERR_IO, "%s: cannot write: %s", shown, strerror(errno));
    }
    if (fd >= 0 && close(fd) < 0 && rc == 0) {
        rc = ERR_SET(e, ERR_IO, "%s: cannot write: %s", shown, strerror(errno));
    }
    if (rc == 0) {
        rc = durable_publish(by, to, folder, shown, e);
    }
    if (rc < 0) {
        unlink(by);
    }
    return rc;
}

/* The folder that path lies in; its name in it is returned. */
static const char *split(const char *path, char folder[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, PATH_MAX, "%.*s", slash && slash > path ? (int)(slash - path) : 1, slash ? path : ".");
    return slash ? slash + 1 : path;
}

int durable_target(const char *path, const char *what, struct err *e)
{
    struct stat st;
    char folder[PATH_MAX];
    const char *name = split(path, folder);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return ERR_SET(e, ERR_IO, "%s: is %s, wanted the name of %s", path,
                       S_ISDIR(st.st_mode) ? "a folder" : "not a regular file", what);
    }
    if (!name[0]) {
        return ERR_SET(e, ERR_IO, "%s: is a folder, wanted the name of %s", path, what);
    }
    if (stat(folder, &st) != 0) {
        return ERR_SET(e, ERR_IO, "%s: there is no folder %s (%s)", path, folder, strerror(errno));
    }
    return 0;
}

bool durable_is_same(const char *one, const char *other)
{
    char folder[PATH_MAX], beside[PATH_MAX];
    struct stat a, b;
    const bool named = strcmp(split(one, folder), split(other, beside)) == 0;
    return named && stat(folder, &a) == 0 && stat(beside, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}
