/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * experiment_write.h - the `experiment:` section as it is run, with what the command line changed in it, so that the
 * scenario that stands in a result file gives the same results again when it is run alone.
 */
#ifndef SIM_IO_EXPERIMENT_WRITE_H
#define SIM_IO_EXPERIMENT_WRITE_H

#include "sim/model/scenario.h"

/* Put the experiment of *s in the place of that section in its text.  ERR_MEMORY. */
int experiment_write(struct scenario *s, struct err *e);

#endif
