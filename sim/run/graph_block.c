/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * graph_block.c - what is kept of jobs of several tasks: each has a block of memory from when its release is known until its
 * outcome is told, of tasks and links with the sizes that are drawn for it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/run/graph_impl.h"

/* Has the workload loops whose start is to be kept? */
static bool starts_later(const struct workload *w)
{
    bool later = false;
    for (uint32_t i = 0; i < w->n_loop; i++) {
        later |= w->loop[i].from != LOOP_RELEASE;
    }
    return later;
}

static bool more_blocks(const struct run *r, struct graph_live *live, const struct workload *w)
{
    const struct graph *g = w->graph;
    const bool planned = r->spec.policy->flags & TS_WHOLE_GRAPHS;
    uint32_t n = live->n ? 2 * live->n : 16;
    struct graph_job *job = realloc(live->job, n * sizeof *job);
    live->job = job ? job : live->job;
    struct task_live *task = realloc(live->task, (size_t)n * g->n_task * sizeof *task);
    live->task = task ? task : live->task;
    struct link_live *link = realloc(live->link, (size_t)n * graph_n_link(g) * sizeof *link);
    live->link = link ? link : live->link;
    const uint32_t n_start = starts_later(w) ? w->n_loop : 0;
    double *loop_s = n_start ? realloc(live->loop_s, (size_t)n * n_start * sizeof *loop_s) : NULL;
    live->loop_s = loop_s ? loop_s : live->loop_s;
    uint32_t *out = planned ? realloc(live->out, ((size_t)n * g->n_edge + 1) * sizeof *out) : NULL;
    live->out = out ? out : live->out;
    uint8_t *packed = planned && g->packs ? realloc(live->packed, (size_t)n * g->n_edge) : NULL;
    live->packed = packed ? packed : live->packed;
    if (!job || !task || !link || (n_start && !loop_s) || (planned && !out) || (planned && g->packs && !packed)) {
        return false;
    }
    for (uint32_t i = live->n; i < n; i++) {
        job[i].next = i + 1 < n ? i + 1 : ROW_NONE;
    }
    live->free = live->n;
    live->n = n;
    return true;
}

/* What the task waits for: all of them, or so many. */
static uint32_t wanted(const struct whole *w, uint32_t k)
{
    const struct task_spec *t = &w->g->task[k];
    uint32_t n = n_before(w, k);
    return t->n_in == 0 ? 1 : t->at_least != 0 && t->at_least < n ? t->at_least : n;
}

/* The tasks that are part of the job, and what they wait for, by graph_runs. */
static void take_part(struct whole *w, const uint8_t *quiet, const uint8_t *runs)
{
    for (uint32_t k = 0; k < w->g->n_task; k++) {
        w->task[k].state = runs[k] ? TASK_WAITS : TASK_OUT;
    }
    w->job->n_output = 0;
    for (uint32_t k = 0; k < w->g->n_task; k++) {
        if (runs[k]) {
            w->task[k].wants = wanted(w, k);
            w->task[k].is_exit = graph_is_exit(w->g, quiet, runs, k);
            w->job->n_output += w->task[k].is_exit;
        }
    }
}

/* Does the task differ from job to job in its work, in what it reads, or in its output? */
static bool task_varies(const struct graph *g, uint32_t k)
{
    const struct task_spec *t = &g->task[k];
    bool varies = t->n_in == 0 || !size_is_constant(&t->work) || !size_is_constant(&t->output);
    for (uint32_t i = 0; i < t->n_in; i++) {
        varies |= !size_is_constant(graph_data_size(g, t->first_in + i));
    }
    return varies;
}

static uint32_t reach_of(const struct graph *g, uint32_t k)
{
    const struct task_spec *t = &g->task[k];
    return t->loops || t->n_out == 0 ? ROW_NONE : g->edge[g->out[t->first_out + t->n_out - 1]].to;
}

/* Fill the job that is not drawn yet: sizes that are known of all jobs, and what waits for what if all tasks are part of each. */
static void prepare(struct run *r, const struct graph *g, struct graph_live *live)
{
    struct whole w = {.g = g, .live = live, .job = &live->new_job, .task = live->new_task, .link = live->new_link};
    const bool known = g->alike || g->exits; /* else what is no part of a job has no size */
    live->new_job = (struct graph_job){.next = ROW_NONE, .accuracy = NAN};
    for (uint32_t l = 0; l < graph_n_link(g); l++) {
        w.link[l] = (struct link_live){.row = ROW_NONE, .state = LINK_NONE};
    }
    for (uint32_t k = 0; k < g->n_task; k++) {
        const struct task_spec *t = &g->task[k];
        w.task[k] = (struct task_live){.place = ROW_NONE, .row = ROW_NONE, .leader = k, .last = k, .reach = reach_of(g, k)};
        if (!known || task_varies(g, k)) {
            live->varies[live->n_varies++] = k;
            continue;
        }
        w.task[k].work_flop = dist_mean(&t->work.dist);
        w.link[graph_output(g, k)].bits = dist_mean(&t->output.dist);
        for (uint32_t e = t->first_in; e < t->first_in + t->n_in; e++) {
            w.link[e].bits = dist_mean(&graph_data_size(g, e)->dist);
        }
    }
    if (g->alike) {
        graph_runs(g, 0.5, NULL, NULL, r->runs);
        take_part(&w, NULL, r->runs);
    }
}

