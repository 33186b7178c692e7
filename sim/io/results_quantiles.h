/* SPDX-License-Identifier: GPL-3.0-or-later */
/* results_quantiles.h - the quantiles of a result file, by replication and pooled, from its packed sketches. */
#ifndef SIM_IO_RESULTS_QUANTILES_H
#define SIM_IO_RESULTS_QUANTILES_H

#include "sim/io/results_impl.h"

/* Write the group /quantiles.  Errors stick to r->h5. */
void results_write_quantiles(struct results *r, const struct h5_dim axis[N_AXIS]);

#endif
