/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plot.h - figures by gnuplot.  Beside NAME_FIGURE.svg and .png stand NAME_FIGURE.dat, the numbers, and
 * NAME_FIGURE.gp, a script that draws them: whoever wants another look edits it and runs gnuplot.  The scripts are
 * those of plots/, with the names and ranges of the result in front.
 */
#ifndef SIM_SHOW_PLOT_H
#define SIM_SHOW_PLOT_H

#include "sim/io/results.h"

struct figure {
    const char *name, *about;
    const char *const *script; /* lines of its body, as in plots/; ends with NULL */
    /* The data, and the names and ranges as gnuplot's variables. */
    int (*write)(const struct result *r, FILE *data, FILE *head, struct err *e);
};

enum { N_FIGURE = 4 };
extern const struct figure figure_table[N_FIGURE];

/* The figure of that name, or NULL. */
const struct figure *figure_find(const char *name);

/*
 * Write the data and the script into the folder and run gnuplot there.  stem[n] is FOLDER/NAME_FIGURE afterwards.
 * ERR_IO: a file cannot be written, or gnuplot is not there (data and script are kept) or fails; ERR_INPUT: nothing to
 * draw.
 */
int figure_draw(const struct figure *f, const struct result *r, const char *folder, char *stem, size_t n,
                struct err *e);

#endif
