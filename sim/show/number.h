/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * number.h - numbers for people: a unit that fits the size, and as many digits as the interval leaves meaning (one of
 * the half width, two where it starts with 1).
 */
#ifndef SIM_SHOW_NUMBER_H
#define SIM_SHOW_NUMBER_H

#include <stddef.h>

#include "sim/base/stats.h"

/* A unit for display: shown = SI / per. */
struct scale {
    double per;
    const char *unit;
};

enum scale_of { SCALE_TIME, SCALE_ENERGY, SCALE_SHARE, SCALE_PLAIN };

/* The unit in which the middle one of n values reads best; values that are not finite are passed over. */
struct scale scale_for(enum scale_of what, const double *x, size_t n);

/*
 * "12.3" and "±0.4" in the unit, into value[n] and half[n]; "inf" and "–" where it is not finite, half "" where it is
 * none.
 */
void number_text(struct stats_interval x, struct scale s, char *value, char *half, size_t n);
/* Both as one: "12.3 ±0.4 ms". */
const char *number_with_unit(struct stats_interval x, struct scale s, char *buf, size_t n);
/* A number that somebody wrote, as short as it may be: "250 ms". */
const char *number_given(double x, enum scale_of what, char *buf, size_t n);
/* A number alone, with three digits. */
const char *number_alone(double x, struct scale s, char *buf, size_t n);

#endif
