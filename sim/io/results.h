/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * results.h - the result file of an experiment: one HDF5 file, valid netCDF-4, every group of which opens alone.
 *
 *   /status /status_text /digest (policy, replication)     /counters/...  /window/...
 *   /summary/METRIC (policy, replication)                  /class/METRIC (policy, replication, class), class = workload
 *   /quantiles/latency (policy, replication, class, q), latency_all; pooled over replications, with 95 % intervals:
 *              pooled, pooled_low, pooled_high (policy, class, q), pooled_all, ...
 *   /excursions/QUANTILE (policy, replication, class), /all_excursions/...: what a quantile rests on, see excursion.h
 *   /cohort/SUM (policy, replication, segment, class)      /sketch/...: the latency sketches, mergeable again
 *   /pool/... (policy, replication, pool)                  /link/... (policy, replication, link, direction)
 *   /policy_metric/NAME (policy, replication): what policies report of themselves
 *   /group/... /tier/... energy                            /node/... /channel/... members of small groups one by one
 *   /tasks/POLICY/REPLICATION/COLUMN (row)                 one row per job, on request
 *   /experiment (attributes: seed, window ...)             /scenario: the resolved text
 *   /traces/digest (trace): of the files that the scenario refers to
 *   /language_model/... (policy, replication): how often one was asked, and what came of it
 *   /recording/... (sha256): what those outside the program answered, with which `verify` repeats the run
 *   /provenance (attributes): the only thing that differs between two runs of the same
 *
 * Numbers stand at their place by (policy, replication), not yet run ones as NaN, so the order in which they were
 * finished leaves no trace.
 *
 * Until the last replication is finished, the finished ones are parts in the folder FILE.parts (parts.h).  Meanwhile the
 * path holds an index of them (or the old file, until the first one is there): the numbers of all finished replications,
 * their rows as virtual datasets over the files in FILE.parts, and the attribute `unfinished`, which counts what is
 * missing.  An index is written anew after each part, but takes at most an eighth of the time.  Every file appears by
 * rename when it is whole and on disk, so that whenever the process ends, the path holds a whole file, and what was
 * finished is there to go on from.
 *
 * No thread of its own: all calls of a process are to be made by one thread (HDF5).  Units are SI.
 */
#ifndef SIM_IO_RESULTS_H
#define SIM_IO_RESULTS_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/io/provenance.h"
#include "sim/measure/record.h"
#include "sim/measure/rows.h"
#include "sim/model/scenario.h"

enum { RUN_DIGITS = 17 };

struct results; /* a file that is being written */

struct results_options {
    const struct provenance *provenance; /* for the index; lives as long as the results.  NULL: none */
    uint64_t tie_seed;                   /* 0: none */
    const uint8_t *reference;            /* [n_policy] 1: clairvoyant; lives as long as the results.  NULL: none is */
    bool rows;                           /* there will be rows */
    bool resume;                         /* keep what an earlier process finished of the very same run */
};

/*
 * Start the file at path (NULL: results/NAME.h5 for a scenario of that name, its folder made if it is not there).  The
 * scenario, with its experiment as it is run, must live until commit or leave.  Errors, before anything is simulated:
 * ERR_IO where the folder is missing or may not be written, or another process writes this file; ERR_INPUT where it
 * cannot be resumed because it is of another run.
 */
int results_begin(struct results **r, const char *path, const struct scenario *s, const struct results_options *o,
                  struct err *e);
/*
 * The digest of all that a run is of, in hexadecimal digits: experiment, scenario, traces, options that change results, and
 * the program as provenance_program() names it.  ERR_INPUT: a trace cannot be read.
 */
int results_run(const struct scenario *s, const struct results_options *o, const char *program, char run[RUN_DIGITS],
                struct err *e);
/* Where it will be. */
const char *results_path(const struct results *r);
/* What an earlier process kept of a replication: RECORD_EMPTY if it is to be run.  text: of its record. */
enum record_status results_kept(const struct results *r, uint32_t policy, uint32_t replication, const char **text);
/* What language models answered of that: [*n]. */
const struct text_entry *results_told(const struct results *r, size_t *n);
/*
 * The next rows of a replication, before its record; blocks of one replication come in order, full ones but the last.
 */
