/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_bad_scenarios.c - each folder beside this file is a case: scenario.yaml, perhaps `set` with an assignment of the
 * command line in each line, and `want`, all that is to be said about it.
 */
#include "tests/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policies/builtin.h"
#include "sim/io/scenario_read.h"

enum { CASES = 1000, SETS = 16 };

static const char folder[] = "tests/bad";

/* What is printed about the file at path; free() it. */
static char *said_about(const char *path, const char *const *set, size_t n_set)
{
    static struct errors errs;
    const struct policy_set policies = {builtin_policy, N_BUILTIN_POLICY};
    const struct scenario_source from = {.path = path, .set = set, .n_set = n_set, .policies = &policies};
    struct scenario s;
    struct yaml tree = {0};
    char *said = NULL;
    size_t size;
    errors_clear(&errs);
    int rc = scenario_open(&s, &tree, &from, &errs);
    yaml_clear(&tree);
    FILE *out = open_memstream(&said, &size);
    errors_print(&errs, out);
    fclose(out);
    if (rc == 0) {
        scenario_free(&s);
        fail_msg("%s is read as if it were right", path);
    }
    assert_int_equal(rc, -ERR_INPUT);
    assert_null(s.arena.block);
    errors_clear(&errs);
    return said;
}

/* Lines of a file that may be absent, into line[max]; the buffer they lie in. */
static char *read_lines(const char *path, const char **line, size_t max, size_t *n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *in = fopen(path, "r");
    *n = 0;
    if (in) {
        assert_true(getdelim(&text, &size, 0, in) > 0);
        fclose(in);
        char *save = NULL;
        for (char *l = strtok_r(text, "\n", &save); l && *n < max; l = strtok_r(NULL, "\n", &save)) {
            line[(*n)++] = l;
        }
    }
    return text;
}

static void the_message_is_as_wanted(void **state)
{
    const char *name = *state, *set[SETS];
    char path[512], *want = NULL;
    size_t n_set, size = 0;
    int home = open(".", O_RDONLY | O_DIRECTORY);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(chdir(path), 0);
    char *lines = read_lines("set", set, SETS, &n_set);
    FILE *in = fopen("want", "r");
    assert_non_null(in);
    assert_true(getdelim(&want, &size, 0, in) > 0);
    fclose(in);
    char *said = said_about("scenario.yaml", set, n_set);
    assert_int_equal(fchdir(home), 0);
    close(home);
    assert_string_equal(said, want);
    free(said);
    free(want);
    free(lines);
}

static void assert_said(const char *path, const char *want)
{
    char *said = said_about(path, NULL, 0);
    assert_string_equal(said, want);
    free(said);
}

static void what_is_no_file_is_refused_at_once(void **state)
{
    (void)state;
    char home[] = "/tmp/tiersim-bad-XXXXXX";
    assert_non_null(mkdtemp(home));
    int back = open(".", O_RDONLY | O_DIRECTORY);
    assert_int_equal(chdir(home), 0);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(mkdir("folder", 0700), 0);
    int fd = open("large", O_CREAT | O_WRONLY, 0600);
    assert_int_equal(ftruncate(fd, 50000000), 0);
    close(fd);
    assert_said("pipe", "pipe: found a pipe, wanted a file\n");
    assert_said("folder", "folder: found a folder, wanted a file\n");
    assert_said("/dev/zero", "/dev/zero: found a device, wanted a file\n");
    assert_said("large", "large: found 50000000 bytes, wanted at most 6291456\n");
    assert_said("absent", "absent: the file cannot be opened: No such file or directory\n");
    assert_int_equal(chmod("large", 0), 0);
    if (geteuid() != 0) { /* root reads everything */
        assert_said("large", "large: the file cannot be opened: Permission denied\n");
    }
    unlink("pipe"), unlink("large"), rmdir("folder");
    assert_int_equal(fchdir(back), 0);
    close(back);
    rmdir(home);
}

static int is_case(const struct dirent *entry)
{
    char path[512];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s/want", folder, entry->d_name);
    return stat(path, &st) == 0;
}

int main(void)
{
    static struct CMUnitTest tests[CASES + 1] = {cmocka_unit_test(what_is_no_file_is_refused_at_once)};
    struct dirent **entry;
    int n = scandir(folder, &entry, is_case, alphasort);
    size_t n_test = 1;
    unsetenv("TIERSIM_DATA");
    for (int i = 0; i < n && n_test < LEN(tests); i++) {
        tests[n_test++] = (struct CMUnitTest){entry[i]->d_name, the_message_is_as_wanted, NULL, NULL, entry[i]->d_name};
    }
    return n > 0 ? _cmocka_run_group_tests("bad_scenarios", tests, n_test, NULL, NULL) : 1;
}
