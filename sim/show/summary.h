/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * summary.h - a result file as tables: all workloads together, each workload, where latency and energy go, and paired
 * differences.  Means are over replications with 95 % t intervals; quantiles are of all replications together with
 * jackknife intervals (SEMANTICS 10).  Nothing is called better without an interval that says so.
 */
#ifndef SIM_SHOW_SUMMARY_H
#define SIM_SHOW_SUMMARY_H

#include <stdio.h>

#include "sim/io/results.h"
#include "sim/show/table.h"

void summary_print(const struct result *r, FILE *out, struct paper paper);
/* The same numbers, SI, as one JSON object.  ERR_MEMORY. */
int summary_json(const struct result *r, FILE *out, struct err *e);

#endif
