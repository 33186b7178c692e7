/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fit_arrivals.c - Poisson, gamma renewal, ON/OFF and MMPP(2) from instants of arrival. */
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/series_stats.h"
#include "sim/calibrate/describe.h"
#include "sim/calibrate/fit.h"
#include "sim/calibrate/mmpp.h"

const char *const fit_arrivals_name[N_FIT_ARRIVALS + 1] = {"poisson", "renewal", "onoff", "mmpp", NULL};

enum { LEAST = 20, WINDOWS_LEAST = 10, SAMPLE = 50000, SAMPLE_MOST = 1000000 };

static void gaps_of(const double *time_s, size_t n, double *gap)
{
    for (size_t i = 0; i + 1 < n; i++) {
        gap[i] = time_s[i + 1] - time_s[i];
    }
}

void fit_describe_arrivals(const double *time_s, size_t n, double mean_gap_s, struct arrivals_described *out)
{
    const struct series points = {.n_row = n, .time_s = time_s, .points = true};
    double *gap = calloc(n, sizeof *gap), window_s = mean_gap_s, empty;
    *out = (struct arrivals_described){.rate = (double)(n - 1) / (time_s[n - 1] - time_s[0]), .cv = series_gap_cv(&points)};
    if (gap) {
        gaps_of(time_s, n, gap);
    }
    out->correlation = gap ? describe_correlation(gap, n - 1, 1) : (double)NAN;
    for (int w = 0; w < FIT_WINDOWS; w++) {
        window_s *= 10;
        bool enough = time_s[n - 1] >= WINDOWS_LEAST * window_s;
        out->dispersion[w] = enough ? series_dispersion(&points, window_s, &empty) : (double)NAN;
    }
    free(gap);
}

/*
 * Shape k and scale of a gamma by maximum likelihood: log k - psi(k) = log(mean) - mean(log), by Newton's rule in log k
 * from Minka's starting value.  Gaps of 0 are of stamps that are too coarse: they count as half the least other gap.
 */
