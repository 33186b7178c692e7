/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/err.h"

int part_open(struct part *p, const char *folder, struct err *e)
{
    char path[4096];
    const char *temporary = getenv("TMPDIR");
    folder = folder ? folder : temporary && *temporary ? temporary : "/tmp";
    *p = (struct part){.buffer = malloc(PART_BYTES)};
    if (!p->buffer) {
        return ERR_SET(e, ERR_MEMORY, "no memory for a trace");
    }
    snprintf(path, sizeof path, "%s/.tiersim-part-XXXXXX", folder);
    p->fd = mkostemp(path, O_CLOEXEC);
    if (p->fd < 0) {
        int rc = ERR_SET(e, ERR_IO, "%s: a file cannot be made there: %s", folder, strerror(errno));
        free(p->buffer);
        p->buffer = NULL;
        return rc;
    }
    unlink(path);
    return 0;
}

void part_close(struct part *p)
{
    if (p->buffer) {
        close(p->fd);
        free(p->buffer);
    }
    *p = (struct part){0};
}

int part_flush(struct part *p, struct err *e)
{
    for (size_t done = 0; done < p->used;) {
        ssize_t n = write(p->fd, p->buffer + done, p->used - done);
        if (n < 0 && errno != EINTR) {
            return ERR_SET(e, ERR_IO, "a temporary file cannot be written: %s", strerror(errno));
        }
        done += n > 0 ? (size_t)n : 0;
    }
    p->used = 0;
    return 0;
}

int part_write(struct part *p, const void *data, size_t n, struct err *e)
{
    if (n > PART_BYTES - p->used) {
        int rc = part_flush(p, e);
        if (rc < 0) {
            return rc;
        }
    }
    CHECK(n <= PART_BYTES);
    memcpy(p->buffer + p->used, data, n);
    p->used += n;
    p->size += n;
    return 0;
}

int part_read(struct part *p, uint64_t from, void *to, size_t n, struct err *e)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(p->fd, (char *)to + done, n - done, (off_t)(from + done));
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return ERR_SET(e, ERR_IO, "a temporary file cannot be read: %s",
                           got < 0 ? strerror(errno) : "it is too short");
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return 0;
}
