/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_json.c - traces in JSON: the first byte picks the kind, the rest is the file. */
#include "tests/fuzz/fuzz_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kind_name[] = {"mooncake", "sabre", "wfformat", "servegen"};
    static const char windows[] = "0,1,1,Gamma,1,1\n600,2,0,,0,0\n";
    if (size == 0) {
        return 0;
    }
    const char *name = kind_name[data[0] % 4];
    struct fuzz_file file = fuzz_file(data + 1, size - 1), trace = fuzz_file(windows, sizeof windows - 1);
    bool tokens = strcmp(name, "servegen") == 0; /* the made-up file is the one of tokens */
    fuzz_trace(trace_kind_find(name), tokens ? trace.path : file.path, NULL, tokens ? file.path : NULL);
    fuzz_close(&file);
    fuzz_close(&trace);
    return 0;
}
