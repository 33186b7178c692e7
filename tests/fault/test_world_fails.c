/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each call of ours to the system or to HDF5 by which results get to the disk fails once, at call 0, 1, 2, ... until a run
 * meets no failure any more.  Each time the run says what failed, and going on from what it left behind gives the file of
 * an undisturbed run; under the sanitizer nothing leaks.  The linker puts these functions before the real ones (Makefile).
 */
#include "tests/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

#include "policies/builtin.h"
#include "sim/cli/cli.h"
#include "sim/experiment/runner.h"
#include "sim/io/results.h"
#include "sim/io/results_compare.h"
#include "sim/io/scenario_read.h"
#include "tests/folder.h"

enum { MOST = 200000 };

static struct {
    _Atomic size_t n;
    size_t fail_at;
    int why;
} calls[2]; /* to the system, to HDF5 */
enum { SYSTEM, HDF5 };

static bool crash; /* what fails next does not come back */

static bool fails(int kind)
{
    if (crash) {
        raise(SIGSEGV);
    }
    size_t i = atomic_fetch_add(&calls[kind].n, 1);
    if (i == calls[kind].fail_at) {
        errno = calls[kind].why;
    }
    return i == calls[kind].fail_at;
}

static void fail_at(int kind, size_t n, int why)
{
    for (int k = 0; k < 2; k++) {
        atomic_store(&calls[k].n, 0);
        calls[k].fail_at = k == kind ? n : SIZE_MAX;
        calls[k].why = why;
    }
}

#define WRAP(kind, type, name, parameters, ...)  \
    type __real_##name parameters;               \
    type __wrap_##name parameters;               \
    type __wrap_##name parameters                \
    {                                            \
        if (fails(kind)) {                       \
            return -1;                           \
        }                                        \
        return __real_##name(__VA_ARGS__);       \
    }

WRAP(SYSTEM, ssize_t, write, (int fd, const void *bytes, size_t n), fd, bytes, n)
WRAP(SYSTEM, int, fsync, (int fd), fd)
WRAP(SYSTEM, int, rename, (const char *from, const char *to), from, to)
WRAP(HDF5, hid_t, H5Fcreate, (const char *f, unsigned flags, hid_t c, hid_t a), f, flags, c, a)
WRAP(HDF5, hid_t, H5Fopen, (const char *f, unsigned flags, hid_t a), f, flags, a)
WRAP(HDF5, herr_t, H5Fflush, (hid_t f, H5F_scope_t s), f, s)
WRAP(HDF5, hid_t, H5Gcreate2, (hid_t at, const char *name, hid_t l, hid_t c, hid_t a), at, name, l, c, a)
WRAP(HDF5, hid_t, H5Gopen2, (hid_t at, const char *name, hid_t a), at, name, a)
WRAP(HDF5, hid_t, H5Dcreate2, (hid_t at, const char *name, hid_t t, hid_t s, hid_t l, hid_t c, hid_t a), at, name, t, s, l,
     c, a)
WRAP(HDF5, hid_t, H5Dopen2, (hid_t at, const char *name, hid_t a), at, name, a)
WRAP(HDF5, herr_t, H5Dwrite, (hid_t d, hid_t t, hid_t m, hid_t f, hid_t x, const void *v), d, t, m, f, x, v)
WRAP(HDF5, herr_t, H5Dread, (hid_t d, hid_t t, hid_t m, hid_t f, hid_t x, void *v), d, t, m, f, x, v)
WRAP(HDF5, herr_t, H5Dset_extent, (hid_t d, const hsize_t *n), d, n)
WRAP(HDF5, herr_t, H5Dwrite_chunk, (hid_t d, hid_t x, uint32_t f, const hsize_t *at, size_t n, const void *v), d, x, f, at,
     n, v)
