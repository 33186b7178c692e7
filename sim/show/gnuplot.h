/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot.h - a figure as two files, its data and the script that draws them, and the program that runs it. */
#ifndef SIM_SHOW_GNUPLOT_H
#define SIM_SHOW_GNUPLOT_H

#include <limits.h>
#include <stdio.h>

struct err;

/* stem.dat and stem.gp, while they are written. */
struct gnuplot_files {
    FILE *data, *script;
    char data_path[PATH_MAX + 8], script_path[PATH_MAX + 8];
};

/* 0, or ERR_IO and nothing is open or there. */
int gnuplot_open(struct gnuplot_files *f, const char *stem, struct err *e);
/* Close both after rc; the first error there was: rc, or ERR_IO if anything could not be written.  Then neither is there. */
int gnuplot_close(struct gnuplot_files *f, int rc, struct err *e);
/* The first lines of a script: what it is, stem, data, how wide headings are; base is the stem without its folder. */
void gnuplot_begin(FILE *script, const char *base);
/* Lines up to NULL. */
void gnuplot_lines(FILE *script, const char *const *line);
/* gnuplot in the folder, its messages on our standard error.  ERR_IO: it is not there or fails; the files stay. */
int gnuplot_run(const char *folder, const char *script, struct err *e);

#endif
