/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fit_write.h - a fitted model in the language of scenarios, on one line: what stands behind `arrivals:` or `capacity:`. */
#ifndef SIM_CALIBRATE_FIT_WRITE_H
#define SIM_CALIBRATE_FIT_WRITE_H

#include <stdio.h>

#include "sim/base/quantity.h"
#include "sim/calibrate/fit.h"

/* Units of the values of a level: bit/s or s. */
void fit_write_arrivals(FILE *out, const struct arrivals *a);
void fit_write_level(FILE *out, const struct process *p, bool latency);
/* value: what is written is the distribution's values times this, in B (work: in FLOP), SI. */
void fit_write_size(FILE *out, const struct dist *d, double per, bool work);

#endif
