/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_dnn_parts.c - layers taken together, by hand. */
#include "tests/test.h"

#include "sim/model/dnn_parts.h"

/*
 * conv -> relu -> pool -> a -> add -> fc, with pool -> add beside a.  Bytes of their results: 80, 80, 20, 20, 20, 4; input 12.
 * Tensor k + 1 is the result of layer k, tensor 0 the input.
 */
enum { CONV, RELU, POOL, A, ADD, FC, N_LAYER };

static struct dnn *residual(struct arena *a)
{
    static const double bytes[] = {12, 80, 80, 20, 20, 20, 4};
    static const uint32_t link[N_LAYER][2] = {{0}, {1}, {2}, {3}, {4, 3}, {5}};
    struct dnn *d = ARENA_NEW(a, 1, struct dnn);
    assert_non_null(d);
    *d = (struct dnn){.name = "residual", .n_layer = N_LAYER, .n_tensor = N_LAYER + 1,
                      .layer = ARENA_NEW(a, N_LAYER, struct dnn_layer), .tensor = ARENA_NEW(a, N_LAYER + 1, struct dnn_tensor)};
    for (uint32_t t = 0; t <= N_LAYER; t++) {
        d->tensor[t] = (struct dnn_tensor){.name = "t", .known = true, .bytes = bytes[t], .input = t == 0, .result = t == N_LAYER,
                                           .maker = t ? t - 1 : DNN_NONE};
    }
    for (uint32_t k = 0; k < N_LAYER; k++) {
        uint32_t *row = ARENA_NEW(a, 3, uint32_t);
        assert_non_null(row);
        row[0] = link[k][0];
        row[1] = link[k][1];
        row[2] = k + 1;
        d->layer[k] = (struct dnn_layer){.name = "l", .op = "Op", .in = row, .out = row + 2, .n_in = k == ADD ? 2 : 1, .n_out = 1,
                                         .mac = k == CONV || k == A || k == FC ? 100 : 0, .flop = 200};
    }
    assert_int_equal(dnn_finish(d, a), 0);
    return d;
}

/* A relu goes with its convolution; add reads two; a computes. */
static void a_graph_keeps_what_may_be_parted(void **state)
{
    static const uint32_t of[N_LAYER] = {0, 0, 1, 2, 3, 4};
    static const struct dnn_edge edge[] = {
        {0, 1, 0, 80, 0}, {1, 2, 0, 20, 1}, {1, 3, 0, 20, 1}, {2, 3, 0, 20, 0}, {3, 4, 0, 20, 0}};
    struct arena a = {0};
    struct dnn_parts p;
    (void)state;
    const struct dnn *d = residual(&a);
    assert_int_equal(dnn_parts(&p, d, DNN_GRAPH, UINT32_MAX, &a), 0);
    assert_int_equal(dnn_join(&p, d, 0, p.n - 1, &a), 0);
    assert_int_equal(p.n, 5);
    assert_memory_equal(p.of, of, sizeof of);
    assert_int_equal(p.n_edge, LEN(edge));
    for (size_t i = 0; i < LEN(edge); i++) {
        uint32_t k = 0;
        while (k < p.n_edge && (p.edge[k].from != edge[i].from || p.edge[k].to != edge[i].to)) {
            k++;
        }
        assert_true(k < p.n_edge);
        assert_near(p.edge[k].bytes, edge[i].bytes, 0, 0);
        assert_int_equal(p.edge[k].same, edge[i].same); /* a and add read what pool makes */
    }
    assert_near(p.input_bytes[0], 12, 0, 0);
    assert_near(p.output_bytes[4], 4, 0, 0);
    arena_clear(&a);
}

/* What pool makes is read twice, so a does not go with it though it computes nothing; fc does, and keeps the size. */
static void what_computes_or_is_read_twice_is_apart(void **state)
{
    static const uint32_t of[N_LAYER] = {0, 0, 1, 2, 3, 4};
    struct arena a = {0};
    struct dnn_parts p;
    (void)state;
    struct dnn *d = residual(&a);
    d->layer[A].mac = 0;
    d->tensor[FC + 1].bytes = d->tensor[ADD + 1].bytes;
    assert_int_equal(dnn_parts(&p, d, DNN_GRAPH, UINT32_MAX, &a), 0);
    assert_memory_equal(p.of, of, sizeof of);
    arena_clear(&a);
}

/* Between pool and add two tensors go along: cuts are behind relu, pool and add.  Of two borders the cheapest stay. */
static void a_chain_is_cut_over_single_tensors(void **state)
{
    static const uint32_t all[N_LAYER] = {0, 0, 1, 2, 2, 3}, two[N_LAYER] = {0, 0, 0, 1, 1, 1};
    struct arena a = {0};
    struct dnn_parts p;
    (void)state;
    const struct dnn *d = residual(&a);
    assert_int_equal(dnn_parts(&p, d, DNN_CHAIN, UINT32_MAX, &a), 0);
    assert_int_equal(dnn_join(&p, d, 0, p.n - 1, &a), 0);
    assert_int_equal(p.n, 4);
    assert_memory_equal(p.of, all, sizeof all);
    assert_int_equal(p.n_edge, 3);
    assert_int_equal(dnn_parts(&p, d, DNN_CHAIN, 2, &a), 0);
    assert_int_equal(dnn_join(&p, d, 0, p.n - 1, &a), 0);
    assert_int_equal(p.n, 2);
    assert_memory_equal(p.of, two, sizeof two);
    assert_near(p.edge[0].bytes, 20, 0, 0);
    arena_clear(&a);
}

