/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What ends with exit status 3: a run in which the folds miss a transition, so that the audit's identities do not hold, and
 * a file that is not what its run gives.  The linker puts __wrap_measure_fold before the folds (see the Makefile).
 */
#include "tests/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <hdf5.h>

#include "policies/builtin.h"
#include "sim/cli/cli.h"
#include "sim/measure/measure.h"

static const struct policy_set policies = {builtin_policy, N_BUILTIN_POLICY};
static const struct cli cli = {.policies = &policies};
static char folder[] = "/tmp/tiersim-status-XXXXXX";
static bool lose_one;
static size_t n_seen;

void __real_measure_fold(struct measure *m, const struct transition *t, size_t n);
void __wrap_measure_fold(struct measure *m, const struct transition *t, size_t n);

void __wrap_measure_fold(struct measure *m, const struct transition *t, size_t n)
{
    enum { LOST = 400 };
    bool here = lose_one && n_seen <= LOST && LOST < n_seen + n;
    size_t before = here ? LOST - n_seen : n;
    n_seen += n;
    __real_measure_fold(m, t, before);
    if (here) {
        __real_measure_fold(m, t + before + 1, n - before - 1);
    }
}

/* What it says on standard output and error, into said[4096]. */
static int call(int (*verb)(const struct cli *, int, char **), const char *const *word, char *said)
{
    char copy[10][64], *argv[11] = {NULL};
    char path[64];
    int argc = 0, out = dup(1), err = dup(2);
    for (; word[argc]; argc++) {
        snprintf(copy[argc], sizeof copy[argc], "%s", word[argc]);
        argv[argc] = copy[argc];
    }
    snprintf(path, sizeof path, "%s/said", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0 && out >= 0 && err >= 0);
    fflush(stdout);
    dup2(fd, 1);
    dup2(fd, 2);
    int status = verb(&cli, argc, argv);
    fflush(stdout);
    dup2(out, 1);
    dup2(err, 2);
    ssize_t n = pread(fd, said, 4095, 0);
    said[n > 0 ? n : 0] = 0;
    close(fd);
    close(out);
    close(err);
    return status;
}

static void paths(char *scenario, char *output)
{
    snprintf(scenario, 64, "%s/s.yaml", folder);
    snprintf(output, 64, "%s/s.h5", folder);
}

static int run(char *said)
{
    char scenario[64], output[64];
    paths(scenario, output);
    const char *const argv[] = {"tiersim run", scenario, "--output", output, "--quiet", "--threads", "1", NULL};
    n_seen = 0;
    return call(verb_run, argv, said);
}

static void a_breach_of_the_audit_ends_with_3(void **state)
{
    (void)state;
    char said[4096];
    lose_one = true;
    assert_int_equal(run(said), 3);
    assert_non_null(strstr(said, "the audit failed in 1 replications: policy local, replication 0: "));
    lose_one = false;
    assert_int_equal(run(said), 0);
    assert_string_equal(said, "");
}

static void a_file_that_is_not_what_its_run_gives_ends_with_3(void **state)
{
    (void)state;
    char said[4096], scenario[64], output[64];
    paths(scenario, output);
    const char *const argv[] = {"tiersim verify", output, NULL};
    assert_int_equal(run(said), 0);
    assert_int_equal(call(verb_verify, argv, said), 0);
    assert_non_null(strstr(said, "verified: 1 of 1 replications"));
    hid_t f = H5Fopen(output, H5F_ACC_RDWR, H5P_DEFAULT), d = H5Dopen2(f, "/summary/latency_mean", H5P_DEFAULT);
    const double other = 0.5;
    assert_true(H5Dwrite(d, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, &other) >= 0);
    H5Dclose(d);
    H5Fclose(f);
    assert_int_equal(call(verb_verify, argv, said), 3);
    assert_non_null(strstr(said, "/summary/latency_mean [0, 0]: stored 0.5, recomputed "));
}

static int setup(void **state)
{
    char scenario[64], output[64];
    (void)state;
    if (!mkdtemp(folder)) {
        return -1;
    }
    paths(scenario, output);
    FILE *f = fopen(scenario, "w");
    return !f || fputs("tiersim: 1\nname: queue\n"
                       "nodes: {server: {tier: edge, processors: {cpu: {speed: 1 GFLOP/s}}}}\n"
                       "workloads: {customer: {at: server, arrivals: {poisson: {rate: 0.8 /s}},\n"
                       "            work: {exponential: {mean: 1 GFLOP}}}}\n"
                       "experiment: {policies: [local], jobs: 1000}\n",
                       f) < 0 ||
           fclose(f) != 0;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_breach_of_the_audit_ends_with_3),
        cmocka_unit_test(a_file_that_is_not_what_its_run_gives_ends_with_3),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
