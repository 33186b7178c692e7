/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "sim/cli/cli.h"
#include "sim/experiment/verify.h"
#include "sim/show/progress.h"

struct verify_arguments {
    const char *file;
    struct verify_options options;
};

enum { KEY_FOLDER = 256, KEY_SAMPLE };

static const struct argp_option option[] = {
    {"folder", KEY_FOLDER, "DIR", 0, "folder in which relative paths of traces begin (default: the scenario's)", 0},
    {"sample", KEY_SAMPLE, "N", 0,
     "run only N replications again, evenly over the run list, and compare what is of them alone", 0},
    {"threads", 't', "N", 0, "threads (default: all processors)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct verify_arguments *a = state->input;
    switch (key) {
    case KEY_FOLDER:
        a->options.folder = arg;
        return 0;
    case KEY_SAMPLE:
        a->options.sample = (uint32_t)cli_whole(state, "--sample", arg, 1, UINT32_MAX);
        return 0;
    case 't':
        a->options.threads = (uint32_t)cli_whole(state, "--threads", arg, 1, 4096);
        return 0;
    default:
        return cli_parse_file(key, arg, state, &a->file, "a result file such as results/factory.h5");
    }
}

int verb_verify(const struct cli *c, int argc, char **argv)
{
    const struct argp argp = {
        .options = option,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Runs a result file again from what it contains (scenario, policies with parameters, seeds) and compares bit "
               "by bit. Exit status 3 and the first difference if there is one. Works in $TMPDIR or /tmp."};
    struct verify_arguments a = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    struct err e = {0};
    struct verify_outcome out;
    struct runner_progress progress = {0};
    int rc = cli_probe(a.file, &e);
    if (rc < 0) {
        return cli_fail(&e);
    }
    struct progress *line = progress_start(&progress, stderr, false);
    rc = verify_file(a.file, c->policies, &a.options, &progress, &out, &e);
    progress_stop(line);
    if (rc < 0) {
        return cli_fail(&e);
    }
    if (out.difference[0]) {
        printf("%s: not what its run gives: %s\n", a.file, out.difference);
        if (out.program[0]) {
            printf("It was written by %s, which is not this program.\n", out.program);
        }
        return 3;
    }
    printf("%s: verified: %u of %u replications run again, all %" PRIu64 " numbers the same\n", a.file, out.n_run,
           out.n_item, out.n_number);
    if (out.n_replayed > 0) {
        printf("Language models outside the program were not asked: %" PRIu64 " recorded answers were told again.\n",
               out.n_replayed);
    }
    return 0;
}
