/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_profile.c - a profile of a device whose bytes are other ones (tests/damage.h).  fuzz: max_len 32
 */
#include "sim/io/profile_file.h"
#include "tests/damage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_sound(const char *path, struct err *e)
{
    const struct profile_sample sample = {.kernel = KERNEL_CONV, .use = PROFILE_LAW, .batch = 1, .threads = 1, .s = 3e-5};
    const struct profile_model model = {.name = "net.onnx", .measured_s = .02, .law_s = .021, .sd_s = .001};
    struct profile_file f = {.profile = {.name = "box", .source = "by hand", .run_s = 2e-6}, .machine = "a machine",
                             .runtime = "a runtime", .passes = 3, .n_sample = 1, .n_model = 1, .sample = &sample,
                             .model = &model};
    f.profile.law[KERNEL_CONV] = (struct cost_law){.known = true, .term_s = {1e-6}, .n = 48};
    return profile_file_write(&f, path, NULL, e);
}

static int read_it(const char *path, struct err *e)
{
    struct arena a = {0};
    struct profile_file f;
    int rc = profile_file_read(&f, path, &a, e);
    arena_clear(&a);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return damage_fuzz(data, size, write_sound, read_it);
}
