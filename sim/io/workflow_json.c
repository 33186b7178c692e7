/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workflow_json.c - WfFormat: workflow.tasks (or jobs) of {name, runtimeInSeconds (or runtime), parents, files}. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "sim/io/trace/json_file.h"
#include "sim/io/workflow.h"

static int fault(const struct workflow *w, size_t i, const char *what, struct err *e)
{
    return ERR_SET(e, ERR_INPUT, "%s: workflow task %zu: %s", w->path, i + 1, what);
}

static double runtime_s(const json_t *task)
{
    const json_t *s = json_object_get(task, "runtimeInSeconds");
    s = s ? s : json_object_get(task, "runtime");
    return json_is_number(s) && json_number_value(s) >= 0 ? json_number_value(s) : NAN;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* Bytes of the files that one task writes and another reads. */
static double shared_bytes(const json_t *writer, const json_t *reader)
{
    const json_t *out = json_object_get(writer, "files"), *in = json_object_get(reader, "files");
    double bytes = 0;
    for (size_t i = 0; i < json_array_size(out); i++) {
        const json_t *file = json_array_get(out, i);
        for (size_t k = 0; strcmp(text_of(file, "link"), "output") == 0 && k < json_array_size(in); k++) {
            const json_t *other = json_array_get(in, k);
            if (strcmp(text_of(other, "link"), "input") == 0 && strcmp(text_of(other, "name"), text_of(file, "name")) == 0) {
                const json_t *size = json_object_get(file, "sizeInBytes");
                size = size ? size : json_object_get(file, "size");
                bytes += fmax(0, json_number_value(size));
            }
        }
    }
    return bytes;
}

static const json_t *find(const json_t *tasks, const char *name)
{
    for (size_t i = 0; i < json_array_size(tasks); i++) {
        const json_t *task = json_array_get(tasks, i);
        if (strcmp(text_of(task, "name"), name) == 0 || strcmp(text_of(task, "id"), name) == 0) {
            return task;
        }
    }
    return NULL;
}

static int read_task(struct workflow *w, const json_t *tasks, size_t i, struct err *e)
{
    const json_t *task = json_array_get(tasks, i), *parents = json_object_get(task, "parents");
    const char *name = text_of(task, "name");
    if (!*name || isnan(runtime_s(task))) {
        return fault(w, i, !*name ? "found no name, wanted one" : "found no runtimeInSeconds, wanted seconds", e);
    }
    uint32_t row = workflow_task(w, name, strlen(name));
    if (row == NAME_NONE) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a graph");
    }
    if (!isnan(w->task[row].work)) {
        return fault(w, i, "found the name of another task, wanted one of its own", e);
    }
    w->task[row].work = runtime_s(task);
    for (size_t k = 0; k < json_array_size(parents); k++) {
        const char *parent = json_string_value(json_array_get(parents, k));
        const json_t *from = parent ? find(tasks, parent) : NULL;
        if (!from) {
            return fault(w, i, "found a parent that is no task of the file, wanted one", e);
        }
        const char *from_name = text_of(from, "name");
        int rc = workflow_add_edge(w, (struct workflow_edge){workflow_task(w, from_name, strlen(from_name)), row,
                                                             shared_bytes(from, task)}, e);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

int workflow_read_json(struct workflow *w, struct err *e)
{
    json_t *value = NULL;
    int rc = json_file_read(w->path, NULL, &value, NULL, e);
    const json_t *workflow = json_object_get(value, "workflow"), *tasks = json_object_get(workflow, "tasks");
    tasks = tasks ? tasks : json_object_get(workflow, "jobs");
    if (rc == 0 && !json_is_array(tasks)) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found no list workflow.tasks, wanted WfFormat up to version 1.4", w->path);
    }
    w->in_seconds = true;
    for (size_t i = 0; rc == 0 && i < json_array_size(tasks); i++) {
        rc = read_task(w, tasks, i, e);
    }
    json_decref(value);
    return rc;
}
