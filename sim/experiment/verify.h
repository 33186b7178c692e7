/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify.h - is a result file what it says?  What it contains is run again, into a file of its own that is removed
 * afterwards, and both are compared bit by bit (results_compare.h).
 *
 * What was run is told by the file alone: the scenario's text, with the experiment as it was run, its seeds and policies
 * with their parameters; /provenance/run is a digest of all that, so that nothing in it can be changed unseen.  Traces are
 * files of their own, of which a digest is kept.
 */
#ifndef SIM_EXPERIMENT_VERIFY_H
#define SIM_EXPERIMENT_VERIFY_H

#include "sim/experiment/runner.h"
#include "sim/io/results_compare.h"

struct verify_options {
    const char *folder; /* in which relative paths of traces begin; NULL: the scenario's folder at the time of the run */
    uint32_t sample;    /* only so many replications, evenly over the run list; 0: all */
    uint32_t threads;   /* 0: as many as there are processors */
};

struct verify_outcome {
    uint32_t n_run, n_item;  /* replications run again, and in the file */
    uint64_t n_number;       /* compared */
    uint64_t n_replayed;     /* answers of language models that were told again; 0: nobody was asked */
    char difference[1024];   /* the first one; "" if there is none */
    char program[256];       /* that wrote the file, if it was another than this one */
};

/* Errors: what cannot be read or run again (a trace is missing or another: ERR_INPUT).  A difference is none. */
int verify_file(const char *path, const struct policy_set *set, const struct verify_options *o,
                struct runner_progress *progress, struct verify_outcome *out, struct err *e);

#endif
