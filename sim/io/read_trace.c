/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read_trace.c - the trace files a scenario names: where they lie, and each of them read once. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/text.h"
#include "sim/io/read_process.h"
#include "sim/io/trace/trace.h"

const char *read_expand(struct reader *r, struct yaml_place at, const char *file)
{
    static const char variable[] = "${TIERSIM_DATA}";
    const char *data = getenv("TIERSIM_DATA"), *path;
    char shown[TEXT_SHOWN];
    if (strncmp(file, variable, strlen(variable)) == 0) {
        if (!data || !*data) {
            read_fault(r, at, "found ${TIERSIM_DATA}, wanted the environment variable TIERSIM_DATA to name a folder");
            return NULL;
        }
        path = arena_format(&r->s->arena, "%s%s", data, file + strlen(variable));
    } else if (strstr(file, "${")) {
        read_fault(r, at, "found %s, wanted no variable but ${TIERSIM_DATA} at the start",
                   text_show(file, strlen(file), shown));
        return NULL;
    } else {
        path = arena_format(&r->s->arena, "%s%s", *file == '/' ? "" : r->folder, file);
    }
    if (!path) {
        read_out_of_memory(r);
    }
    return path;
}

static int read_format(struct reader *r, const struct yaml_node *n, bool points, const char **name)
{
    char shown[TEXT_SHOWN], list[512] = "";
    const struct trace_kind *kind = n->kind == YAML_SCALAR ? trace_kind_find(n->text) : NULL;
    if (kind && (kind->points == points || kind->name == trace_kind_stored)) {
        *name = kind->name;
        return 0;
    }
    for (const struct trace_kind *k = trace_kinds(); k->name; k++) {
        size_t used = strlen(list);
        if (k->points == points) {
            snprintf(list + used, sizeof list - used, "%s, ", k->name);
        }
    }
    const char *what = !kind ? "" : points ? ", which holds no arrivals" : ", which holds arrivals";
    return read_fault(r, n->at, "found %s%s, wanted one of %s%s", read_found(n, shown), what, list, trace_kind_stored);
}

/* The binary form, which is of either sort, comes last. */
static const char *format_at(bool points, size_t i)
{
    const struct trace_kind *k = trace_kinds();
    for (; k->name && (k->points != points || i-- > 0); k++) {
    }
    return k->name ? k->name : i == 0 ? trace_kind_stored : NULL;
}

const char *level_format_at(size_t i)
{
    return format_at(false, i);
}

const char *point_format_at(size_t i)
{
    return format_at(true, i);
}

int read_level_format(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    (void)k;
    return read_format(r, n, false, field);
}

int read_point_format(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    (void)k;
    return read_format(r, n, true, field);
}

uint32_t read_file_row(struct reader *r, const char *key, bool *is_new)
{
    struct read_files *f = r->files;
    uint32_t n_before = f->key.n, row = key ? names_add(&f->key, key) : NAME_NONE;
    if (row != NAME_NONE && row == f->room) {
        uint32_t room = 2 * row + 8;
        const void **grown = ARENA_NEW(&r->s->arena, room, const void *);
        if (!grown) {
            return NAME_NONE;
        }
        if (row) {
            memcpy(grown, f->value, row * sizeof *grown);
        }
        f->value = grown;
        f->room = room;
    }
    *is_new = row == n_before;
    return row;
}

bool read_note_file(struct scenario *s, const char *written, const char *path)
{
    struct scenario_file *file = ARENA_NEW(&s->arena, s->n_trace + 1, struct scenario_file);
    for (uint32_t i = 0; file && i < s->n_trace; i++) {
        if (strcmp(s->trace[i].path, path) == 0) {
            return true;
        }
        file[i] = s->trace[i];
    }
    if (file) {
        file[s->n_trace++] = (struct scenario_file){written, path};
        s->trace = file;
    }
    return file && written;
}

int read_trace(struct reader *r, const struct yaml_node *n, const struct trace_written *t, bool points,
               const struct series **series)
{
    const struct yaml_node *file = yaml_get(n, "file");
    size_t mark = read_enter(r, "file");
    const char *path = read_expand(r, file->at, t->file);
    int rc = path ? 0 : -ERR_INPUT;
    *series = NULL;
    if (path) {
        bool is_new = false;
        const char *key = arena_format(&r->s->arena, "%s:%d:%s:%s", t->format, points, t->column ? t->column : "", path);
        uint32_t row = read_file_row(r, key, &is_new);
        const struct series *read = NULL;
        struct err e = {0};
        if (row == NAME_NONE || !read_note_file(r->s, arena_copy(&r->s->arena, t->file), path)) {
            rc = read_out_of_memory(r);
        } else if (is_new && trace_read(&r->s->arena, path, t->format, t->column, points, &read, &e) != 0) {
            rc = read_fault_err(r, file->at, &e);
        } else {
            if (is_new) { /* else others may be looking */
                r->files->value[row] = read;
            }
            *series = r->files->value[row];
            rc = *series ? 0 : -ERR_INPUT; /* told where the file was named first */
        }
    }
    read_leave(r, mark);
    return rc;
}
