/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_onnx.c - models written by hand: shapes, costs and cuts as worked out beside them, and what is told of broken files. */
#include "tests/test.h"

#include "sim/io/onnx/onnx.h"
#include "sim/model/dnn.h"
#include "tests/onnx_write.h"

struct fixture {
    struct arena a;
    struct dnn *d;
    struct err e;
};

/* Read a model, which is given up. */
static int read_model(struct fixture *f, struct message model, uint32_t n_given, const struct onnx_given *given)
{
    *f = (struct fixture){.d = NULL};
    struct model_file file = model_file(model.at, model.n);
    const struct onnx_request q = {.path = file.path, .given = given, .n_given = n_given};
    int rc = onnx_read(&q, &f->a, &f->d, &f->e);
    close(file.fd);
    free(model.at);
    return rc;
}

static int read_graph(struct fixture *f, struct onnx_made *graph)
{
    return read_model(f, model_of(graph), 0, NULL);
}

static void shape_is(const struct dnn *d, const char *name, const char *want)
{
    char shape[128];
    for (uint32_t i = 0; i < d->n_tensor; i++) {
        if (strcmp(d->tensor[i].name, name) == 0) {
            assert_string_equal(dnn_shape(&d->tensor[i], shape, sizeof shape), want);
            return;
        }
    }
    fail_msg("there is no tensor %s", name);
}

static void a_convolution_is_counted(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 3, 224, 224));
    put_constant(&g, "w", DIMS(64, 3, 7, 7), NULL);
    put_constant(&g, "b", DIMS(64), NULL);
    put_node(&g, "Conv", "x w b", "y", "strides=2,2 pads=3,3,3,3 kernel_shape=7,7");
    put_node(&g, "Relu", "y", "z", "");
    put_node(&g, "MaxPool", "z", "p", "strides=2,2 kernel_shape=3,3 pads=1,1,1,1");
    put_value(&g, FIELD_OUTPUT, "p", 0, NULL);
    assert_int_equal(read_graph(&f, &g), 0);
    assert_int_equal(f.d->n_layer, 3);
    shape_is(f.d, "y", "1x64x112x112"); /* (224 + 6 - 7) / 2 + 1 */
    shape_is(f.d, "p", "1x64x56x56");   /* (112 + 2 - 3) / 2 + 1 */
    const struct dnn_layer *l = f.d->layer;
    const double outputs = 64 * 112 * 112;
    assert_near(l[0].mac, outputs * 3 * 49, 0, 0);
    assert_near(l[0].flop, 2 * l[0].mac + outputs, 0, 0);
    assert_near(l[0].parameters, 64 * 3 * 49 + 64, 0, 0);
    assert_near(l[0].read_bytes, 4 * (3 * 224 * 224 + 64 * 3 * 49 + 64), 0, 0);
    assert_near(l[0].written_bytes, 4 * outputs, 0, 0);
    assert_near(l[1].flop, outputs, 0, 0);
    assert_near(l[2].flop, 64 * 56 * 56 * 9, 0, 0);
    arena_clear(&f.a);
}

/* Windows that start in the padding behind are left out; groups and dilation. */
static void windows_fit(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(2, 8, 15, 15));
    put_constant(&g, "w", DIMS(8, 1, 3, 3), NULL);
    put_constant(&g, "t", DIMS(8, 4, 2, 2), NULL);
    put_node(&g, "Conv", "x w", "a", "group=8 dilations=2,2");
    put_node(&g, "MaxPool", "x", "b", "kernel_shape=2,2 strides=2,2 ceil_mode=1");
    put_node(&g, "AveragePool", "x", "c", "kernel_shape=1,1 strides=3,3 pads=0,0,1,1 ceil_mode=1");
    put_node(&g, "ConvTranspose", "x t", "d", "strides=2,2");
    put_node(&g, "GlobalAveragePool", "x", "e", "");
    assert_int_equal(read_graph(&f, &g), 0);
    shape_is(f.d, "a", "2x8x11x11"); /* 15 - (2 * 2 + 1) + 1 */
    shape_is(f.d, "b", "2x8x8x8");   /* ceil(13 / 2) + 1 */
    shape_is(f.d, "c", "2x8x5x5");   /* ceil(15 / 3) + 1 = 6, but the sixth would start at 15 */
    shape_is(f.d, "d", "2x4x30x30"); /* 2 (15 - 1) + 2 */
    shape_is(f.d, "e", "2x8x1x1");
    assert_near(f.d->layer[0].mac, 2 * 8 * 11 * 11 * 9, 0, 0);
    assert_near(f.d->layer[3].mac, 2 * 8 * 15 * 15 * 4 * 4, 0, 0);
    arena_clear(&f.a);
}

