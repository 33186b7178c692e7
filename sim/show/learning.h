/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * learning.h - the learning curve of a table by gnuplot: reward, latency, misses and energy on draws held back over the
 * episodes learned from, with 95 % intervals over replications.  Files are as in plot.h: NAME_learning.{svg,png,dat,gp}.
 */
#ifndef SIM_SHOW_LEARNING_H
#define SIM_SHOW_LEARNING_H

#include <stddef.h>

struct err;

/* Draw the curve of the table at path into the folder; stem[n] is FOLDER/NAME_learning.  Errors: as figure_draw. */
int learning_draw(const char *path, const char *folder, char *stem, size_t n, struct err *e);

#endif
