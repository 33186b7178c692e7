/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result file gives back what went into it, twice the same, and never a damaged file. */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

#include "sim/io/layout.h"
#include "sim/io/results.h"
#include "tests/folder.h"
#include "tests/sample.h"

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "chmod -R u+w %s; rm -rf %s", folder, folder);
    return system(command);
}

/* Write the sample with the same provenance each time; backwards: records in the opposite order. */
static int write_sample(const char *path, uint32_t n_policy, uint32_t n_replication, bool backwards, bool rows,
                        struct err *e)
{
    struct scenario s = sample_scenario(n_policy, n_replication);
    struct provenance p = {0};
    struct results *r;
    int rc = results_begin(&r, path, &s, NULL, e);
    if (rc < 0) {
        return rc;
    }
    uint32_t n = n_policy * n_replication;
    for (uint32_t i = 0; i < n && rc == 0; i++) {
        uint32_t cell = backwards ? n - 1 - i : i;
        struct record rec = sample_record(&s, cell / n_replication, cell % n_replication);
        if (rows) {
            struct row_block *b = calloc(1, sizeof *b);
            assert_non_null(b);
            for (uint32_t k = 0; k < 2 && rc == 0; k++) {
                b->n = k == 0 ? ROW_BLOCK : 100;
                for (uint32_t j = 0; j < b->n; j++) {
                    b->number[j] = k * ROW_BLOCK + j;
                    b->latency[j] = 0.25f * (float)cell;
                }
                rc = results_rows(r, rec.policy, rec.replication, b, e);
            }
            free(b);
        }
        rc = rc == 0 ? results_record(r, &rec, e) : rc;
        record_clear(&rec);
    }
    if (rc < 0) {
        results_leave(r, e);
        return rc;
    }
    provenance_add(&p, "command_line", "tiersim run factory.yaml");
    rc = results_commit(r, &p, e);
    provenance_clear(&p);
    return rc;
}

static void assert_written(const char *path, uint32_t n_policy, uint32_t n_replication)
{
    struct err e = {0};
    if (write_sample(path, n_policy, n_replication, false, false, &e) < 0) {
        fail_msg("%s", e.text);
    }
}

static void read_back_is_what_was_written(void **state)
{
    (void)state;
    struct err e = {0};
    struct result r;
    struct scenario s = sample_scenario(3, 2);
    assert_written(in_folder("a.h5"), 3, 2);
    if (result_read(&r, in_folder("a.h5"), &e) < 0) {
        fail_msg("%s", e.text);
    }
    assert_int_equal(r.n_policy, 3);
    assert_int_equal(r.n_replication, 2);
    assert_int_equal(r.n_class, SAMPLE_CLASSES);
    assert_string_equal(r.policy[2], "cloud");
    assert_string_equal(r.class_name[1], "alarm");
    assert_string_equal(r.pool[2], "edge.gpu");
    assert_string_equal(r.tier[3], "links");
    assert_string_equal(r.text, s.text);
    assert_string_equal(r.name, "factory");
    assert_string_equal(provenance_find(&r.provenance, "command_line"), "tiersim run factory.yaml");
    assert_int_equal(r.compare_to, 1);
    assert_int_equal(r.seed, 1);
    assert_near(r.deadline_s[1], 0.06, 0, 0);
    for (uint32_t i = 0; i < 6; i++) {
        struct record want = sample_record(&s, i / 2, i % 2), *got = &r.record[i];
        assert_int_equal(got->policy, want.policy);
        assert_int_equal(got->replication, want.replication);
        assert_int_equal(got->status, want.status);
        assert_true(got->digest == want.digest);
        assert_int_equal(got->n_event_dead, want.n_event_dead);
        assert_near(got->end_s, want.end_s, 0, 0);
        assert_memory_equal(got->metric, want.metric, sizeof want.metric);
        assert_memory_equal(got->class_metric, want.class_metric, SAMPLE_CLASSES * sizeof *want.class_metric);
        assert_memory_equal(got->pool, want.pool, want.n_pool * sizeof *want.pool);
        assert_memory_equal(got->channel, want.channel, 2 * want.n_link * sizeof *want.channel);
        assert_memory_equal(got->group_energy, want.group_energy, want.n_group * sizeof *want.group_energy);
        assert_memory_equal(got->tier_energy, want.tier_energy, (want.n_tier + 1) * sizeof *want.tier_energy);
        assert_int_equal(got->n_place_member, want.n_place_member);
        assert_memory_equal(got->pool_first_member, want.pool_first_member, want.n_pool * sizeof(uint32_t));
        assert_memory_equal(got->place_member, want.place_member, want.n_place_member * sizeof *want.place_member);
        assert_memory_equal(got->channel_member, want.channel_member,
                            want.n_channel_member * sizeof *want.channel_member);
        assert_memory_equal(got->cohort, want.cohort, N_SEGMENT * SAMPLE_CLASSES * sizeof *want.cohort);
        for (uint32_t k = 0; k < N_SEGMENT * SAMPLE_CLASSES; k++) {
            for (double q = 0.05; q < 1; q += 0.3) {
                assert_near(sketch_quantile(&got->latency[k], q), sketch_quantile(&want.latency[k], q), 0, 0);
            }
        }
        record_clear(&want);
    }
    result_free(&r);
}

