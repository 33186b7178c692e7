/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/io/export.h"

struct export_options {
    const char *file, *folder;
};

static const struct argp_option option[] = {
    {"format", 'f', "FORMAT", 0, "csv, the only one", 0},
    {"output", 'o', "DIR", 0, "folder for the tables (default: that of the result file)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct export_options *o = state->input;
    switch (key) {
    case 'f':
        if (strcmp(arg, "csv") != 0) {
            argp_error(state, "--format: found %s, wanted csv", arg);
        }
        return 0;
    case 'o':
        o->folder = arg;
        return 0;
    default:
        return cli_parse_file(key, arg, state, &o->file, "a result file such as results/factory.h5");
    }
}

int verb_export(const struct cli *c, int argc, char **argv)
{
    struct export_options o = {0};
    const struct argp argp = {.options = option,
                              .parser = parse,
                              .args_doc = "FILE",
                              .doc = "Writes the tables of a result file as CSV: NAME_summary.csv, NAME_class.csv, "
                                     "NAME_quantiles.csv, NAME_pooled.csv, NAME_tier.csv and, if it has them, the rows "
                                     "of all jobs as NAME_tasks.csv."};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct err e = {0};
    struct result r;
    char folder[4096];
    cli_folder(o.file, o.folder, folder, sizeof folder);
    unsigned n = 0;
    int rc = cli_read(&r, o.file, &e);
    rc = rc == 0 ? export_csv(&r, folder, &n, &e) : rc;
    if (rc == 0) {
        printf("wrote %u tables to %s\n", n, folder);
    }
    result_free(&r);
    return rc < 0 ? cli_fail(&e) : 0;
}
