/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policies.h - the listing of `tiersim policies` and the explanation of `tiersim policies NAME`, printed from the
 * tables. */
#ifndef SIM_SHOW_POLICIES_H
#define SIM_SHOW_POLICIES_H

#include <stdio.h>

#include "sim/policy/set.h"

/* One line a policy: name and rule. */
void show_policies(FILE *out, const struct policy_set *set);
/* Rule, parameters with default and range, what it reads, when it is asked, and how a scenario names it. */
void show_policy(FILE *out, const struct ts_policy *p);

#endif