/* The flattening that exporters write: Shape, Gather, Concat, Reshape; only what depends on data is a layer. */
static void shapes_are_computed_and_no_layers(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(-1, 512, 7, 7));
    put_constant(&g, "zero", DIMS(1), (int64_t[]){0});
    put_constant(&g, "open", DIMS(1), (int64_t[]){-1});
    put_constant(&g, "w", DIMS(25088, 10), NULL);
    put_node(&g, "Shape", "x", "s", "");
    put_node(&g, "Gather", "s zero", "n", "axis=0");
    put_node(&g, "Concat", "n open", "to", "axis=0");
    put_node(&g, "Reshape", "x to", "flat", "");
    put_node(&g, "Gemm", "flat w", "y", "");
    put_value(&g, FIELD_OUTPUT, "y", 0, NULL);
    assert_int_equal(read_graph(&f, &g), 0);
    assert_int_equal(f.d->n_layer, 2);
    shape_is(f.d, "flat", "1x25088");
    shape_is(f.d, "y", "1x10");
    assert_near(f.d->layer[0].flop, 0, 0, 0);
    assert_near(f.d->layer[0].read_bytes, 0, 0, 0); /* a view */
    assert_near(f.d->layer[1].mac, 250880, 0, 0);
    arena_clear(&f.a);
}

static void an_open_dimension_takes_what_is_given(void **state)
{
    struct fixture f;
    const struct onnx_given by_name = {.name = "length", .dim = {9}}, whole = {.name = "x", .n_dim = 2, .dim = {4, 5}};
    const struct onnx_given other = {.name = "z", .n_dim = 1, .dim = {4}};
    (void)state;
    for (int k = 0; k < 4; k++) {
        struct onnx_made g = {0};
        put_value(&g, FIELD_INPUT, "x", DIMS(2, -1));
        put_node(&g, "Relu", "x", "y", "");
        int rc = read_model(&f, model_of(&g), k > 0, k == 1 ? &by_name : k == 2 ? &whole : &other);
        if (k == 1 || k == 2) {
            assert_int_equal(rc, 0);
            shape_is(f.d, "y", k == 1 ? "2x9" : "4x5");
        } else {
            assert_int_equal(rc, -ERR_INPUT);
            assert_non_null(strstr(f.e.text, k == 0 ? "dimension 2 left open as length, wanted its size (dim length=SIZE)"
                                                    : "found no input z, wanted one of those that the model has"));
        }
        arena_clear(&f.a);
    }
}

/*
 * A residual block: x -> a -> b, x and b -> y.  Behind a two tensors are needed later on, x and a's; every other cut is single.
 */
static void cuts_carry_what_is_read_later(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    uint32_t row[4];
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 10));
    put_constant(&g, "w", DIMS(10, 30), NULL);
    put_constant(&g, "v", DIMS(30, 10), NULL);
    put_node(&g, "MatMul", "x w", "a", "");
    put_node(&g, "MatMul", "a v", "b", "");
    put_node(&g, "Add", "x b", "y", "");
    put_node(&g, "Relu", "y", "z", "");
    put_value(&g, FIELD_OUTPUT, "z", 0, NULL);
    assert_int_equal(read_graph(&f, &g), 0);
    static const uint32_t tensors[] = {1, 2, 2, 1, 1};
    static const double bytes[] = {40, 40 + 120, 40 + 40, 40, 40};
    for (uint32_t k = 0; k <= f.d->n_layer; k++) {
        assert_int_equal(f.d->cut_tensors[k], tensors[k]);
        assert_near(f.d->cut_bytes[k], bytes[k], 0, 0);
        assert_int_equal(dnn_cut(f.d, k, row, 4), tensors[k]);
    }
    assert_int_equal(dnn_cut(f.d, 1, row, 4), 2);
    assert_string_equal(f.d->tensor[row[0]].name, "x");
    assert_string_equal(f.d->tensor[row[1]].name, "a");
    assert_int_equal(dnn_sum(f.d).n_single, 1);
    arena_clear(&f.a);
}

