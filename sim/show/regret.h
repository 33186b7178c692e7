/* SPDX-License-Identifier: GPL-3.0-or-later */
/* regret.h - how far each policy is above what none can beat (measure/bound.h), where a result has bounds. */
#ifndef SIM_SHOW_REGRET_H
#define SIM_SHOW_REGRET_H

#include "sim/io/results.h"
#include "sim/show/table.h"

/* Nothing if there are no bounds. */
void regret_print(const struct result *r, FILE *out, struct paper paper);

#endif
