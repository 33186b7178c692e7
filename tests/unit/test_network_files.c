/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_network_files.c - networks that are shipped and were neither trained nor downloaded are what this program writes;
 * `test_network_files --write` writes them.
 */
#include "tests/test.h"

#include "sim/io/file.h"
#include "tests/onnx_write.h"

static const char exits_path[] = "scenarios/networks/exits.onnx";

/* A convolution of 3x3 windows and half the side, with its activation: tensor `to` of `out` channels. */
static void put_stage(struct onnx_made *g, const char *from, const char *to, int64_t in, int64_t out)
{
    char weight[32], inputs[64], sum[32];
    snprintf(weight, sizeof weight, "%s_weight", to);
    snprintf(inputs, sizeof inputs, "%s %s", from, weight);
    snprintf(sum, sizeof sum, "%s_sum", to);
    put_constant(g, weight, DIMS(out, in, 3, 3), NULL);
    put_node(g, "Conv", inputs, sum, "kernel_shape=3,3 strides=2,2 pads=1,1,1,1");
    put_node(g, "Relu", sum, to, "");
}

/* A classifier of 10 classes on a tensor of so many channels. */
static void put_head(struct onnx_made *g, const char *from, const char *to, int64_t channels)
{
    char mean[32], flat[32], weight[32], inputs[96];
    snprintf(mean, sizeof mean, "%s_mean", to);
    snprintf(flat, sizeof flat, "%s_flat", to);
    snprintf(weight, sizeof weight, "%s_weight", to);
    snprintf(inputs, sizeof inputs, "%s %s", flat, weight);
    put_constant(g, weight, DIMS(channels, 10), NULL);
    put_node(g, "GlobalAveragePool", from, mean, "");
    put_node(g, "Flatten", mean, flat, "axis=1");
    put_node(g, "Gemm", inputs, to, "");
    put_value(g, FIELD_OUTPUT, to, DIMS(1, 10));
}

/*
 * Five stages from a picture of 224 x 224, with a head behind the second, the fourth and the last, as exporters list them: heads
 * at the end.  It has no numbers, for nobody computes it.
 */
static struct message exits_network(void)
{
    static char key[] = "exits", value[] = "easy=0.5:0.96, medium=0.8:0.94, hard=:0.9", open[] = "batch";
    struct onnx_made g = {0};
    Onnx__ValueInfoProto *image = onnx_put_input(&g, "image", ORT_F32, ONNX_SHAPE(1, 3, 224, 224));
    image->type->tensor_type->shape->dim[0]->has_dim_value = false;
    image->type->tensor_type->shape->dim[0]->dim_param = open;
    put_stage(&g, "image", "c1", 3, 32);
    put_stage(&g, "c1", "c2", 32, 64);
    put_stage(&g, "c2", "c3", 64, 128);
    put_stage(&g, "c3", "c4", 128, 256);
    put_stage(&g, "c4", "c5", 256, 512);
    put_head(&g, "c5", "hard", 512);
    put_head(&g, "c2", "easy", 64);
    put_head(&g, "c4", "medium", 256);
    struct message model = model_of(&g);
    put_metadata(&model, key, value);
    return model;
}

static void exits_onnx_is_what_is_written_here(void **state)
{
    struct message want = exits_network();
    char *found = NULL;
    size_t n = 0;
    struct err e = {0};
    (void)state;
    assert_int_equal(file_read_bytes(exits_path, 1 << 20, &found, &n, &e), 0);
    assert_int_equal(n, want.n);
    assert_memory_equal(found, want.at, n);
    free(found);
    free(want.at);
}

static int write_files(void)
{
    struct message m = exits_network();
    FILE *out = fopen(exits_path, "wb");
    bool ok = out && fwrite(m.at, 1, m.n, out) == m.n;
    ok = out && fclose(out) == 0 && ok;
    free(m.at);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--write") == 0) {
        return write_files();
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exits_onnx_is_what_is_written_here),
    };
    return cmocka_run_group_tests_name("network_files", tests, NULL, NULL);
}
