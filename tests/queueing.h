/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queueing.h - closed forms that several theory tests share; load a = lambda s, services of mean s. */
#ifndef TESTS_QUEUEING_H
#define TESTS_QUEUEING_H

/* Share lost of M/M/c/c with load a = lambda / mu, by recursion over the servers. */
static inline double erlang_b(unsigned c, double a)
{
    double b = 1;
    for (unsigned k = 1; k <= c; k++) {
        b = a * b / (k + a * b);
    }
    return b;
}

/* Share that waits in M/M/c. */
static inline double erlang_c(unsigned c, double a)
{
    double b = erlang_b(c, a);
    return b / (1 - a / c * (1 - b));
}

/* Mean time in M/M/c of rate lambda whose services have mean s. */
static inline double mmc_time(unsigned c, double lambda, double s)
{
    return s + erlang_c(c, lambda * s) * s / (c - lambda * s);
}

/* Pollaczek-Khinchine: mean time in M/G/1 with services of mean 1 and coefficient of variation cv. */
static inline double mg1_time(double rho, double cv)
{
    return 1 + rho * (1 + cv * cv) / (2 * (1 - rho));
}

#endif
