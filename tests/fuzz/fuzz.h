/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz.h - what libFuzzer made up, as a file with a path; it lies in memory. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz_file {
    int fd;
    char path[64];
};

static inline struct fuzz_file fuzz_file(const void *data, size_t size)
{
    struct fuzz_file f = {.fd = memfd_create("fuzz", 0)};
    if (f.fd < 0 || write(f.fd, data, size) != (ssize_t)size) {
        abort();
    }
    snprintf(f.path, sizeof f.path, "/proc/self/fd/%d", f.fd);
    return f;
}

static inline void fuzz_close(struct fuzz_file *f)
{
    close(f->fd);
}

#endif
