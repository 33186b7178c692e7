/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/io/results.h"
#include "sim/show/calibration.h"
#include "sim/show/learning.h"
#include "sim/show/plot.h"

struct plot_options {
    const struct figure *figure; /* of a result file; else draw is of another */
    int (*draw)(const char *path, const char *folder, char *stem, size_t n, struct err *e);
    bool chosen;
    const char *file, *folder;
};

static const struct argp_option option[] = {
    {"output", 'o', "DIR", 0, "folder for the figure (default: that of the result file)", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct plot_options *o = state->input;
    switch (key) {
    case 'o':
        o->folder = arg;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->chosen) {
            o->chosen = true;
            o->figure = figure_find(arg);
            o->draw = strcmp(arg, "learning") == 0      ? learning_draw
                      : strcmp(arg, "calibration") == 0 ? calibration_draw
                                                        : NULL;
            if (!o->figure && !o->draw) {
                argp_error(state, "found %s, wanted a figure: latency, miss, energy, objective, learning or calibration", arg);
            }
            return 0;
        }
        break;
    default:
        break;
    }
    return cli_parse_file(key, arg, state, &o->file, "a figure and a result file, such as: latency results/factory.h5");
}

int verb_plot(const struct cli *c, int argc, char **argv)
{
    struct plot_options o = {0};
    const struct argp argp = {.options = option,
                              .parser = parse,
                              .args_doc = "FIGURE FILE",
                              .doc = "Draws a figure from a result file: NAME_FIGURE.svg and .png, and beside them the "
                                     "data and the gnuplot script that can be edited.\vFigures:\n"
                                     "  latency   share of jobs that take longer, by workload and policy\n"
                                     "  miss      jobs that miss their deadline, by workload and policy\n"
                                     "  energy    energy by tier and policy\n"
                                     "  objective  the scenario's objective by policy, best first\n"
                                     "  learning  what a table of `tiersim train` learned over its episodes\n"
                                     "  calibration  times that `tiersim calibrate` measured, over those of the laws"};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    struct err e = {0};
    struct result r;
    char folder[4096], stem[8192];
    cli_folder(o.file, o.folder, folder, sizeof folder);
    int rc = 0;
    if (o.figure) {
        rc = cli_read(&r, o.file, &e);
        rc = rc == 0 ? figure_draw(o.figure, &r, folder, stem, sizeof stem, &e) : rc;
        result_free(&r);
    } else {
        rc = o.draw(o.file, folder, stem, sizeof stem, &e);
    }
    if (rc == 0) {
        printf("drew %s.svg and %s.png\n", stem, stem);
    }
    return rc < 0 ? cli_fail(&e) : 0;
}
