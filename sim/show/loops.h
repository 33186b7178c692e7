/* SPDX-License-Identifier: GPL-3.0-or-later */
/* loops.h - the table of loops (sim/measure/loops.h): a line for each of them and policy. */
#ifndef SIM_SHOW_LOOPS_H
#define SIM_SHOW_LOOPS_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/io/results.h"
#include "sim/show/table.h"

/* Is that a number under the name of a loop? */
bool loops_own(const char *name);
/* Nothing if there are none.  Means and quantiles of replications, with their intervals. */
void loops_print(const struct result *r, FILE *out, struct paper paper);

#endif