static void fit_gamma(const double *gap, size_t n, double *shape, double *log_likelihood)
{
    double mean = describe_mean(gap, n), least = (double)INFINITY, mean_log = 0;
    for (size_t i = 0; i < n; i++) {
        least = gap[i] > 0 && gap[i] < least ? gap[i] : least;
    }
    for (size_t i = 0; i < n; i++) {
        mean_log += log(gap[i] > 0 ? gap[i] : least / 2) / (double)n;
    }
    double s = fmax(log(mean) - mean_log, 1e-9);
    double k = (3 - s + sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
    for (int i = 0; i < 100; i++) {
        double off = log(k) - gsl_sf_psi(k) - s, slope = 1 - k * gsl_sf_psi_1(k); /* d off / d log k */
        double next = k * exp(fmax(-1, fmin(1, -off / slope)));
        bool done = fabs(next - k) < 1e-12 * k;
        k = next;
        if (done) {
            break;
        }
    }
    *shape = fmax(1e-6, fmin(1e6, k)); /* the range of a cv in a scenario, 0.001 to 1000 */
    *log_likelihood = (double)n * ((*shape - 1) * mean_log - *shape + *shape * log(*shape / mean) - gsl_sf_lngamma(*shape));
}

double fit_misses(const struct arrivals_described *model, const struct arrivals_described *trace)
{
    double sum = fabs(log(model->cv / trace->cv)), n = 1;
    for (int w = 0; w < FIT_WINDOWS; w++) {
        if (trace->dispersion[w] > 0 && model->dispersion[w] > 0) {
            sum += fabs(log(model->dispersion[w] / trace->dispersion[w]));
            n++;
        }
    }
    return sum / n;
}

static int make_modulation(const struct mmpp *m, bool silent, struct arena *a, struct arrivals *out)
{
    struct process_state *state = ARENA_NEW(a, 2, struct process_state);
    if (!state) {
        return -ERR_MEMORY;
    }
    for (int i = 0; i < 2; i++) {
        state[i] = (struct process_state){.name = silent ? (i ? "silent" : "burst") : (i ? "slow" : "fast"),
                                          .value = m->rate[i],
                                          .stay_s = fmax(1e-6, fmin(0x1p25, 1 / m->leaves[i]))};
    }
    out->modulation = (struct process){.kind = PROCESS_MARKOV, .n_state = 2, .state = state};
    return 0;
}

static int estimate(enum fit_arrivals model, const double *gap, size_t n, struct arena *a, struct arrivals_fit *out,
                    struct err *e)
{
    double mean = describe_mean(gap, n), shape;
    struct mmpp m;
    int rc = 0;
    out->model = (struct arrivals){.shared = true};
    switch (model) {
    case FIT_POISSON:
        out->model.kind = ARRIVAL_POISSON;
        out->model.rate = 1 / mean;
        out->quality.n_parameter = 1;
        out->quality.log_likelihood = -(double)n * (log(mean) + 1);
        break;
    case FIT_RENEWAL:
        out->model.kind = ARRIVAL_RENEWAL;
        out->quality.n_parameter = 2;
        fit_gamma(gap, n, &shape, &out->quality.log_likelihood);
        rc = dist_gamma(&out->model.interval, mean, 1 / sqrt(shape), e);
        break;
    default:
        out->model.kind = ARRIVAL_MMPP;
        out->quality.n_parameter = model == FIT_ONOFF ? 3 : 4;
        rc = mmpp_fit(gap, n, model == FIT_ONOFF, &m, e);
        if (rc == 0 && make_modulation(&m, model == FIT_ONOFF, a, &out->model) < 0) {
            rc = ERR_SET(e, ERR_MEMORY, "out of memory for a fit");
        }
        out->quality.log_likelihood = rc ? (double)NAN : mmpp_log_likelihood(&m, gap, n);
        break;
    }
    out->quality.bic = out->quality.n_parameter * log((double)n) - 2 * out->quality.log_likelihood;
    return rc;
}

/* *n arrivals of the model, as a group of one would have them; fewer if no run is so long. */
static double *draw_sample(const struct arrivals *model, size_t *n)
{
    double *time_s = malloc(*n * sizeof *time_s);
    struct source *s = malloc(source_size(model, 1));
    size_t n_drawn = 0;
    if (time_s && s) {
        source_start(s, model, 1, 0, (struct stream_key){1, 0}, stream_entity("fit"));
        struct arrival next;
        for (source_next(s, &next); n_drawn < *n && next.release_s < PROCESS_HORIZON_S; source_next(s, &next)) {
            time_s[n_drawn++] = next.release_s;
        }
        for (size_t i = n_drawn; i-- > 0;) {
            time_s[i] -= time_s[0];
        }
        *n = n_drawn;
    } else {
        free(time_s);
        time_s = NULL;
    }
    free(s);
    return time_s;
}

int fit_arrivals(enum fit_arrivals model, const double *time_s, size_t n, struct arena *a, struct arrivals_fit *out,
                 struct err *e)
{
    *out = (struct arrivals_fit){0};
    if (n < LEAST || !(time_s[n - 1] > time_s[0])) {
        return ERR_SET(e, ERR_INPUT, "found %zu arrivals in %g s, wanted %d or more, not all at once", n,
                       n > 0 ? time_s[n - 1] - time_s[0] : 0, LEAST);
    }
    size_t n_sample = n > SAMPLE ? n < SAMPLE_MOST ? n : SAMPLE_MOST : SAMPLE;
    double *gap = malloc(n * sizeof *gap), *drawn = NULL, *drawn_gap = malloc(n_sample * sizeof *drawn_gap);
    int rc = gap && drawn_gap ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to fit %zu arrivals", n);
    if (rc == 0) {
        gaps_of(time_s, n, gap);
        rc = estimate(model, gap, n - 1, a, out, e);
    }
    if (rc == 0 && !(drawn = draw_sample(&out->model, &n_sample))) {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory for a sample of %zu arrivals", n_sample);
    } else if (rc == 0 && n_sample < LEAST) {
        rc = ERR_SET(e, ERR_INPUT, "found %zu arrivals in %g s, which no run of %g s has: wanted a faster trace", n,
                     time_s[n - 1] - time_s[0], PROCESS_HORIZON_S);
    }
    if (rc == 0) {
        fit_describe_arrivals(drawn, n_sample, (time_s[n - 1] - time_s[0]) / (double)(n - 1), &out->sample);
        gaps_of(drawn, n_sample, drawn_gap);
        qsort(gap, n - 1, sizeof *gap, describe_compare);
        qsort(drawn_gap, n_sample - 1, sizeof *drawn_gap, describe_compare);
        out->quality.distance = describe_distance(gap, n - 1, drawn_gap, n_sample - 1);
    }
    free(gap);
    free(drawn);
    free(drawn_gap);
    return rc;
}