/* a is a result that b is made of, too: it goes over each cut behind it. */
static void a_result_that_is_read_goes_to_the_end(void **state)
{
    static const uint32_t tensors[] = {1, 1, 2, 2};
    struct fixture f;
    struct onnx_made g = {0};
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 10));
    put_node(&g, "Relu", "x", "a", "");
    put_node(&g, "Relu", "a", "b", "");
    put_node(&g, "Relu", "b", "c", "");
    put_value(&g, FIELD_OUTPUT, "a", 0, NULL);
    put_value(&g, FIELD_OUTPUT, "c", 0, NULL);
    assert_int_equal(read_graph(&f, &g), 0);
    for (uint32_t k = 0; k <= f.d->n_layer; k++) {
        assert_int_equal(f.d->cut_tensors[k], tensors[k]);
        assert_near(f.d->cut_bytes[k], 40.0 * tensors[k], 0, 0);
    }
    arena_clear(&f.a);
}

static void what_is_not_known_is_named_and_not_counted(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 10));
    put_constant(&g, "w", DIMS(10, 5), NULL);
    put_node(&g, "FancyAttention", "x", "a", "");
    put_node(&g, "MatMul", "a w", "b", "");
    put_node(&g, "MatMul", "x w", "c", "");
    put_value(&g, FIELD_OUTPUT, "b", 0, NULL);
    put_value(&g, FIELD_OUTPUT, "c", 0, NULL);
    assert_int_equal(read_graph(&f, &g), 0);
    assert_true(isnan(f.d->layer[0].flop) && f.d->layer[0].unknown);
    assert_true(isnan(f.d->layer[1].flop));
    assert_near(f.d->layer[2].mac, 50, 0, 0);
    assert_int_equal(dnn_sum(f.d).n_unknown, 2);
    assert_near(dnn_sum(f.d).mac, 50, 0, 0);
    assert_near(f.d->cut_bytes[0], 40, 0, 0);
    assert_true(isnan(f.d->cut_bytes[1])); /* a goes over it */
    arena_clear(&f.a);
}

static void a_declared_shape_helps_behind_an_unknown_operator(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 10));
    put_value(&g, FIELD_KNOWN, "a", DIMS(1, 10));
    put_constant(&g, "w", DIMS(10, 5), NULL);
    put_node(&g, "FancyAttention", "x", "a", "");
    put_node(&g, "MatMul", "a w", "b", "");
    assert_int_equal(read_graph(&f, &g), 0);
    assert_int_equal(dnn_sum(f.d).n_unknown, 1);
    assert_near(f.d->layer[1].mac, 50, 0, 0);
    arena_clear(&f.a);
}

/* Each branch multiplies with a matrix of its own: the dearer counts, both are held; what it reads from outside is an input. */
static void check_branches(int64_t then_width, int64_t else_width)
{
    struct fixture f;
    struct onnx_made g = {0};
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 10));
    put_value(&g, FIELD_INPUT, "test", 0, NULL);
    put_node(&g, "If", "test", "y", "");
    struct onnx_made inside[2] = {0};
    for (int b = 0; b < 2; b++) {
        put_constant(&inside[b], "w", DIMS(10, b ? else_width : then_width), NULL);
        put_node(&inside[b], "MatMul", "x w", "r", "");
        put_value(&inside[b], FIELD_OUTPUT, "r", 0, NULL);
        Onnx__AttributeProto *branch = onnx_put_int(&g, b ? "else_branch" : "then_branch", 0);
        branch->has_i = false;
        branch->type = ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__GRAPH;
        branch->g = inside[b].graph;
    }
    put_value(&g, FIELD_OUTPUT, "y", 0, NULL);
    assert_int_equal(read_graph(&f, &g), 0);
    assert_int_equal(f.d->n_layer, 1);
    assert_near(f.d->layer[0].mac, 200, 0, 0);
    assert_near(f.d->layer[0].flop, 400, 0, 0);
    assert_near(f.d->layer[0].parameters, 300, 0, 0);
    assert_int_equal(f.d->layer[0].n_in, 2);
    shape_is(f.d, "y", "?"); /* the branches do not agree */
    arena_clear(&f.a);
    arena_clear(&inside[0].a);
    arena_clear(&inside[1].a);
}

static void a_branch_is_one_layer(void **state)
{
    (void)state;
    check_branches(10, 20);
    check_branches(20, 10);
}

/*
 * A block of width E that takes L tokens in after P: queries, keys, values and output 4 L E^2, the two layers behind 8 L E^2,
 * scores and their products with the values 2 L (P + L) E.  It has 12 E^2 + 2 E parameters, the norms' scales the latter (and
 * the root 1, for all).  Kept are keys and values, 2 (P + L) E numbers.
 */
