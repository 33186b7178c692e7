/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * matching.h - the assignment problem: each row gets a column of its own so that the sum of costs is least.
 *
 * Shortest augmenting paths with potentials, row after row (the Hungarian method as Jonker, Volgenant, Computing 38
 * (1987) 325-340 have it), O(n_row^2 n_col), exact but for rounding.  Deterministic: of equal paths the one that ends in
 * the lower column.
 */
#ifndef POLICIES_MATCHING_H
#define POLICIES_MATCHING_H

#include <stdint.h>

#include "policies/scratch.h"

/* cost[n_row][n_col], finite; n_row <= n_col.  col_of[n_row] is filled.  0, or -1 if there is no memory. */
int matching_least(const double *cost, uint32_t n_row, uint32_t n_col, uint32_t *col_of, struct scratch *s);

#endif
