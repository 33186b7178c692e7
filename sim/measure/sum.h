/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sum.h - a compensated sum for the folds: what rounding takes from each addition is kept beside the sum.  By Knuth's
 * TwoSum (The Art of Computer Programming 2, 4.2.2, theorem B), which needs no comparison and so no branch.
 */
#ifndef SIM_MEASURE_SUM_H
#define SIM_MEASURE_SUM_H

struct sum {
    double sum, lost;
};

static inline void sum_add(struct sum *s, double x)
{
    double total = s->sum + x;
    double part = total - s->sum;
    s->lost += (s->sum - (total - part)) + (x - part);
    s->sum = total;
}

static inline double sum_value(struct sum s)
{
    return s.sum + s.lost;
}

#endif
