/* SPDX-License-Identifier: GPL-3.0-or-later */
/* explain.h - a scenario as the program understands it: every value and where it comes from, and what follows from them. */
#ifndef SIM_SHOW_EXPLAIN_H
#define SIM_SHOW_EXPLAIN_H

#include "sim/io/yaml.h"
#include "sim/model/load.h"
#include "sim/policy/set.h"
#include "sim/show/table.h"

/* 0, or -ERR_MEMORY.  Parameters that policies of the set are left by default are listed, too. */
int explain_print(const struct scenario *s, const struct yaml *tree, const struct loads *loads,
                  const struct policy_set *policies, FILE *out, struct paper paper);

#endif