/* Whole bytes: nothing of time, address or order of completion is in the file. */
static void two_writes_are_equal_byte_by_byte(void **state)
{
    (void)state;
    struct err e = {0};
    char command[700];
    assert_int_equal(write_sample(in_folder("b.h5"), 3, 3, false, false, &e), 0);
    assert_int_equal(write_sample(in_folder("c.h5"), 3, 3, true, false, &e), 0);
    snprintf(command, sizeof command, "cmp %s/b.h5 %s/c.h5", folder, folder);
    assert_int_equal(system(command), 0);
}

static void rows_come_back_in_order(void **state)
{
    (void)state;
    struct err e = {0};
    char command[900];
    assert_int_equal(write_sample(in_folder("rows.h5"), 2, 1, false, true, &e), 0);
    /* 65536 + 100 rows; the last is number 65635, and policy 1's latency is .25 */
    snprintf(
        command, sizeof command,
        "h5dump -d /tasks/nearest_edge/0/number -s 65635 -c 1 %s/rows.h5 | grep -q '(65635): 65635$' && "
        "h5dump -d /tasks/nearest_edge/0/latency -s 65534 -c 3 %s/rows.h5 | grep -q '(65534): 0.25, 0.25, 0.25$' && "
        "h5dump -H -d /tasks/local/0/release %s/rows.h5 | grep -q '( 65636 ) / ( H5S_UNLIMITED )'",
        folder, folder, folder);
    assert_int_equal(system(command), 0);
}

static void what_did_not_run_is_not_a_number(void **state)
{
    (void)state;
    struct err e = {0};
    struct scenario s = sample_scenario(2, 2);
    struct results *w;
    struct result r;
    struct provenance p = {0};
    assert_int_equal(results_begin(&w, in_folder("part.h5"), &s, NULL, &e), 0);
    struct record rec = sample_record(&s, 1, 0);
    assert_int_equal(results_record(w, &rec, &e), 0);
    struct record failed = {.policy = 0, .replication = 1, .status = RECORD_FAILED, .text = "mct: no plan"};
    for (int m = 0; m < N_METRIC; m++) {
        failed.metric[m] = NAN;
    }
    assert_int_equal(results_record(w, &failed, &e), 0);
    assert_int_equal(results_commit(w, &p, &e), 0);
    assert_int_equal(result_read(&r, in_folder("part.h5"), &e), 0);
    assert_int_equal(r.record[0].status, RECORD_EMPTY);
    assert_true(isnan(r.record[0].metric[M_LATENCY_MEAN]));
    assert_true(isnan(r.record[0].class_metric[1][M_MISS_RATIO]));
    assert_int_equal(r.record[1].status, RECORD_FAILED);
    assert_string_equal(r.record[1].text, "mct: no plan");
    assert_near(r.record[2].metric[M_LATENCY_MEAN], rec.metric[M_LATENCY_MEAN], 0, 0);
    assert_true(isnan(r.pooled_all[0]));
    assert_true(isfinite(r.pooled_all[r.n_q]));
    record_clear(&rec);
    result_free(&r);
}

static long file_size(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? (long)st.st_size : -1;
}

static int files_in_folder(const char *path)
{
    char command[300];
    snprintf(command, sizeof command, "ls -A %s | wc -l", path);
    FILE *f = popen(command, "r");
    int n = -1;
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%d", &n), 1);
    pclose(f);
    return n;
}

