/* SPDX-License-Identifier: GPL-3.0-or-later */
/* policies.h - the listing of `tiersim policies` and the explanation of `tiersim policies NAME`, printed from the
 * tables. */
#ifndef SIM_SHOW_POLICIES_H
#define SIM_SHOW_POLICIES_H

#include <stddef.h>
#include <stdio.h>

#include "sim/policy/set.h"

/* One line a policy: name and rule. */
void show_policies(FILE *out, const struct policy_set *set);
/* Rule, parameters with default and range, what it reads, when it is asked, and how a scenario names it. */
void show_policy(FILE *out, const struct ts_policy *p);

/* The rows of docs/policies.md, in Markdown; ns[i], what a decision of policy i costs, may be NAN. */
void show_policy_page(FILE *out, const struct policy_set *set, const double *ns);

enum { POLICY_NUMBER = 40 }; /* letters of .. */
/* .. "5 s", or "5" for a plain number, or the word that stands for it. */
void show_policy_number(double x, const struct ts_policy *p, const struct ts_param *q, char *buf, size_t n);

#endif