WRAP(HDF5, hid_t, H5Acreate2, (hid_t o, const char *name, hid_t t, hid_t s, hid_t c, hid_t a), o, name, t, s, c, a)
WRAP(HDF5, herr_t, H5Awrite, (hid_t a, hid_t t, const void *v), a, t, v)
WRAP(HDF5, herr_t, H5Rcreate, (void *r, hid_t at, const char *name, H5R_type_t t, hid_t s), r, at, name, t, s)
WRAP(HDF5, hid_t, H5Screate, (H5S_class_t c), c)
WRAP(HDF5, hid_t, H5Screate_simple, (int n, const hsize_t *now, const hsize_t *most), n, now, most)
WRAP(HDF5, herr_t, H5Sselect_hyperslab,
     (hid_t s, H5S_seloper_t op, const hsize_t *at, const hsize_t *by, const hsize_t *n, const hsize_t *b), s, op, at, by, n, b)
WRAP(HDF5, hid_t, H5Tcopy, (hid_t t), t)
WRAP(HDF5, hid_t, H5Tcreate, (H5T_class_t c, size_t n), c, n)
WRAP(HDF5, herr_t, H5Tinsert, (hid_t t, const char *name, size_t at, hid_t m), t, name, at, m)
WRAP(HDF5, herr_t, H5Tset_size, (hid_t t, size_t n), t, n)
WRAP(HDF5, herr_t, H5Tset_cset, (hid_t t, H5T_cset_t c), t, c)
WRAP(HDF5, hid_t, H5Tvlen_create, (hid_t t), t)
WRAP(HDF5, hid_t, H5Pcopy, (hid_t p), p)
WRAP(HDF5, herr_t, H5Pset_chunk, (hid_t p, int n, const hsize_t *d), p, n, d)
WRAP(HDF5, herr_t, H5Pset_obj_track_times, (hid_t p, hbool_t b), p, b)
WRAP(HDF5, herr_t, H5Pset_attr_creation_order, (hid_t p, unsigned f), p, f)
WRAP(HDF5, herr_t, H5Pset_link_creation_order, (hid_t p, unsigned f), p, f)
WRAP(HDF5, herr_t, H5Pset_libver_bounds, (hid_t p, H5F_libver_t a, H5F_libver_t b), p, a, b)
WRAP(HDF5, herr_t, H5Pset_fclose_degree, (hid_t p, H5F_close_degree_t d), p, d)
WRAP(HDF5, herr_t, H5Pset_fill_time, (hid_t p, H5D_fill_time_t t), p, t)
WRAP(HDF5, herr_t, H5Pset_alloc_time, (hid_t p, H5D_alloc_time_t t), p, t)
WRAP(HDF5, hid_t, H5Aopen, (hid_t o, const char *name, hid_t a), o, name, a)
WRAP(HDF5, herr_t, H5Aread, (hid_t a, hid_t t, void *v), a, t, v)
WRAP(HDF5, hid_t, H5Aget_type, (hid_t a), a)
WRAP(HDF5, hid_t, H5Aget_space, (hid_t a), a)
WRAP(HDF5, hid_t, H5Dget_space, (hid_t d), d)
WRAP(HDF5, hid_t, H5Dget_type, (hid_t d), d)
WRAP(HDF5, hid_t, H5Oopen, (hid_t at, const char *name, hid_t a), at, name, a)

static struct scenario scenario;
static int run(const char *name, bool resume)
{
    const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};
    struct run_options o = RUN_OPTIONS_DEFAULT;
    struct runner_outcome out;
    struct err e = {0};
    o.output = in_folder(name);
    o.threads = 1;
    o.tasks = true;
    o.resume = resume;
    int rc = experiment_run(&scenario, &set, &o, NULL, &out, &e);
    assert_int_equal(rc, -(int)e.code);
    assert_true(rc == 0 || e.text[0]);
    return rc;
}

static void assert_same(const char *name, size_t n)
{
    struct results_compared out;
    struct err e = {0};
    char whole[128];
    snprintf(whole, sizeof whole, "%s", in_folder("whole.h5"));
    if (results_compare(whole, in_folder(name), NULL, 2, 2, &out, &e) < 0 || out.difference[0]) {
        fail_msg("after a failure at call %zu: %s%s", n, e.text, out.difference);
    }
}

