/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rows per job of a result file while it is made.  Those of a replication go to a file of their own as they come, and
 * from there into the whole file when all replications before it in the run list have been copied; what the last
 * replication writes that anybody waits for goes straight into the whole file.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/io/durable.h"
#include "sim/io/results_impl.h"

const char *results_rows_file(struct results *r, size_t cell)
{
    size_t n = (size_t)r->length[AXIS_REPLICATION];
    return parts_file(&r->parts, "%zu-%zu.rows.h5", cell / n, cell % n);
}

static const char *unfinished_file(struct results *r, size_t cell)
{
    size_t n = (size_t)r->length[AXIS_REPLICATION];
    return parts_file(&r->parts, "%zu-%zu.rows.tmp", cell / n, cell % n);
}

static void begin_rows(struct results *r, struct h5 *h, size_t cell, struct h5_group *g)
{
    size_t n = (size_t)r->length[AXIS_REPLICATION];
    char label[200], name[32];
    struct h5_group tasks, of;
    layout_group_name(label, sizeof label, r->scenario->experiment.policy[cell / n].label);
    snprintf(name, sizeof name, "%zu", cell % n);
    h5_begin_group(h, &tasks, h->file, "tasks");
    h5_begin_group(h, &of, tasks.id, label);
    h5_begin_group(h, g, of.id, name);
    h5_end_group(h, &of);
    h5_end_group(h, &tasks);
}

/* n: rows of the first block; blocks are full but the last, so that few rows lie in one chunk of just their number. */
static void make_columns(struct h5 *h, struct table *t, hsize_t n)
{
    t->chunk = n > 0 ? n : 1;
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        t->column[c] = h5_make_column(h, &t->group, row_info[c].name, row_info[c].unit, row_info[c].about,
                                      layout_column_kind(row_info[c].type), t->chunk);
    }
    t->open = true;
    t->n = 0;
}

static void append(struct h5 *h, struct table *t, const struct row_block *b)
{
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        h5_append(h, t->column[c], layout_column_kind(row_info[c].type), t->n, b->n, t->chunk,
                  row_column(b, c));
    }
    t->n += b->n;
}

/* May the rows of the cell go straight into the whole file?  If it is the last one to be run, and the next one there. */
static bool is_last(const struct results *r, size_t cell)
{
    return r->n_done + 1 == r->n_cell && r->next_rows == cell;
}

static int open_table(struct results *r, size_t cell, hsize_t n, struct err *e)
{
    struct table *t = &r->table[cell];
    int rc = results_copy_rows(r, e);
    t->own = (struct h5){.file = -1, .path = r->path, .e = e};
    if (rc == 0 && is_last(r, cell)) {
        rc = results_begin_whole(r, e);
        begin_rows(r, &r->whole, cell, &t->group);
        make_columns(&r->whole, t, n);
        return rc ? rc : h5_status(&r->whole);
    }
    const char *file = unfinished_file(r, cell);
    if (rc == 0 && !file) {
        rc = ERR_SET(e, ERR_MEMORY, "no memory for rows");
    }
    if (rc == 0) {
        unlink(file);
        h5_create(&t->own, file);
        h5_begin_group(&t->own, &t->group, t->own.file, ".");
        make_columns(&t->own, t, n);
        rc = h5_status(&t->own);
    }
    return rc;
}

int results_append(struct results *r, size_t cell, const struct row_block *b, struct err *e)
{
    struct table *t = &r->table[cell];
    struct h5_quiet q = h5_quiet_begin();
    int rc = t->open ? 0 : open_table(r, cell, b->n, e);
    if (rc == 0) {
        struct h5 *h = t->own.file >= 0 ? &t->own : &r->whole;
        h->e = e;
        append(h, t, b);
        rc = h5_status(h);
    }
    h5_quiet_end(q);
    return rc;
}

