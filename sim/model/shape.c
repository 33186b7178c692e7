/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shape.c - each shape is told twice to a builder: once to be counted, once to be written down. */
#include "sim/model/shape.h"

#include <math.h>

struct builder {
    const struct shape *shape;
    struct graph *g;
    struct arena *a;
    bool counts; /* only */
};

static bool is_full(const struct builder *b)
{
    return b->g->n_task > GRAPH_TASKS || b->g->n_edge > GRAPH_EDGES;
}

static struct draw_at address(const struct builder *b, uint64_t index, uint8_t purpose)
{
    return (struct draw_at){{b->shape->seed, 0}, stream_entity("shape"), 0, index, purpose, 0};
}

static void draw_size(const struct builder *b, const struct size_spec *of, uint64_t index, uint8_t purpose, struct size_spec *out)
{
    const struct draw_at at = address(b, index, purpose);
    const double x = dist_draw(&of->dist, &at);
    *out = *of;
    dist_constant(&out->dist, x, NULL);
}

/* A task called NAME, or NAME_I, or NAME_I_K: numbers below 0 are left out. */
static uint32_t task(struct builder *b, const char *name, int i, int k)
{
    const uint32_t row = b->g->n_task++;
    if (b->counts) {
        return row;
    }
    struct task_spec *t = &b->g->task[row];
    t->name = i < 0 ? name : k < 0 ? arena_format(b->a, "%s_%d", name, i) : arena_format(b->a, "%s_%d_%d", name, i, k);
    draw_size(b, &b->shape->work, row, DRAW_WORK, &t->work);
    return row;
}

static void edge(struct builder *b, uint32_t from, uint32_t to)
{
    const uint32_t row = b->g->n_edge++;
    if (!b->counts) {
        b->g->edge[row] = (struct edge_spec){.from = from, .to = to, .chance = 1};
        draw_size(b, &b->shape->data, row, DRAW_INPUT, &b->g->edge[row].data);
    }
}

static uint32_t task_after(struct builder *b, uint32_t from, const char *name, int i, int k)
{
    const uint32_t row = task(b, name, i, k);
    edge(b, from, row);
    return row;
}

static void chain(struct builder *b)
{
    uint32_t last = task(b, "step", 1, -1);
    for (uint32_t i = 1; i < b->shape->tasks && !is_full(b); i++) {
        last = task_after(b, last, "step", (int)i + 1, -1);
    }
}

static void fork_join(struct builder *b)
{
    uint32_t fork = task(b, "join", 0, -1);
    for (uint32_t s = 1; s <= b->shape->stages && !is_full(b); s++) {
        const uint32_t first = b->g->n_task;
        for (uint32_t i = 0; i < b->shape->width; i++) {
            task_after(b, fork, "part", (int)s, (int)i + 1);
        }
        const uint32_t join = task(b, "join", (int)s, -1);
        for (uint32_t i = 0; i < b->shape->width; i++) {
            edge(b, first + i, join);
        }
        fork = join;
    }
}

static void out_tree(struct builder *b)
{
    uint32_t first = task(b, "node", 1, 1), n = 1;
    for (uint32_t l = 2; l <= b->shape->levels && !is_full(b); l++) {
        const uint32_t next = b->g->n_task;
        for (uint32_t i = 0; i < n * b->shape->branching; i++) {
            task_after(b, first + i / b->shape->branching, "node", (int)l, (int)i + 1);
        }
        first = next;
        n *= b->shape->branching;
    }
}

static void in_tree(struct builder *b)
{
    const uint32_t branching = b->shape->branching, levels = b->shape->levels;
    uint32_t first = b->g->n_task;
    uint64_t n = 1;
    for (uint32_t l = 1; l < levels && n <= GRAPH_TASKS; l++) {
        n *= branching;
    }
    for (uint32_t l = 1; l <= levels && !is_full(b); l++, n /= branching) {
        const uint32_t next = b->g->n_task;
        for (uint32_t i = 0; i < n && !is_full(b); i++) {
            const uint32_t row = task(b, "node", (int)l, (int)i + 1);
            for (uint32_t k = 0; l > 1 && k < branching; k++) {
                edge(b, first + i * branching + k, row);
            }
        }
        first = next;
    }
}

static uint32_t layer_width(const struct builder *b, uint32_t level)
{
    const struct draw_at at = address(b, level, DRAW_STAY);
    const double x = floor(dist_draw(&b->shape->layer_width, &at) + 0.5);
    const uint32_t left = b->shape->tasks - b->g->n_task;
    return x < 1 ? 1 : x < left ? (uint32_t)x : left;
}

