/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * export.h - a result file as tables of CSV, in long form: one row per policy, replication and whatever else counts.
 * The first line names the columns and their units: `latency_mean [s]`.  Numbers have 17 digits: nothing is lost.
 * What is not a number is empty, infinity is inf (RFC 4180, UTF-8).
 */
#ifndef SIM_IO_EXPORT_H
#define SIM_IO_EXPORT_H

#include "sim/base/err.h"
#include "sim/io/results.h"

/*
 * Write NAME_summary.csv, NAME_class.csv, NAME_quantiles.csv, NAME_pooled.csv, NAME_tier.csv and, where the file has
 * rows per job, NAME_tasks.csv into the folder, NAME being that of the result file.  n_written counts the files.
 * ERR_IO.
 */
int export_csv(const struct result *r, const char *folder, unsigned *n_written, struct err *e);

/* "results/factory.h5" gives "factory" in buf[n]. */
const char *export_stem(const char *path, char *buf, size_t n);

#endif
