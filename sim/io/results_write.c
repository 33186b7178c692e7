/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/results.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tiersim/tiersim.h>
#include <unistd.h>

#include "sim/io/results_impl.h"

static void *take(size_t n, size_t size)
{
    return calloc(n ? n : 1, size);
}

void results_free(struct results *r)
{
    for (unsigned p = 0; p < N_PART; p++) {
        for (unsigned f = 0; r->stage[p] && f < layout_part[p].n_field; f++) {
            free(r->stage[p][f]);
        }
        free(r->stage[p]);
    }
    for (size_t c = 0; r->sketch && c < r->n_cell; c++) {
        sketch_pack_clear(&r->sketch[c]);
    }
    free(r->sketch);
    free(r->status);
    free(r->text);
    free(r->wall_s);
    free(r->table);
    free(r->pool_first_member);
    free(r->link_first_member);
    free(r->path);
    free(r->temporary);
    free(r);
}

/* The temporary name: hidden, in the folder of the target, told apart from those of other processes. */
static char *temporary_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *name = NULL;
    return asprintf(&name, "%.*s.%s.%ld.part", (int)(base - path), path, base, (long)getpid()) < 0 ? NULL : name;
}

/* Only a regular file is ever replaced; a folder or device is somebody's mistake. */
static int check_target(const char *path, struct err *e)
{
    struct stat st;
    const char *slash = strrchr(path, '/');
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
        return ERR_SET(e, ERR_IO, "%s: is %s, wanted the name of a result file", path,
                       S_ISDIR(st.st_mode) ? "a folder" : "not a regular file");
    }
    if (!path[0] || (slash && !slash[1])) {
        return ERR_SET(e, ERR_IO, "%s: is a folder, wanted the name of a result file", path);
    }
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (folder[0] && stat(folder, &st) != 0) {
        return ERR_SET(e, ERR_IO, "%s: there is no folder %s (%s)", path, folder, strerror(errno));
    }
    return 0;
}

static int default_path(const struct scenario *s, char **path, struct err *e)
{
    if (mkdir("results", 0777) < 0 && errno != EEXIST) {
        return ERR_SET(e, ERR_IO, "results: cannot make the folder: %s", strerror(errno));
    }
    return asprintf(path, "results/%s.h5", s->name) < 0 ? ERR_SET(e, ERR_MEMORY, "no memory") : 0;
}

static int allocate(struct results *r, struct err *e)
{
    r->status = take(r->n_cell, sizeof *r->status);
    r->text = take(r->n_cell, sizeof *r->text);
    r->wall_s = take(r->n_cell, sizeof *r->wall_s);
    r->sketch = take(r->n_cell, sizeof *r->sketch);
    r->table = take(r->n_cell, sizeof *r->table);
    if (!r->status || !r->text || !r->wall_s || !r->sketch || !r->table) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the results of %zu replications", r->n_cell);
    }
    for (size_t c = 0; c < r->n_cell; c++) {
        r->table[c].group.id = -1;
    }
    return 0;
}

int results_begin(struct results **out, const char *path, const struct scenario *s, struct err *e)
{
    *out = NULL;
    struct results *r = calloc(1, sizeof *r);
    if (!r) {
        return ERR_SET(e, ERR_MEMORY, "no memory");
    }
    const struct experiment *x = &s->experiment;
    r->h5 = (struct h5){.file = -1, .e = e};
    r->scenario = s;
    r->n_cell = (size_t)x->n_policy * x->replications;
    r->length[AXIS_POLICY] = x->n_policy;
    r->length[AXIS_REPLICATION] = x->replications;
    r->length[AXIS_CLASS] = s->n_workload;
    r->length[AXIS_SEGMENT] = N_SEGMENT;
    r->length[AXIS_POOL] = s->n_pool;
    r->length[AXIS_LINK] = s->n_link;
    r->length[AXIS_DIRECTION] = N_DIRECTION;
    r->length[AXIS_GROUP] = s->n_group;
    r->length[AXIS_TIER] = s->n_tier + 1;
    r->length[AXIS_QUANTILE] = N_QUANTILE;

    int rc = allocate(r, e);
    if (rc == 0) {
        rc = path ? ((r->path = strdup(path)) ? 0 : ERR_SET(e, ERR_MEMORY, "no memory")) : default_path(s, &r->path, e);
    }
    if (rc == 0) {
        rc = check_target(r->path, e);
    }
    if (rc == 0 && !(r->temporary = temporary_name(r->path))) {
        rc = ERR_SET(e, ERR_MEMORY, "no memory");
    }
    if (rc < 0) {
        results_free(r);
        return rc;
    }
    struct h5_quiet q = h5_quiet_begin();
    r->h5.path = r->path;
    unlink(r->temporary); /* of a dead process of the same number */
    h5_create(&r->h5, r->temporary);
    h5_quiet_end(q);
    if (r->h5.failed) {
        results_abort(r);
        return -ERR_IO;
    }
    *out = r;
    return 0;
}

const char *results_path(const struct results *r)
{
    return r->path;
}

static size_t cell_of(const struct results *r, uint32_t policy, uint32_t replication)
{
    CHECK(policy < r->length[AXIS_POLICY] && replication < r->length[AXIS_REPLICATION]);
    return (size_t)policy * r->length[AXIS_REPLICATION] + replication;
}

