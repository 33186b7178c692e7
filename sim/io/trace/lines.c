/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/lines.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/base/sha256.h"
#include "sim/io/file.h"

/* Read at a time; one more line may be waiting, and its closing 0. */
enum { PIECE = 1 << 18, ROOM = PIECE + LINE_BYTES + 1 };

int lines_open(struct lines *l, const char *path, struct sha256 *sha, struct err *e)
{
    *l = (struct lines){.path = path, .fd = -1, .sha = sha};
    l->buffer = malloc(ROOM);
    if (!l->buffer) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory to read it", path);
    }
    return file_open(path, &l->fd, NULL, e);
}

void lines_close(struct lines *l)
{
    if (l->buffer && l->fd >= 0) {
        close(l->fd);
    }
    free(l->buffer);
    *l = (struct lines){.fd = -1};
}

/* Moves what is left to the front and reads on behind it. */
static int fill(struct lines *l, struct err *e)
{
    ssize_t got;
    memmove(l->buffer, l->buffer + l->next, l->end - l->next);
    l->end -= l->next;
    l->next = 0;
    while ((got = read(l->fd, l->buffer + l->end, ROOM - 1 - l->end)) < 0 && errno == EINTR) {
    }
    if (got < 0) {
        return ERR_SET(e, ERR_IO, "%s: reading failed: %s", l->path, strerror(errno));
    }
    if (l->sha) {
        sha256_add(l->sha, l->buffer + l->end, (size_t)got);
    }
    if (l->line == 0 && l->end == 0 && got >= 3 && memcmp(l->buffer, "\xef\xbb\xbf", 3) == 0) {
        l->next = 3;
    }
    l->end += (size_t)got;
    l->last = got == 0;
    return 0;
}

int lines_next(struct lines *l, struct err *e)
{
    char *start = l->buffer + l->next, *newline;
    while (!(newline = memchr(start, '\n', l->end - l->next)) && !l->last && l->end - l->next < LINE_BYTES) {
        int rc = fill(l, e);
        if (rc < 0) {
            return rc;
        }
        start = l->buffer + l->next;
    }
    size_t n = newline ? (size_t)(newline - start) : l->end - l->next;
    if (n == 0 && !newline) {
        return 0;
    }
    l->line += l->line < INT_MAX;
    if (n >= LINE_BYTES) {
        return ERR_AT(e, l->path, l->line, 1, "found a line of more than %d bytes, wanted at most as many",
                      LINE_BYTES - 1);
    }
    const char *zero = memchr(start, 0, n);
    if (zero) {
        return ERR_AT(e, l->path, l->line, (int)(zero - start) + 1, "found a byte 0, wanted text");
    }
    l->next += n + (newline ? 1 : 0);
    n -= n > 0 && start[n - 1] == '\r';
    start[n] = 0;
    l->text = start;
    l->n = n;
    return 1;
}
