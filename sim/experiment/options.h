/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options.h - what the command line of `tiersim run` asks of an experiment, as plain values.  What the scenario's
 * `experiment:` section says is the default; run_options_apply lays the options over it, before anything runs.
 */
#ifndef SIM_EXPERIMENT_OPTIONS_H
#define SIM_EXPERIMENT_OPTIONS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/run/guard.h"

struct err;
struct scenario;
struct text_replay;

struct run_options {
    uint32_t n_policy;
    const char *const *policy; /* [n_policy] labels or names; none: as the scenario says */
    uint32_t replications;     /* 0: as the scenario says */
    double duration_s;         /* NAN: as the scenario says */
    uint64_t jobs;             /* the window ends after this many measured releases; 0: as the scenario says */
    bool has_seed, has_tie_seed, has_explain_job;
    uint64_t seed;            /* < 2^32 */
    uint64_t tie_seed;        /* shuffles simultaneous events of equal class */
    uint64_t explain_job;     /* tell the story of this job, the n-th release of replication 0 */
    uint32_t threads;         /* 0: as many as there are processors */
    const char *output;       /* result file; NULL: results/NAME.h5 */
    const char *log;          /* event log; NULL: none */
    const struct text_replay *told; /* what language models answer, of a run that is repeated; NULL: they are asked */
    const char *command_line; /* for the file's provenance; NULL: unknown */
    bool tasks;               /* keep a row per job */
    bool resume;              /* go on with what an earlier process finished of the same run */
    const bool *chosen;       /* [n_policy][n_replication] which are run; NULL: all */
    bool quick;               /* a look, not a measurement: at most 2 replications and a tenth of the window */
    double call_limit_s;      /* processor time that one call of a policy may take; 0: any */
    bool quiet, json;         /* what is printed: nothing; the table as JSON */
};

#define RUN_OPTIONS_DEFAULT ((struct run_options){.duration_s = NAN, .call_limit_s = GUARD_CALL_LIMIT_S})

/*
 * Lay the options over the experiment of *s, whose arena takes what is new.  A name in `policy` chooses the scenario's
 * policies of that label, else those of that name, else adds the policy with its defaults; NAME=FILE adds the policy with the
 * table in FILE, frozen, or the network in FILE.onnx; results keep the order of the options.  `compare_to` stays if it is among
 * the chosen ones.  A drain that lasts as long as it takes, as with jobs, is half the duration where that takes their place.
 * The text of *s says the experiment as it is then.  Errors are ERR_INPUT.
 */
int run_options_apply(const struct run_options *o, struct scenario *s, struct err *e);

#endif
