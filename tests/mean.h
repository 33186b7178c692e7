/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mean.h - the mean of what is drawn one by one, held against theory by its standard error: 5 of them. */
#ifndef TESTS_MEAN_H
#define TESTS_MEAN_H

#include "tests/test.h"

struct mean {
    double n, sum, squares;
};

static inline void mean_add(struct mean *m, double x)
{
    m->n++;
    m->sum += x;
    m->squares += x * x;
}

#define assert_mean(m, want)                                                                                   \
    do {                                                                                                       \
        const double mean_ = (m).sum / (m).n;                                                                  \
        const double var_ = ((m).squares - (m).n * mean_ * mean_) / ((m).n - 1);                               \
        assert_near(mean_, (want), 0, 5 * sqrt(var_ / (m).n));                                                 \
    } while (0)

#endif
