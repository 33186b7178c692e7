/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_csv.c - traces of lines and fields: the first byte picks the kind, the rest is the file. */
#include "tests/fuzz/fuzz_trace.h"

static const char *const kind_name[] = {
    "arrivals",
    "azure_llm",
    "azure_functions_2019",
    "azure_functions_2021",
    "servegen",
    "openb",
    "gavel",
    "swf",
    "bitbrains",
    "throughput",
    "pensieve",
    "mahimahi",
    "gophers",
    "ucc5g",
    "lumos5g",
    "fcc",
    "carbon",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const char *name = kind_name[data[0] % (sizeof kind_name / sizeof kind_name[0])];
    const char *column = data[0] & 0x80 ? NULL : strcmp(name, "fcc") == 0 ? "1 a" : "A";
    struct fuzz_file file = fuzz_file(data + 1, size - 1);
    fuzz_trace(trace_kind_find(name), file.path, column, NULL);
    fuzz_close(&file);
    return 0;
}
