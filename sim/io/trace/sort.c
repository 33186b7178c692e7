/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/sort.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/trace/part.h"

/* A row is its time, its number (both as they sort) and its values. */
struct sort {
    size_t width;   /* doubles of a row */
    size_t room, n; /* rows of the run in memory */
    size_t piece;   /* bytes of each run while merging: all runs together are as large as one */
    double *row;
    const double **order;
    uint64_t number; /* of the next row */
    struct part file;
    size_t n_run;
    uint64_t run_end[SORT_RUNS]; /* in rows */
};

/* What is left of a run while merging. */
struct cursor {
    const double *row; /* the next */
    double *piece;
    size_t n, at;       /* rows in the piece */
    uint64_t next, end; /* rows of the file that are still to be read */
};

int sort_create(struct sort **out, uint32_t n_column, size_t run_bytes, struct err *e)
{
    struct sort *s = calloc(1, sizeof *s);
    *out = s;
    if (s) {
        s->width = 2 + n_column;
        s->piece = run_bytes / SORT_RUNS;
        s->room = run_bytes / (s->width * sizeof(double));
        CHECK(s->piece >= s->width * sizeof(double));
        s->row = malloc(run_bytes);
        s->order = malloc(s->room * sizeof *s->order);
    }
    if (!s || !s->row || !s->order) {
        return ERR_SET(e, ERR_MEMORY, "no memory to sort a trace");
    }
    return 0;
}

void sort_free(struct sort *s)
{
    if (s) {
        part_close(&s->file);
        free(s->row);
        free(s->order);
        free(s);
    }
}

static int compare(const double *a, const double *b)
{
    return a[0] != b[0] ? (a[0] > b[0]) - (a[0] < b[0]) : (a[1] > b[1]) - (a[1] < b[1]);
}

static int compare_rows(const void *a, const void *b)
{
    return compare(*(const double *const *)a, *(const double *const *)b);
}

static void sort_run(struct sort *s)
{
    bool sorted = true;
    for (size_t i = 0; i < s->n; i++) {
        s->order[i] = s->row + i * s->width;
        sorted = sorted && (i == 0 || s->order[i - 1][0] <= s->order[i][0]);
    }
    if (!sorted) {
        qsort(s->order, s->n, sizeof *s->order, compare_rows);
    }
}

/* The run in memory, sorted, to the end of the file. */
static int spill(struct sort *s, struct err *e)
{
    if (s->n_run == SORT_RUNS) {
        return ERR_SET(e, ERR_INPUT, "found more than %llu rows that are not in order of time, wanted them sorted",
                       (unsigned long long)s->number);
    }
    int rc = s->n_run == 0 ? part_open(&s->file, NULL, e) : 0;
    sort_run(s);
    for (size_t i = 0; i < s->n && rc == 0; i++) {
        rc = part_write(&s->file, s->order[i], s->width * sizeof(double), e);
    }
    s->run_end[s->n_run++] = s->number;
    s->n = 0;
    return rc;
}

int sort_add(struct sort *s, double time_s, const double *value, struct err *e)
{
    int rc = s->n == s->room ? spill(s, e) : 0;
    if (rc == 0) {
        double *row = s->row + s->n++ * s->width;
        row[0] = time_s;
        row[1] = (double)s->number++;
        memcpy(row + 2, value, (s->width - 2) * sizeof *row);
    }
    return rc;
}

/* The next row of a run; row = NULL after the last. */
static int advance(struct sort *s, struct cursor *c, struct err *e)
{
    if (c->at == c->n) {
        uint64_t left = c->end - c->next, fit = s->piece / (s->width * sizeof(double));
        c->n = (size_t)(left < fit ? left : fit);
        c->at = 0;
        if (c->n == 0) {
            c->row = NULL;
            return 0;
        }
        size_t bytes = s->width * sizeof(double);
        int rc = part_read(&s->file, c->next * bytes, c->piece, c->n * bytes, e);
        if (rc < 0) {
            return rc;
        }
        c->next += c->n;
    }
    c->row = c->piece + c->at++ * s->width;
    return 0;
}

/* heap[n] of cursors, the one with the least row first: lets the one at i sink. */
static void sink(struct cursor **heap, size_t n, size_t i)
{
    struct cursor *c = heap[i];
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        child += child + 1 < n && compare(heap[child + 1]->row, heap[child]->row) < 0;
        if (compare(c->row, heap[child]->row) <= 0) {
            break;
        }
        heap[i] = heap[child];
    }
    heap[i] = c;
}

static int merge(struct sort *s, struct cursor *cursor, struct cursor **heap,
                 int (*take)(void *ctx, double time_s, const double *value, struct err *e), void *ctx, struct err *e)
{
    size_t n = s->n_run;
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        /* The buffer of the runs is free now; pieces lie there. */
        cursor[i] = (struct cursor){
            .piece = s->row + i * (s->piece / sizeof(double)), .next = i ? s->run_end[i - 1] : 0, .end = s->run_end[i]};
        heap[i] = &cursor[i];
        rc = advance(s, &cursor[i], e);
    }
    for (size_t i = n; i-- > 0 && rc == 0;) {
        sink(heap, n, i);
    }
    while (n > 0 && rc == 0) {
        rc = take(ctx, heap[0]->row[0], heap[0]->row + 2, e);
        rc = rc ? rc : advance(s, heap[0], e);
        if (!heap[0]->row) {
            heap[0] = heap[--n];
        }
        if (n > 0) {
            sink(heap, n, 0);
        }
    }
    return rc;
}

int sort_deliver(struct sort *s, int (*take)(void *ctx, double time_s, const double *value, struct err *e), void *ctx,
                 struct err *e)
{
    int rc = 0;
    if (s->n_run == 0) {
        sort_run(s);
        for (size_t i = 0; i < s->n && rc == 0; i++) {
            rc = take(ctx, s->order[i][0], s->order[i] + 2, e);
        }
        return rc;
    }
    rc = spill(s, e);
    rc = rc ? rc : part_flush(&s->file, e);
    struct cursor *cursor = calloc(s->n_run, sizeof *cursor), **heap = calloc(s->n_run, sizeof *heap);
    if (rc == 0 && (!cursor || !heap)) {
        rc = ERR_SET(e, ERR_MEMORY, "no memory to sort a trace");
    }
    rc = rc ? rc : merge(s, cursor, heap, take, ctx, e);
    free(cursor);
    free(heap);
    return rc;
}
