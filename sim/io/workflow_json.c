/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workflow_json.c - WfFormat.  Up to 1.3: workflow.tasks (or jobs) of {name, id, runtimeInSeconds (or runtime), parents, files of
 * {link, name, sizeInBytes (or size)}}.  From 1.4 on: workflow.specification.tasks of {id, parents, inputFiles, outputFiles}, the
 * sizes in specification.files of {id, sizeInBytes}, the times in workflow.execution.tasks of {id, runtimeInSeconds}.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/io/trace/json_file.h"
#include "sim/io/workflow.h"

struct wfformat {
    struct workflow *w;
    const json_t *tasks;
    const json_t *files, *execution; /* from 1.4 on, else NULL */
    struct names by_id; /* of tasks of before 1.4, whose parents may be named so, too; */
    uint32_t *of_id;    /* [n] and the row of the task */
    struct names file, run; /* ids of files and execution: rows are places in the lists */
    struct err *e;
};

static int fault(const struct wfformat *f, size_t i, const char *what)
{
    return ERR_SET(f->e, ERR_INPUT, "%s: workflow task %zu: %s", f->w->path, i + 1, what);
}

static int out_of_memory(const struct wfformat *f)
{
    return ERR_SET(f->e, ERR_MEMORY, "out of memory for a graph");
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* A number of 0 or more under one of two keys; NAN: none. */
static double number_of(const json_t *object, const char *key, const char *other)
{
    const json_t *x = json_object_get(object, key);
    x = x ? x : json_object_get(object, other);
    return json_is_number(x) && json_number_value(x) >= 0 ? json_number_value(x) : NAN;
}

static double or_none(double bytes)
{
    return isnan(bytes) ? 0 : bytes;
}

/* Rows for the ids of a list, each its own. */
static int index_ids(struct wfformat *f, const json_t *list, const char *what, struct names *names)
{
    names->arena = &f->w->arena;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = text_of(json_array_get(list, i), "id");
        if (!*id || names_find(names, id) != NAME_NONE) {
            return ERR_SET(f->e, ERR_INPUT, "%s: %s %zu: found %s, wanted an id of its own", f->w->path, what, i + 1,
                           *id ? "the id of another" : "no id");
        }
        if (names_add(names, id) == NAME_NONE) { /* the text is the value's, which outlives the names */
            return out_of_memory(f);
        }
    }
    return 0;
}

static int use_listed(struct wfformat *f, const json_t *task, uint32_t row, const char *key, bool writes)
{
    const json_t *list = json_object_get(task, key);
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++) {
        const char *id = json_string_value(json_array_get(list, i));
        const uint32_t file = id ? names_find(&f->file, id) : NAME_NONE;
        rc = file == NAME_NONE
                 ? ERR_SET(f->e, ERR_INPUT, "%s: task %s: found a file that is none of specification.files, wanted one", f->w->path,
                           f->w->names.name[row])
                 : workflow_use(f->w, row, id, writes, or_none(number_of(json_array_get(f->files, file), "sizeInBytes", "size")),
                                f->e);
    }
    return rc;
}

static int use_files(struct wfformat *f, const json_t *task, uint32_t row)
{
    const json_t *list = json_object_get(task, "files");
    int rc = 0;
    if (f->execution) {
        rc = use_listed(f, task, row, "inputFiles", false);
        return rc ? rc : use_listed(f, task, row, "outputFiles", true);
    }
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++) {
        const json_t *file = json_array_get(list, i);
        const char *link = text_of(file, "link");
        if (strcmp(link, "input") == 0 || strcmp(link, "output") == 0) {
            const double bytes = or_none(number_of(file, "sizeInBytes", "size"));
            rc = workflow_use(f->w, row, text_of(file, "name"), link[0] == 'o', bytes, f->e);
        }
    }
    return rc;
}

static double runtime_s(const struct wfformat *f, const json_t *task)
{
    if (f->execution) {
        const uint32_t row = names_find(&f->run, text_of(task, "id"));
        return row == NAME_NONE ? NAN : number_of(json_array_get(f->execution, row), "runtimeInSeconds", "runtime");
    }
    return number_of(task, "runtimeInSeconds", "runtime");
}

