/* SPDX-License-Identifier: GPL-3.0-or-later */
/* graph_plot.h - the graphs of tasks of a scenario's jobs as a figure: see plot.h for the files. */
#ifndef SIM_SHOW_GRAPH_PLOT_H
#define SIM_SHOW_GRAPH_PLOT_H

#include <stddef.h>

#include "sim/model/scenario.h"

struct err;

/*
 * Tasks by level from left to right, as large as their work, joined by what they hand on: NAME_graph.svg and .png of the
 * scenario NAME, in the folder.  stem[n] is FOLDER/NAME_graph afterwards.  ERR_INPUT: no workload has several tasks.
 */
int graph_plot(const struct scenario *s, const char *folder, char *stem, size_t n, struct err *e);

#endif
