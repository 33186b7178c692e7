/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wfformat.c - the arrivals in a workflow of WfCommons (Coleman et al., "WfCommons", FGCS 128, 2022): each task becomes
 * ready when all its parents are done, on machines that make no task wait.  Versions to 1.3 have one list (tasks, or jobs),
 * those from 1.4 on two: specification.tasks with the parents, execution.tasks with the times.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/names.h"
#include "sim/io/trace/json_file.h"
#include "sim/io/trace/kinds.h"

enum { TASKS = 1000000 };

struct task {
    const json_t *json; /* with its parents */
    double runtime_s, cores;
    bool timed;
    double ready_s;
    uint32_t next_parent; /* to look at */
    enum { TASK_NEW, TASK_OPEN, TASK_DONE } state;
};

struct workflow {
    const char *path;
    struct arena arena;
    struct names known; /* ids and names: both name the task */
    uint32_t *task_of;  /* [2 n]: of a row of known */
    uint32_t n;
    struct task *task; /* [n] */
    uint32_t *stack;   /* [n] */
};

static const json_t *tasks_of(const json_t *workflow, const char *part)
{
    const json_t *from = part ? json_object_get(workflow, part) : workflow, *list = json_object_get(from, "tasks");
    return list ? list : json_object_get(from, "jobs");
}

/* The name or id of task i in the list, for messages. */
static const char *label(const json_t *task)
{
    const json_t *id = json_object_get(task, "id"), *name = json_object_get(task, "name");
    return json_is_string(id)     ? json_string_value(id)
           : json_is_string(name) ? json_string_value(name)
                                  : "without a name";
}

static int know(struct workflow *w, const json_t *name, uint32_t task, struct err *e)
{
    if (!json_is_string(name)) {
        return 0;
    }
    uint32_t before = w->known.n, row = names_add(&w->known, json_string_value(name));
    if (row == NAME_NONE) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory for its tasks", w->path);
    }
    if (row < before && w->task_of[row] != task) {
        return ERR_AT(e, w->path, 0, 0, "found the task %.60s for the second time, wanted each once",
                      json_string_value(name));
    }
    w->task_of[row] = task;
    return 0;
}

static int read_time(struct workflow *w, struct task *t, const json_t *json, struct err *e)
{
    const json_t *runtime = json_object_get(json, "runtimeInSeconds"), *cores = json_object_get(json, "coreCount");
    runtime = runtime ? runtime : json_object_get(json, "runtime");
    cores = cores ? cores : json_object_get(json, "cores");
    if (!runtime) {
        return 0;
    }
    t->runtime_s = json_number_value(runtime);
    t->cores = cores ? json_number_value(cores) : 1;
    t->timed = true;
    if (!json_is_number(runtime) || !(t->runtime_s >= 0 && t->runtime_s <= 1e9) || (cores && !json_is_number(cores)) ||
        !(t->cores >= 0 && t->cores <= 1e9)) {
        return ERR_AT(e, w->path, 0, 0, "found a runtime or cores of the task %.60s, wanted numbers from 0 to 1e9",
                      label(json));
    }
    return 0;
}

static int read_tasks(struct workflow *w, const json_t *list, const json_t *times, struct err *e)
{
    int rc = 0;
    for (uint32_t i = 0; i < w->n && rc == 0; i++) {
        struct task *t = &w->task[i];
        t->json = json_array_get(list, i);
        rc = know(w, json_object_get(t->json, "id"), i, e);
        rc = rc ? rc : know(w, json_object_get(t->json, "name"), i, e);
        rc = rc ? rc : read_time(w, t, t->json, e);
    }
    for (size_t i = 0; i < json_array_size(times) && rc == 0; i++) {
        const json_t *json = json_array_get(times, i);
        uint32_t row = names_find(&w->known, label(json));
        rc = row == NAME_NONE ? ERR_AT(e, w->path, 0, 0,
                                       "found the execution of %.60s, wanted a task of the specification", label(json))
                              : read_time(w, &w->task[w->task_of[row]], json, e);
    }
    return rc;
}

