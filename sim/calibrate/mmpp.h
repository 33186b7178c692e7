/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mmpp.h - the Markov-modulated Poisson process of two states: its likelihood, its index of dispersion, its estimate.
 *
 * Given that an arrival stands at 0, the gaps x_1 .. x_n have the density phi e^(D x_1) L ... e^(D x_n) L 1, where L holds
 * the rates, D = Q - L, and phi is the state at an arrival (Ryden, "An EM algorithm for estimation in Markov-modulated
 * Poisson processes", Comput. Stat. Data Anal. 21, 1996).  The estimate is the largest of it by the simplex of Nelder and
 * Mead over the logarithms of the rates, from three starts with bursts of 3, 30 and 300 mean gaps.
 */
#ifndef SIM_CALIBRATE_MMPP_H
#define SIM_CALIBRATE_MMPP_H

#include <stdbool.h>
#include <stddef.h>

struct err;

/* Arrivals per second, and changes per second into the other state; state 0 is the faster one. */
struct mmpp {
    double rate[2], leaves[2];
};

/* Of the gaps x[n], s. */
double mmpp_log_likelihood(const struct mmpp *m, const double *x, size_t n);
/* Variance over mean of the counts in t_s, in steady state (Heffes and Lucantoni, IEEE JSAC 4, 1986, equation 2). */
double mmpp_dispersion(const struct mmpp *m, double t_s);
/* silent: the rate of state 1 is 0 (ON/OFF).  x has n >= 10 gaps with a mean above 0.  ERR_MEMORY, ERR_NUMERIC. */
int mmpp_fit(const double *x, size_t n, bool silent, struct mmpp *out, struct err *e);

#endif
