/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/read_shape.h"

#include <math.h>

#include "sim/io/read_dist.h"
#include "sim/io/read_size.h"
#include "sim/io/read_tasks.h"
#include "sim/io/read_work.h"
#include "sim/model/shape.h"

#define SHAPE(name) offsetof(struct shape, name)
#define COUNT(field) .type = VALUE_WHOLE, .offset = SHAPE(field), .min = 1, .max = GRAPH_TASKS

/* clang-format off */
static const struct key chain_key[] = {
    {.name = "tasks", COUNT(tasks), .required = true, .about = "one after the other"},
};
static const struct table chain_table = {.title = "workloads.NAME.shape.chain", TABLE(chain_key)};

static const struct key fork_join_key[] = {
    {.name = "width", COUNT(width), .required = true, .about = "tasks side by side, between one before and one behind them"},
    {.name = "stages", COUNT(stages), .otherwise = "1", .about = "so often; the last task of one is the first of the next"},
};
static const struct table fork_join_table = {.title = "workloads.NAME.shape.fork_join", TABLE(fork_join_key)};

static const struct key tree_key[] = {
    {.name = "levels", COUNT(levels), .required = true, .about = "from the root to the leaves, both counted"},
    {.name = "branching", COUNT(branching), .otherwise = "2", .about = "tasks that each inner one joins, or is followed by"},
};
static const struct table tree_table = {.title = "workloads.NAME.shape.in_tree and out_tree", TABLE(tree_key)};

static const struct key layered_key[] = {
    {.name = "tasks", COUNT(tasks), .required = true, .about = "in all"},
    {.name = "width", .type = VALUE_READ, .dimension = DIM_NUMBER, .of_numbers = true, .offset = SHAPE(layer_width),
     .read = read_dist, .scalar = &dist_scalar, .table = &dist_kinds, .required = true,
     .wanted = "a number such as 6, or a distribution",
     .about = "tasks of a level, drawn for each and rounded; the last has what is left"},
    {.name = "density", .type = VALUE_QUANTITY, .dimension = DIM_NUMBER, .offset = SHAPE(density), .max = 1, .otherwise = "0.3",
     .about = "the probability that a task reads what another of the levels above has made, besides one just above it, which it "
              "reads in any case"},
    {.name = "reach", COUNT(reach), .otherwise = "1", .about = "levels that edges go over at most"},
};
static const struct table layered_table = {.title = "workloads.NAME.shape.layered", TABLE(layered_key)};

static const struct key epigenomics_key[] = {
    {.name = "lanes", COUNT(lanes), .otherwise = "1", .about = "each is split, mapped and merged by itself"},
    {.name = "chunks", COUNT(chunks), .required = true,
     .about = "parts that a lane is split into, with four tasks in a row for each"},
};
static const struct table epigenomics_table = {.title = "workloads.NAME.shape.epigenomics", TABLE(epigenomics_key)};

static const struct key montage_key[] = {
    {.name = "images", .type = VALUE_WHOLE, .offset = SHAPE(images), .min = 3, .max = GRAPH_TASKS / 5, .required = true,
     .about = "of which the mosaic is made; there are five times as many tasks"},
};
static const struct table montage_table = {.title = "workloads.NAME.shape.montage", TABLE(montage_key)};

#define KIND(word, number, by) .name = (word), .choice = true, .tag = (number), .type = VALUE_MAP, .table = &(by)

static const struct key shape_key[] = {
    {KIND("chain", SHAPE_CHAIN, chain_table), .about = "one task after the other"},
    {KIND("fork_join", SHAPE_FORK_JOIN, fork_join_table), .about = "one, many side by side, one that waits for them"},
    {KIND("in_tree", SHAPE_IN_TREE, tree_table), .about = "leaves are joined, and joined again, down to one task"},
    {KIND("out_tree", SHAPE_OUT_TREE, tree_table), .about = "one task is followed by several, and each of them again"},
    {KIND("layered", SHAPE_LAYERED, layered_table), .about = "levels of random width with random edges between them"},
    {KIND("epigenomics", SHAPE_EPIGENOMICS, epigenomics_table), .about = "as the workflow: parallel chains of four, merged"},
    {KIND("montage", SHAPE_MONTAGE, montage_table), .about = "as the workflow: a mosaic of images"},
    {.name = "work", .type = VALUE_READ, .dimension = DIM_WORK, .offset = SHAPE(work), .required = true, .read = read_work,
     .scalar = &dist_scalar, .table = &work_table,
     .wanted = "an amount of work such as 12 GFLOP, a distribution, or {seconds: {PROCESSOR: TIME}}",
     .about = "of a task, drawn once for each: all jobs have the same"},
    {.name = "data", .type = VALUE_READ, .dimension = DIM_DATA, .offset = SHAPE(data), .otherwise = "0 B", .read = read_size,
     .scalar = &dist_scalar, .table = &size_table, .wanted = "an amount of data such as 120 kB" SIZE_WANTED,
     .about = "from a task to one that reads its results, drawn once for each edge"},
    {.name = "seed", .type = VALUE_WHOLE, .offset = SHAPE(seed), .max = UINT32_MAX, .otherwise = "1",
     .about = "another one draws another graph"},
};
const struct table shape_table = {
    .title = "workloads.NAME.shape", TABLE(shape_key), .tag_offset = SHAPE(kind),
    .choice = "one of chain, fork_join, in_tree, out_tree, layered, epigenomics, montage"};
/* clang-format on */

/* Columns of a trace differ from job to job. */
static int refuse_linear(struct reader *r, const struct yaml_node *n, const char *key, const struct size_spec *size)
{
    const struct yaml_node *value = yaml_get(n, key);
    if (size->kind == SIZE_DRAWN || !value) {
        return 0;
    }
    size_t mark = read_enter(r, key);
    int rc = read_fault(r, value->at, "found linear, wanted what is the same for all jobs, such as a distribution");
    read_leave(r, mark);
    return rc;
}

int read_shape(struct reader *r, const struct key *k, const struct yaml_node *n, void *field)
{
    const struct workload *w = (const struct workload *)(const void *)((char *)field - k->offset);
    struct shape shape = {0};
    struct graph *g = ARENA_NEW(&r->s->arena, 1, struct graph);
    double idle;
    if (!g) {
        return read_out_of_memory(r);
    }
    int rc = read_table(r, k->table, n, &shape);
    rc = rc ? rc : refuse_linear(r, n, "work", &shape.work);
    rc = rc ? rc : refuse_linear(r, n, "data", &shape.data);
    if (rc) {
        return rc;
    }
    shape_make(&shape, &r->s->arena, g);
    if (g->n_task > GRAPH_TASKS || g->n_edge > GRAPH_EDGES) {
        return read_fault(r, n->at, "found a graph of more than %d %s, wanted at most %d tasks and %d edges",
                          g->n_task > GRAPH_TASKS ? GRAPH_TASKS : GRAPH_EDGES, g->n_task > GRAPH_TASKS ? "tasks" : "edges",
                          GRAPH_TASKS, GRAPH_EDGES);
    }
    for (uint32_t i = 0; i < g->n_task && !r->s->arena.failed; i++) {
        g->task[i].runs_on = w->runs_on;
        g->task[i].output = w->output;
        g->task[i].when = (struct latent_band){0, 1};
    }
    if (!r->s->arena.failed) {
        graph_sort(g, &r->s->arena);
        graph_share(g, &r->s->arena, &idle);
    }
    *(const struct graph **)field = g;
    return r->s->arena.failed ? read_out_of_memory(r) : 0;
}
