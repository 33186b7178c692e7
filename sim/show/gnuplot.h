/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gnuplot.h - runs gnuplot, and closes what was written for it. */
#ifndef SIM_SHOW_GNUPLOT_H
#define SIM_SHOW_GNUPLOT_H

#include <stdio.h>

struct err;

/* gnuplot in the folder, its messages on our standard error.  ERR_IO: it is not there or fails; the files stay. */
int gnuplot_run(const char *folder, const char *script, struct err *e);
/* ERR_IO if anything could not be written. */
int gnuplot_close(FILE *f, const char *path, struct err *e);

#endif
