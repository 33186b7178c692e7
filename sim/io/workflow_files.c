/* SPDX-License-Identifier: GPL-3.0-or-later */
/* workflow_files.c - the files that tasks read and write, by which data between them are known. */
#include <stdlib.h>

#include "sim/io/workflow.h"

enum { USES_OF_A_TASK = 10000 };

static int out_of_memory(const struct workflow *w, struct err *e)
{
    return ERR_SET(e, ERR_MEMORY, "out of memory for a graph of %u files", w->files.n);
}

int workflow_use(struct workflow *w, uint32_t task, const char *file, bool writes, double bytes, struct err *e)
{
    struct workflow_task *t = &w->task[task];
    if (t->n_use == USES_OF_A_TASK) {
        return ERR_SET(e, ERR_INPUT, "%s: found more files of %s, wanted at most %d", w->path, w->names.name[task], USES_OF_A_TASK);
    }
    uint32_t row = names_find(&w->files, file);
    if (row == NAME_NONE) {
        const char *kept = arena_copy(&w->arena, file);
        row = kept ? names_add(&w->files, kept) : NAME_NONE;
    }
    if (w->n_use == w->room_use) {
        uint32_t room = 2 * w->room_use + 64;
        struct workflow_use *grown = realloc(w->use, room * sizeof *grown);
        if (!grown) {
            return out_of_memory(w, e);
        }
        w->use = grown;
        w->room_use = room;
    }
    if (row == NAME_NONE) {
        return out_of_memory(w, e);
    }
    t->first_use = t->n_use == 0 ? w->n_use : t->first_use;
    t->n_use++;
    w->use[w->n_use++] = (struct workflow_use){.file = row, .writes = writes, .bytes = bytes};
    return 0;
}

static int by_file(const void *va, const void *vb)
{
    const struct workflow_use *a = va, *b = vb;
    return a->file != b->file ? (a->file > b->file) - (a->file < b->file) : (a->writes > b->writes) - (a->writes < b->writes);
}

/* In the order of the files, for a merge. */
static struct workflow_use *sorted(struct workflow *w, uint32_t task)
{
    struct workflow_task *t = &w->task[task];
    struct workflow_use *use = t->n_use ? &w->use[t->first_use] : NULL;
    if (use && !t->sorted) {
        qsort(use, t->n_use, sizeof *use, by_file);
        t->sorted = true;
    }
    return use;
}

double workflow_shared(struct workflow *w, uint32_t from, uint32_t to)
{
    const struct workflow_use *out = sorted(w, from), *in = sorted(w, to);
    const uint32_t n_out = w->task[from].n_use, n_in = w->task[to].n_use;
    double bytes = 0;
    for (uint32_t i = 0, k = 0; i < n_out && k < n_in;) {
        if (!out[i].writes || out[i].file < in[k].file) {
            i++;
        } else if (in[k].writes || in[k].file < out[i].file) {
            k++;
        } else {
            bytes += out[i++].bytes;
            k++;
        }
    }
    return bytes;
}