static void a_transformer_is_counted(void **state)
{
    static const struct transformer shape[] = {
        {.blocks = 2, .width = 64, .heads = 4, .length = 32, .past = 0},  /* prefill */
        {.blocks = 3, .width = 64, .heads = 8, .length = 1, .past = 100}, /* decode */
    };
    (void)state;
    for (size_t k = 0; k < LEN(shape); k++) {
        struct fixture f;
        const struct transformer t = shape[k];
        const double n = (double)t.blocks, e = (double)t.width, l = (double)t.length, all = (double)(t.length + t.past);
        char kept[64];
        assert_int_equal(read_model(&f, transformer_of(t), 0, NULL), 0);
        struct dnn_sum s = dnn_sum(f.d);
        assert_near(s.mac, n * (12 * l * e * e + 2 * l * all * e), 0, 0);
        assert_near(s.parameters, n * (12 * e * e + 2 * e) + 1, 0, 0);
        assert_int_equal(s.n_unknown, 0);
        snprintf(kept, sizeof kept, "1x%dx%dx%d", (int)t.heads, (int)all, (int)(t.width / t.heads));
        shape_is(f.d, "nowk0", kept);
        arena_clear(&f.a);
    }
}

static void exits_need_what_leads_to_them(void **state)
{
    struct fixture f;
    struct onnx_made g = {0};
    char key[] = "exits", value[] = "b=:0.9, easy=0.4:0.95";
    (void)state;
    put_value(&g, FIELD_INPUT, "x", DIMS(1, 10));
    put_constant(&g, "w", DIMS(10, 10), NULL);
    put_node(&g, "MatMul", "x w", "a", "");
    put_node(&g, "MatMul", "a w", "b", "");
    put_node(&g, "Relu", "a", "easy", "");
    put_value(&g, FIELD_OUTPUT, "b", 0, NULL);
    struct message model = model_of(&g);
    put_metadata(&model, key, value);
    assert_int_equal(read_model(&f, model, 0, NULL), 0);
    assert_int_equal(f.d->n_exit, 2);
    assert_string_equal(f.d->exit[0].name, "easy"); /* which needs less */
    assert_near(f.d->exit[0].flop, 200 + 10, 0, 0);
    assert_near(f.d->exit[1].flop, 400, 0, 0);
    assert_near(f.d->exit[0].share, 0.4, 0, 0);
    assert_near(f.d->exit[0].accuracy, 0.95, 0, 0);
    assert_true(isnan(f.d->exit[1].share));
    assert_near(f.d->exit[1].accuracy, 0.9, 0, 0);
    assert_string_equal(f.d->layer[1].op, "Relu");
    assert_true(f.d->tensor[f.d->exit[0].tensor].leaves);
    assert_false(f.d->tensor[f.d->exit[1].tensor].leaves); /* nothing comes behind it */
    arena_clear(&f.a);
}

static void contradictions_are_told(void **state)
{
    static const struct {
        const char *op, *in, *attributes, *want;
    } bad[] = {
        {"Conv", "x w", "", "node 0 (Conv): found 3 channels and filters of 4 in 1 groups, wanted them to fit"},
        {"MatMul", "x v", "", "node 0 (MatMul): found inner sizes 8 and 5, wanted them to agree"},
        {"MaxPool", "x", "kernel_shape=9,9", "found a window of 9 over 8 elements, wanted it to fit"},
        {"MaxPool", "x", "kernel_shape=2,2,2", "found a window that has not the 2 dimensions of its input's space"},
        {"Transpose", "x", "perm=0,1,2,2", "found an order that is none of 4 dimensions, wanted each once"},
        {"Add", "x v", "", "found shapes that do not fit, wanted those that broadcast"},
        {"Concat", "x v", "axis=0", "found inputs of other shapes, wanted shapes that differ in the axis alone"},
        {"Relu", "nothing", "", "found the input nothing, which no node before it makes, wanted one that is there"},
    };
    (void)state;
    for (size_t k = 0; k < LEN(bad); k++) {
        struct fixture f;
        struct onnx_made g = {0};
        put_value(&g, FIELD_INPUT, "x", DIMS(1, 3, 8, 8));
        put_constant(&g, "w", DIMS(2, 4, 3, 3), NULL);
        put_constant(&g, "v", DIMS(5, 5), NULL);
        put_node(&g, bad[k].op, bad[k].in, "y", bad[k].attributes);
        assert_int_equal(read_graph(&f, &g), -ERR_INPUT);
        if (!strstr(f.e.text, bad[k].want)) {
            fail_msg("'%s', wanted '%s'", f.e.text, bad[k].want);
        }
        arena_clear(&f.a);
    }
}