/*
 * a -> b -> c -> end, and a -> easy at the end of the file: an exit that needs 400 of the 1000 flop.  So easy is the second
 * layer, a part of its own that b waits for, and its result goes over no cut.  Tensor k + 1 is the result of layer k as listed.
 */
static struct dnn *early(struct arena *a)
{
    static const double bytes[] = {12, 80, 40, 20, 4, 8};
    static const uint32_t link[] = {0, 1, 2, 3, 1};
    static const char *const name[] = {"a", "b", "c", "end", "easy"};
    struct dnn *d = ARENA_NEW(a, 1, struct dnn);
    assert_non_null(d);
    *d = (struct dnn){.name = "early", .n_layer = 5, .n_tensor = 6, .n_exit = 1, .layer = ARENA_NEW(a, 5, struct dnn_layer),
                      .tensor = ARENA_NEW(a, 6, struct dnn_tensor), .exit = ARENA_NEW(a, 1, struct dnn_exit)};
    d->exit[0] = (struct dnn_exit){.name = "easy", .tensor = 5};
    for (uint32_t t = 0; t < 6; t++) {
        d->tensor[t] = (struct dnn_tensor){.name = "t", .known = true, .bytes = bytes[t], .input = t == 0, .result = t > 3,
                                           .maker = t ? t - 1 : DNN_NONE};
    }
    for (uint32_t k = 0; k < 5; k++) {
        uint32_t *row = ARENA_NEW(a, 2, uint32_t);
        assert_non_null(row);
        row[0] = link[k];
        row[1] = k + 1;
        d->layer[k] = (struct dnn_layer){.name = name[k], .op = "Op", .in = row, .out = row + 1, .n_in = 1, .n_out = 1, .mac = 100,
                                         .flop = 200};
    }
    assert_int_equal(dnn_finish(d, a), 0);
    return d;
}

static void an_exit_parts_a_chain(void **state)
{
    static const char *const order[] = {"a", "easy", "b", "c", "end"};
    static const struct dnn_edge edge[] = {{0, 1, 0, 80, 1}, {0, 2, 0, 80, 1}, {1, 2, 1, 0, 0}, {2, 3, 0, 40, 0}, {3, 4, 0, 20, 0}};
    struct arena a = {0};
    struct dnn_parts p;
    (void)state;
    const struct dnn *d = early(&a);
    assert_near(d->exit[0].flop, 400, 0, 0);
    assert_true(d->tensor[5].leaves && !d->tensor[4].leaves);
    for (uint32_t k = 0; k < 5; k++) {
        assert_string_equal(d->layer[k].name, order[k]);
        assert_int_equal(d->layer[k].stage, k > 1);
        assert_int_equal(d->cut_tensors[k], 1);
    }
    assert_int_equal(dnn_parts(&p, d, DNN_CHAIN, UINT32_MAX, &a), 0);
    assert_int_equal(dnn_join(&p, d, 0, 4, &a), 0);
    assert_int_equal(p.n, 5);
    assert_int_equal(p.exit[1], 0);
    assert_int_equal(p.exit[4], DNN_NONE);
    assert_true(p.is_read[0] && !p.is_read[1] && !p.is_read[4]);
    assert_int_equal(p.n_edge, LEN(edge));
    for (size_t i = 0; i < LEN(edge); i++) {
        assert_int_equal(p.edge[i].from, edge[i].from);
        assert_int_equal(p.edge[i].to, edge[i].to);
        assert_int_equal(p.edge[i].gate, edge[i].gate);
        assert_int_equal(p.edge[i].same, edge[i].same);
        assert_near(p.edge[i].bytes, edge[i].bytes, 0, 0);
    }
    assert_near(p.output_bytes[1], 8, 0, 0);
    assert_near(p.output_bytes[4], 4, 0, 0);
    /* However few parts are wanted, what an exit parts stays parted: {a, easy}, {b, c, end}. */
    assert_int_equal(dnn_parts(&p, d, DNN_CHAIN, 1, &a), 0);
    assert_int_equal(p.n, 2);
    arena_clear(&a);
}

/* Of b and c alone: they read the 80 bytes of a, and end reads 20 of theirs.  The exit is not among them: nobody waits for it. */
static void a_range_has_what_goes_over_its_ends(void **state)
{
    struct arena a = {0};
    struct dnn_parts p;
    (void)state;
    const struct dnn *d = early(&a);
    assert_int_equal(dnn_parts(&p, d, DNN_CHAIN, UINT32_MAX, &a), 0);
    assert_int_equal(dnn_join(&p, d, 2, 3, &a), 0);
    assert_int_equal(p.n_edge, 1);
    assert_near(p.edge[0].bytes, 40, 0, 0);
    assert_near(p.input_bytes[2], 80, 0, 0);
    assert_near(p.all_input_bytes, 80, 0, 0);
    assert_near(p.output_bytes[2], 0, 0, 0);
    assert_near(p.output_bytes[3], 20, 0, 0);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_keeps_what_may_be_parted),
        cmocka_unit_test(what_computes_or_is_read_twice_is_apart),
        cmocka_unit_test(a_chain_is_cut_over_single_tensors),
        cmocka_unit_test(an_exit_parts_a_chain),
        cmocka_unit_test(a_range_has_what_goes_over_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