static void a_missing_folder_is_named(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(write_sample(in_folder("no/where/x.h5"), 1, 1, false, false, &e), -ERR_IO);
    assert_non_null(strstr(e.text, "there is no folder"));
    assert_non_null(strstr(e.text, "no/where"));
}

static void a_folder_is_not_replaced(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(write_sample(folder, 1, 1, false, false, &e), -ERR_IO);
    assert_non_null(strstr(e.text, "is a folder"));
    memset(&e, 0, sizeof e);
    assert_int_equal(write_sample("/dev/null", 1, 1, false, false, &e), -ERR_IO);
    assert_non_null(strstr(e.text, "not a regular file"));
}

static void an_abort_leaves_the_old_file(void **state)
{
    (void)state;
    struct err e = {0};
    struct scenario s = sample_scenario(1, 1);
    struct results *r;
    assert_int_equal(mkdir(in_folder("abort"), 0777), 0);
    assert_written(in_folder("abort/x.h5"), 1, 1);
    long size = file_size(in_folder("abort/x.h5"));
    assert_int_equal(results_begin(&r, in_folder("abort/x.h5"), &s, NULL, &e), 0);
    assert_int_equal(files_in_folder(in_folder("abort")), 2);
    assert_int_equal(results_leave(r, &e), 0);
    assert_int_equal(files_in_folder(in_folder("abort")), 1);
    assert_int_equal(file_size(in_folder("abort/x.h5")), size);
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    struct err e = {0};
    char command[400];
    assert_int_equal(mkdir(in_folder("full"), 0777), 0);
    snprintf(command, sizeof command, "mount -t tmpfs -o size=1m none %s/full 2>/dev/null", folder);
    if (system(command) != 0) {
        skip_because("a small file system cannot be mounted here");
    }
    int first = write_sample(in_folder("full/x.h5"), 1, 1, false, false, &e);
    long size = file_size(in_folder("full/x.h5"));
    int rc = write_sample(in_folder("full/x.h5"), 10, 3, false, true, &e);
    long after = file_size(in_folder("full/x.h5"));
    int files = files_in_folder(in_folder("full"));
    struct result r;
    struct err e2 = {0};
    int readable = result_read(&r, in_folder("full/x.h5"), &e2);
    result_free(&r);
    snprintf(command, sizeof command, "umount %s/full", folder);
    assert_int_equal(system(command), 0);
    assert_int_equal(first, 0);
    assert_int_equal(rc, -ERR_IO);
    assert_non_null(strstr(e.text, "No space left on device"));
    assert_int_equal(after, size);
    assert_int_equal(files, 1);
    assert_int_equal(readable, 0);
}

