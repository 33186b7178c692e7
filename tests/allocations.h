/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * allocations.h - every allocation of the program and its library is counted, and can be made to fail.  The linker puts
 * these functions before the C library's (-Wl,--wrap); what shared libraries allocate within themselves is not seen.
 * The Makefile says which tests are linked so.  Calls may come from several threads.
 */
#ifndef TESTS_ALLOCATIONS_H
#define TESTS_ALLOCATIONS_H

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

static struct {
    _Atomic size_t n; /* so far */
    size_t fail_at;   /* this call fails, counted from 0; SIZE_MAX: none */
    bool for_good;    /* and all after it */
} allocations = {.fail_at = SIZE_MAX};

/* Count from 0 again; call fail_at fails, and with for_good all later ones. */
static inline void allocations_fail(size_t fail_at, bool for_good)
{
    atomic_store(&allocations.n, 0);
    allocations.fail_at = fail_at;
    allocations.for_good = for_good;
}

static inline bool allocation_fails(void)
{
    size_t i = atomic_fetch_add(&allocations.n, 1);
    bool fails = i == allocations.fail_at || (allocations.for_good && i > allocations.fail_at);
    if (fails) {
        errno = ENOMEM;
    }
    return fails;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
char *__real_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
char *__wrap_strdup(const char *s);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_asprintf(char **out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void *__wrap_malloc(size_t n)
{
    return allocation_fails() ? NULL : __real_malloc(n);
}
void *__wrap_calloc(size_t n, size_t size)
{
    return allocation_fails() ? NULL : __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t n)
{
    return allocation_fails() ? NULL : __real_realloc(p, n);
}
void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return allocation_fails() ? NULL : __real_aligned_alloc(alignment, n);
}
char *__wrap_strdup(const char *s)
{
    return allocation_fails() ? NULL : __real_strdup(s);
}
char *__wrap_strndup(const char *s, size_t n)
{
    return allocation_fails() ? NULL : __real_strndup(s, n);
}
int __wrap_asprintf(char **out, const char *fmt, ...)
{
    va_list ap;
    if (allocation_fails()) {
        return -1;
    }
    va_start(ap, fmt);
    int n = vasprintf(out, fmt, ap);
    va_end(ap);
    return n;
}

#endif
