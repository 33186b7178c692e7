/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_onnx.c - the file is a model; what is read of it is printed, too, and what is printed as tasks is YAML. */
#include "sim/io/onnx/dnn_tasks.h"
#include "sim/io/onnx/onnx.h"
#include "sim/io/yaml.h"
#include "sim/show/dnn.h"
#include "tests/fuzz/fuzz.h"

static void print_tasks(const struct dnn *d, enum dnn_form form, bool operators)
{
    const struct dnn_tasks_request q = {.form = form, .most = 40, .path = "model", .bare = operators, .operators = operators};
    struct dnn_tasks t;
    struct arena a = {0};
    struct err e = {0};
    struct yaml y = {0};
    static struct errors errs;
    const struct yaml_node *tasks = NULL;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    if (!out || dnn_tasks_name(&t, d, &q, &a, &e)) {
        abort();
    }
    const int rc = dnn_tasks_print(out, d, &t, &q, &a, &e);
    fclose(out);
    errors_clear(&errs);
    if (rc == 0 && operators && (yaml_parse(&y, "model", false, text, n, &tasks, &errs) || !yaml_get(tasks, "tasks"))) {
        abort();
    }
    errors_clear(&errs);
    yaml_clear(&y);
    free(text);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file file = fuzz_file(data, size);
    struct onnx_request q = {.path = file.path};
    struct arena a = {0};
    struct dnn *d = NULL;
    struct err e = {0};
    FILE *out = fopen("/dev/null", "w");
    if (!out) {
        abort();
    }
    if (onnx_read(&q, &a, &d, &e) == 0) {
        dnn_print(out, d);
        dnn_json(out, d, &e);
        print_tasks(d, DNN_CHAIN, false);
        print_tasks(d, DNN_CHAIN, true);
        print_tasks(d, DNN_GRAPH, true);
    } else if (e.code == ERR_NONE) {
        abort();
    }
    fclose(out);
    arena_clear(&a);
    fuzz_close(&file);
    return 0;
}
