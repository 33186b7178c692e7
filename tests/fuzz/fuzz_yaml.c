/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_yaml.c - a scenario is read, or refused with words. */
#include "sim/io/scenario_read.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_file file = fuzz_file(data, size);
    struct scenario s;
    struct errors errs = {0};
    if (scenario_read(&s, file.path, NULL, 0, &errs) == 0) {
        scenario_free(&s);
    } else if (errs.n == 0) {
        abort();
    }
    errors_clear(&errs);
    fuzz_close(&file);
    return 0;
}