int results_rows(struct results *r, uint32_t policy, uint32_t replication, const struct row_block *b, struct err *e);
/* Take the numbers of a record (copied) at its policy and replication, each at most once; any order. */
int results_record(struct results *r, const struct record *rec, struct err *e);
/*
 * Make durable what was taken; calling it after several records is cheaper than after each.  Once all are there it does
 * nothing: the commit is next.
 */
int results_sync(struct results *r, struct err *e);
/* A record has waited for a results_sync so long that it should not wait for idle time any more. */
bool results_overdue(const struct results *r);
/* Seconds until the index wants another results_sync; INFINITY: it does not. */
double results_wait_s(const struct results *r);
/* Write all of it, sync, rename over the target; frees r.  On any error all that was finished can be resumed. */
int results_commit(struct results *r, const struct provenance *p, struct err *e);
/* End before all is there: what was taken stays as parts, under an index.  Frees r.  NULL is fine. */
int results_leave(struct results *r, struct err *e);

/* Remove the file at path, and what is in FILE.parts, if nobody writes there. */
void results_remove(const char *path);

/* A file that was read: plain arrays; [p][r] is index p * n_replication + r. */
struct result {
    struct arena arena;              /* owns all texts and arrays but the records' own */
    const char *path, *name, *about; /* about "" = none */
    const char *text;                /* the resolved scenario */
    uint32_t n_policy, n_replication, n_class, n_pool, n_link, n_group, n_tier, n_q;
    const char *const *policy, *const *class_name, *const *pool, *const *link, *const *group;
    const char *const *tier;  /* [n_tier + 1], the last "links" */
    const double *deadline_s; /* [n_class], INFINITY = none */
    const double *q;          /* [n_q] */
    uint32_t compare_to;      /* row of policy, or ROW_NONE */
    uint64_t seed, jobs;      /* jobs: the window ended after so many; 0 = by duration */
    double warm_up_s, duration_s, drain_s;
    bool warm_up_found;    /* by a first round, see measure/warm_up.h */
    const char *unsteady;  /* label of a policy that had no steady state there, or "" */
    const char *extrapolated; /* processors whose profile is scaled from another device's, or asked for more than was measured:
                                 "a.cpu, b.gpu", or "" */
    const char *given_arrivals, *given_links; /* that replay one recording in every replication: "a, b", or "" */
    const uint8_t *reference; /* [n_policy] 1: its policy is clairvoyant, a reference; NULL in older files */
    const char *objective; /* what the metric of that name adds up, or "" */
    struct record *record;                           /* [n_policy][n_replication]; RECORD_EMPTY where none was run */
    const double *quantile;                          /* [n_policy][n_replication][n_class][n_q] */
    const double *quantile_all;                      /* [n_policy][n_replication][n_q] */
    const double *pooled, *pooled_low, *pooled_high; /* [n_policy][n_class][n_q], 95 % interval */
    const double *pooled_all, *pooled_all_low, *pooled_all_high; /* [n_policy][n_q] */
    uint64_t tie_seed;
    uint32_t n_trace;
    const char *const *trace;     /* [n_trace] files, as the scenario has them */
    const uint64_t *trace_digest; /* [n_trace] */
    uint32_t n_own;
    const char *const *own; /* [n_own] names of what policies report of themselves; the means stand in the records */
    const char *const *answered_by; /* [n_policy] names of the language models that answered, "" = none was asked; or NULL */
    uint64_t n_told;
    const struct text_entry *told; /* [n_told] answers of those outside the program */
    bool has_rows;                                               /* one per job, see result_rows.h */
    uint64_t n_unfinished; /* replications that an index lacks; 0: a whole file */
    struct provenance provenance;
};

/* Read a file, whole or an index.  ERR_IO: cannot be opened; ERR_INPUT: it is something else, or damaged. */
int result_read(struct result *r, const char *path, struct err *e);
void result_free(struct result *r);
/* Which run the file is of: its digest in hexadecimal digits; whole: it is no index.  Errors as above. */
int result_identity(const char *path, char run[RUN_DIGITS], bool *whole, struct err *e);

#endif
