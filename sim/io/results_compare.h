/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results_compare.h - two result files of the same run, number by number and bit by bit: every dataset and attribute, its
 * type, its shape and what is in it, but for the group /provenance, which may differ, and for the lists by which datasets
 * know their dimensions.
 */
#ifndef SIM_IO_RESULTS_COMPARE_H
#define SIM_IO_RESULTS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"

struct results_compared {
    uint64_t n_number;    /* that were compared */
    char difference[768]; /* the first one: where, what is stored, what was recomputed; "" if there is none */
};

/*
 * The file that is stored against the one that was computed again.  chosen: [n_policy * n_replication] which replications
 * were, NULL for all: then what depends on others (pooled quantiles, sketches, and rows of others) is left out.
 * ERR_IO, ERR_INPUT if a file cannot be read.
 */
int results_compare(const char *stored, const char *again, const bool *chosen, uint32_t n_policy,
                    uint32_t n_replication, struct results_compared *out, struct err *e);

#endif
