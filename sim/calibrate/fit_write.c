/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/fit_write.h"

#include <math.h>

enum { BITS_PER_BYTE = 8 };

static void write_states(FILE *out, const struct process *p)
{
    for (uint32_t i = 0; i < p->n_state; i++) {
        fprintf(out, "%s%s: {", i ? ", " : "", p->state[i].name);
        if (p->state[i].value > 0) {
            fprintf(out, "rate: %.6g /s, ", p->state[i].value);
        }
        fprintf(out, "stays: %.6g s}", p->state[i].stay_s);
    }
}

void fit_write_arrivals(FILE *out, const struct arrivals *a)
{
    switch (a->kind) {
    case ARRIVAL_MMPP:
        fprintf(out, "{%s: {shared: true, ", a->modulation.state[1].value > 0 ? "mmpp" : "onoff");
        write_states(out, &a->modulation);
        fprintf(out, "}}");
        break;
    case ARRIVAL_RENEWAL:
        fprintf(out, "{renewal: {shared: true, interval: {gamma: {mean: %.6g s, cv: %.6g}}}}", dist_mean(&a->interval),
                dist_cv(&a->interval));
        break;
    default:
        fprintf(out, "{poisson: {rate: %.6g /s}}", a->rate);
    }
}

static void write_value(FILE *out, double value, bool latency)
{
    fprintf(out, "%.6g %s", latency ? value * 1e3 : value / 1e6, latency ? "ms" : "Mbit/s");
}

void fit_write_level(FILE *out, const struct process *p, bool latency)
{
    fputc('{', out);
    if (p->kind == PROCESS_LOG_AR1) {
        fprintf(out, "log_ar1: {mean: ");
        write_value(out, p->mean, latency);
        fprintf(out, ", sd_log: %.6g, correlation: %.6g, step: %.6g s}", p->sd_log, p->correlation, p->step_s);
    } else {
        fprintf(out, "markov: {");
        for (uint32_t i = 0; i < p->n_state; i++) {
            fprintf(out, "%s%s: {value: ", i ? ", " : "", p->state[i].name);
            write_value(out, p->state[i].value, latency);
            fprintf(out, ", stays: %.6g s}", p->state[i].stay_s);
        }
        fputc('}', out);
    }
    if (p->outage_every_s > 0) {
        fprintf(out, ", outage: {every: %.6g s, lasts: %.6g s, capacity: ", p->outage_every_s, p->outage_lasts_s);
        write_value(out, p->outage_value, latency);
        fputc('}', out);
    }
    fputc('}', out);
}

static void write_amount(FILE *out, double si, bool work)
{
    fprintf(out, "%.6g %s", work ? si : si / BITS_PER_BYTE, work ? "FLOP" : "B");
}

static void write_lognormal(FILE *out, const struct dist *d, double per, bool work)
{
    fprintf(out, "{lognormal: {median: ");
    write_amount(out, exp(d->u.lognormal.mu) * per, work);
    fprintf(out, ", sigma: %.6g}}", d->u.lognormal.sigma);
}

void fit_write_size(FILE *out, const struct dist *d, double per, bool work)
{
    if (d->kind == DIST_LOGNORMAL) {
        write_lognormal(out, d, per, work);
    } else if (d->kind == DIST_MIXTURE) {
        fprintf(out, "{mixture: [");
        for (uint32_t i = 0; i < d->n; i++) {
            fprintf(out, "%s{weight: %.6g, of: ", i ? ", " : "", d->u.mixture.share[i]);
            write_lognormal(out, &d->u.mixture.component[i], per, work);
            fputc('}', out);
        }
        fprintf(out, "]}");
    } else {
        fprintf(out, "{quantiles: [");
        for (uint32_t i = 0; i < d->n; i++) {
            fprintf(out, "%s[%.6g, ", i ? ", " : "", d->u.quantiles.p[i]);
            write_amount(out, d->u.quantiles.x[i] * per, work);
            fputc(']', out);
        }
        fprintf(out, "]}");
    }
}
