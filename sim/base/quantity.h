/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quantity.h - a number with its unit, such as "20 ms" or "100 Mbit/s", to SI.  What has a dimension must have a unit,
 * and of that dimension: a file of bytes where bits per second are wanted is told so.  Data is in bits; B is a byte of
 * 8.
 *
 * A power of ten in the unit is added to the exponent before the decimal number is rounded, so that 20 ms and 0.02 s
 * are the same double.  Units are case-sensitive.
 */
#ifndef SIM_BASE_QUANTITY_H
#define SIM_BASE_QUANTITY_H

#include <stddef.h>

#include "sim/base/err.h"

enum dimension {
    DIM_NUMBER,     /* no unit; "40 %" is 0.4 */
    DIM_TIME,       /* s */
    DIM_DATA,       /* bit */
    DIM_RATE,       /* bit/s */
    DIM_WORK,       /* flop */
    DIM_SPEED,      /* flop/s */
    DIM_POWER,      /* W */
    DIM_ENERGY,     /* J */
    DIM_BIT_ENERGY, /* J/bit */
    DIM_FREQUENCY,  /* 1/s */
    DIM_TIME_PRICE, /* USD/s */
    DIM_DATA_PRICE, /* USD/bit */
    DIM_MONEY,      /* USD */
    N_DIMENSION
};

struct unit {
    const char *name;
    enum dimension dimension;
    int exponent;       /* of ten */
    double times, over; /* SI = written * 10^exponent * times / over; both exact */
};

/* All units, by dimension, usual ones in ascending order; the last has no name. */
extern const struct unit unit_table[];

/* "a time", "a data rate" */
const char *dimension_name(enum dimension d);
/* "20 ms", "100 Mbit/s (or 12.5 MB/s)": how one is written */
const char *dimension_example(enum dimension d);
/* "s", "bit/s": the unit of the values inside; "" for a number */
const char *dimension_si(enum dimension d);

/* A decimal number, all of text[n]: no hexadecimal, no nan or inf, a dot in every locale.  0, or -1 if it is none. */
int number_parse(const char *text, size_t n, double *value);
/* All of text[n] as a quantity of dimension d.  0, or -ERR_INPUT with "found X, wanted Y" in *e. */
int quantity_parse(const char *text, size_t n, enum dimension d, double *si, struct err *e);
/* The same for whatever dimension its unit has.  0, or -1 if it is no quantity. */
int quantity_parse_any(const char *text, size_t n, enum dimension *d, double *si);

/* A value in SI as people write it, with four digits and a unit that fits its size: "12.5 Mbit/s"; in buf[n]. */
const char *quantity_text(double si, enum dimension d, char *buf, size_t n);

#endif
