/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/h5_publish.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/durable.h"

int h5_publish(const char *path, void (*write)(struct h5 *h, const void *what), const void *what, struct err *e)
{
    char by[PATH_MAX], folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    struct h5 h = {.file = -1, .path = path, .e = e};
    snprintf(by, sizeof by, "%s.tmp", path);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 2, slash ? path : "./");
    struct h5_quiet q = h5_quiet_begin();
    unlink(by);
    h5_create(&h, by);
    if (h5_status(&h) == 0) {
        write(&h, what);
    }
    h5_close(&h);
    int rc = h5_status(&h);
    rc = rc ? rc : durable_publish(by, path, folder, path, e);
    if (rc < 0) {
        unlink(by);
    }
    h5_quiet_end(q);
    return rc;
}
