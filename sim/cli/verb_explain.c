/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/cli/cli.h"
#include "sim/io/scenario_read.h"
#include "sim/show/explain.h"
#include "sim/show/graph_plot.h"

struct explain_options {
    const char *file, **set; /* [argc] */
    size_t n_set;
    bool yaml, plot;
};

enum { KEY_SET = 256, KEY_PLOT };

static const struct argp_option option[] = {
    {"set", KEY_SET, "PATH=VALUE", 0, "change the scenario first, as for `tiersim run`", 0},
    {"yaml", 'y', NULL, 0, "print the resolved file instead: includes, aliases, merges and --set carried out", 0},
    {"plot", KEY_PLOT, NULL, 0, "draw instead the graphs of tasks that jobs are: NAME_graph.svg and .png in this folder", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct explain_options *o = state->input;
    switch (key) {
    case 'y':
        o->yaml = true;
        return 0;
    case KEY_PLOT:
        o->plot = true;
        return 0;
    case KEY_SET:
        o->set[o->n_set++] = arg;
        return 0;
    default:
        return cli_parse_file(key, arg, state, &o->file, "a scenario file such as scenarios/factory.yaml");
    }
}

static int draw(const struct scenario *s)
{
    char stem[PATH_MAX];
    struct err e = {0};
    if (graph_plot(s, ".", stem, sizeof stem, &e) != 0) {
        return cli_fail(&e);
    }
    printf("drew %s.svg and %s.png\n", stem + 2, stem + 2);
    return 0;
}

static int explain(const struct cli *c, const struct explain_options *o)
{
    struct errors errors = {0};
    struct yaml tree = {0};
    struct scenario s;
    struct loads loads = {0};
    struct err e = {0};
    const struct scenario_source from = {.path = o->file, .set = o->set, .n_set = o->n_set, .policies = c->policies};
    int status = 0;
    if (scenario_open(&s, &tree, &from, &errors) != 0) {
        status = cli_fail_input(&errors);
    } else if (o->yaml) {
        fputs(s.text, stdout);
    } else if (o->plot) {
        status = draw(&s);
    } else if (loads_find(&loads, &s, NULL, &e) != 0) {
        status = cli_fail(&e);
    } else if (explain_print(&s, &tree, &loads, c->policies, stdout, paper_of(stdout)) != 0) {
        ERR_SET(&e, ERR_MEMORY, "out of memory");
        status = cli_fail(&e);
    }
    loads_clear(&loads);
    scenario_free(&s);
    yaml_clear(&tree);
    errors_clear(&errors);
    return status;
}

int verb_explain(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Prints the scenario FILE as the program understands it: every value, given (and where) or by default, and "
               "what follows from them: rates, loads of processors and links, latencies without load."};
    struct explain_options o = {.set = calloc((size_t)argc + 1, sizeof *o.set)};
    if (!o.set) {
        fprintf(stderr, "tiersim: no memory\n");
        return 1;
    }
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int status = explain(c, &o);
    free(o.set);
    return status;
}
