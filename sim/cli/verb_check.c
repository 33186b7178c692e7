/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/cli.h"
#include "sim/io/scenario_read.h"
#include "sim/model/blocks.h"
#include "sim/model/lint.h"
#include "sim/policy/set.h"

struct check_options {
    const char **file, **set; /* [argc] */
    size_t n_file, n_set;
    bool strict;
};

enum { KEY_SET = 256, KEY_STRICT };

static const struct argp_option option[] = {
    {"set", KEY_SET, "PATH=VALUE", 0, "change the scenarios first, as for `tiersim run`", 0},
    {"strict", KEY_STRICT, NULL, 0, "end with exit status 3 if there are warnings", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct check_options *o = state->input;
    switch (key) {
    case KEY_SET:
        o->set[o->n_set++] = arg;
        return 0;
    case KEY_STRICT:
        o->strict = true;
        return 0;
    case ARGP_KEY_ARG:
        o->file[o->n_file++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->n_file == 0) {
            argp_error(state, "wanted scenario files such as scenarios/factory.yaml");
        }
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* Warnings about a scenario that is right, each where it stands in the file. */
static int find_warnings(const struct scenario *s, const struct yaml *tree, struct errors *warnings, struct err *e)
{
    struct lints lints = {0};
    int rc = lints_find(&lints, s, e);
    for (uint32_t i = 0; rc == 0 && i < lints.n; i++) {
        struct yaml_place at = yaml_place_of(tree->root, lints.lint[i].path);
        errors_add(warnings, at.source, tree->source[at.source].name, at.line, at.column, "warning: %s: %s",
                   lints.lint[i].path, lints.lint[i].text);
    }
    lints_clear(&lints);
    return rc;
}

/* What policies with several blocks of state take up; exit status. */
static int tell_blocks(const struct cli *c, const struct scenario *s, const char *file)
{
    for (uint32_t i = 0; i < s->experiment.n_policy; i++) {
        const struct policy_spec *policy = &s->experiment.policy[i];
        struct err e = {0};
        struct blocks blocks;
        const struct ts_policy *table = policy_set_find(c->policies, policy->policy, NULL, 0, 0, &e);
        if (!table || policy->state == STATE_RUN) {
            continue;
        }
        if (blocks_number(&blocks, s, policy, table->state_size, &e) < 0) {
            blocks_clear(&blocks);
            return cli_fail(&e);
        }
        printf("%s: policy %s: %u blocks of state, of %" PRIu64 " bytes each beside what it takes itself\n", file, policy->label,
               blocks.n, table->state_size);
        blocks_clear(&blocks);
    }
    return 0;
}

/* Exit status of one file. */
static int check(const struct cli *c, const struct check_options *o, const char *file)
{
    struct errors errors = {0};
    struct yaml tree = {0};
    struct scenario s;
    struct err e = {0};
    const struct scenario_source from = {.path = file, .set = o->set, .n_set = o->n_set, .policies = c->policies};
    int status = 0;
    if (scenario_open(&s, &tree, &from, &errors) != 0) {
        status = cli_fail_input(&errors);
    } else if (find_warnings(&s, &tree, &errors, &e) != 0) {
        status = cli_fail(&e);
    } else if (errors.n > 0) {
        size_t n = errors.n;
        cli_fail_input(&errors);
        printf("%s: can be run, with %zu warning%s\n", file, n, n == 1 ? "" : "s");
        status = o->strict ? 3 : 0;
    } else {
        printf("%s: fine\n", file);
    }
    if (status == 0) {
        status = tell_blocks(c, &s, file);
    }
    scenario_free(&s);
    yaml_clear(&tree);
    errors_clear(&errors);
    return status;
}

int verb_check(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "FILE...",
        .doc = "Says whether scenarios are right, and warns of what is probably not meant: nodes that nobody reaches or "
               "uses, processors and links that are too slow whatever is decided, deadlines that an idle system misses, "
               "traces shorter than the run.\vExit status: 0 all can be run, 2 one of them cannot, 3 there are warnings "
               "and --strict was given."};
    struct check_options o = {0};
    int status = 1;
    o.file = calloc((size_t)argc + 1, sizeof *o.file);
    o.set = calloc((size_t)argc + 1, sizeof *o.set);
    if (o.file && o.set) {
        argp_parse(&argp, argc, argv, 0, NULL, &o);
        status = 0;
        for (size_t i = 0; i < o.n_file; i++) {
            int one = check(c, &o, o.file[i]);
            status = one == 1 || status == 1 ? 1 : one == 2 || status == 2 ? 2 : one ? one : status;
        }
    } else {
        fprintf(stderr, "tiersim: no memory\n");
    }
    free(o.file);
    free(o.set);
    return status;
}
