/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_read_profile.c - operators take on each processor what its profile says: laws that are written, a measured file, such a
 * file scaled, and without a profile the flop at the processor's speed; with threads by the share that is serial.  What is beyond
 * what was measured is told when it is read and with the results.
 */
#include <stdlib.h>
#include <unistd.h>

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/experiment/runner.h"
#include "sim/io/profile_file.h"
#include "sim/io/results.h"
#include "sim/io/scenario_read.h"
#include "sim/model/lint.h"
#include "sim/show/summary.h"
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
    "      wide: {speed: 10 GFLOP/s, profile: {file: box.h5, threads: 4}}\n"
    "      wider: {speed: 10 GFLOP/s, profile: {file: box.h5, threads: 8}}\n"
    "      narrow: {speed: 10 GFLOP/s, profile: {file: narrow.h5}}\n"
    "      slow: {speed: 10 GFLOP/s, profile: {file: box.h5, scaled: {once: 2, flop: 3, bytes: 4}}}\n"
    "workloads:\n"
    "  job: {at: box, arrivals: {poisson: {rate: 1 /s}}, work: {operators: {conv: {count: 4, flop: 1 GFLOP, bytes: 10 MB}, "
    "gemm: {flop: 2 GFLOP, bytes: 1 MB}}}}\n"
    "experiment: {policies: [local], duration: 10 s}\n";

enum { NPU, CPU, OLD, WIDE, WIDER, NARROW, SLOW };

/* Seconds on one core of a processor, by its row. */
static double time_on(const struct scenario *s, uint32_t pool)
{
    const struct size_spec *work = &s->workload[0].work;
    return work->mean * size_stretch(work, pool) / s->pool[pool].speed_flops;
}

/* One operator of the job: conv 0.25 GFLOP and 2.5 MB, gemm 2 GFLOP and 1 MB; scaling was measured with up to 4 threads. */
static void write_profile(const char *path, double gemm_flop_max)
{
    static const struct profile_sample sample[] = {
        {.kernel = KERNEL_CONV, .use = PROFILE_LAW, .batch = 1, .threads = 16},
        {.kernel = KERNEL_CONV, .use = PROFILE_THREADS, .batch = 1, .threads = 4},
        {.kernel = KERNEL_GEMM, .use = PROFILE_THREADS, .batch = 1, .threads = 2}};
    struct err e = {0};
    struct profile_file f = {.profile = {.name = "box", .source = "by hand", .run_s = 1e-6, .memory_factor = 1}, .machine = "",
                             .runtime = "", .pinned = -1, .n_sample = LEN(sample), .sample = sample};
    f.profile.law[KERNEL_CONV] = (struct cost_law){.known = true, .term_s = {1e-5, 1e-11, 1e-10}, .flop_max = 0.25e9,
                                                   .bytes_max = 2.5e6};
    f.profile.law[KERNEL_CONV].variance[COST_ONCE][COST_FLOP] = 1e-20;
    f.profile.law[KERNEL_GEMM] = (struct cost_law){.known = true, .term_s = {0, 2e-11, 0}, .flop_max = gemm_flop_max,
                                                   .bytes_max = 1e6};
    f.profile.serial[KERNEL_CONV] = 0.2;
    f.profile.serial[KERNEL_GEMM] = 0.5;
    assert_int_equal(profile_file_write(&f, path, NULL, &e), 0);
}

