/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace_plot.h - a picture of a trace: how it goes over time, and how its values are distributed. */
#ifndef SIM_SHOW_TRACE_PLOT_H
#define SIM_SHOW_TRACE_PLOT_H

#include <stddef.h>

#include "sim/base/series.h"

struct err;

/*
 * STEM.svg and .png, with STEM.dat and STEM.gp beside them, where STEM is the path of the trace without its ending.
 * Errors as those of figure_draw.
 */
int trace_plot(const struct series *s, const char *path, char *stem, size_t n, struct err *e);

#endif
