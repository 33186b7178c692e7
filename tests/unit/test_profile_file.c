/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_profile_file.c - a device's profile is read as it was written, and what is none is refused. */
#include <stdlib.h>
#include <unistd.h>

#include <hdf5.h>

#include "sim/base/err.h"
#include "sim/io/profile_file.h"
#include "tests/damage.h"
#include "tests/folder.h"
#include "tests/test.h"

static const struct profile_sample sample[] = {
    {.kernel = KERNEL_CONV, .use = PROFILE_LAW, .size = {8, 7, 16}, .batch = 1, .threads = 1, .flop = 1e6, .bytes = 2e5,
     .s = 3e-5, .law_s = 2.9e-5, .sd_s = 1e-6, .model_bytes = 1e5, .load_s = 1e-3, .resident_bytes = NAN, .held = 1},
    {.kernel = KERNEL_POOL, .use = PROFILE_BATCH, .batch = 16, .threads = 1, .s = 1e-5},
};
static const struct profile_model model[] = {{.name = "net.onnx", .measured_s = .02, .law_s = .021, .sd_s = .001, .nodes_s = NAN}};

static int write_sound(const char *path, struct err *e)
{
    struct profile_file f = {.profile = {.name = "box", .source = "by hand", .run_s = 2e-6, .memory_factor = 1.5},
                             .machine = "a machine", .runtime = "a runtime", .load_before = .5, .load_after = .25, .pinned = -1,
                             .passes = 3, .n_sample = LEN(sample), .n_model = LEN(model), .sample = sample, .model = model};
    f.profile.law[KERNEL_CONV] = (struct cost_law){.known = true, .term_s = {1e-6, 1e-11, 5e-11}, .spread = .1, .held_error = .15,
                                                   .n = 48, .flop_max = 3e8, .bytes_max = 1e7};
    f.profile.law[KERNEL_CONV].variance[COST_ONCE][COST_FLOP] = -1e-20;
    f.profile.load = (struct cost_law){.known = true, .term_s = {1e-3, 0, 1e-9}, .n = 48};
    f.profile.serial[KERNEL_CONV] = .2;
    f.profile.batch_fixed[KERNEL_CONV] = .4;
    return profile_file_write(&f, path, NULL, e);
}

static void write_sample(const char *path)
{
    struct err e = {0};
    assert_int_equal(write_sound(path, &e), 0);
}

static void what_is_written_is_read(void **state)
{
    struct arena a = {0};
    struct err e = {0};
    struct profile_file f;
    (void)state;
    write_sample(in_folder("box.h5"));
    assert_int_equal(profile_file_read(&f, in_folder("box.h5"), &a, &e), 0);
    assert_string_equal(f.profile.name, "box");
    assert_string_equal(f.machine, "a machine");
    assert_int_equal(f.pinned, -1);
    assert_near(f.profile.run_s, 2e-6, 0, 0);
    const struct cost_law *l = &f.profile.law[KERNEL_CONV];
    assert_true(l->known && !f.profile.law[KERNEL_GEMM].known && f.profile.load.known);
    assert_near(cost_law_s(l, 1e6, 2e5), 1e-6 + 1e-5 + 1e-5, 1e-15, 0);
    assert_near(l->variance[COST_ONCE][COST_FLOP], -1e-20, 0, 0);
    assert_near(l->held_error, .15, 0, 0);
    assert_near(f.profile.serial[KERNEL_CONV], .2, 0, 0);
    assert_int_equal(f.n_sample, LEN(sample));
    assert_int_equal(f.sample[0].kernel, KERNEL_CONV);
    assert_int_equal(f.sample[0].size[2], 16);
    assert_int_equal(f.sample[0].held, 1);
    assert_int_equal(f.sample[1].batch, 16);
    assert_true(isnan(f.sample[0].resident_bytes));
    assert_int_equal(f.n_model, 1);
    assert_near(f.model[0].law_s, .021, 0, 0);
    arena_clear(&a);
}

static int read_any(const char *path, struct err *e)
{
    struct arena a = {0};
    struct profile_file f;
    int rc = profile_file_read(&f, path, &a, e);
    arena_clear(&a);
    return rc;
}

static void no_bytes_end_the_process(void **state)
{
    (void)state;
    damage_each(write_sound, read_any);
}

/* One number of a sound file is another: that of conv, its first where there are several of each kind. */
static void spoil(const char *path, const char *name, size_t n_each, double value)
{
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), data = H5Dopen2(file, name, H5P_DEFAULT);
    double number[64 * 9];
    assert_true(H5Dread(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) >= 0);
    number[n_each * KERNEL_CONV] = value;
    assert_true(H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, number) >= 0);
    H5Dclose(data);
    H5Fclose(file);
}

static void what_is_no_profile_is_refused(void **state)
{
    struct arena a = {0};
    struct profile_file f;
    struct err e = {0};
    (void)state;
    assert_int_equal(profile_file_read(&f, in_folder("absent.h5"), &a, &e), -ERR_INPUT);
    static const struct {
        const char *name;
        size_t n_each;
        double value;
        const char *text;
    } wrong[] = {
        {"/law/term_s", N_COST_TERM, -1e-6, "/law: found a law of conv that is no time, wanted terms >= 0, not all 0"},
        {"/law/term_s", N_COST_TERM, NAN, "/law: found a law of conv that is no time, wanted terms >= 0, not all 0"},
        {"/law/term_s", N_COST_TERM, INFINITY, "/law: found a law of conv that is no time, wanted terms >= 0, not all 0"},
        {"/law/flop_max", 1, NAN, "/law: found no range of conv, wanted flop_max and bytes_max >= 0"},
        {"/law/serial", 1, -1, "/law/serial: found -1 for conv, wanted a share from 0 to 1"},
        {"/law/batch_fixed", 1, 1.5, "/law/batch_fixed: found 1.5 for conv, wanted a share from 0 to 1"},
    };
    for (size_t i = 0; i < LEN(wrong); i++) {
        e = (struct err){0};
        write_sample(in_folder("spoilt.h5"));
        spoil(in_folder("spoilt.h5"), wrong[i].name, wrong[i].n_each, wrong[i].value);
        assert_int_equal(profile_file_read(&f, in_folder("spoilt.h5"), &a, &e), -ERR_INPUT);
        assert_non_null(strstr(e.text, wrong[i].text));
    }
    e = (struct err){0};
    hid_t file = H5Fcreate(in_folder("other.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    assert_int_equal(profile_file_read(&f, in_folder("other.h5"), &a, &e), -ERR_INPUT);
    assert_non_null(strstr(e.text, "not a profile of a device, which `tiersim calibrate` writes"));
    arena_clear(&a);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    static const char *const made[] = {"box.h5", "spoilt.h5", "other.h5"};
    (void)state;
    for (size_t i = 0; i < LEN(made); i++) {
        unlink(in_folder(made[i]));
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest test[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_no_profile_is_refused),
        cmocka_unit_test(no_bytes_end_the_process),
    };
    return cmocka_run_group_tests(test, make_folder, remove_folder);
}
