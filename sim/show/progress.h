/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress.h - one line that says how far an experiment is, how fast it goes and how long it will take; on a terminal
 * only. The same thread hears Ctrl-C: the first one asks the runner to stop and keep what is finished, the second one
 * ends the program.
 */
#ifndef SIM_SHOW_PROGRESS_H
#define SIM_SHOW_PROGRESS_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/experiment/runner.h"

struct progress;

/* Start to look at *p, which outlives it; quiet: draw nothing.  Call before other threads start: it blocks SIGINT and
 * SIGTERM, and they inherit that.  NULL if there is no thread to be had: then there is just no progress. */
struct progress *progress_start(struct runner_progress *p, FILE *out, bool quiet);
/* End the thread, wipe the line, and take the signals back; NULL is fine. */
void progress_stop(struct progress *p);

/* The line itself, into buf[n]: done of n_item items, n_job jobs after wall_s seconds. */
const char *progress_line(char *buf, size_t n, uint32_t n_done, uint32_t n_item, uint64_t n_job, double wall_s);

#endif
