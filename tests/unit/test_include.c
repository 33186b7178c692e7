/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_include.c - files laid over each other: who wins, where values are said to stand, where paths lead. */
#include "tests/test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/io/scenario_read.h"

static char home[64];

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", home, name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static int make_home(void **state)
{
    char path[128];
    (void)state;
    strcpy(home, "/tmp/tiersim-include-XXXXXX");
    if (!mkdtemp(home)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/lib", home);
    return mkdir(path, 0700);
}

static int remove_home(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", home);
    return system(command);
}

/* What main.yaml stands for; free() it. */
static char *resolved(struct yaml *y)
{
    static struct errors errs;
    char path[128];
    snprintf(path, sizeof path, "%s/main.yaml", home);
    if (yaml_read_file(y, path, &errs) != 0 || yaml_include(y, &errs) != 0) {
        errors_print(&errs, stdout);
        fail();
    }
    errors_clear(&errs);
    return strdup(yaml_write(y->root, &y->arena));
}

static void assert_resolved(const char *want)
{
    struct yaml y = {0};
    char *text = resolved(&y);
    assert_string_equal(text, want);
    free(text);
    yaml_clear(&y);
}

static void own_keys_win_and_mappings_merge(void **state)
{
    (void)state;
    write_file("lib/a.yaml", "m: {p: 1, q: {r: 2, s: 3}, l: [1, 2]}\nn: 4\n");
    write_file("main.yaml", "include: lib/a.yaml\nn: 5\nm: {q: {s: 6, t: 7}, l: [8]}\no: 9\n");
    assert_resolved("m:\n  p: 1\n  q:\n    r: 2\n    s: 6\n    t: 7\n  l:\n    - 8\nn: 5\no: 9\n");
}

static void a_later_file_wins_over_an_earlier_one(void **state)
{
    (void)state;
    write_file("lib/a.yaml", "m: {p: 1, q: 1, r: 1}\n");
    write_file("lib/b.yaml", "m: {q: 2, r: 2}\n");
    write_file("main.yaml", "include: [lib/a.yaml, lib/b.yaml]\nm: {r: 3}\n");
    assert_resolved("m:\n  p: 1\n  q: 2\n  r: 3\n");
}

static void an_own_null_takes_away_what_is_included(void **state)
{
    (void)state;
    write_file("lib/a.yaml", "arrivals: {poisson: {rate: 1 /s}}\n");
    write_file("main.yaml", "include: lib/a.yaml\narrivals: {poisson: ~, periodic: {period: 1 s}}\n");
    assert_resolved("arrivals:\n  periodic:\n    period: 1 s\n");
}

/* main includes lib/a, which includes b beside it; the same file twice is no cycle. */
static void paths_are_relative_to_their_own_file(void **state)
{
    (void)state;
    write_file("lib/b.yaml", "t: {file: x.csv, deep: {file: /y.csv}, data: {file: \"${TIERSIM_DATA}/z.csv\"}}\n");
    write_file("lib/a.yaml", "include: b.yaml\nu: {file: ../w.csv}\n");
    write_file("main.yaml", "include: [lib/a.yaml, lib/b.yaml]\nv: {file: v.csv}\n");
    assert_resolved("t:\n  file: lib/x.csv\n  deep:\n    file: /y.csv\n  data:\n    file: \"${TIERSIM_DATA}/z.csv\"\n"
                    "u:\n  file: lib/../w.csv\nv:\n  file: v.csv\n");
}

/* Lines counted by hand. */
static void values_know_the_file_they_stand_in(void **state)
{
    (void)state;
    write_file("lib/a.yaml", "m:\n  p: 1\n  q: 2\n");
    write_file("main.yaml", "include: lib/a.yaml\nm: {q: 3}\n");
    struct yaml y = {0};
    free(resolved(&y));
    const struct yaml_node *m = yaml_get(y.root, "m"), *p = yaml_get(m, "p"), *q = yaml_get(m, "q");
    assert_non_null(strstr(y.source[p->at.source].name, "/lib/a.yaml"));
    assert_int_equal(p->at.line, 2);
    assert_int_equal(y.source[p->at.source].by, 0);
    assert_int_equal(q->at.source, 0);
    assert_int_equal(q->at.line, 2);
    yaml_clear(&y);
}

/* 10 000 groups and as many changes of them: by comparing each with each it would be 10^8 comparisons of names. */
static void many_groups_are_merged(void **state)
{
    enum { GROUPS = 10000 };
    (void)state;
    char *text = NULL;
    size_t n;
    for (int own = 0; own < 2; own++) {
        FILE *out = open_memstream(&text, &n);
        fputs(own ? "include: lib/a.yaml\n" : "", out);
        for (int i = 0; i < GROUPS; i++) {
            fprintf(out, "g%d: {%s: %d}\n", i, own ? "own" : "count", i);
        }
        fclose(out);
        write_file(own ? "main.yaml" : "lib/a.yaml", text);
        free(text);
    }
    struct yaml y = {0};
    free(resolved(&y));
    assert_int_equal(y.root->n, GROUPS);
    assert_int_equal(y.root->pair[GROUPS - 1].value->n, 2);
    assert_int_equal(y.root->weight, 1 + 3 * GROUPS);
    yaml_clear(&y);
}

/* Nodes and links in a file of their own, one value changed by the file, then by --set. */
static void a_scenario_in_two_files_is_read_as_one(void **state)
{
    (void)state;
    static struct errors errs;
    char path[128];
    struct scenario s;
    write_file("lib/place.yaml", "nodes:\n"
                                 "  device: {tier: end, count: 2, attach: edge, processors: {cpu: {speed: 1 GFLOP/s}}}\n"
                                 "  edge: {tier: edge, processors: {cpu: {speed: 4 GFLOP/s}}}\n"
                                 "links: {wifi: {from: device, to: edge, capacity: 10 Mbit/s}}\n");
    write_file("main.yaml", "include: lib/place.yaml\ntiersim: 1\nname: two\nnodes: {device: {count: 8}}\n"
                            "workloads: {job: {at: device, arrivals: {poisson: {rate: 1 /s}}, work: 1 GFLOP}}\n"
                            "experiment: {policies: [local], duration: 1 s}\n");
    snprintf(path, sizeof path, "%s/main.yaml", home);
    const char *set = "nodes.device.count=16"; /* comes last */
    if (scenario_read(&s, path, &set, 1, &errs) != 0) {
        errors_print(&errs, stdout);
        fail();
    }
    assert_int_equal(s.group[0].count, 16);
    assert_true(s.pool[1].speed_flops == 4e9);
    assert_null(strstr(s.text, "include"));
    assert_non_null(strstr(s.text, "speed: 4 GFLOP/s"));
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_keys_win_and_mappings_merge),
        cmocka_unit_test(a_later_file_wins_over_an_earlier_one),
        cmocka_unit_test(an_own_null_takes_away_what_is_included),
        cmocka_unit_test(paths_are_relative_to_their_own_file),
        cmocka_unit_test(values_know_the_file_they_stand_in),
        cmocka_unit_test(many_groups_are_merged),
        cmocka_unit_test(a_scenario_in_two_files_is_read_as_one),
    };
    return cmocka_run_group_tests_name("include", tests, make_home, remove_home);
}