static int read_task(struct wfformat *f, size_t i)
{
    const json_t *task = json_array_get(f->tasks, i);
    const char *name = text_of(task, f->execution ? "id" : "name"), *id = text_of(task, "id");
    const double s = runtime_s(f, task);
    if (!*name || isnan(s)) {
        return fault(f, i, *name ? "found no runtimeInSeconds, wanted seconds" : f->execution ? "found no id, wanted one"
                                                                                              : "found no name, wanted one");
    }
    const uint32_t row = workflow_task(f->w, name, strlen(name));
    if (row == NAME_NONE) {
        return out_of_memory(f);
    }
    if (!isnan(f->w->task[row].work)) {
        return fault(f, i, "found the name of another task, wanted one of its own");
    }
    f->w->task[row].work = s;
    if (*id && !f->execution) {
        const uint32_t n = f->by_id.n, at = names_add(&f->by_id, id);
        if (at == NAME_NONE) {
            return out_of_memory(f);
        }
        f->of_id[at] = at == n ? row : f->of_id[at];
    }
    return use_files(f, task, row);
}

static int read_parents(struct wfformat *f, size_t i)
{
    const json_t *task = json_array_get(f->tasks, i), *parents = json_object_get(task, "parents");
    const uint32_t to = names_find(&f->w->names, text_of(task, f->execution ? "id" : "name"));
    for (size_t k = 0; k < json_array_size(parents); k++) {
        const char *parent = json_string_value(json_array_get(parents, k));
        uint32_t from = parent ? names_find(&f->w->names, parent) : NAME_NONE;
        const uint32_t id = parent && from == NAME_NONE ? names_find(&f->by_id, parent) : NAME_NONE;
        from = id != NAME_NONE ? f->of_id[id] : from;
        if (from == NAME_NONE) {
            return fault(f, i, "found a parent that is no task of the file, wanted one");
        }
        int rc = workflow_add_edge(f->w, (struct workflow_edge){from, to, workflow_shared(f->w, from, to)}, f->e);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* Which of the two layouts it is. */
static int find_lists(struct wfformat *f, const json_t *value)
{
    const json_t *workflow = json_object_get(value, "workflow"), *specification = json_object_get(workflow, "specification");
    f->tasks = json_object_get(workflow, "tasks");
    f->tasks = f->tasks ? f->tasks : json_object_get(workflow, "jobs");
    if (specification) {
        f->tasks = json_object_get(specification, "tasks");
        f->files = json_object_get(specification, "files");
        f->execution = json_object_get(json_object_get(workflow, "execution"), "tasks");
    }
    if (!json_is_array(f->tasks) || (specification && !json_is_array(f->execution))) {
        return ERR_SET(f->e, ERR_INPUT, "%s: found no list %s, wanted WfFormat up to version 1.5", f->w->path,
                       !specification ? "workflow.tasks" : f->tasks ? "workflow.execution.tasks" : "workflow.specification.tasks");
    }
    return 0;
}

int workflow_read_json(struct workflow *w, struct err *e)
{
    struct wfformat f = {.w = w, .e = e, .by_id.arena = &w->arena};
    json_t *value = NULL;
    int rc = json_file_read(w->path, NULL, &value, NULL, e);
    rc = rc ? rc : find_lists(&f, value);
    w->in_seconds = true;
    if (rc == 0) {
        f.of_id = ARENA_NEW(&w->arena, json_array_size(f.tasks) + 1, uint32_t);
        rc = f.of_id ? index_ids(&f, f.files, "file", &f.file) : out_of_memory(&f);
        rc = rc ? rc : index_ids(&f, f.execution, "execution of task", &f.run);
    }
    for (size_t i = 0; rc == 0 && i < json_array_size(f.tasks); i++) {
        rc = read_task(&f, i);
    }
    for (size_t i = 0; rc == 0 && i < json_array_size(f.tasks); i++) {
        rc = read_parents(&f, i);
    }
    json_decref(value);
    return rc;
}
