/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matched.h - what the rules that match waiting tasks with cores share: the table of costs, and the plan from a matching.
 * A task is matched with the core it gets next, at the cost of its finish time; whom no core is left for waits for the next
 * question.  As many as possible are matched; if there are more tasks than cores, those that finish first.
 */
#ifndef POLICIES_MATCHED_H
#define POLICIES_MATCHED_H

#include "policies/batch.h"

/*
 * Give each task a column at the least sum of cost[n_row][n_col]: the lanes of the problem, then columns that mean to wait.
 * how is the state of the policy.  0, or -1 if there is no memory.
 */
typedef int matched_solver(const void *how, const double *cost, uint32_t n_row, uint32_t n_col, uint32_t *col_of,
                           struct scratch *s);

/* The body of a batch_rule, with n_wait columns to wait.  0, or < 0 after host->fail. */
int matched_plan(const struct problem *q, struct batch_plan *plan, uint32_t n_wait, matched_solver *solve, const void *how);

#endif