/* Every stride-th call, each of them in a long run. */
static void assert_recovers(int kind, int why, size_t stride)
{
    size_t n;
    stride = getenv("TS_LONG") ? 1 : stride;
    for (n = 0; n < MOST; n += stride) {
        results_remove(in_folder("x.h5"));
        fail_at(kind, n, why);
        int rc = run("x.h5", false);
        bool reached = atomic_load(&calls[kind].n) > n;
        fail_at(kind, SIZE_MAX, 0);
        if (!reached) {
            assert_int_equal(rc, 0);
            break;
        }
        if (rc != -ERR_IO && rc != -ERR_MEMORY) {
            fail_msg("call %zu failed, and the outcome is %d", n, rc);
        }
        struct result r;
        struct err e = {0};
        int there = access(in_folder("x.h5"), F_OK) == 0 ? result_read(&r, in_folder("x.h5"), &e) : -1;
        if (e.code != ERR_NONE) {
            fail_msg("after a failure at call %zu the file does not open: %s", n, e.text);
        }
        if (there == 0) {
            result_free(&r);
        }
        assert_int_equal(run("x.h5", true), 0);
        assert_same("x.h5", n);
    }
    assert_true(n > 10 && n < MOST);
}

static void a_full_disk(void **state)
{
    (void)state;
    assert_recovers(SYSTEM, ENOSPC, 1);
}

static void an_input_output_error(void **state)
{
    (void)state;
    assert_recovers(SYSTEM, EIO, 7);
}

static void a_failure_within_hdf5(void **state)
{
    (void)state;
    assert_recovers(HDF5, EIO, 601);
}

/* Reading: an error, and nothing else happens. */
static void a_failure_to_read(void **state)
{
    (void)state;
    size_t n;
    for (n = 0; n < MOST; n += getenv("TS_LONG") ? 1 : 11) {
        struct result r;
        struct err e = {0};
        fail_at(HDF5, n, EIO);
        int rc = result_read(&r, in_folder("whole.h5"), &e);
        bool reached = atomic_load(&calls[HDF5].n) > n;
        fail_at(HDF5, SIZE_MAX, 0);
        result_free(&r);
        if (!reached) {
            assert_int_equal(rc, 0);
            break;
        }
        assert_true(rc < 0 && e.text[0]);
    }
    assert_true(n > 100 && n < MOST);
}

static void a_file_on_which_the_library_fails_is_refused(void **state)
{
    (void)state;
    struct result r;
    struct err e = {0};
    crash = true; /* in the process that looks first; this one does not come so far */
    int rc = cli_read(&r, in_folder("whole.h5"), &e);
    crash = false;
    assert_int_equal(rc, -ERR_INPUT);
    assert_non_null(strstr(e.text, "found a file on which the HDF5 library fails ("));
    result_free(&r);
    e = (struct err){0};
    assert_int_equal(cli_read(&r, in_folder("whole.h5"), &e), 0);
    result_free(&r);
}

static int setup(void **state)
{
    static const char text[] = "tiersim: 1\nname: two\n"
                               "nodes: {server: {tier: edge, count: 2, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                               "workloads: {customer: {at: server, arrivals: {poisson: {rate: 0.5 /s}},\n"
                               "            work: {exponential: {mean: 1 GFLOP}}}}\n"
                               "experiment: {policies: [local, random], replications: 2, jobs: 100}\n";
    struct errors errors = {0};
    (void)state;
    fail_at(SYSTEM, SIZE_MAX, 0);
    if (!mkdtemp(folder)) {
        return -1;
    }
    FILE *f = fopen(in_folder("s.yaml"), "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0 || scenario_read(&scenario, in_folder("s.yaml"), NULL, 0, &errors) < 0) {
        return -1;
    }
    return run("whole.h5", false);
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    scenario_free(&scenario);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(an_input_output_error),
        cmocka_unit_test(a_failure_within_hdf5),
        cmocka_unit_test(a_failure_to_read),
        cmocka_unit_test(a_file_on_which_the_library_fails_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
