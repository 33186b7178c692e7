/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * analysis.h - what many records say: the replications of one policy, alone or beside those of another.
 *
 * A mean is one value per replication, then Student's interval; a difference is of replications with the same number,
 * whose draws are common; a quantile is of the sketches of all replications merged, its interval by the delete-one
 * jackknife over replications (SEMANTICS 10).  Records that are broken, failed or not run are left out.
 *
 * Nothing is called that the figures do not carry (SEMANTICS 7.6 to 7.9): where a replication is unstable or saturated no
 * interval is given, and a quantile is a lower bound; where two policies finish different shares of their jobs, no means
 * over finished jobs are compared; a miss ratio is lower only if it is so however the open jobs end.
 */
#ifndef SIM_MEASURE_ANALYSIS_H
#define SIM_MEASURE_ANALYSIS_H

#include "sim/base/err.h"
#include "sim/base/stats.h"
#include "sim/measure/record.h"

#define ALL_CLASSES UINT32_MAX

/* The replications of one policy: record[0..n), of one scenario, in rising order of their number. */
struct replications {
    const struct record *record;
    size_t n;
    bool unsteady; /* no steady state was seen when the warm-up was looked for (SEMANTICS 7.9) */
    bool given;    /* arrivals are those of one recording in all of them (SEMANTICS 1) */
    bool reference; /* its policy knows what none may know: not a rival */
};

/* How its replications ended. */
struct standing {
    uint32_t n, n_unstable, n_saturated, n_broken, n_failed, n_empty;
    bool unsteady; /* as given */
};

struct standing analysis_standing(struct replications p);
/* No interval may be given. */
bool standing_is_unsteady(struct standing s);
/* "unstable in 3 of 10 replications, 1 broken", or "" if there is nothing to say, into buf[n]; returns buf. */
const char *standing_text(struct standing s, char *buf, size_t n);

/* Metric of a record; NAN if class has none. */
double analysis_value(const struct record *r, uint32_t class, enum metric m);

/* Mean over replications (those where the metric is NAN left out).  half_width is NAN where the policy is unsteady. */
struct stats_interval analysis_mean(struct replications p, uint32_t class, enum metric m, double level);

enum call {
    CALL_NONE,       /* the interval holds 0 */
    CALL_LOWER,      /* a is lower than b */
    CALL_HIGHER,
    CALL_FEW,        /* fewer than two common replications, or no value */
    CALL_UNSTEADY,   /* one of the two is unstable or saturated */
    CALL_UNEQUAL,    /* a mean over finished jobs, and they finish different shares */
    CALL_GIVEN,      /* the interval excludes 0, but the arrivals were those of one recording */
};

/* Metric of a less that of b, over common replications. */
struct difference {
    struct stats_interval of;
    enum call call;
};

struct difference analysis_difference(struct replications a, struct replications b, uint32_t class, enum metric m,
                                      double level);
/* How far a metric is above a bound on it, which is another metric of the same records.  half_width: as of analysis_mean. */
struct stats_interval analysis_above(struct replications p, uint32_t class, enum metric m, enum metric bound, double level);
/* Why there is no winner, as a phrase: "" for CALL_LOWER and CALL_HIGHER. */
const char *call_text(enum call c);
/* The metric is a mean over finished jobs alone. */
bool metric_is_of_finished(enum metric m);

/* Add the sketches of a record's segments, of one class or all, into s.  -ERR_MEMORY if there is none. */
int analysis_pool(const struct record *r, uint32_t class, struct sketch *s);

/*
 * Quantiles q[0..n_q) of the union of n sketches, one of each replication, into value[n_q]; the interval is never narrower
 * than a bucket of the sketch.  An estimate may be INFINITY: more jobs than that have no result; its half width is NAN, as
 * is that of a quantile that would be infinite without some replication.  -ERR_MEMORY if there is none.
 */
int analysis_quantiles(const struct sketch *own, size_t n, const double *q, size_t n_q, double level,
                       struct stats_interval *value);

/* Quantile record_quantile[q] rests on enough: 10 separate excursions above it in each replication (SEMANTICS 7.10). */
bool analysis_is_enough(struct replications p, uint32_t class, uint32_t q);

#endif