static void write_files(void)
{
    write_profile(in_folder("box.h5"), 2e9);
    write_profile(in_folder("narrow.h5"), 1.999e9);
    FILE *out = fopen(in_folder("kernels.yaml"), "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

/* With assignments that end with NULL. */
static void open_kernels(struct scenario *s, const char *const *set)
{
    const struct policy_set policies = {builtin_policy, N_BUILTIN_POLICY};
    const char *path = in_folder("kernels.yaml");
    struct scenario_source from = {.path = path, .policies = &policies, .set = set};
    struct errors errs = {0};
    struct yaml tree = {0};
    while (set && set[from.n_set]) {
        from.n_set++;
    }
    write_files();
    assert_int_equal(scenario_open(s, &tree, &from, &errs), 0);
    yaml_clear(&tree);
    errors_clear(&errs);
}

static void operators_take_what_the_profile_says(void **state)
{
    struct scenario s;
    (void)state;
    open_kernels(&s, NULL);
    assert_near(s.workload[0].work.mean * 1, 0x1p31, 0, 0); /* the unit: the power of two below 3 GFLOP */
    /* start + 4 once + 1e9 / 1e11 + 1e7 / 2e10, and 2e9 / 1e12 */
    assert_near(time_on(&s, NPU), 2e-6 + 4e-5 + 1e-2 + 5e-4 + 2e-3, 1e-12, 0);
    assert_near(time_on(&s, CPU), 3e9 / 1e10, 1e-12, 0);
    assert_near(time_on(&s, OLD), 1e-6 + 4e-5 + 1e-2 + 1e-3 + 4e-2, 1e-12, 0);
    assert_near(time_on(&s, NARROW), time_on(&s, OLD), 0, 0);
    assert_near(time_on(&s, SLOW), 2e-6 + 8e-5 + 3e-2 + 4e-3 + 12e-2, 1e-12, 0);
    assert_int_equal(s.n_trace, 2); /* results keep a digest of each file */
    scenario_free(&s);
}

/* Amdahl: of conv .2 + .8 / n of the time is left, of gemm .5 + .5 / n; the start of a model gets no faster. */
static void threads_share_what_is_not_serial(void **state)
{
    const double conv_s = 4e-5 + 1e-2 + 1e-3, gemm_s = 4e-2;
    struct scenario s;
    (void)state;
    open_kernels(&s, NULL);
    assert_near(time_on(&s, WIDE), 1e-6 + conv_s * (0.2 + 0.8 / 4) + gemm_s * (0.5 + 0.5 / 4), 1e-12, 0);
    /* Of times that are so many times as long the variances are so by the product of the two. */
    assert_near(s.pool[WIDE].profile->law[KERNEL_CONV].variance[COST_ONCE][COST_FLOP], 0.4 * 0.4 * 1e-20, 1e-12, 0);
    assert_near(s.pool[SLOW].profile->law[KERNEL_CONV].variance[COST_ONCE][COST_FLOP], 2 * 3 * 1e-20, 1e-12, 0);
    assert_near(time_on(&s, WIDER), 1e-6 + conv_s * (0.2 + 0.8 / 8) + gemm_s * (0.5 + 0.5 / 8), 1e-12, 0);
    scenario_free(&s);
}

static const char *warning_of(const struct lints *l, const char *processor)
{
    const char *text_of = NULL;
    for (uint32_t i = 0; i < l->n; i++) {
        if (strstr(l->lint[i].path, processor)) {
            assert_null(text_of);
            text_of = l->lint[i].text;
        }
    }
    return text_of;
}

/* More threads, larger operators: who asks for just what was measured is not warned. */
static void what_is_beyond_the_measured_is_warned_of(void **state)
{
    struct scenario s;
    struct lints l = {0};
    struct err e = {0};
    (void)state;
    open_kernels(&s, NULL);
    assert_int_equal(lints_find(&l, &s, &e), 0);
    assert_null(warning_of(&l, "processors.npu"));
    assert_null(warning_of(&l, "processors.cpu"));
    assert_null(warning_of(&l, "processors.old"));
    assert_null(warning_of(&l, "processors.wide."));
    assert_string_equal(warning_of(&l, "processors.wider."),
                        "8 threads, and no more than 4 were measured: its times are extrapolated");
    assert_string_equal(warning_of(&l, "processors.narrow"),
                        "some work has larger operators of the kind gemm than were measured: their times are extrapolated");
    assert_string_equal(warning_of(&l, "processors.slow"),
                        "is scaled from another device's: its times are extrapolated, not measured");
    lints_clear(&l);
    scenario_free(&s);
}

static void run_kernels(struct result *r, const char *const *set)
{
    const struct policy_set policies = {builtin_policy, N_BUILTIN_POLICY};
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct runner_outcome out;
    struct scenario s;
    struct err e = {0};
    open_kernels(&s, set);
    o.output = in_folder("kernels.h5");
    o.threads = 1;
    assert_int_equal(experiment_run(&s, &policies, &o, NULL, &out, &e), 0);
    assert_int_equal(result_read(r, in_folder("kernels.h5"), &e), 0);
    scenario_free(&s);
}

/* Jobs one by one on four threads take what is worked out above; the file and its tables name who is beyond what was measured. */
static void results_say_what_is_extrapolated(void **state)
{
    static const char periodic[] = "workloads.job.arrivals={periodic: {period: 1 s}}";
    static const char *const one_by_one[] = {periodic, "workloads.job.runs_on=wide", NULL};
    static const char *const measured[] = {periodic, "nodes.box.processors.wider.profile.threads=4",
                                           "nodes.box.processors.narrow.profile.file=box.h5",
                                           "nodes.box.processors.slow={speed: 10 GFLOP/s}", NULL};
    struct result r;
    char *table = NULL;
    size_t n = 0;
    (void)state;
    run_kernels(&r, one_by_one);
    assert_near(r.record[0].metric[M_LATENCY_MEAN], 1e-6 + 0.01104 * 0.4 + 0.04 * 0.625, 1e-9, 0);
    assert_string_equal(r.extrapolated, "box.wider, box.narrow, box.slow");
    FILE *out = open_memstream(&table, &n);
    summary_print(&r, out, (struct paper){.width = 120});
    fclose(out);
    assert_non_null(strstr(table, "Extrapolated: what operators take on box.wider, box.narrow, box.slow is scaled from"));
    free(table);
    result_free(&r);
    run_kernels(&r, measured);
    assert_string_equal(r.extrapolated, "");
    out = open_memstream(&table, &n);
    summary_print(&r, out, (struct paper){.width = 120});
    fclose(out);
    assert_null(strstr(table, "xtrapolated"));
    free(table);
    result_free(&r);
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
    unlink(in_folder("narrow.h5"));
    unlink(in_folder("kernels.yaml"));
    unlink(in_folder("kernels.h5"));
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test(operators_take_what_the_profile_says),
        cmocka_unit_test(threads_share_what_is_not_serial),
        cmocka_unit_test(what_is_beyond_the_measured_is_warned_of),
        cmocka_unit_test(results_say_what_is_extrapolated),
    };
    return cmocka_run_group_tests(test, make_folder, remove_folder);
}
