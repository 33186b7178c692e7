/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_workflow.c - graphs of tasks in the formats of others: the first byte picks the kind, the rest is the file.  What comes out
 * has data that are numbers from 0 on, and can be printed.
 */
#include <math.h>
#include <stdlib.h>

#include "sim/io/workflow.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct workflow_kind *kind = workflow_kinds();
    struct workflow w = {0};
    struct err e = {0};
    unsigned n = 0;
    while (kind[n].name) {
        n++;
    }
    if (size == 0) {
        return 0;
    }
    struct fuzz_file file = fuzz_file(data + 1, size - 1);
    int rc = workflow_read(&w, &kind[data[0] % n], file.path, data[0] / n % 3, &e);
    if (rc < 0 ? !e.text[0] || rc != -(int)e.code : w.names.n == 0) {
        abort();
    }
    for (uint32_t k = 0; rc == 0 && k < w.n_edge; k++) {
        if (!(w.edge[k].bytes >= 0)) {
            abort();
        }
    }
    FILE *out = rc == 0 ? fopen("/dev/null", "w") : NULL;
    if (out) {
        workflow_print(&w, NULL, "cpu", out);
        fclose(out);
    }
    workflow_clear(&w);
    fuzz_close(&file);
    return 0;
}
