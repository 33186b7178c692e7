/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/relax.h"

#include <math.h>
#include <stdlib.h>

static int by_ready(const void *va, const void *vb)
{
    const struct relax_job *a = va, *b = vb;
    return a->ready_s != b->ready_s ? (a->ready_s > b->ready_s) - (a->ready_s < b->ready_s)
                                    : (a->work_s > b->work_s) - (a->work_s < b->work_s);
}

static void sort_by_ready(struct relax_job *job, size_t n)
{
    if (n > 0) {
        qsort(job, n, sizeof *job, by_ready);
    }
}

/* Work left of jobs that are ready, least on top. */
struct heap {
    double *left_s;
    size_t n;
};

static void sink(struct heap *h)
{
    double x = h->left_s[0];
    size_t i = 0;
    for (size_t k; (k = 2 * i + 1) < h->n; i = k) {
        k += k + 1 < h->n && h->left_s[k + 1] < h->left_s[k];
        if (!(h->left_s[k] < x)) {
            break;
        }
        h->left_s[i] = h->left_s[k];
    }
    h->left_s[i] = x;
}

static void put(struct heap *h, double x)
{
    size_t i = h->n++;
    for (; i > 0 && x < h->left_s[(i - 1) / 2]; i = (i - 1) / 2) {
        h->left_s[i] = h->left_s[(i - 1) / 2];
    }
    h->left_s[i] = x;
}

static void take(struct heap *h)
{
    h->left_s[0] = h->left_s[--h->n];
    sink(h);
}

double relax_stay_sum(struct relax_job *job, size_t n, double until_s)
{
    struct heap h = {.left_s = malloc((n + 1) * sizeof(double))};
    double now_s = 0, sum_s = 0;
    if (!h.left_s) {
        return NAN;
    }
    sort_by_ready(job, n);
    for (size_t i = 0; i < n || h.n > 0;) {
        if (h.n == 0) {
            now_s = fmax(now_s, job[i].ready_s);
        }
        for (; i < n && job[i].ready_s <= now_s; i++) {
            put(&h, job[i].work_s);
            sum_s -= job[i].ready_s;
        }
        double next_s = i < n ? job[i].ready_s : INFINITY, done_s = now_s + h.left_s[0];
        if (done_s <= next_s) {
            sum_s += fmin(done_s, until_s);
            now_s = done_s;
            take(&h);
        } else {
            h.left_s[0] -= next_s - now_s; /* less than all others, and so it stays on top */
            now_s = next_s;
        }
    }
    free(h.left_s);
    return sum_s;
}

static int down(const void *va, const void *vb)
{
    const double *a = va, *b = vb;
    return (*a < *b) - (*a > *b);
}

/* Of n works the fewest that are left out so that the rest is done within room_s. */
static size_t too_many(double *work_s, size_t n, double room_s)
{
    double sum_s = 0;
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        sum_s += work_s[i];
    }
    if (sum_s > room_s) {
        qsort(work_s, n, sizeof *work_s, down);
        while (k < n && sum_s > room_s) {
            sum_s -= work_s[k++];
        }
    }
    return k;
}

size_t relax_missed(struct relax_job *job, size_t n)
{
    double *work_s = malloc((n + 1) * sizeof *work_s), span_s = 0, last_s = 0;
    size_t most = 0;
    if (!work_s) {
        return SIZE_MAX;
    }
    sort_by_ready(job, n);
    for (size_t i = 0; i < n; i++) {
        if (isfinite(job[i].due_s)) {
            span_s = fmax(span_s, job[i].due_s - job[i].ready_s);
            last_s = fmax(last_s, job[i].due_s);
        }
    }
    for (double length_s = span_s; n > 0 && span_s > 0; length_s *= 2) {
        size_t missed = 0;
        for (size_t i = 0; i < n;) {
            const double to_s = job[i].ready_s + length_s;
            size_t inside = 0;
            do {
                work_s[inside] = job[i].work_s;
                inside += job[i].due_s <= to_s;
            } while (++i < n && job[i].ready_s < to_s);
            missed += too_many(work_s, inside, length_s * (1 + 1e-9));
        }
        most = missed > most ? missed : most;
        if (length_s > last_s - job[0].ready_s) {
            break;
        }
    }
    free(work_s);
    return most;
}
