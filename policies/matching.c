/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/matching.h"

#include <math.h>
#include <stdbool.h>

/*
 * Column n_col stands for the row that is being added: it holds that row while a path from it is looked for.  Potentials
 * keep cost - row_u - col_v >= 0 everywhere and = 0 where matched.
 */
struct search {
    const double *cost;
    uint32_t n_col;
    double *row_u, *col_v;
    uint32_t *row_of; /* [n_col + 1], n_row: none */
    uint32_t *from;   /* [n_col] the column before it on the path */
    double *near;     /* [n_col] length of the shortest path to it so far */
    bool *reached;    /* [n_col + 1] */
};

/* The column behind col on the shortest path to anywhere; potentials change so that it lies at length 0. */
static uint32_t extend(struct search *f, uint32_t col)
{
    uint32_t row = f->row_of[col], next = 0;
    double least = INFINITY;
    f->reached[col] = true;
    for (uint32_t j = 0; j < f->n_col; j++) {
        if (f->reached[j]) {
            continue;
        }
        double way = f->cost[(size_t)row * f->n_col + j] - f->row_u[row] - f->col_v[j];
        if (way < f->near[j]) {
            f->near[j] = way;
            f->from[j] = col;
        }
        if (f->near[j] < least) {
            least = f->near[j];
            next = j;
        }
    }
    for (uint32_t j = 0; j <= f->n_col; j++) {
        if (f->reached[j]) {
            f->row_u[f->row_of[j]] += least;
            f->col_v[j] -= least;
        } else if (j < f->n_col) {
            f->near[j] -= least;
        }
    }
    return next;
}

int matching_least(const double *cost, uint32_t n_row, uint32_t n_col, uint32_t *col_of, struct scratch *s)
{
    struct search f = {.cost = cost,
                       .n_col = n_col,
                       .row_u = scratch_zero(s, n_row, sizeof *f.row_u),
                       .col_v = scratch_zero(s, n_col + 1u, sizeof *f.col_v),
                       .row_of = scratch_take(s, n_col + 1u, sizeof *f.row_of),
                       .from = scratch_take(s, n_col, sizeof *f.from),
                       .near = scratch_take(s, n_col, sizeof *f.near),
                       .reached = scratch_take(s, n_col + 1u, sizeof *f.reached)};
    if (s->failed) {
        return -1;
    }
    for (uint32_t j = 0; j <= n_col; j++) {
        f.row_of[j] = n_row;
    }
    for (uint32_t i = 0; i < n_row; i++) {
        for (uint32_t j = 0; j < n_col; j++) {
            f.near[j] = INFINITY;
            f.reached[j] = false;
        }
        f.reached[n_col] = false;
        f.row_of[n_col] = i;
        uint32_t col = n_col;
        do {
            col = extend(&f, col);
        } while (f.row_of[col] != n_row);
        for (uint32_t before; col != n_col; col = before) {
            before = f.from[col];
            f.row_of[col] = f.row_of[before];
        }
    }
    for (uint32_t j = 0; j < n_col; j++) {
        if (f.row_of[j] != n_row) {
            col_of[f.row_of[j]] = j;
        }
    }
    return 0;
}
