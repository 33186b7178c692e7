/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a result file is written: parts as replications end, an index now and then, the whole file in the end. */
#include <math.h>
#include <time.h>
#include <unistd.h>

#include "sim/io/durable.h"
#include "sim/io/results_impl.h"

enum { INDEX_SHARE = 8 }; /* an index takes at most this part of the time */

static const double overdue_s = 0.1;

double results_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Write r->h5 and close it, then put it in its place. */
static int write_file(struct results *r, const char *file, const struct provenance *p, bool index, struct err *e)
{
    struct arena a = {0};
    r->h5->e = e;
    results_write_file(r, p, index, &a);
    h5_close(r->h5);
    arena_clear(&a);
    int rc = h5_status(r->h5);
    rc = rc ? rc : durable_publish(file, r->path, r->parts.beside, r->path, e);
    if (rc < 0) {
        parts_drop(&r->parts, file);
    }
    return rc;
}

static int write_index(struct results *r, struct err *e)
{
    double from_s = results_now_s();
    const char *file = parts_file(&r->parts, "index.tmp");
    struct h5 index = {.file = -1, .path = r->path, .e = e};
    if (!file) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    struct h5_quiet q = h5_quiet_begin();
    parts_drop(&r->parts, file);
    r->h5 = &index;
    h5_create(&index, file);
    int rc = write_file(r, file, r->provenance, true, e);
    r->h5 = NULL;
    h5_quiet_end(q);
    r->index_end_s = results_now_s();
    r->index_cost_s = r->index_end_s - from_s;
    r->index_there = r->index_there || rc == 0;
    r->index_old = rc != 0;
    return rc;
}

static int write_parts(struct results *r, struct err *e)
{
    if (r->pending.n == 0) {
        return 0;
    }
    int rc = parts_add(&r->parts, r->pending.word, r->pending.n * sizeof *r->pending.word, e);
    if (rc == 0) {
        r->pending.n = 0;
        r->index_old = true;
    }
    return rc;
}

bool results_overdue(const struct results *r)
{
    return r->pending.n > 0 && r->n_done < r->n_cell && results_now_s() - r->pending.since_s > overdue_s;
}

double results_wait_s(const struct results *r)
{
    if (!r->index_old || r->n_done == r->n_cell) {
        return INFINITY;
    }
    double left_s = r->index_there ? r->index_end_s + (INDEX_SHARE - 1) * r->index_cost_s - results_now_s() : 0;
    return left_s > 0 ? left_s : 0;
}

int results_sync(struct results *r, struct err *e)
{
    if (r->n_done == r->n_cell) {
        return 0;
    }
    int rc = write_parts(r, e);
    rc = rc ? rc : results_copy_rows(r, e);
    return rc == 0 && results_wait_s(r) <= 0 ? write_index(r, e) : rc;
}

int results_begin_whole(struct results *r, struct err *e)
{
    if (r->whole.file < 0) {
        r->whole = (struct h5){.file = -1, .path = r->path, .e = e};
        parts_drop(&r->parts, r->whole_file);
        h5_create(&r->whole, r->whole_file);
    }
    r->whole.e = e;
    return h5_status(&r->whole);
}

static int write_whole(struct results *r, const struct provenance *p, struct err *e)
{
    struct h5_quiet q = h5_quiet_begin();
    int rc = results_copy_rows(r, e);
    rc = rc ? rc : results_begin_whole(r, e);
    if (rc == 0) {
        r->h5 = &r->whole;
        rc = write_file(r, r->whole_file, p, false, e);
        r->h5 = NULL;
    }
    h5_quiet_end(q);
    return rc;
}

int results_commit(struct results *r, const struct provenance *p, struct err *e)
{
    int rc = r->finished ? 0 : write_whole(r, p, e);
    if (rc < 0) { /* what is finished has not been lost, if there is room for it */
        struct err more = {0};
        write_parts(r, &more);
    }
    parts_close(&r->parts, rc == 0);
    results_free(r);
    return rc;
}

int results_leave(struct results *r, struct err *e)
{
    if (!r) {
        return 0;
    }
    if (r->straight != SIZE_MAX) { /* its rows go with the whole file: it is to be run again */
        r->status[r->straight] = RECORD_EMPTY;
        r->n_done--;
    }
    int rc = write_parts(r, e);
    if (rc == 0 && r->index_old) {
        rc = write_index(r, e);
    }
    parts_close(&r->parts, r->n_done == 0 && !r->finished);
    results_free(r);
    return rc;
}

void results_remove(const char *path)
{
    struct parts p;
    struct err e = {0};
    if (parts_open(&p, path, &e) == 0) {
        unlink(path);
    }
    parts_close(&p, true);
}