static bool graph_init(struct run *r, const struct graph *g, struct graph_live *live)
{
    live->free = ROW_NONE;
    if (!g) {
        return true;
    }
    live->leaves = g->exits ? malloc(g->n_task * sizeof *live->leaves) : NULL;
    live->new_task = malloc(g->n_task * sizeof *live->new_task);
    live->new_link = malloc(graph_n_link(g) * sizeof *live->new_link);
    live->varies = malloc(g->n_task * sizeof *live->varies);
    if ((g->exits && !live->leaves) || !live->new_task || !live->new_link || !live->varies) {
        return false;
    }
    prepare(r, g, live);
    return true;
}

int graphs_init(struct run *r, struct err *e)
{
    uint32_t n_task = 0, n_edge = 0;
    for (uint32_t w = 0; w < r->s->n_workload; w++) {
        const struct graph *g = r->s->workload[w].graph;
        n_task = g && g->n_task > n_task ? g->n_task : n_task;
        n_edge = g && g->n_edge > n_edge ? g->n_edge : n_edge;
    }
    if (n_task == 0) {
        return 0;
    }
    r->graph = calloc(r->s->n_workload, sizeof *r->graph);
    r->runs = calloc(n_task, sizeof *r->runs);
    r->order = calloc(n_task, sizeof *r->order);
    r->filled = calloc(n_task, sizeof *r->filled);
    r->quiet = calloc((size_t)n_edge + 1, sizeof *r->quiet);
    bool fine = r->graph && r->runs && r->order && r->filled && r->quiet;
    for (uint32_t w = 0; fine && w < r->s->n_workload; w++) {
        fine = graph_init(r, r->s->workload[w].graph, &r->graph[w]);
    }
    return fine ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for jobs of several tasks");
}

void graphs_clear(struct run *r)
{
    for (uint32_t w = 0; r->graph && w < r->s->n_workload; w++) {
        free(r->graph[w].job);
        free(r->graph[w].task);
        free(r->graph[w].link);
        free(r->graph[w].loop_s);
        free(r->graph[w].out);
        free(r->graph[w].packed);
        free(r->graph[w].leaves);
        free(r->graph[w].new_task);
        free(r->graph[w].new_link);
        free(r->graph[w].varies);
    }
    free(r->graph);
    free(r->runs);
    free(r->order);
    free(r->filled);
    free(r->quiet);
}

/* The tasks that are part of the job, and what they wait for, before anything is done. */
void graph_set_out(struct run *r, struct whole *w, const double *leaves)
{
    const struct graph *g = w->g;
    const uint8_t *quiet = g->n_selective ? r->quiet : NULL;
    if (quiet) {
        job_draw_quiet(r, &r->job[w->row], r->quiet);
    }
    graph_runs(g, job_draw_latent(r, &r->job[w->row]), quiet, leaves, r->runs);
    take_part(w, quiet, r->runs);
}

bool graph_coming(struct run *r, uint32_t row, const struct arrival *arrival)
{
    struct job *j = &r->job[row];
    const struct workload *load = &r->s->workload[j->workload];
    const struct graph *g = load->graph;
    struct graph_live *live = &r->graph[j->workload];
    if (live->free == ROW_NONE && !more_blocks(r, live, load)) {
        run_fail(r, "out of memory for jobs of several tasks");
        return false;
    }
    j->block = live->free;
    live->free = live->job[j->block].next;
    struct whole w = whole_of(r, row);
    *w.job = live->new_job;
    memcpy(w.task, live->new_task, g->n_task * sizeof *w.task);
    memcpy(w.link, live->new_link, graph_n_link(g) * sizeof *w.link);
    if (g->n_selective) {
        job_draw_quiet(r, j, r->quiet);
        for (uint32_t e = 0; e < g->n_edge; e++) {
            w.link[e].state = r->quiet[e] ? LINK_QUIET : LINK_NONE;
        }
    }
    if (!g->alike) {
        graph_set_out(r, &w, NULL);
    }
    for (uint32_t i = 0; live->loop_s && i < load->n_loop; i++) {
        live->loop_s[(size_t)j->block * load->n_loop + i] = NAN;
    }
    if (w.packed) {
        memset(w.packed, 0, g->n_edge);
    }
    job_draw_graph(r, j, arrival, w.task, w.link);
    return true;
}

void graph_give(struct run *r, uint32_t workload, uint32_t block)
{
    struct graph_live *live = &r->graph[workload];
    live->job[block].next = live->free;
    live->free = block;
}

void graph_note(struct run *r, uint32_t row, uint64_t ask, uint64_t tag)
{
    struct whole w = whole_of(r, r->job[row].whole);
    struct task_live *t = &w.task[r->job[row].part - 1];
    t->ask = ask;
    t->tag = tag;
    t->decided = true;
}

void graph_credit(struct run *r, uint32_t workload, uint32_t block, const struct ts_outcome *o, uint32_t ctl)
{
    const uint32_t n_task = r->s->workload[workload].graph->n_task;
    const struct task_live *task = &r->graph[workload].task[(size_t)block * n_task];
    for (uint32_t k = 0; k < n_task; k++) {
        if (task[k].decided && task[k].state != TASK_OUT) {
            struct ts_outcome own = *o;
            own.task = k;
            own.place = task[k].place == ROW_NONE ? TS_NONE : task[k].place;
            own.ask = task[k].ask;
            own.tag = task[k].tag;
            run_tell(r, &own, ctl);
        }
    }
}
