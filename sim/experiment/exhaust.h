/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exhaust.h - the best that any placements at release come to, by trying them all: the optimum over policies that place each job
 * once, when it is released (or, where there is an objective, reject it).  For cases of a few jobs.
 */
#ifndef SIM_EXPERIMENT_EXHAUST_H
#define SIM_EXPERIMENT_EXHAUST_H

#include "sim/base/err.h"
#include "sim/model/scenario.h"

/*
 * The least objective of a replication, or without one its least latency_charged among the placements that lose no job; NAN if
 * there are too many to try, or none.  Errors as of a run.
 */
int exhaust(const struct scenario *s, uint32_t replication, uint64_t tie_seed, double *optimum, struct err *e);

#endif
