/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bidding.h - the assignment problem by auction: each row gets a column of its own, or the last column, which takes any
 * number, so that the sum of costs is within n_row x epsilon of the least.
 *
 * Rows bid.  A row without a column takes the one where cost and price are least and raises its price to what makes it
 * second best for that row, plus epsilon; who held it bids again.  Columns that nobody holds must come for nothing, so
 * those that still have a price bid in turn: they undercut until a row takes them, or they are free.  That begins with a
 * large epsilon and is done over with a smaller one from the prices that it found, until epsilon is what was asked for;
 * from large to small, prices need not crawl.  With costs that are whole numbers and n_row x epsilon < 1 the sum is the
 * least.  Deterministic: of equal columns the lower, of equal rows the lower.
 *
 * Sources: Bertsekas, Annals of Operations Research 14 (1988) 105-123 (auction, scaling of epsilon); Bertsekas, Castanon,
 * Tsaknakis, SIAM J. Optimization 3 (1993) 268-297 (columns that bid, where some stay empty).
 */
#ifndef POLICIES_BIDDING_H
#define POLICIES_BIDDING_H

#include <stdint.h>

#include "policies/scratch.h"

/*
 * cost[n_row][n_col], finite; epsilon > 0, but no less than 2^-44 of the range of costs is used, where sums would lose it.
 * col_of[n_row] is filled.  0, or -1 if there is no memory.
 */
int bidding_least(const double *cost, uint32_t n_row, uint32_t n_col, double epsilon, uint32_t *col_of, struct scratch *s);

#endif
