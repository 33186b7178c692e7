/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_operators.c - what is measured: flop and bytes by hand, sizes that go on where they stopped, nodes of any model. */
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/calibrate/onnx_make.h"
#include "sim/calibrate/operators.h"
#include "sim/io/ort/ort.h"
#include "tests/test.h"

static void a_longer_list_begins_with_the_shorter_one(void **state)
{
    struct operator_case few[8], many[64];
    (void)state;
    for (int k = 0; k < N_KERNEL; k++) {
        operator_cases((enum kernel)k, LEN(few), few);
        operator_cases((enum kernel)k, LEN(many), many);
        assert_memory_equal(few, many, sizeof few);
        for (size_t i = 0; i < LEN(many); i++) {
            assert_true(many[i].bytes > 0 && many[i].flop <= 3e8);
            assert_true(k == KERNEL_EMBEDDING ? many[i].flop == 0 : many[i].flop > 0);
        }
    }
}

/* The first point of Halton's sequence is (1/2, 1/3, 1/5) of each range, on a logarithmic scale. */
static void the_first_shape_by_hand(void **state)
{
    struct operator_case c;
    (void)state;
    operator_cases(KERNEL_GEMM, 1, &c);
    /* m: 256^(1/2) = 16; k: 32 * 64^(1/3) = 128; n: 32 * 64^(1/5) = 73.5, of 16s 80 */
    assert_int_equal(c.size[0], 16);
    assert_int_equal(c.size[1], 128);
    assert_int_equal(c.size[2], 80);
    assert_near(c.flop, 2.0 * 16 * 128 * 80, 0, 0);
    assert_near(c.weight_bytes, 4.0 * (128 * 80 + 80), 0, 0);
    assert_near(c.bytes, 4.0 * (16 * 128 + 128 * 80 + 80 + 16 * 80), 0, 0);
    const struct operator_case b = operator_batched(&c, 8);
    assert_near(b.flop, 8 * c.flop, 0, 0);
    assert_near(b.bytes - b.weight_bytes, 8 * (c.bytes - c.weight_bytes), 0, 0); /* weights once */
}

/* The first layer of ResNet-50: 7x7 windows, 3 -> 64, stride 2: 2 * 64 * 112 * 112 * 3 * 49 flop = 236 MFLOP. */
static void nodes_of_any_model(void **state)
{
    struct operator_shapes s = {.n_in = 2, .n_out = 1, .in_type = {ORT_F32, ORT_F32}, .out_type = ORT_F32,
                                .in_dims = {4, 4}, .out_dims = 4, .in = {{1, 3, 224, 224}, {64, 3, 7, 7}},
                                .out = {1, 64, 112, 112}};
    struct operator_cost c;
    (void)state;
    operator_count("Conv", &s, &c);
    assert_int_equal(c.kernel, KERNEL_CONV);
    assert_near(c.flop, 236027904, 0, 0);
    assert_near(c.bytes, 4.0 * (3 * 224 * 224 + 64 * 3 * 49 + 64 * 112 * 112), 0, 0);
    s.in[1][2] = s.in[1][3] = 1;
    operator_count("FusedConv", &s, &c);
    assert_int_equal(c.kernel, KERNEL_POINTWISE);
    s.in[1][1] = 1;
    operator_count("Conv", &s, &c);
    assert_int_equal(c.kernel, KERNEL_DEPTHWISE);
    operator_count("MaxPool", &s, &c);
    assert_int_equal(c.kernel, KERNEL_POOL);
    operator_count("Reshape", &s, &c);
    assert_int_equal(c.kernel, KERNEL_ELEMENTWISE);
    assert_near(c.flop, 0, 0, 0);
    s = (struct operator_shapes){.n_in = 2, .n_out = 1, .in_type = {ORT_F32, ORT_F32}, .out_type = ORT_F32, .in_dims = {2, 2},
                                 .out_dims = 2, .in = {{1, 2048}, {2048, 1000}}, .out = {1, 1000}};
    operator_count("Gemm", &s, &c);
    assert_int_equal(c.kernel, KERNEL_GEMM);
    assert_near(c.flop, 2.0 * 2048 * 1000, 0, 0);
}

/*
 * y = x + x, written by hand from the table of Protocol Buffers' wire types: field << 3 | kind, then a number, or
 * a length and bytes.
 */
static void a_model_by_hand(void **state)
{
    struct onnx_made o = {0};
    struct err e = {0};
    void *bytes;
    size_t n;
    (void)state;
    onnx_put_node(&o, "Add", "x x", "y");
    assert_int_equal(onnx_made_end(&o, &bytes, &n, &e), 0);
    static const unsigned char node[] = {
        0x08, 8, 0x12, 7, 't', 'i', 'e', 'r', 's', 'i', 'm',       /* ir_version, producer_name */
        0x3a, 28,                                                  /* graph of 28 bytes */
        0x0a, 17, 0x0a, 1, 'x', 0x0a, 1, 'x', 0x12, 1, 'y', 0x1a, 1, 'y', 0x22, 3, 'A', 'd', 'd', /* node: in in out name op */
        0x12, 7, 't', 'i', 'e', 'r', 's', 'i', 'm',                /* its name */
        0x42, 2, 0x10, 17,                                         /* operator set 17 */
    };
    assert_int_equal(n, sizeof node);
    assert_memory_equal(bytes, node, n);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test(a_longer_list_begins_with_the_shorter_one),
        cmocka_unit_test(the_first_shape_by_hand),
        cmocka_unit_test(nodes_of_any_model),
        cmocka_unit_test(a_model_by_hand),
    };
    return cmocka_run_group_tests(test, NULL, NULL);
}
