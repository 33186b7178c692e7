/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit.h - generators estimated from a trace: what a scenario can write in place of the file, and how well it does.
 *
 * Each kind of model is fitted by maximum likelihood, or what comes near it, and drawn from: a sample of the model, by the
 * same code that a run uses, is described by the same statistics as the trace.  Of several models the one of least BIC
 * (-2 log likelihood + parameters log n) is the best.  Likelihoods compare within one kind of data only.
 *
 * Results are reports and scenario text, never part of a run: libm and GSL are fine here.
 */
#ifndef SIM_CALIBRATE_FIT_H
#define SIM_CALIBRATE_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/dist.h"
#include "sim/base/series.h"
#include "sim/model/arrival.h"
#include "sim/model/process.h"

struct err;

struct fit_quality {
    double log_likelihood, bic; /* NAN where the model has no density */
    uint32_t n_parameter;
    double distance; /* of Kolmogorov: of gaps, of values over time, of sizes */
};

/* --- arrivals --- */

enum fit_arrivals { FIT_POISSON, FIT_RENEWAL, FIT_ONOFF, FIT_MMPP, N_FIT_ARRIVALS };
extern const char *const fit_arrivals_name[N_FIT_ARRIVALS + 1]; /* as in a scenario; ends with NULL */

enum { FIT_WINDOWS = 3, FIT_LAGS = 3 };

/* What is compared: of the trace, or of a sample of a model. */
struct arrivals_described {
    double rate, cv, correlation;    /* per second; of the gaps, the latter from one to the next */
    double dispersion[FIT_WINDOWS];  /* in windows of 10, 100 and 1000 mean gaps of the trace; NAN if it is too short */
};

struct arrivals_fit {
    struct arrivals model; /* of a group, with one process for it; its parts are in the arena */
    struct fit_quality quality;
    struct arrivals_described sample;
};

/*
 * How far a model is from the trace in what queues feel: the mean of |log(model / trace)| over the coefficient of variation
 * and the dispersions that both have.
 */
double fit_misses(const struct arrivals_described *model, const struct arrivals_described *trace);

/* time_s[n]: rising from 0, at least 20 of them, not all at once. */
void fit_describe_arrivals(const double *time_s, size_t n, double mean_gap_s, struct arrivals_described *out);
int fit_arrivals(enum fit_arrivals model, const double *time_s, size_t n, struct arena *a, struct arrivals_fit *out,
                 struct err *e);

/* --- levels: capacities and latencies --- */

enum fit_level { FIT_LOG_AR1, FIT_MARKOV2, FIT_MARKOV3, FIT_MARKOV4, N_FIT_LEVEL };
extern const char *const fit_level_name[N_FIT_LEVEL + 1];

struct level_described {
    double mean, cv;
    double sd_log, down;            /* of the logarithm outside outages; share of time in them */
    double correlation[FIT_LAGS];   /* of the level, 1, 5 and 30 steps apart */
};

struct level_fit {
    struct process model; /* with the outage that was found, if any */
    struct fit_quality quality;
    struct level_described sample;
};

/* A level in equal steps, made of a column of a series. */
struct level_steps {
    double *x; /* [n], means over the steps */
    size_t n;
    double step_s;
    bool outages; /* values below a tenth of the mean are outages */
};

/* step_s NAN: the median time between rows.  At least 20 steps; values finite and >= 0, not all 0. */
int fit_level_steps(const struct series *s, uint32_t column, double step_s, bool outages, struct arena *a,
                    struct level_steps *out, struct err *e);
void fit_describe_level(const struct level_steps *l, struct level_described *out);
int fit_level(enum fit_level model, const struct level_steps *l, struct arena *a, struct level_fit *out, struct err *e);

/* --- sizes --- */

enum fit_size { FIT_LOGNORMAL, FIT_MIXTURE2, FIT_MIXTURE3, FIT_QUANTILES, N_FIT_SIZE };
extern const char *const fit_size_name[N_FIT_SIZE + 1];

struct size_fit {
    struct dist model;
    struct fit_quality quality; /* QUANTILES: no likelihood */
};

/* x[n] >= 0, n >= 20; lognormals want all above 0. */
int fit_size(enum fit_size model, const double *x, size_t n, struct arena *a, struct size_fit *out, struct err *e);

#endif
