/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a result file contains gives the file again; whatever is changed in it is found, and said where. */
#include "tests/test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <hdf5.h>

#include "policies/builtin.h"
#include "sim/experiment/verify.h"
#include "sim/io/scenario_read.h"
#include "tests/folder.h"

static const struct policy_set set = {builtin_policy, N_BUILTIN_POLICY};

static const char scenario_text[] =
    "tiersim: 1\nname: small\nabout: a device and a server\n"
    "nodes:\n"
    "  device: {tier: end, count: 3, attach: server, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
    "  server: {tier: edge, processors: {cpu: {cores: 2, speed: 4 GFLOP/s}}}\n"
    "links:\n"
    "  wifi: {from: device, to: server, per: server, capacity: {trace: {format: throughput, file: radio.csv}}}\n"
    "workloads:\n"
    "  frame: {at: device, arrivals: {poisson: {rate: 4 /s}}, input: 10 kB, work: {exponential: {mean: 0.1 GFLOP}}}\n"
    "experiment: {policies: [local, random: {weights: {edge: 0.5, end: 0.5}}, mct: {margin: 5 ms, label: slow}],\n"
    "             replications: 2, seed: 3, duration: 100 s, compare_to: local}\n";

static void put(const char *name, const char *text)
{
    FILE *f = fopen(in_folder(name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void run(const char *name, struct run_options o)
{
    struct scenario s;
    struct errors errors = {0};
    struct err e = {0};
    struct runner_outcome out;
    char path[256];
    snprintf(path, sizeof path, "%s", in_folder(name));
    o.output = path;
    o.tasks = true;
    if (scenario_read(&s, in_folder("small.yaml"), NULL, 0, &errors) < 0) {
        errors_print(&errors, stdout);
        fail();
    }
    if (run_options_apply(&o, &s, &e) < 0 || experiment_run(&s, &set, &o, NULL, &out, &e) < 0) {
        fail_msg("%s", e.text);
    }
    scenario_free(&s);
}

static int setup(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    put("radio.csv", "time_s,capacity_mbps\n0,10\n1,20\n2,5\n");
    put("small.yaml", scenario_text);
    run("whole.h5", RUN_OPTIONS_DEFAULT);
    return 0;
}

static int teardown(void **state)
{
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static struct verify_outcome verify(const char *name, struct verify_options o)
{
    struct verify_outcome out;
    struct err e = {0};
    if (verify_file(in_folder(name), &set, &o, NULL, &out, &e) < 0) {
        fail_msg("%s", e.text);
    }
    return out;
}

static void expect_difference(const char *name, const char *message)
{
    struct verify_outcome out = verify(name, (struct verify_options){0});
    if (!strstr(out.difference, message)) {
        fail_msg("found \"%s\", wanted \"%s\" in it", out.difference, message);
    }
}

static void a_file_gives_itself_again(void **state)
{
    (void)state;
    struct verify_outcome out = verify("whole.h5", (struct verify_options){0});
    assert_string_equal(out.difference, "");
    assert_int_equal(out.n_run, 6);
    assert_true(out.n_number > 10000);
    out = verify("whole.h5", (struct verify_options){.sample = 2});
    assert_string_equal(out.difference, "");
    assert_int_equal(out.n_run, 2);
}

/* What the command line changed is in the file, though not in the scenario that it was run from. */
static void options_are_part_of_the_file(void **state)
{
    (void)state;
    struct run_options o = RUN_OPTIONS_DEFAULT;
    const char *policy[] = {"jsq", "slow"};
    o.policy = policy;
    o.n_policy = 2;
    o.has_seed = o.has_tie_seed = true;
    o.seed = 12;
    o.tie_seed = 5;
    o.jobs = 200;
    o.replications = 3;
    run("options.h5", o);
    struct verify_outcome out = verify("options.h5", (struct verify_options){0});
    assert_string_equal(out.difference, "");
    assert_int_equal(out.n_item, 6);
}

static void copy(const char *to)
{
    char command[700];
    snprintf(command, sizeof command, "cp %s %s", in_folder("whole.h5"), in_folder(to));
    assert_int_equal(system(command), 0);
}

/* Add 1 to element `at` of a dataset of numbers. */
static void bump(const char *file, const char *dataset, hsize_t at)
{
    hid_t f = H5Fopen(in_folder(file), H5F_ACC_RDWR, H5P_DEFAULT), d = H5Dopen2(f, dataset, H5P_DEFAULT);
    assert_true(f >= 0 && d >= 0);
    hid_t space = H5Dget_space(d);
    hsize_t n = (hsize_t)H5Sget_simple_extent_npoints(space);
    double *value = calloc(n, sizeof *value);
    assert_non_null(value);
    assert_true(at < n && H5Dread(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    value[at] = isfinite(value[at]) ? value[at] + 1 : 1;
    assert_true(H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value) >= 0);
    free(value);
    H5Sclose(space);
    H5Dclose(d);
    H5Fclose(f);
}

static void every_number_that_was_changed_is_found(void **state)
{
    (void)state;
    static const struct {
        const char *dataset, *message;
        hsize_t at;
    } of[] = {
        {"/summary/latency_mean", "/summary/latency_mean [2, 1]: stored ", 5},
        {"/status", "/status [1, 0]: stored 2, recomputed 1", 2},
        {"/class/goodput", "/class/goodput [0, 1, 0]: stored ", 1},
        {"/quantiles/pooled_low", "/quantiles/pooled_low [1, 0, 3]: stored ", 8},
        {"/sketch/count", "/sketch/count [7]: stored ", 7},
        {"/cohort/jobs", "/cohort/jobs [0, 0, 63, 0]: stored ", 63},
        {"/counters/events", "/counters/events [1, 1]: stored ", 3},
        {"/pool/utilisation", "/pool/utilisation [0, 0, 1]: stored ", 1},
        {"/tasks/slow/1/latency", "/tasks/slow/1/latency [11]: stored ", 11},
        {"/replication", "/replication [1]: stored 2, recomputed 1", 1},
    };
    for (size_t i = 0; i < LEN(of); i++) {
        copy("changed.h5");
        bump("changed.h5", of[i].dataset, of[i].at);
        expect_difference("changed.h5", of[i].message);
    }
}

/* Change the first occurrence of a byte sequence anywhere in the file; both of one length. */
static void patch(const char *file, const char *was, const char *is)
{
    FILE *f = fopen(in_folder(file), "r+");
    assert_non_null(f);
    char *all = calloc(1, 10000000);
    assert_non_null(all);
    size_t n = fread(all, 1, 10000000, f);
    char *at = memmem(all, n, was, strlen(was));
    assert_non_null(at);
    fseek(f, at - all, SEEK_SET);
    assert_int_equal(fwrite(is, 1, strlen(is), f), strlen(is));
    fclose(f);
    free(all);
}

static void a_scenario_that_was_changed_is_found(void **state)
{
    (void)state;
    static const char *const of[][2] = {
        {"seed: 3", "seed: 4"},
        {"rate: 4 /s", "rate: 5 /s"},
        {"about: a device", "about: A device"},
        {"max_in_flight: 4000000", "max_in_flight: 4000001"},
        {"margin\": \"5 ms", "margin\": \"6 ms"},
    };
    for (size_t i = 0; i < LEN(of); i++) {
        copy("text.h5");
        patch("text.h5", of[i][0], of[i][1]);
        expect_difference("text.h5", "it is not what was run");
    }
}

static void set_whole(const char *file, const char *group, const char *name, uint64_t value)
{
    hid_t f = H5Fopen(in_folder(file), H5F_ACC_RDWR, H5P_DEFAULT), g = H5Oopen(f, group, H5P_DEFAULT);
    hid_t a = H5Aopen(g, name, H5P_DEFAULT);
    assert_true(f >= 0 && g >= 0 && a >= 0);
    assert_true(H5Awrite(a, H5T_NATIVE_UINT64, &value) >= 0);
    H5Aclose(a);
    H5Oclose(g);
    H5Fclose(f);
}

static void a_seed_that_was_changed_is_found(void **state)
{
    (void)state;
    copy("seed.h5");
    set_whole("seed.h5", "/experiment", "seed", 9);
    expect_difference("seed.h5", "/experiment, attribute seed: stored 9, recomputed 3");
    copy("tie.h5");
    set_whole("tie.h5", "/experiment", "tie_seed", 9);
    expect_difference("tie.h5", "it is not what was run");
}

static void what_is_missing_or_too_much_is_found(void **state)
{
    (void)state;
    copy("less.h5");
    hid_t f = H5Fopen(in_folder("less.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(H5Ldelete(f, "/summary/edp", H5P_DEFAULT) >= 0);
    H5Fclose(f);
    expect_difference("less.h5", "/summary/edp: not stored, but recomputed");
    copy("more.h5");
    f = H5Fopen(in_folder("more.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(f, "/class/mine", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(f);
    expect_difference("more.h5", "/class/mine: stored, but not recomputed");
}

/* A sample finds what is changed in a replication of it, and looks at no other. */
static void a_sample_compares_its_replications(void **state)
{
    (void)state;
    copy("sample.h5");
    bump("sample.h5", "/summary/latency_mean", 0);
    struct verify_outcome out = verify("sample.h5", (struct verify_options){.sample = 3});
    assert_non_null(strstr(out.difference, "/summary/latency_mean [0, 0]: stored "));
    copy("sample.h5");
    bump("sample.h5", "/summary/latency_mean", 1); /* of 6 replications, 3 are 0, 2 and 4 */
    out = verify("sample.h5", (struct verify_options){.sample = 3});
    assert_string_equal(out.difference, "");
}

static void expect_error(struct verify_options o, const char *message)
{
    struct verify_outcome out;
    struct err e = {0};
    char text[2000];
    assert_int_equal(verify_file(in_folder("whole.h5"), &set, &o, NULL, &out, &e), -ERR_INPUT);
    if (!strstr(err_text(&e, text, sizeof text), message)) {
        fail_msg("found \"%s\", wanted \"%s\" in it", text, message);
    }
}

static void traces_are_looked_for_and_looked_at(void **state)
{
    (void)state;
    char other[256];
    snprintf(other, sizeof other, "%s", in_folder("other"));
    assert_int_equal(mkdir(other, 0777), 0);
    expect_error((struct verify_options){.folder = other}, "other/radio.csv: the file cannot be opened");
    put("other/radio.csv", "time_s,capacity_mbps\n0,10\n1,21\n2,5\n");
    expect_error((struct verify_options){.folder = other}, "other/radio.csv is not the one that was run");
    put("other/radio.csv", "time_s,capacity_mbps\n0,10\n1,20\n2,5\n");
    struct verify_outcome out = verify("whole.h5", (struct verify_options){.folder = other});
    assert_string_equal(out.difference, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_gives_itself_again),
        cmocka_unit_test(options_are_part_of_the_file),
        cmocka_unit_test(every_number_that_was_changed_is_found),
        cmocka_unit_test(a_scenario_that_was_changed_is_found),
        cmocka_unit_test(a_seed_that_was_changed_is_found),
        cmocka_unit_test(what_is_missing_or_too_much_is_found),
        cmocka_unit_test(a_sample_compares_its_replications),
        cmocka_unit_test(traces_are_looked_for_and_looked_at),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
