/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "sim/base/tally.h"
#include "sim/base/text.h"
#include "sim/io/read_tasks.h"
#include "sim/measure/loops.h"
#include "sim/model/graph.h"

enum { LOOP_NAME_MAX = 24 };

/* A loop as a mapping. */
struct loop_written {
    const struct yaml_node *tasks;
    unsigned from, upto; /* rows of the words */
};

static const char *const from_word[] = {"release", "received", "sent", NULL};
static const enum loop_instant from_instant[] = {LOOP_RELEASE, LOOP_RECEIVED, LOOP_SENT};
static const char *const upto_word[] = {"result", "received", NULL};
static const enum loop_instant upto_instant[] = {LOOP_RESULT, LOOP_RECEIVED};

/* clang-format off */
#define WRITTEN(name) .offset = offsetof(struct loop_written, name)
static const struct key loop_key[] = {
    {.name = "tasks", .type = VALUE_NODE, WRITTEN(tasks), .required = true, .item = &read_name_key, .least = 1,
     .wanted = "a list of tasks, each behind the other", .about = "the chain"},
    {.name = "from", .type = VALUE_WORD, WRITTEN(from), .word = from_word, .otherwise = "release",
     .about = "the clock starts at the release of the job, if the first task reads its input; when the first task has its data at "
              "its place; or at the end of its service, as iFogSim has it"},
    {.name = "upto", .type = VALUE_WORD, WRITTEN(upto), .word = upto_word, .otherwise = "result",
     .about = "and stops with the result of the last task, or when that has its data at its place, as iFogSim has it"},
};
/* clang-format on */
static const struct table loop_table = {.title = "workloads.NAME.loops.NAME", TABLE(loop_key)};
const struct key loop_item = {.type = VALUE_READ, .item = &read_name_key, .table = &loop_table, .least = 1,
                              .wanted = "a list of tasks, each behind the other"};

static uint32_t find_task(const struct graph *g, const struct yaml_node *n)
{
    for (uint32_t k = 0; n->kind == YAML_SCALAR && !yaml_is_null(n) && k < g->n_task; k++) {
        if (strcmp(g->task[k].name, n->text) == 0) {
            return k;
        }
    }
    return ROW_NONE;
}

static bool has_edge(const struct graph *g, uint32_t from, uint32_t to)
{
    bool has = false;
    for (uint32_t e = g->task[to].first_in; e < g->task[to].first_in + g->task[to].n_in; e++) {
        has |= g->edge[e].from == from;
    }
    return has;
}

/* The i-th task of a chain, behind the one before it. */
static int read_step(struct reader *r, const struct graph *g, const struct loop_spec *loop, const struct yaml_node *n, uint32_t i,
                     uint32_t *task)
{
    char shown[TEXT_SHOWN];
    task[i] = find_task(g, n);
    if (task[i] == ROW_NONE) {
        return read_fault(r, n->at, "found %s, wanted the name of a task", read_found(n, shown));
    }
    if (i == 0 && loop->from == LOOP_RELEASE && g->task[task[0]].n_in > 0) {
        return read_fault(r, n->at, "found a task that reads no input of the job, wanted one without `after`");
    }
    if (i > 0 && !has_edge(g, task[i - 1], task[i])) {
        return read_fault(r, n->at, "found a task that does not read what %s makes, wanted one that does",
                          g->task[task[i - 1]].name);
    }
    return 0;
}

static bool is_taken(const struct scenario *s, const struct workload *w, uint32_t n_loop, const char *name)
{
    bool taken = false;
    for (const struct workload *v = s->workload; v <= w; v++) {
        for (uint32_t i = 0; i < (v == w ? n_loop : v->n_loop); i++) {
            taken |= strcmp(v->loop[i].name, name) == 0;
        }
    }
    return taken;
}

/* May a loop be called so?  Not as the quantile of another is. */
static bool is_loop_name(const char *name)
{
    const size_t n = strlen(name);
    bool fine = tally_is_name(name) && n <= LOOP_NAME_MAX;
    for (int k = 1; k < LOOP_VALUES; k++) {
        const size_t m = strlen(loop_ending[k]);
        fine = fine && !(n >= m && strcmp(name + n - m, loop_ending[k]) == 0);
    }
    return fine;
}