/* Looks at the next parent of the task on top of the stack: opens it, or closes the task after the last. */
static int step(struct workflow *w, uint32_t *depth, struct err *e)
{
    struct task *t = &w->task[w->stack[*depth - 1]];
    const json_t *parents = json_object_get(t->json, "parents");
    if (t->next_parent == json_array_size(parents)) {
        t->state = TASK_DONE;
        --*depth;
        return 0;
    }
    const json_t *name = json_array_get(parents, t->next_parent);
    uint32_t row = json_is_string(name) ? names_find(&w->known, json_string_value(name)) : NAME_NONE;
    if (row == NAME_NONE) {
        return ERR_AT(e, w->path, 0, 0, "found an unknown parent of the task %.60s, wanted the id or name of a task",
                      label(t->json));
    }
    struct task *parent = &w->task[w->task_of[row]];
    if (parent->state == TASK_OPEN) {
        return ERR_AT(e, w->path, 0, 0, "found the task %.60s among its own ancestors, wanted no cycle",
                      label(parent->json));
    }
    if (parent->state == TASK_NEW) {
        parent->state = TASK_OPEN;
        w->stack[(*depth)++] = w->task_of[row];
        return 0;
    }
    double done_s = parent->ready_s + parent->runtime_s;
    t->ready_s = done_s > t->ready_s ? done_s : t->ready_s;
    t->next_parent++;
    return 0;
}

static int order_tasks(struct workflow *w, struct err *e)
{
    int rc = 0;
    for (uint32_t i = 0; i < w->n && rc == 0; i++) {
        uint32_t depth = 0;
        if (w->task[i].state == TASK_NEW) {
            w->task[i].state = TASK_OPEN;
            w->stack[depth++] = i;
        }
        while (depth > 0 && rc == 0) {
            rc = step(w, &depth, e);
        }
    }
    return rc;
}

static int give_tasks(struct workflow *w, struct flow *f, struct err *e)
{
    int rc = 0;
    for (uint32_t i = 0; i < w->n && rc == 0; i++) {
        const struct task *t = &w->task[i];
        if (t->timed) {
            rc = flow_row(f, t->ready_s, (const double[]){t->runtime_s, t->cores}, e);
        } else {
            flow_drop(f, 0, "no runtime");
        }
    }
    return rc;
}

static int read_workflow(struct workflow *w, struct flow *f, const json_t *all, struct err *e)
{
    const json_t *workflow = json_object_get(all, "workflow"), *list = tasks_of(workflow, "specification");
    const json_t *times = list ? tasks_of(workflow, "execution") : NULL;
    list = list ? list : tasks_of(workflow, NULL);
    if (!json_is_array(list) || json_array_size(list) > TASKS) {
        return ERR_AT(e, w->path, 0, 0, "found no workflow.tasks, wanted an array of at most %d", TASKS);
    }
    w->n = (uint32_t)json_array_size(list);
    w->known.arena = &w->arena;
    w->task = ARENA_NEW(&w->arena, w->n, struct task);
    w->task_of = ARENA_NEW(&w->arena, 2 * (size_t)w->n, uint32_t);
    w->stack = ARENA_NEW(&w->arena, w->n, uint32_t);
    if (w->arena.failed) {
        return ERR_SET(e, ERR_MEMORY, "%s: no memory for its tasks", w->path);
    }
    int rc = read_tasks(w, list, times, e);
    rc = rc ? rc : order_tasks(w, e);
    return rc ? rc : give_tasks(w, f, e);
}

int trace_read_wfformat(struct flow *f, struct err *e)
{
    struct workflow w = {.path = f->path};
    json_t *all = NULL;
    flow_column(f, "duration", "s");
    flow_column(f, "cores", "cores");
    int rc = json_file_read(f->path, &f->sha, &all, NULL, e);
    rc = rc ? rc : read_workflow(&w, f, all, e);
    json_decref(all);
    arena_clear(&w.arena);
    return rc;
}
