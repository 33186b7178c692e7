/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "policies/bidding.h"

#include <math.h>
#include <stdbool.h>

/* Those that are to bid, first come first served; nobody stands in it twice. */
struct line {
    uint32_t *who; /* [room] */
    uint32_t room, first, n;
};

/*
 * Kept throughout: no row would pay less than pay - epsilon elsewhere, and who holds a column pays its cost and price.
 * With all rows placed and all empty columns free, that bounds the sum.
 */
struct auction_room {
    const double *cost;
    uint32_t n_row, n_col;
    double epsilon;
    double *price;    /* [n_col], >= 0; 0 of the last */
    double *pay;      /* [n_row] */
    uint32_t *row_of; /* [n_col], n_row: none; of the last column always */
    uint32_t *col_of; /* [n_row] */
    struct line rows, columns;
};

static void line_add(struct line *l, uint32_t who)
{
    l->who[(l->first + l->n) % l->room] = who;
    l->n++;
}

static uint32_t line_next(struct line *l)
{
    uint32_t who = l->who[l->first];
    l->first = (l->first + 1) % l->room;
    l->n--;
    return who;
}

static double cost_at(const struct auction_room *m, uint32_t row, uint32_t col)
{
    return m->cost[(size_t)row * m->n_col + col];
}

static void take(struct auction_room *m, uint32_t row, uint32_t col)
{
    m->col_of[row] = col;
    m->pay[row] = cost_at(m, row, col) + m->price[col];
    if (col != m->n_col - 1) {
        m->row_of[col] = row;
    }
}

static void row_bids(struct auction_room *m, uint32_t row)
{
    uint32_t best = 0;
    double least = INFINITY, second = INFINITY;
    for (uint32_t j = 0; j < m->n_col; j++) {
        double here = cost_at(m, row, j) + m->price[j];
        if (here < least) {
            second = least;
            least = here;
            best = j;
        } else if (here < second) {
            second = here;
        }
    }
    uint32_t before = m->row_of[best];
    if (best != m->n_col - 1) {
        m->price[best] += second - least + m->epsilon;
    }
    take(m, row, best);
    if (before != m->n_row) {
        line_add(&m->rows, before);
    }
}

/* An empty column offers itself to the row that would save most, at the price that the next one would pay, less epsilon. */
static void column_bids(struct auction_room *m, uint32_t col)
{
    uint32_t best = 0;
    double most = -INFINITY, second = -INFINITY;
    for (uint32_t i = 0; i < m->n_row; i++) {
        double worth = m->pay[i] - cost_at(m, i, col);
        if (worth > most) {
            second = most;
            most = worth;
            best = i;
        } else if (worth > second) {
            second = worth;
        }
    }
    if (most <= m->epsilon) {
        m->price[col] = 0;
        return;
    }
    uint32_t left = m->col_of[best];
    m->price[col] = second - m->epsilon > 0 ? second - m->epsilon : 0;
    take(m, best, col);
    if (left != m->n_col - 1) {
        m->row_of[left] = m->n_row;
        if (m->price[left] > 0) {
            line_add(&m->columns, left);
        }
    }
}

/* All rows bid from the prices that there are, then the empty columns. */
static void hold_auction(struct auction_room *m)
{
    for (uint32_t j = 0; j < m->n_col; j++) {
        m->row_of[j] = m->n_row;
    }
    for (uint32_t i = 0; i < m->n_row; i++) {
        line_add(&m->rows, i);
    }
    while (m->rows.n > 0) {
        row_bids(m, line_next(&m->rows));
    }
    for (uint32_t j = 0; j + 1 < m->n_col; j++) {
        if (m->row_of[j] == m->n_row && m->price[j] > 0) {
            line_add(&m->columns, j);
        }
    }
    while (m->columns.n > 0) {
        column_bids(m, line_next(&m->columns));
    }
}

static double range_of(const double *cost, size_t n)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t k = 0; k < n; k++) {
        least = cost[k] < least ? cost[k] : least;
        most = cost[k] > most ? cost[k] : most;
    }
    return n ? most - least : 0;
}

int bidding_least(const double *cost, uint32_t n_row, uint32_t n_col, double epsilon, uint32_t *col_of, struct scratch *s)
{
    enum { FINER = 5 }; /* from one round to the next; 4 to 10 do about as well (Bertsekas 1988) */
    struct auction_room m = {.cost = cost,
                             .n_row = n_row,
                             .n_col = n_col,
                             .price = scratch_zero(s, n_col, sizeof *m.price),
                             .pay = scratch_take(s, n_row, sizeof *m.pay),
                             .row_of = scratch_take(s, n_col, sizeof *m.row_of),
                             .col_of = col_of,
                             .rows = {scratch_take(s, n_row, sizeof *m.rows.who), n_row, 0, 0},
                             .columns = {scratch_take(s, n_col, sizeof *m.columns.who), n_col, 0, 0}};
    if (s->failed) {
        return -1;
    }
    double range = range_of(cost, (size_t)n_row * n_col), least = range * 0x1p-44;
    least = epsilon > least ? epsilon : least;
    m.epsilon = range / FINER;
    do {
        m.epsilon = m.epsilon / FINER > least ? m.epsilon / FINER : least;
        hold_auction(&m);
    } while (m.epsilon > least);
    return 0;
}