static int read_chain(struct reader *r, const struct graph *g, const struct yaml_node *n, struct loop_spec *loop)
{
    int bad = read_list(r, n, loop_item.wanted, g->n_task);
    uint32_t *task = bad ? NULL : ARENA_NEW(&r->s->arena, n->n, uint32_t);
    if (!task) {
        return bad ? bad : read_out_of_memory(r);
    }
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter_item(r, i);
        int rc = read_step(r, g, loop, n->item[i], i, task);
        read_leave(r, mark);
        if (rc) {
            return rc;
        }
    }
    if (n->n == 1 && loop->upto == LOOP_RECEIVED && loop->from != LOOP_RELEASE) {
        return read_fault(r, n->at, "found a clock that stops no later than it starts, wanted two tasks, or `upto: result`");
    }
    loop->task = task;
    loop->n_task = n->n;
    loop->first = task[0];
    loop->last = task[n->n - 1];
    g->task[loop->first].loops |= (uint8_t)(1u << loop->from);
    g->task[loop->last].loops |= (uint8_t)(1u << loop->upto);
    return 0;
}

static int read_loop(struct reader *r, const struct workload *w, const struct yaml_pair *pair, struct loop_spec *loop)
{
    struct loop_written written = {.tasks = pair->value};
    if (!is_loop_name(pair->key)) {
        return read_fault(r, pair->at, "found another name of a loop, wanted one of at most %d letters a to z, digits and _ that "
                          "does not end in _p50, _p95 or _p99", LOOP_NAME_MAX);
    }
    if (is_taken(r->s, w, (uint32_t)(loop - w->loop), pair->key)) {
        return read_fault(r, pair->at, "found a second loop of that name, wanted another name");
    }
    const bool is_map = pair->value->kind == YAML_MAP;
    int rc = is_map ? read_table(r, &loop_table, pair->value, &written) : 0;
    if (rc) {
        return rc;
    }
    loop->from = from_instant[written.from];
    loop->upto = upto_instant[written.upto];
    loop->name = arena_copy(&r->s->arena, pair->key);
    if (!loop->name) {
        return read_out_of_memory(r);
    }
    size_t mark = is_map ? read_enter(r, "tasks") : 0;
    rc = read_chain(r, w->graph, written.tasks, loop);
    if (is_map) {
        read_leave(r, mark);
    }
    return rc;
}

int read_loops(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    struct workload *w = (struct workload *)(void *)((char *)field - k->offset);
    char shown[TEXT_SHOWN];
    uint32_t n_before = 0;
    int rc = 0;
    if (n->kind != YAML_MAP || n->n == 0) {
        return read_fault(r, n->at, "found %s, wanted {NAME: [TASK, TASK, ...], ...}",
                          n->kind == YAML_MAP ? "nothing" : read_found(n, shown));
    }
    for (const struct workload *v = r->s->workload; v < w; v++) {
        n_before += v->n_loop;
    }
    if (n_before + n->n > LOOPS_MAX) {
        return read_fault(r, n->at, "found %u loops behind %u of other workloads, wanted at most %d in all", n->n, n_before,
                          LOOPS_MAX);
    }
    if (!w->graph) {
        return w->form != WORKLOAD_PLAIN ? -ERR_INPUT /* told where the graph is */
                                         : read_fault(r, n->at, "found loops of jobs of one task, wanted `tasks` or a `shape`");
    }
    struct loop_spec *loop = ARENA_NEW(&r->s->arena, n->n, struct loop_spec);
    if (!loop) {
        return read_out_of_memory(r);
    }
    w->loop = loop;
    for (uint32_t i = 0; i < n->n; i++) {
        size_t mark = read_enter(r, n->pair[i].key);
        int one = read_loop(r, w, &n->pair[i], &loop[w->n_loop]);
        read_leave(r, mark);
        w->n_loop += one == 0;
        rc = rc ? rc : one;
    }
    return rc;
}
