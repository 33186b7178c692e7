/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_shape.c - graphs made by a rule have as many tasks, edges and levels as the rule says, and no cycle; the same figures
 * give the same graph.
 */
#include "sim/model/shape.h"
#include "tests/test.h"

/* A graph as it was made and sorted, and what holds of it. */
struct made {
    struct arena arena;
    struct graph g;
    uint32_t n_level, widest, n_entry, n_exit, most_in, most_out, farthest; /* farthest: the most levels that an edge goes over */
};

static void make(struct made *m, struct shape shape)
{
    uint32_t level[GRAPH_TASKS] = {0}, width[GRAPH_TASKS] = {0};
    *m = (struct made){0};
    if (shape.work.dist.kind == DIST_CONSTANT) {
        assert_int_equal(dist_constant(&shape.work.dist, 1e9, NULL), 0);
    }
    if (shape.data.dist.kind == DIST_CONSTANT) {
        assert_int_equal(dist_constant(&shape.data.dist, 8e3, NULL), 0);
    }
    shape_make(&shape, &m->arena, &m->g);
    assert_int_equal(m->arena.failed, 0);
    assert_in_range(m->g.n_task, 1, GRAPH_TASKS);
    assert_int_equal(graph_sort(&m->g, &m->arena), ROW_NONE); /* no cycle */
    m->n_level = graph_levels(&m->g, level);
    for (uint32_t k = 0; k < m->g.n_task; k++) {
        const struct task_spec *t = &m->g.task[k];
        for (uint32_t i = 0; i < t->n_in; i++) {
            const uint32_t from = m->g.edge[t->first_in + i].from, over = level[k] - level[from];
            assert_true(from < k);
            m->farthest = over > m->farthest ? over : m->farthest;
        }
        width[level[k]]++;
        m->widest = width[level[k]] > m->widest ? width[level[k]] : m->widest;
        m->n_entry += t->n_in == 0;
        m->n_exit += t->n_out == 0;
        m->most_in = t->n_in > m->most_in ? t->n_in : m->most_in;
        m->most_out = t->n_out > m->most_out ? t->n_out : m->most_out;
    }
}

static void assert_is(struct shape shape, uint32_t n_task, uint32_t n_edge, uint32_t n_level, uint32_t widest)
{
    struct made m;
    make(&m, shape);
    assert_int_equal(m.g.n_task, n_task);
    assert_int_equal(m.g.n_edge, n_edge);
    assert_int_equal(m.n_level, n_level);
    assert_int_equal(m.widest, widest);
    arena_clear(&m.arena);
}

static void a_chain_has_one_edge_less_than_tasks(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= GRAPH_TASKS; n = n * 3 + 1) {
        assert_is((struct shape){.kind = SHAPE_CHAIN, .tasks = n}, n, n - 1, n, 1);
    }
}

static void a_fork_join_has_its_stages(void **state)
{
    (void)state;
    for (uint32_t w = 1; w <= 9; w++) {
        for (uint32_t s = 1; s <= 5; s++) {
            struct shape shape = {.kind = SHAPE_FORK_JOIN, .width = w, .stages = s};
            struct made m;
            assert_is(shape, s * (w + 1) + 1, 2 * w * s, 2 * s + 1, w);
            make(&m, shape);
            assert_int_equal(m.n_entry, 1);
            assert_int_equal(m.n_exit, 1);
            assert_int_equal(m.most_in, w);
            assert_int_equal(m.most_out, w);
            arena_clear(&m.arena);
        }
    }
}

/* 1 + b + .. + b^(L-1) tasks, each but the root with one edge; the one is the other turned round. */
static void trees_are_full(void **state)
{
    (void)state;
    for (uint32_t b = 1; b <= 4; b++) {
        for (uint32_t levels = 1; levels <= 5; levels++) {
            uint32_t n = 0, leaves = 1;
            for (uint32_t l = 0; l < levels; l++) {
                leaves = l == 0 ? 1 : leaves * b;
                n += leaves;
            }
            const struct shape in = {.kind = SHAPE_IN_TREE, .levels = levels, .branching = b};
            const struct shape out = {.kind = SHAPE_OUT_TREE, .levels = levels, .branching = b};
            struct made m;
            assert_is(in, n, n - 1, levels, leaves);
            assert_is(out, n, n - 1, levels, leaves);
            make(&m, in);
            assert_int_equal(m.n_entry, leaves);
            assert_int_equal(m.n_exit, 1);
            assert_int_equal(m.most_in, levels > 1 ? b : 0);
            assert_int_equal(m.most_out, levels > 1 ? 1 : 0);
            arena_clear(&m.arena);
            make(&m, out);
            assert_int_equal(m.n_entry, 1);
            assert_int_equal(m.n_exit, leaves);
            assert_int_equal(m.most_in, levels > 1 ? 1 : 0);
            assert_int_equal(m.most_out, levels > 1 ? b : 0);
            arena_clear(&m.arena);
        }
    }
}