static void open_table(struct results *r, uint32_t policy, uint32_t replication, struct table *t)
{
    char label[200], name[256];
    layout_group_name(label, sizeof label, r->scenario->experiment.policy[policy].label);
    struct h5_group tasks, of;
    h5_begin_group(&r->h5, &tasks, r->h5.file, "tasks");
    h5_begin_group(&r->h5, &of, tasks.id, label);
    snprintf(name, sizeof name, "%u", replication);
    h5_begin_group(&r->h5, &t->group, of.id, name);
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        t->column[c] = h5_make_column(&r->h5, &t->group, row_info[c].name, row_info[c].unit, row_info[c].about,
                                      layout_column_kind(row_info[c].type), ROW_BLOCK);
    }
    h5_end_group(&r->h5, &of);
    h5_end_group(&r->h5, &tasks);
}

int results_rows(struct results *r, uint32_t policy, uint32_t replication, const struct row_block *b, struct err *e)
{
    struct table *t = &r->table[cell_of(r, policy, replication)];
    struct h5_quiet q = h5_quiet_begin();
    r->h5.e = e;
    if (t->group.id < 0) {
        open_table(r, policy, replication, t);
    }
    for (unsigned c = 0; c < N_ROW_COLUMN; c++) {
        h5_append(&r->h5, t->column[c], layout_column_kind(row_info[c].type), t->n, b->n, ROW_BLOCK, row_column(b, c));
    }
    t->n += b->n;
    h5_quiet_end(q);
    return h5_status(&r->h5);
}

void results_close_table(struct results *r, size_t cell)
{
    struct table *t = &r->table[cell];
    if (t->group.id >= 0) {
        h5_bind_columns(&r->h5, &t->group, "row", t->n, N_ROW_COLUMN, t->column);
        h5_end_group(&r->h5, &t->group);
    }
}

/* Room for one part, all cells not yet run. */
static int stage_part(struct results *r, unsigned part, struct err *e)
{
    const struct layout_part *p = &layout_part[part];
    size_t n = r->n_cell * layout_rows(p, r->length);
    double none = NAN;
    r->stage[part] = take(p->n_field, sizeof *r->stage[part]);
    for (unsigned f = 0; r->stage[part] && f < p->n_field; f++) {
        r->stage[part][f] = take(n, sizeof(uint64_t));
        for (size_t i = 0; r->stage[part][f] && !p->field[f].whole && i < n; i++) {
            memcpy(&r->stage[part][f][i], &none, sizeof none);
        }
        if (!r->stage[part][f]) {
            return ERR_SET(e, ERR_MEMORY, "no memory for the results of %zu replications", r->n_cell);
        }
    }
    return r->stage[part] ? 0 : ERR_SET(e, ERR_MEMORY, "no memory for results");
}

static int stage_record(struct results *r, const struct record *rec, size_t cell, struct err *e)
{
    for (unsigned part = 0; part < N_PART; part++) {
        const struct layout_part *p = &layout_part[part];
        const char *row = p->rows(rec);
        size_t n = layout_rows(p, r->length);
        if (!row || n == 0) {
            continue;
        }
        int rc = r->stage[part] ? 0 : stage_part(r, part, e);
        if (rc < 0) {
            return rc;
        }
        for (size_t i = 0; i < n; i++, row += p->row_bytes) {
            for (unsigned f = 0; f < p->n_field; f++) {
                memcpy(&r->stage[part][f][cell * n + i], row + p->field[f].offset, sizeof(uint64_t));
            }
        }
    }
    return 0;
}

/* Which members are kept is the same in all records; the first one says it. */
static int stage_members(struct results *r, const struct record *rec, struct err *e)
{
    if (r->pool_first_member || !rec->pool_first_member || !rec->link_first_member) {
        return 0;
    }
    r->length[AXIS_PLACE] = rec->n_place_member;
    r->length[AXIS_CHANNEL] = rec->n_channel_member;
    r->pool_first_member = take(rec->n_pool, sizeof(uint32_t));
    r->link_first_member = take(rec->n_link, sizeof(uint32_t));
    if (!r->pool_first_member || !r->link_first_member) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    memcpy(r->pool_first_member, rec->pool_first_member, rec->n_pool * sizeof(uint32_t));
    memcpy(r->link_first_member, rec->link_first_member, rec->n_link * sizeof(uint32_t));
    return 0;
}

int results_record(struct results *r, const struct record *rec, struct err *e)
{
    size_t cell = cell_of(r, rec->policy, rec->replication);
    CHECK(r->status[cell] == RECORD_EMPTY);
    struct h5_quiet q = h5_quiet_begin();
    r->h5.e = e;
    results_close_table(r, cell);
    h5_quiet_end(q);
    r->status[cell] = (uint8_t)rec->status;
    memcpy(r->text[cell], rec->text, TEXT_MAX);
    r->text[cell][TEXT_MAX - 1] = 0;
    r->wall_s[cell] = rec->wall_s;
    int rc = h5_status(&r->h5);
    if (rc == 0) {
        rc = stage_members(r, rec, e);
    }
    if (rc == 0) {
        rc = stage_record(r, rec, cell, e);
    }
    return rc == 0 && rec->latency ? sketch_pack_record(&r->sketch[cell], rec, e) : rc;
}

void results_abort(struct results *r)
{
    if (!r) {
        return;
    }
    struct h5_quiet q = h5_quiet_begin();
    h5_close(&r->h5);
    h5_quiet_end(q);
    if (r->temporary) {
        unlink(r->temporary);
    }
    results_free(r);
}
