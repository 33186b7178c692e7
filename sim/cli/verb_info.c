/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/io/results.h"
#include "sim/show/summary.h"

struct info_options {
    const char *file;
    bool json, scenario, provenance;
};

static const struct argp_option option[] = {
    {"json", 'j', NULL, 0, "the numbers as JSON, in SI units", 0},
    {"scenario", 's', NULL, 0, "print the scenario that was run, and nothing else", 0},
    {"provenance", 'p', NULL, 0, "print who ran it, when, where and with what, and nothing else", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct info_options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case 's':
        o->scenario = true;
        return 0;
    case 'p':
        o->provenance = true;
        return 0;
    default:
        return cli_parse_file(key, arg, state, &o->file, "a result file such as results/factory.h5");
    }
}

static void print_provenance(const struct provenance *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        printf("%-15s %s\n", p->line[i].key, p->line[i].value);
    }
}

static void print_all(const struct result *r)
{
    summary_print(r, stdout, paper_of(stdout));
    if (r->n_unfinished > 0) {
        printf("\nNot finished: %llu of %u replications are missing; `tiersim run --resume` goes on with it.\n",
               (unsigned long long)r->n_unfinished, r->n_policy * r->n_replication);
    }
    printf("\nWhere it comes from\n\n");
    print_provenance(&r->provenance);
}

int verb_info(const struct cli *c, int argc, char **argv)
{
    struct info_options o = {0};
    const struct argp argp = {.options = option,
                              .parser = parse,
                              .args_doc = "FILE",
                              .doc = "Prints the tables of a result file, as `tiersim run` did when it was written, and "
                                     "where it comes from."};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct err e = {0};
    struct result r;
    int rc = cli_read(&r, o.file, &e);
    if (rc == 0 && o.scenario) {
        fputs(r.text, stdout);
    } else if (rc == 0 && o.provenance) {
        print_provenance(&r.provenance);
    } else if (rc == 0 && o.json) {
        rc = summary_json(&r, stdout, &e);
    } else if (rc == 0) {
        print_all(&r);
    }
    result_free(&r);
    return rc < 0 ? cli_fail(&e) : 0;
}
