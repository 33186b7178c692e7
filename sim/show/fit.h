/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit.h - generators fitted to a trace as a fragment of a scenario: YAML that the loader takes, with the statistics of the
 * trace and of each model as comments over it.
 */
#ifndef SIM_SHOW_FIT_H
#define SIM_SHOW_FIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/base/series.h"

struct err;

/* A size to be written: this column of the trace, and what one of it is. */
struct fit_size_wanted {
    const char *key;    /* input, work or output */
    const char *column;
    const char *text;   /* as it was given: "4 B" */
    double per;         /* bit, or flop */
};

enum { FIT_SIZES = 3, FIT_CHOICES = 8 };

struct fit_request {
    const char *path, *kind;  /* of the trace, for the heading */
    bool points;              /* arrivals; else levels */
    const char *under;        /* keys over the fragment, such as workloads.chat; NULL: none */
    uint32_t n_choice, n_size;
    const char *choice[FIT_CHOICES]; /* models to be written instead of the best */
    struct fit_size_wanted size[FIT_SIZES];
    double step_s;            /* of levels; NAN: the median time between rows */
};

/* Errors: ERR_INPUT where a name is unknown or the trace does not suffice, ERR_MEMORY, ERR_NUMERIC. */
int fit_print(FILE *out, const struct series *s, const struct fit_request *r, struct err *e);

#endif
