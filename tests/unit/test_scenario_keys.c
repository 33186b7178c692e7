/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_scenario_keys.c - the values of a scenario one by one; that the good fixtures have every key of the language. */
#include "tests/test.h"

#include <stdlib.h>

#include "sim/io/read_dist.h"
#include "sim/io/read_process.h"
#include "sim/io/read_sections.h"
#include "sim/io/scenario_keys.h"
#include "sim/io/scenario_read.h"

enum { TABLES = 256 };

struct listing {
    FILE *out;
    const struct yaml *tree;
};

static int list_value(void *ctx, const struct scenario_value *v)
{
    const struct listing *l = ctx;
    const char *name = v->given ? strrchr(l->tree->source[v->at.source].name, '/') : NULL;
    if (v->given) {
        fprintf(l->out, "\n%s = %s (%s:%d)", v->path, v->text, name ? name + 1 : "argument", v->at.line);
    } else {
        fprintf(l->out, "\n%s = %s (default)", v->path, v->text);
    }
    return 0;
}

/* "PATH = TEXT (FILE:LINE)" in a line each, all after a newline; free() it. */
static char *values_of(const char *path, const char *set)
{
    static struct errors errs;
    struct scenario s;
    struct yaml tree = {0};
    char *text = NULL;
    size_t n;
    const struct scenario_source from = {.path = path, .set = &set, .n_set = set != NULL};
    int rc = scenario_open(&s, &tree, &from, &errs);
    errors_print(&errs, stdout);
    errors_clear(&errs);
    assert_int_equal(rc, 0);
    struct listing l = {.out = open_memstream(&text, &n), .tree = &tree};
    assert_int_equal(scenario_values(&tree, list_value, &l), 0);
    putc('\n', l.out);
    fclose(l.out);
    yaml_clear(&tree);
    scenario_free(&s);
    return text;
}

#define HAS(text, line)  assert_non_null(strstr(text, "\n" line "\n"))
#define HAS_NO(text, key) assert_null(strstr(text, "\n" key " = "))

/* Lines counted by hand in tests/good/every_key.yaml. */
static void values_say_where_they_come_from(void **state)
{
    (void)state;
    char *text = values_of("tests/good/every_key.yaml", "experiment.seed=9");
    HAS(text, "tiersim = 1 (every_key.yaml:3)");
    HAS(text, "source = made up (every_key.yaml:7)");
    HAS(text, "nodes.phone.tier = end (part.yaml:4)");
    HAS(text, "nodes.phone.count = 4 (every_key.yaml:12)");
    HAS(text, "nodes.phone.processors.cpu.cores = 2 (every_key.yaml:8)");
    HAS(text, "nodes.edge.processors.cpu.cores = 1 (default)");
    HAS(text, "nodes.sensor.processors.isp.bandwidth = 2 GB/s (part.yaml:6)");
    HAS(text, "nodes.sensor.device = camera (every_key.yaml:19)");
    HAS_NO(text, "devices.camera.tier");
    HAS(text, "nodes.relay.processors = none: the node only forwards (default)");
    HAS(text, "experiment.seed = 9 (argument:0)");
    HAS(text, "links.core.latency.markov.calm.value = 1 ms (every_key.yaml:36)");
    HAS(text, "workloads.simple.input.quantiles = [[0, 1 kB], [50 %, 2 kB], [1, 5 kB]] (every_key.yaml:46)");
    HAS(text, "workloads.simple.output.mixture[1].of.exponential.mean = 2 kB (every_key.yaml:46)");
    HAS(text, "experiment.policies[2].mct.margin = 5 ms (every_key.yaml:61)");
    HAS(text, "workloads.network.model.layers.exit2.leaves = 0.3 (every_key.yaml:55)");
    HAS_NO(text, "workloads.network.model.layers.exit2.join");
    HAS_NO(text, "include");
    HAS_NO(text, "defaults.fast.cores");
    free(text);
}

/* What a direction leaves out is as for the link, and what the link leaves to its directions is said there. */
static void directions_fall_back_on_their_link(void **state)
{
    (void)state;
    char *text = values_of("tests/good/every_key.yaml", NULL);
    HAS(text, "links.cell.latency = 5 ms (every_key.yaml:32)");
    HAS_NO(text, "links.cell.up.latency");
    HAS_NO(text, "links.cell.capacity");
    HAS(text, "links.cell.up.energy = 1 uJ/bit (every_key.yaml:33)");
    HAS_NO(text, "links.cell.energy");
    free(text);
}

struct tour {
    const struct table *seen[TABLES];
    size_t n;
    const char *text;
};

/* Some path has this part; tables share names, so that this is not all one could ask for. */
static bool has_part(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *s = strstr(text, name); s; s = strstr(s + 1, name)) {
        if ((s[-1] == '.' || s[-1] == '\n') && strchr(" .[", s[n])) {
            return true;
        }
    }
    return false;
}

static void visit_key(struct tour *tour, const struct key *k);

static void visit(struct tour *tour, const struct table *t)
{
    for (size_t i = 0; i < tour->n; i++) {
        if (tour->seen[i] == t) {
            return;
        }
    }
    assert_true(tour->n < TABLES);
    tour->seen[tour->n++] = t;
    for (size_t i = 0; i < read_key_count(t); i++) {
        size_t offset;
        int tag;
        const struct key *k = read_key_at(t, i, &offset, &tag);
        bool is_elsewhere = strcmp(k->name, "include") == 0 || strcmp(k->name, "defaults") == 0 ||
                            strcmp(k->name, "devices") == 0 || /* laid under nodes */
                            strcmp(k->name, "column") == 0 || /* of a trace file that is not shipped */
                            strcmp(k->name, "table") == 0; /* a file that was learned for one scenario */
        if (!is_elsewhere && !has_part(tour->text, k->name)) {
            fail_msg("no good fixture has %s of %s", k->name, t->title);
        }
        visit_key(tour, k);
    }
    if (t->each) {
        visit_key(tour, t->each);
    }
}

/* What its own function reads must be said beside it, or reference, schema and explain do not know it. */
static void visit_key(struct tour *tour, const struct key *k)
{
    bool is_own = k->type == VALUE_READ || k->type == VALUE_NODE;
    if (is_own && !k->table && !k->scalar && !k->item && !k->pair && !k->each && !k->word_at) {
        fail_msg("%s does not say what may stand there", k->name);
    }
    if ((k->read == read_dist || k->read == read_process) && !k->scalar) {
        fail_msg("%s does not say that a scalar may stand there", k->name);
    }
    const struct key *const member[] = {k->scalar, k->item, k->each};
    for (size_t i = 0; i < LEN(member); i++) {
        if (member[i]) {
            visit_key(tour, member[i]);
        }
    }
    if (k->table) {
        visit(tour, k->table);
    }
}

static void the_good_fixtures_have_every_key(void **state)
{
    (void)state;
    char *one = values_of("tests/good/every_key.yaml", NULL), *two = values_of("tests/good/jobs.yaml", NULL), *text = NULL;
    assert_true(asprintf(&text, "%s%s", one, two) > 0);
    struct tour tour = {.text = text};
    visit(&tour, &scenario_table);
    assert_true(tour.n >= 35);
    free(text);
    free(two);
    free(one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_say_where_they_come_from),
        cmocka_unit_test(directions_fall_back_on_their_link),
        cmocka_unit_test(the_good_fixtures_have_every_key),
    };
    return cmocka_run_group_tests_name("scenario_keys", tests, NULL, NULL);
}