int results_close_table(struct results *r, size_t cell, struct err *e)
{
    struct table *t = &r->table[cell];
    if (!t->open) {
        return 0;
    }
    bool own = t->own.file >= 0;
    struct h5 *h = own ? &t->own : &r->whole;
    struct h5_quiet q = h5_quiet_begin();
    h->e = e;
    h5_bind_columns(h, &t->group, "row", t->n, N_ROW_COLUMN, t->column);
    h5_end_group(h, &t->group);
    t->open = false;
    if (own) {
        h5_close(h);
    } else {
        r->next_rows = cell + 1;
        r->straight = cell;
    }
    h5_quiet_end(q);
    int rc = h5_status(h);
    if (rc == 0 && own) {
        const char *by = unfinished_file(r, cell), *to = results_rows_file(r, cell);
        rc = by && to ? durable_publish(by, to, r->parts.folder, r->path, e)
                      : ERR_SET(e, ERR_MEMORY, "no memory for rows");
        r->n_row[cell] = rc == 0 ? t->n : 0;
    }
    return rc;
}

void results_drop_table(struct results *r, size_t cell)
{
    struct table *t = &r->table[cell];
    if (t->open) {
        struct h5 *h = t->own.file >= 0 ? &t->own : &r->whole;
        h->failed = true; /* none of it is wanted */
        h5_bind_columns(h, &t->group, "row", t->n, N_ROW_COLUMN, t->column);
        h5_end_group(h, &t->group);
        h5_close(&t->own);
        t->open = false;
    }
}

/* The rows of one cell from their file into the whole one. */
static int copy_cell(struct results *r, size_t cell, struct err *e)
{
    const char *file = results_rows_file(r, cell);
    struct h5 from = {.file = -1, .path = r->path, .e = e};
    struct table t = {.own = {.file = -1}};
    if (!file || (!r->block && !(r->block = calloc(1, sizeof *r->block)))) {
        return ERR_SET(e, ERR_MEMORY, "no memory for rows");
    }
    r->whole.e = e;
    h5_open(&from, file);
    begin_rows(r, &r->whole, cell, &t.group);
    make_columns(&r->whole, &t, r->n_row[cell] < ROW_BLOCK ? r->n_row[cell] : ROW_BLOCK);
    while (!from.failed && !r->whole.failed && t.n < r->n_row[cell]) {
        r->block->n = 0;
        for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
            hsize_t n = h5_read_part(&from, from.file, row_info[c].name, layout_column_kind(row_info[c].type), t.n,
                                     ROW_BLOCK, (char *)r->block + row_info[c].offset);
            if (!from.failed && (n == 0 || (c > 0 && n != r->block->n))) {
                h5_wrong(&from, "the rows of a replication in %s are not whole", file);
            }
            r->block->n = (uint32_t)n;
        }
        if (!from.failed) {
            append(&r->whole, &t, r->block);
        }
    }
    h5_bind_columns(&r->whole, &t.group, "row", t.n, N_ROW_COLUMN, t.column);
    h5_end_group(&r->whole, &t.group);
    h5_close(&from);
    return from.failed ? h5_status(&from) : h5_status(&r->whole);
}

int results_copy_rows(struct results *r, struct err *e)
{
    int rc = 0;
    for (; rc == 0 && r->next_rows < r->n_cell && r->status[r->next_rows] != RECORD_EMPTY; r->next_rows++) {
        if (r->n_row[r->next_rows] > 0) {
            struct h5_quiet q = h5_quiet_begin();
            rc = results_begin_whole(r, e);
            rc = rc ? rc : copy_cell(r, r->next_rows, e);
            h5_quiet_end(q);
        }
    }
    return rc;
}

/* In an index: virtual columns over the file of a cell. */
static void refer_to_cell(struct results *r, size_t cell)
{
    size_t n = (size_t)r->length[AXIS_REPLICATION];
    char file[400];
    struct h5_group g;
    snprintf(file, sizeof file, "%s/%zu-%zu.rows.h5", r->parts.name, cell / n, cell % n);
    begin_rows(r, r->h5, cell, &g);
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        h5_write_virtual(r->h5, &g, row_info[c].name, row_info[c].unit, row_info[c].about,
                         layout_column_kind(row_info[c].type), r->n_row[cell], file);
    }
    h5_end_group(r->h5, &g);
}

void results_refer_to_rows(struct results *r)
{
    for (size_t cell = 0; cell < r->n_cell && !r->h5->failed; cell++) {
        if (r->n_row[cell] > 0) {
            refer_to_cell(r, cell);
        }
    }
}
