/* SPDX-License-Identifier: GPL-3.0-or-later */
/* plot_figures.h - the numbers of each figure, and gnuplot's variables for them; see plot.h. */
#ifndef SIM_SHOW_PLOT_FIGURES_H
#define SIM_SHOW_PLOT_FIGURES_H

#include <stdio.h>

#include "sim/io/results.h"

int plot_latency(const struct result *r, FILE *data, FILE *head, struct err *e);
int plot_miss(const struct result *r, FILE *data, FILE *head, struct err *e);
int plot_objective(const struct result *r, FILE *data, FILE *head, struct err *e);
int plot_energy(const struct result *r, FILE *data, FILE *head, struct err *e);

/* name = 'value', with its quotes doubled. */
void plot_text(FILE *head, const char *name, const char *value);

#endif