/* Parts of a sound message that say what cannot be. */
static void faults_of_parts_are_named(void **state)
{
    static const char *const want[] = {
        "constant w: found a shape of more than 8 dimensions, wanted fewer",
        "constant w: found a dimension below 0, wanted a size",
        "constant w: found more than 2^50 elements, wanted fewer",
        "tensor x: found a shape of more than 8 dimensions, wanted fewer",
        "node 0 z: found no operator, wanted its op_type",
        "found no graph with nodes, wanted an ONNX model",
    };
    static int64_t many[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    (void)state;
    for (size_t k = 0; k < LEN(want); k++) {
        struct fixture f;
        struct onnx_made g = {0};
        put_value(&g, FIELD_INPUT, "x", DIMS(1, 2));
        put_constant(&g, "w", 2, k == 1 ? (int64_t[]){2, -1} : k == 2 ? (int64_t[]){1 << 26, 1 << 26} : (int64_t[]){2, 2}, NULL);
        Onnx__NodeProto *node = onnx_put_node(&g, "MatMul", "x w", "z");
        Onnx__TensorShapeProto *shape = g.graph->input[0]->type->tensor_type->shape;
        Onnx__TensorShapeProto__Dimension *dims[9];
        for (size_t i = 0; i < LEN(dims); i++) {
            dims[i] = shape->dim[0];
        }
        if (k == 0) {
            g.graph->initializer[0]->dims = many;
            g.graph->initializer[0]->n_dims = LEN(many);
        }
        shape->dim = k == 3 ? dims : shape->dim;
        shape->n_dim = k == 3 ? LEN(dims) : shape->n_dim;
        node->op_type = k == 4 ? NULL : node->op_type;
        g.graph->n_node = k < 5;
        assert_int_equal(read_graph(&f, &g), -ERR_INPUT);
        if (!strstr(f.e.text, want[k])) {
            fail_msg("'%s', wanted '%s'", f.e.text, want[k]);
        }
        arena_clear(&f.a);
    }
}

static struct message copy_of(const void *bytes, size_t n)
{
    struct message m = {.at = malloc(n + 1), .n = n};
    assert_non_null(m.at);
    memcpy(m.at, bytes, n);
    return m;
}

/* Cut off anywhere, a file is refused, or is a model of fewer nodes: nothing is read beyond its end. */
static void a_truncated_file_is_refused(void **state)
{
    struct fixture f;
    struct message whole = transformer_of((struct transformer){.blocks = 1, .width = 8, .heads = 2, .length = 2, .past = 1});
    (void)state;
    for (size_t n = 0; n < whole.n; n++) {
        int rc = read_model(&f, copy_of(whole.at, n), 0, NULL);
        assert_true(rc == -ERR_INPUT || n > whole.n - 8); /* behind the graph stands the opset */
        arena_clear(&f.a);
    }
    free(whole.at);
}

static void a_file_that_is_something_else_is_refused(void **state)
{
    static const struct {
        const char *text, *want;
    } other[] = {{"", "found an empty file, wanted an ONNX model"},
                 {"tiersim: 1\nname: no model\n", "at byte "},
                 {"\x08\x08", "found no graph with nodes, wanted an ONNX model"}};
    (void)state;
    for (size_t k = 0; k < LEN(other); k++) {
        struct fixture f;
        assert_int_equal(read_model(&f, copy_of(other[k].text, strlen(other[k].text)), 0, NULL), -ERR_INPUT);
        if (!strstr(f.e.text, other[k].want)) {
            fail_msg("'%s', wanted '%s'", f.e.text, other[k].want);
        }
        arena_clear(&f.a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_convolution_is_counted),
        cmocka_unit_test(windows_fit),
        cmocka_unit_test(shapes_are_computed_and_no_layers),
        cmocka_unit_test(an_open_dimension_takes_what_is_given),
        cmocka_unit_test(cuts_carry_what_is_read_later),
        cmocka_unit_test(a_result_that_is_read_goes_to_the_end),
        cmocka_unit_test(what_is_not_known_is_named_and_not_counted),
        cmocka_unit_test(a_declared_shape_helps_behind_an_unknown_operator),
        cmocka_unit_test(a_branch_is_one_layer),
        cmocka_unit_test(a_transformer_is_counted),
        cmocka_unit_test(exits_need_what_leads_to_them),
        cmocka_unit_test(contradictions_are_told),
        cmocka_unit_test(faults_of_parts_are_named),
        cmocka_unit_test(a_truncated_file_is_refused),
        cmocka_unit_test(a_file_that_is_something_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
