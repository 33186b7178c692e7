/* SPDX-License-Identifier: GPL-3.0-or-later */
/* keep.h - what learners save and load: doubles under a key, and a definition that must be the same again. */
#ifndef POLICIES_KEEP_H
#define POLICIES_KEEP_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <tiersim/policy.h>

static inline int keep_put(const struct ts_host *h, const char *key, const double *x, uint64_t n)
{
    uint64_t bytes = n * sizeof *x;
    return h->blob(h->ctx, 1, key, (void *)(uintptr_t)x, &bytes);
}

/* n doubles, all finite, or < 0 after fail. */
static inline int keep_get(const struct ts_host *h, const char *key, double *x, uint64_t n)
{
    uint64_t bytes = 0;
    if (h->blob(h->ctx, 0, key, NULL, &bytes) < 0) {
        return h->fail(h->ctx, "what was learned has no %s: it is another policy's", key);
    }
    if (bytes != n * sizeof *x) {
        return h->fail(h->ctx, "what was learned has %llu numbers of %s, wanted %llu: it has another shape",
                       (unsigned long long)(bytes / sizeof *x), key, (unsigned long long)n);
    }
    if (h->blob(h->ctx, 0, key, x, &bytes) < 0) {
        return -1;
    }
    for (uint64_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) {
            return h->fail(h->ctx, "what was learned has the number %g in %s, wanted finite ones", x[i], key);
        }
    }
    return 0;
}

static inline int keep_put_text(const struct ts_host *h, const char *key, const char *text)
{
    uint64_t bytes = strlen(text);
    return h->blob(h->ctx, 1, key, (void *)(uintptr_t)text, &bytes);
}

/* That what was learned has this text under the key; the first line that differs is told. */
static inline int keep_same_text(const struct ts_host *h, const char *key, const char *want)
{
    uint64_t bytes = 0;
    if (h->blob(h->ctx, 0, key, NULL, &bytes) < 0 || bytes > 1 << 20) {
        return h->fail(h->ctx, "what was learned has no %s: it is another policy's", key);
    }
    char *found = (char *)calloc(bytes + 1, 1);
    if (!found || h->blob(h->ctx, 0, key, found, &bytes) < 0) {
        free(found);
        return h->fail(h->ctx, "no memory to look at what was learned");
    }
    int rc = 0;
    const char *a = found, *b = want;
    while (rc == 0 && (*a || *b)) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");
        if (n != m || memcmp(a, b, n) != 0) {
            rc = h->fail(h->ctx, "it was learned with \"%.*s\", here it is \"%.*s\"", (int)(n < 200 ? n : 200), a,
                         (int)(m < 200 ? m : 200), b);
        }
        a += n + (a[n] != '\0');
        b += m + (b[m] != '\0');
    }
    if (rc == 0 && bytes != strlen(want)) {
        rc = h->fail(h->ctx, "what was learned has more than text in %s", key);
    }
    free(found);
    return rc;
}

#endif