/*
 * A lane of m chunks: split, 4 m, merge, with m + 3 m + m edges; a merge of all lanes if they are several; index, pileup.
 * With one lane of 5 chunks the 24 tasks of the gallery.
 */
static void epigenomics_has_four_tasks_a_chunk(void **state)
{
    (void)state;
    assert_is((struct shape){.kind = SHAPE_EPIGENOMICS, .lanes = 1, .chunks = 5}, 24, 27, 8, 5);
    for (uint32_t lanes = 1; lanes <= 4; lanes++) {
        for (uint32_t m = 1; m <= 7; m++) {
            const uint32_t several = lanes > 1;
            assert_is((struct shape){.kind = SHAPE_EPIGENOMICS, .lanes = lanes, .chunks = m}, lanes * (4 * m + 2) + several + 2,
                      lanes * 5 * m + several * lanes + 2, 8 + several, lanes * m);
        }
    }
}

/*
 * 3 n - 6 pairs with two edges in and one out, concat to model, model and n projections to n backgrounds, those to table and
 * add, and table, add, shrink, jpeg in a row: 3 (3 n - 6) + 1 + 2 n + 2 n + 3 = 13 n - 14 edges.  The gallery has 25, 50 and
 * 100 tasks, of 5, 10 and 20 images.
 */
static void montage_has_five_tasks_an_image(void **state)
{
    (void)state;
    for (uint32_t n = 3; n <= 200; n++) {
        assert_is((struct shape){.kind = SHAPE_MONTAGE, .images = n}, 5 * n, 13 * n - 14, 9, n > 3 ? 3 * n - 6 : n);
    }
}

/* Of n tasks in layers of w: ceil(n / w) levels; density 1 joins all pairs of neighbouring layers, density 0 gives trees. */
static void layers_are_as_wide_as_said(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 60; n += 7) {
        for (uint32_t w = 1; w <= 9; w++) {
            struct shape shape = {.kind = SHAPE_LAYERED, .tasks = n, .reach = 1, .seed = n};
            const uint32_t levels = (n + w - 1) / w, last = n - w * (levels - 1), full = levels > 1 ? levels - 2 : 0;
            assert_int_equal(dist_constant(&shape.layer_width, w, NULL), 0);
            const uint32_t first = w < n ? w : n;
            assert_is(shape, n, n - first, levels, first);
            shape.density = 1;
            assert_is(shape, n, full * w * w + (levels > 1 ? w * last : 0), levels, first);
        }
    }
}

/*
 * With density p and layers of w a task has 1 + p (w - 1) parents in the mean.  499 layers of 2: each of 998 tasks has a second
 * parent with p = .3: a binomial of mean 299.4 and standard deviation 14.5; within 4 of these.
 */
static void the_density_is_that_of_edges(void **state)
{
    (void)state;
    struct shape shape = {.kind = SHAPE_LAYERED, .tasks = 1000, .reach = 1, .density = 0.3, .seed = 7};
    struct made m;
    assert_int_equal(dist_constant(&shape.layer_width, 2, NULL), 0);
    make(&m, shape);
    assert_near((double)m.g.n_edge - 998, 299.4, 0, 58);
    assert_int_equal(m.farthest, 1);
    arena_clear(&m.arena);
}

