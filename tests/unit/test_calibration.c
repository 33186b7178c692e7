/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_calibration.c - the figure of a calibration: what was measured over what the laws say, with shapes that were held back, and
 * with several threads and batches over what the shares say that these do not change.
 */
#include "tests/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/profile_file.h"
#include "sim/show/calibration.h"
#include "tests/folder.h"

/* conv: serial .2, batch-free .5; gemm: serial .5.  An operator with one thread takes what its row says. */
static const struct profile_sample sample[] = {
    {.kernel = KERNEL_CONV, .use = PROFILE_LAW, .threads = 1, .batch = 1, .s = 5e-3, .law_s = 4e-3},
    {.kernel = KERNEL_CONV, .use = PROFILE_LAW, .threads = 1, .batch = 1, .s = 6e-3, .law_s = 8e-3, .held = 1},
    {.kernel = KERNEL_CONV, .use = PROFILE_LAW, .threads = 1, .batch = 1, .s = 6e-3, .law_s = NAN},
    {.kernel = KERNEL_CONV, .use = PROFILE_THREADS, .threads = 1, .batch = 1, .s = 1e-2, .law_s = 9e-3},
    {.kernel = KERNEL_CONV, .use = PROFILE_THREADS, .threads = 4, .batch = 1, .s = 5e-3, .law_s = 9e-3},
    {.kernel = KERNEL_GEMM, .use = PROFILE_THREADS, .threads = 1, .batch = 1, .s = 2e-2, .law_s = 9e-3},
    {.kernel = KERNEL_GEMM, .use = PROFILE_THREADS, .threads = 2, .batch = 1, .s = 1.6e-2, .law_s = 9e-3},
    {.kernel = KERNEL_CONV, .use = PROFILE_BATCH, .threads = 1, .batch = 1, .s = 1e-2, .law_s = 9e-3},
    {.kernel = KERNEL_CONV, .use = PROFILE_BATCH, .threads = 1, .batch = 8, .s = 4e-2, .law_s = 9e-2},
};
static const struct profile_model model[] = {{.name = "net.onnx", .measured_s = .02, .law_s = .021, .nodes_s = NAN}};

/* A block of points for each panel, two empty lines behind it: by the law, measured, held back. */
static const char points[] =
    "0.004 0.005 0\n0.008 0.006 1\n\n\n"
    "0.004 0.005 0\n0.015 0.016 0\n\n\n" /* 10 ms (.2 + .8 / 4); 20 ms (.5 + .5 / 2) */
    "0.045 0.04 0\n\n\n"                 /* 10 ms (.5 + .5 * 8) */
    "0.021 0.02 1\n\n\n";

static void read_text(const char *name, char *text, size_t room)
{
    FILE *in = fopen(in_folder(name), "r");
    assert_non_null(in);
    text[fread(text, 1, room - 1, in)] = '\0';
    fclose(in);
}

static void a_figure_has_threads_and_batches(void **state)
{
    struct profile_file f = {.profile = {.name = "box", .source = "by hand", .memory_factor = 1}, .machine = "a machine",
                             .runtime = "", .pinned = -1, .n_sample = LEN(sample), .n_model = LEN(model), .sample = sample,
                             .model = model};
    struct err e = {0};
    char stem[512], text[16384];
    (void)state;
    f.profile.law[KERNEL_CONV] = f.profile.law[KERNEL_GEMM] = (struct cost_law){.known = true, .term_s = {1e-6}, .held_error = .15};
    f.profile.serial[KERNEL_CONV] = .2;
    f.profile.serial[KERNEL_GEMM] = .5;
    f.profile.batch_fixed[KERNEL_CONV] = .5;
    assert_int_equal(profile_file_write(&f, in_folder("box.h5"), NULL, &e), 0);
    const int rc = calibration_draw(in_folder("box.h5"), folder, stem, sizeof stem, &e);
    assert_true(rc == 0 || rc == -ERR_IO); /* without gnuplot the data and the script are there all the same */
    read_text("box_calibration.dat", text, sizeof text);
    assert_string_equal(text, points);
    read_text("box_calibration.gp", text, sizeof text);
    assert_non_null(strstr(text, "panels = 4\n"));
    static const char *const panel[] = {"conv", "threads", "batches", "whole models"};
    for (int i = 0; i < 4; i++) {
        char line[64];
        snprintf(line, sizeof line, "panel[%d] = '%s'\n", i + 1, panel[i]);
        assert_non_null(strstr(text, line));
    }
    assert_non_null(strstr(text, "note[1] = 'held back: off by 15.0 %'\n"));
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const made[] = {"box.h5", "box_calibration.dat", "box_calibration.gp", "box_calibration.svg",
                                       "box_calibration.png"};
    (void)state;
    for (size_t i = 0; i < LEN(made); i++) {
        unlink(in_folder(made[i]));
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest test[] = {cmocka_unit_test(a_figure_has_threads_and_batches)};
    return cmocka_run_group_tests_name("calibration", test, make_folder, remove_folder);
}