static void a_read_only_folder_is_said_before_anything_runs(void **state)
{
    (void)state;
    char command[700];
    if (geteuid() != 0) {
        skip_because("only root can become nobody");
    }
    assert_int_equal(mkdir(in_folder("locked"), 0555), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    char self[300] = {0};
    assert_true(readlink("/proc/self/exe", self, sizeof self - 1) > 0);
    snprintf(command, sizeof command,
             "cp %s %s/writer && chmod 755 %s/writer && runuser -u nobody -- %s/writer write "
             "%s/locked/x.h5 2>&1 | grep -q 'cannot create the file: Permission denied'",
             self, folder, folder, folder, folder);
    if (system("runuser -u nobody -- true 2>/dev/null") != 0) {
        skip_because("runuser does not work here");
    }
    assert_int_equal(system(command), 0);
    assert_int_equal(files_in_folder(in_folder("locked")), 0);
}

static void expect_refusal(const char *path, const char *message)
{
    struct err e = {0};
    struct result r;
    int rc = result_read(&r, path, &e);
    result_free(&r);
    assert_int_equal(rc, -ERR_INPUT);
    if (!strstr(e.text, message)) {
        fail_msg("found \"%s\", wanted \"%s\" in it", e.text, message);
    }
}

static void other_files_are_refused(void **state)
{
    (void)state;
    expect_refusal(in_folder("missing.h5"), "No such file or directory");
    FILE *f = fopen(in_folder("text.h5"), "w");
    assert_non_null(f);
    fputs("not HDF5 at all", f);
    fclose(f);
    expect_refusal(in_folder("text.h5"), "cannot open the file as HDF5");
    hid_t h = H5Fcreate(in_folder("other.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(h >= 0);
    H5Fclose(h);
    expect_refusal(in_folder("other.h5"), "there is no attribute tiersim_schema");
}

/* Put another dataset in the place of one that the reader wants. */
static void replace(const char *file, const char *name, hid_t type, int n_dim, const hsize_t *shape)
{
    hid_t h = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(h >= 0);
    assert_true(H5Ldelete(h, name, H5P_DEFAULT) >= 0);
    if (shape) {
        hid_t space = H5Screate_simple(n_dim, shape, NULL);
        hid_t d = H5Dcreate2(h, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(d >= 0);
        H5Dclose(d);
        H5Sclose(space);
    }
    H5Fclose(h);
}

static void wrong_types_and_shapes_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *name, *message;
        int n_dim;
        hsize_t shape[3];
        int text;
    } bad[] = {
        {"/summary/latency_mean", "latency_mean: found the shape (2), wanted (2, 2)", 1, {2}, 0},
        {"/class/miss_ratio", "miss_ratio: found the shape (2, 2, 4), wanted (2, 2, 3)", 3, {2, 2, 4}, 0},
        {"/digest", "digest: found another type, wanted whole numbers", 2, {2, 2}, 0},
        {"/summary/edp", "edp: found another type, wanted numbers", 2, {2, 2}, 1},
        {"/policy", "policy: found another type, wanted text", 1, {2}, 0},
        {"/quantiles/pooled", "pooled: found the shape (7), wanted (2, 3, 5)", 1, {7}, 0},
        {"/replication", "replication: found 9000000000 entries, wanted at most 1048576", 1, {9000000000}, 0},
        {"/window/from", "from: not there", 0, {0}, 0},
        {"/status", "there is no dataset status", 0, {0}, 0},
        {"/sketch/bucket", "bucket: found the shape (3), wanted", 1, {3}, 2},
    };
    for (size_t i = 0; i < LEN(bad); i++) {
        assert_written(in_folder("bad.h5"), 2, 2);
        hid_t text = H5Tcopy(H5T_C_S1);
        hid_t type = bad[i].text == 1 ? text : bad[i].text == 2 ? H5T_STD_I32LE : H5T_IEEE_F64LE;
        replace(in_folder("bad.h5"), bad[i].name, type, bad[i].n_dim, bad[i].n_dim ? bad[i].shape : NULL);
        H5Tclose(text);
        expect_refusal(in_folder("bad.h5"), bad[i].message);
    }
}

static void another_kind_of_object_is_told(void **state)
{
    (void)state;
    const char *file = in_folder("kind.h5");
    assert_written(file, 2, 2);
    hid_t h = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(h >= 0 && H5Ldelete(h, "digest", H5P_DEFAULT) >= 0);
    H5Gclose(H5Gcreate2(h, "digest", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(h);
    expect_refusal(file, "digest: found another kind of object, wanted a dataset");
}

static void set_schema(const char *file, uint64_t schema)
{
    hid_t h = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), a = H5Aopen(h, "tiersim_schema", H5P_DEFAULT);
    assert_true(h >= 0 && a >= 0 && H5Awrite(a, H5T_NATIVE_UINT64, &schema) >= 0);
    H5Aclose(a);
    H5Fclose(h);
}

/* Version 1 had no excursions, and said less of the experiment. */
static void a_file_of_an_older_version_opens(void **state)
{
    (void)state;
    static const char *const later[] = {"tie_seed", "warm_up_found", "unsteady", "given_arrivals", "given_links"};
    struct err e = {0};
    struct result r;
    const char *file = in_folder("old.h5");
    assert_written(file, 2, 2);
    hid_t h = H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), g = H5Gopen2(h, "experiment", H5P_DEFAULT);
    for (int i = 0; i < 2; i++) {
        const char *group = i ? "excursions" : "all_excursions";
        assert_true(H5Lexists(h, group, H5P_DEFAULT) <= 0 || H5Ldelete(h, group, H5P_DEFAULT) >= 0);
    }
    for (size_t i = 0; i < LEN(later); i++) {
        assert_true(H5Adelete(g, later[i]) >= 0);
    }
    H5Gclose(g);
    H5Fclose(h);
    set_schema(file, 1);
    if (result_read(&r, file, &e) < 0) {
        fail_msg("%s", e.text);
    }
    assert_int_equal(r.n_policy, 2);
    assert_int_equal(r.tie_seed, 0);
    assert_string_equal(r.unsteady, "");
    result_free(&r);
    set_schema(file, RESULTS_SCHEMA);
    expect_refusal(file, "there is no attribute tie_seed");
    set_schema(file, RESULTS_SCHEMA + 1);
    expect_refusal(file, "a newer version of Tiersim wrote it");
    set_schema(file, 0);
    expect_refusal(file, "no version of Tiersim wrote it");
}

/* A file cut anywhere is refused or read, never a crash. */
static void a_cut_file_is_refused(void **state)
{
    (void)state;
    assert_written(in_folder("whole.h5"), 2, 2);
    long size = file_size(in_folder("whole.h5"));
    for (int i = 1; i < 40; i++) {
        char command[700];
        snprintf(command, sizeof command, "head -c %ld %s/whole.h5 > %s/cut.h5", size * i / 40, folder, folder);
        assert_int_equal(system(command), 0);
        struct err e = {0};
        struct result r;
        assert_true(result_read(&r, in_folder("cut.h5"), &e) < 0);
        result_free(&r);
    }
}

/* Three replications that hold 1, 2 and 3 s: the pooled median is 2 s. */
static void pooled_quantiles_are_of_all_replications(void **state)
{
    (void)state;
    struct err e = {0};
    struct scenario s = sample_scenario(1, 3);
    struct results *w;
    struct provenance p = {0};
    struct result r;
    assert_int_equal(results_begin(&w, in_folder("pool.h5"), &s, NULL, &e), 0);
    for (uint32_t k = 0; k < 3; k++) {
        struct record rec = sample_record(&s, 0, k);
        for (uint32_t i = 0; i < N_SEGMENT * rec.n_class; i++) {
            sketch_clear(&rec.latency[i]);
            for (int j = 0; j < 10; j++) {
                assert_int_equal(sketch_add(&rec.latency[i], 1.0 + k), 0);
            }
        }
        assert_int_equal(results_record(w, &rec, &e), 0);
        record_clear(&rec);
    }
    assert_int_equal(results_commit(w, &p, &e), 0);
    assert_int_equal(result_read(&r, in_folder("pool.h5"), &e), 0);
    assert_near(r.q[0], 0.5, 0, 0);
    assert_near(r.pooled_all[0], 2, 0.01, 0);
    assert_near(r.pooled[0], 2, 0.01, 0);
    assert_near(r.pooled_all[3], 3, 0.01, 0);
    assert_near(r.quantile_all[1 * r.n_q], 2, 0.01, 0);
    /* Leaving out 1 gives {2,3}: median 2; leaving out 2 gives {1,3}: 1; leaving out 3 gives {1,2}: 1.
     * Off by 0, -1, -1: mean -2/3, sum of squares 2 - 4/3 = 2/3, jackknife variance 2/3 * 2/3, t(2, .975) = 4.3027. */
    assert_near(r.pooled_all_high[0] - r.pooled_all[0], 4.302653 * 2 / 3, 0.02, 0);
    result_free(&r);
}

int main(int argc, char **argv)
{
    if (argc >= 3 && strcmp(argv[1], "write") == 0) { /* the sample, or one replication with rows, for tests/e2e */
        struct err e = {0};
        bool rows = argc > 3;
        int rc = write_sample(argv[2], rows ? 1 : SAMPLE_POLICIES, rows ? 1 : SAMPLE_REPLICATIONS, false, rows, &e);
        if (rc < 0) {
            fprintf(stderr, "%s\n", e.text);
        }
        return rc < 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_back_is_what_was_written),
        cmocka_unit_test(two_writes_are_equal_byte_by_byte),
        cmocka_unit_test(rows_come_back_in_order),
        cmocka_unit_test(what_did_not_run_is_not_a_number),
        cmocka_unit_test(pooled_quantiles_are_of_all_replications),
        cmocka_unit_test(a_missing_folder_is_named),
        cmocka_unit_test(a_folder_is_not_replaced),
        cmocka_unit_test(an_abort_leaves_the_old_file),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(a_read_only_folder_is_said_before_anything_runs),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(wrong_types_and_shapes_are_told),
        cmocka_unit_test(another_kind_of_object_is_told),
        cmocka_unit_test(a_file_of_an_older_version_opens),
        cmocka_unit_test(a_cut_file_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