/* A drawn width keeps the number of tasks; with a reach edges go over more levels, and yet each task has a parent just above. */
static void widths_and_reach_may_vary(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        struct shape shape = {.kind = SHAPE_LAYERED, .tasks = 100, .reach = 3, .density = 0.2, .seed = seed};
        struct made m;
        assert_int_equal(dist_uniform_native(&shape.layer_width, 2, 9, NULL), 0);
        make(&m, shape);
        assert_int_equal(m.g.n_task, 100);
        assert_in_range(m.widest, 2, 9);
        assert_in_range(m.n_level, 100 / 9, 50);
        assert_in_range(m.n_entry, 2, 9);
        assert_int_equal(m.farthest, 3);
        arena_clear(&m.arena);
    }
}

/* The same figures draw the same graph, another seed another one; work and data are those of the distributions. */
static void a_graph_is_a_function_of_its_figures(void **state)
{
    (void)state;
    struct shape shape = {.kind = SHAPE_LAYERED, .tasks = 200, .reach = 2, .density = 0.3, .seed = 3};
    struct made a, b, c;
    double sum = 0;
    assert_int_equal(dist_uniform_native(&shape.layer_width, 1, 8, NULL), 0);
    assert_int_equal(dist_uniform_native(&shape.work.dist, 1e9, 3e9, NULL), 0);
    assert_int_equal(dist_uniform_native(&shape.data.dist, 1e6, 2e6, NULL), 0);
    make(&a, shape);
    make(&b, shape);
    shape.seed = 4;
    make(&c, shape);
    assert_int_equal(a.g.n_edge, b.g.n_edge);
    for (uint32_t e = 0; e < a.g.n_edge; e++) {
        assert_int_equal(a.g.edge[e].from, b.g.edge[e].from);
        assert_int_equal(a.g.edge[e].to, b.g.edge[e].to);
        assert_true(dist_mean(&a.g.edge[e].data.dist) == dist_mean(&b.g.edge[e].data.dist));
        assert_in_range(dist_mean(&a.g.edge[e].data.dist), 1000000, 2000000);
    }
    bool differs = a.g.n_edge != c.g.n_edge;
    for (uint32_t k = 0; k < 200; k++) {
        const double flop = dist_mean(&a.g.task[k].work.dist);
        assert_true(flop == dist_mean(&b.g.task[k].work.dist));
        assert_string_equal(a.g.task[k].name, b.g.task[k].name);
        differs |= flop != dist_mean(&c.g.task[k].work.dist);
        assert_true(flop > 1e9 && flop < 3e9);
        sum += flop;
    }
    assert_true(differs);
    assert_near(sum / 200, 2e9, 0, 4 * 2e9 / sqrt(12 * 200.)); /* 4 standard errors of a uniform */
    arena_clear(&a.arena);
    arena_clear(&b.arena);
    arena_clear(&c.arena);
}

/* What is too large is counted only as far as needed, and not made. */
static void too_large_is_not_made(void **state)
{
    (void)state;
    const struct shape shape[] = {
        {.kind = SHAPE_FORK_JOIN, .width = 1000, .stages = 1000},    {.kind = SHAPE_IN_TREE, .levels = 1000, .branching = 1000},
        {.kind = SHAPE_OUT_TREE, .levels = 1000, .branching = 1000}, {.kind = SHAPE_EPIGENOMICS, .lanes = 1000, .chunks = 1000},
        {.kind = SHAPE_LAYERED, .tasks = 1000, .density = 1, .reach = 1000, .layer_width.u.constant.value = 500},
    };
    for (size_t i = 0; i < LEN(shape); i++) {
        struct arena arena = {0};
        struct graph g;
        shape_make(&shape[i], &arena, &g);
        assert_true(g.n_task > GRAPH_TASKS || g.n_edge > GRAPH_EDGES);
        assert_null(g.task);
        arena_clear(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_chain_has_one_edge_less_than_tasks), cmocka_unit_test(a_fork_join_has_its_stages),
        cmocka_unit_test(trees_are_full),                       cmocka_unit_test(epigenomics_has_four_tasks_a_chunk),
        cmocka_unit_test(montage_has_five_tasks_an_image),      cmocka_unit_test(layers_are_as_wide_as_said),
        cmocka_unit_test(the_density_is_that_of_edges),         cmocka_unit_test(widths_and_reach_may_vary),
        cmocka_unit_test(a_graph_is_a_function_of_its_figures), cmocka_unit_test(too_large_is_not_made),
    };
    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
