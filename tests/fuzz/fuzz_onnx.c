/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_onnx.c - the file is a model; what is read of it is printed, too. */
#include "sim/io/onnx/onnx.h"
#include "sim/show/dnn.h"
#include "tests/fuzz/fuzz.h"

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
    } else if (e.code == ERR_NONE) {
        abort();
    }
    fclose(out);
    arena_clear(&a);
    fuzz_close(&file);
    return 0;
}
