/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_read_profile.c - operators take on each processor what its profile says: laws that are written, a measured file, such a
 * file scaled, and without a profile the flop at the processor's speed.
 */
#include <stdlib.h>
#include <unistd.h>

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/io/profile_file.h"
#include "sim/io/scenario_read.h"
#include "tests/folder.h"
#include "tests/test.h"

static const char text[] =
    "tiersim: 1\n"
    "name: kernels\n"
    "nodes:\n"
    "  box:\n"
    "    tier: edge\n"
    "    processors:\n"
    "      npu: {speed: 2 TFLOP/s, profile: {start: 2 us, operators: {conv: {once: 10 us, speed: 100 GFLOP/s, bandwidth: 20 GB/s}, "
    "gemm: {speed: 1 TFLOP/s}}}}\n"
    "      cpu: {speed: 10 GFLOP/s}\n"
    "      old: {speed: 10 GFLOP/s, profile: {file: box.h5}}\n"
    "      slow: {speed: 10 GFLOP/s, profile: {file: box.h5, scaled: {once: 2, flop: 3, bytes: 4}}}\n"
    "workloads:\n"
    "  job: {at: box, arrivals: {poisson: {rate: 1 /s}}, work: {operators: {conv: {count: 4, flop: 1 GFLOP, bytes: 10 MB}, "
    "gemm: {flop: 2 GFLOP, bytes: 1 MB}}}}\n"
    "experiment: {policies: [local], duration: 10 s}\n";

/* Seconds on one core of a processor, by its row. */
static double time_on(const struct scenario *s, uint32_t pool)
{
    const struct size_spec *work = &s->workload[0].work;
    return work->mean * size_stretch(work, pool) / s->pool[pool].speed_flops;
}

static void write_files(void)
{
    struct err e = {0};
    struct profile_file f = {.profile = {.name = "box", .source = "by hand", .run_s = 1e-6, .memory_factor = 1}, .machine = "",
                             .runtime = "", .pinned = -1};
    f.profile.law[KERNEL_CONV] = (struct cost_law){.known = true, .term_s = {1e-5, 1e-11, 1e-10}};
    f.profile.law[KERNEL_GEMM] = (struct cost_law){.known = true, .term_s = {0, 2e-11, 0}};
    assert_int_equal(profile_file_write(&f, in_folder("box.h5"), NULL, &e), 0);
    FILE *out = fopen(in_folder("kernels.yaml"), "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void operators_take_what_the_profile_says(void **state)
{
    const struct policy_set policies = {builtin_policy, N_BUILTIN_POLICY};
    const char *path = in_folder("kernels.yaml");
    const struct scenario_source from = {.path = path, .policies = &policies};
    struct errors errs = {0};
    struct yaml tree = {0};
    struct scenario s;
    (void)state;
    write_files();
    assert_int_equal(scenario_open(&s, &tree, &from, &errs), 0);
    assert_near(s.workload[0].work.mean * 1, 0x1p31, 0, 0); /* the unit: the power of two below 3 GFLOP */
    /* start + 4 once + 1e9 / 1e11 + 1e7 / 2e10, and 2e9 / 1e12 */
    assert_near(time_on(&s, 0), 2e-6 + 4e-5 + 1e-2 + 5e-4 + 2e-3, 1e-12, 0);
    assert_near(time_on(&s, 1), 3e9 / 1e10, 1e-12, 0);
    assert_near(time_on(&s, 2), 1e-6 + 4e-5 + 1e-2 + 1e-3 + 4e-2, 1e-12, 0);
    assert_near(time_on(&s, 3), 2e-6 + 8e-5 + 3e-2 + 4e-3 + 12e-2, 1e-12, 0);
    assert_true(s.pool[3].profile->extrapolated && !s.pool[2].profile->extrapolated && !s.pool[1].profile);
    assert_int_equal(s.n_trace, 1); /* results keep a digest of the file */
    yaml_clear(&tree);
    scenario_free(&s);
    errors_clear(&errs);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(in_folder("box.h5"));
    unlink(in_folder("kernels.yaml"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest test[] = {cmocka_unit_test(operators_take_what_the_profile_says)};
    return cmocka_run_group_tests(test, make_folder, remove_folder);
}