/* A task of a layer whose parents are all before it: those of the layer just above from row `above` on. */
static void layered_task(struct builder *b, uint32_t level, uint32_t i, uint32_t farthest, uint32_t above, uint32_t first)
{
    const uint32_t row = task(b, "task", (int)level + 1, (int)i + 1);
    const struct draw_at pick = address(b, row, DRAW_MEMBER);
    const uint32_t parent = above + (uint32_t)(draw_uniform(&pick, 0) * (first - above));
    for (uint32_t from = farthest; from < first && !is_full(b); from++) {
        const struct draw_at at = address(b, (uint64_t)from * GRAPH_TASKS + row, DRAW_BRANCH);
        if (from == parent || draw_uniform(&at, 0) < b->shape->density) {
            edge(b, from, row);
        }
    }
}

static void layered(struct builder *b)
{
    uint32_t start[GRAPH_TASKS + 1] = {0};
    for (uint32_t l = 0; b->g->n_task < b->shape->tasks && !is_full(b); l++) {
        const uint32_t first = b->g->n_task, n = layer_width(b, l), reach = b->shape->reach;
        start[l] = first;
        for (uint32_t i = 0; i < n; i++) {
            if (l == 0) {
                task(b, "task", 1, (int)i + 1);
            } else {
                layered_task(b, l, i, start[l > reach ? l - reach : 0], start[l - 1], first);
            }
        }
    }
}

static void epigenomics(struct builder *b)
{
    const uint32_t lanes = b->shape->lanes;
    uint32_t merged = 0;
    for (uint32_t lane = 1; lane <= lanes && !is_full(b); lane++) {
        const uint32_t split = task(b, "split", (int)lane, -1), first = b->g->n_task;
        for (uint32_t i = 1; i <= b->shape->chunks && !is_full(b); i++) {
            uint32_t at = task_after(b, split, "filter", (int)lane, (int)i);
            at = task_after(b, at, "sol2sanger", (int)lane, (int)i);
            at = task_after(b, at, "fastq2bfq", (int)lane, (int)i);
            task_after(b, at, "map", (int)lane, (int)i);
        }
        merged = task(b, "merge", (int)lane, -1);
        for (uint32_t i = 0; i < b->shape->chunks; i++) {
            edge(b, first + 4 * i + 3, merged);
        }
    }
    if (lanes > 1) {
        const uint32_t one = 4 * b->shape->chunks + 2, all = task(b, "merge_all", -1, -1);
        for (uint32_t lane = 1; lane <= lanes; lane++) {
            edge(b, lane * one - 1, all);
        }
        merged = all;
    }
    merged = task_after(b, merged, "index", -1, -1);
    task_after(b, merged, "pileup", -1, -1);
}

static void montage(struct builder *b)
{
    const uint32_t n = b->shape->images, n_diff = 3 * n - 6;
    for (uint32_t i = 0; i < n; i++) {
        task(b, "project", (int)i + 1, -1);
    }
    for (uint32_t i = 0; i < n; i++) {
        for (uint32_t k = i + 1; k < n && k <= i + 3; k++) {
            const uint32_t diff = task_after(b, i, "diff", (int)i + 1, (int)k + 1);
            edge(b, k, diff);
        }
    }
    const uint32_t concat = task(b, "concat", -1, -1);
    for (uint32_t i = 0; i < n_diff; i++) {
        edge(b, n + i, concat);
    }
    const uint32_t model = task_after(b, concat, "model", -1, -1), first = b->g->n_task;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t background = task_after(b, model, "background", (int)i + 1, -1);
        edge(b, i, background);
    }
    const uint32_t table = task(b, "table", -1, -1), add = task_after(b, table, "add", -1, -1);
    for (uint32_t i = 0; i < n; i++) {
        edge(b, first + i, table);
        edge(b, first + i, add);
    }
    task_after(b, task_after(b, add, "shrink", -1, -1), "jpeg", -1, -1);
}

static void tell(struct builder *b)
{
    static void (*const of[])(struct builder *b) = {
        [SHAPE_CHAIN] = chain,       [SHAPE_FORK_JOIN] = fork_join,     [SHAPE_IN_TREE] = in_tree, [SHAPE_OUT_TREE] = out_tree,
        [SHAPE_LAYERED] = layered,   [SHAPE_EPIGENOMICS] = epigenomics, [SHAPE_MONTAGE] = montage,
    };
    b->g->n_task = b->g->n_edge = 0;
    of[b->shape->kind](b);
}

void shape_make(const struct shape *shape, struct arena *a, struct graph *g)
{
    struct builder b = {.shape = shape, .g = g, .a = a, .counts = true};
    *g = (struct graph){0};
    tell(&b);
    if (is_full(&b)) {
        return;
    }
    g->task = ARENA_NEW(a, g->n_task, struct task_spec);
    g->edge = ARENA_NEW(a, (size_t)g->n_edge + 1, struct edge_spec);
    b.counts = false;
    if (!a->failed) {
        tell(&b);
    }
}
