/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/cost_fit.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <math.h>
#include <string.h>

#include "sim/base/err.h"

enum { LEAST = 4 };
static const double told_from_0 = 2; /* t value */

struct work {
    const struct cost_sample *x;
    size_t n, fitted;
    double scale[N_COST_TERM]; /* largest of each term, so that the columns are alike */
    bool in[N_COST_TERM];
    double term[N_COST_TERM], variance[N_COST_TERM][N_COST_TERM], chi2;
};

static double column(const struct cost_sample *x, int term)
{
    return term == COST_ONCE ? 1 : term == COST_FLOP ? x->flop : x->bytes;
}

/* Least squares over the terms that are in. */
static int solve(struct work *w, struct err *e)
{
    int which[N_COST_TERM];
    size_t p = 0, row = 0;
    for (int t = 0; t < N_COST_TERM; t++) {
        if (w->in[t]) {
            which[p++] = t;
        }
    }
    gsl_matrix *a = gsl_matrix_alloc(w->fitted, p), *cov = gsl_matrix_alloc(p, p);
    gsl_vector *y = gsl_vector_alloc(w->fitted), *c = gsl_vector_alloc(p);
    gsl_multifit_linear_workspace *space = gsl_multifit_linear_alloc(w->fitted, p);
    int rc = a && cov && y && c && space ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to fit %zu times", w->fitted);
    for (size_t i = 0; i < w->n && !rc; i++) {
        const struct cost_sample *x = &w->x[i];
        if (!x->held) { /* each row divided by its time: then all weights are 1 */
            for (size_t k = 0; k < p; k++) {
                gsl_matrix_set(a, row, k, column(x, which[k]) / w->scale[which[k]] / x->s);
            }
            gsl_vector_set(y, row++, 1);
        }
    }
    if (!rc && gsl_multifit_linear(a, y, c, cov, &w->chi2, space) != GSL_SUCCESS) {
        rc = ERR_SET(e, ERR_NUMERIC, "found %zu times that no law can be fitted to", w->fitted);
    }
    memset(w->term, 0, sizeof w->term);
    memset(w->variance, 0, sizeof w->variance);
    for (size_t k = 0; k < p && !rc; k++) {
        w->term[which[k]] = gsl_vector_get(c, k) / w->scale[which[k]];
        for (size_t l = 0; l < p; l++) {
            w->variance[which[k]][which[l]] = gsl_matrix_get(cov, k, l) / w->scale[which[k]] / w->scale[which[l]];
        }
    }
    gsl_multifit_linear_free(space);
    gsl_vector_free(c);
    gsl_vector_free(y);
    gsl_matrix_free(cov);
    gsl_matrix_free(a);
    return rc;
}

/* The term to leave out: the one of least t value among those below the bound; -1: all stand. */
static int worst_term(const struct work *w)
{
    int worst = -1, n_in = 0;
    double least = told_from_0;
    for (int t = 0; t < N_COST_TERM; t++) {
        if (w->in[t]) {
            n_in++;
            const double sd = sqrt(w->variance[t][t]);
            const double value = sd > 0 ? w->term[t] / sd : w->term[t] > 0 ? INFINITY : -INFINITY;
            if (value < least) {
                least = value;
                worst = t;
            }
        }
    }
    return n_in > 1 ? worst : -1;
}

static void take_range(struct work *w, struct cost_law *out)
{
    for (size_t i = 0; i < w->n; i++) {
        const struct cost_sample *x = &w->x[i];
        if (!x->held) {
            w->fitted++;
            out->flop_max = fmax(out->flop_max, x->flop);
            out->bytes_max = fmax(out->bytes_max, x->bytes);
        }
    }
    for (int t = 0; t < N_COST_TERM; t++) {
        w->scale[t] = t == COST_ONCE ? 1 : t == COST_FLOP ? out->flop_max : out->bytes_max;
        w->in[t] = w->scale[t] > 0;
    }
}

static double error_of_held(const struct work *w, const struct cost_law *l)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct cost_sample *x = &w->x[i];
        if (x->held) {
            sum += fabs(cost_law_s(l, x->flop, x->bytes) / x->s - 1);
            n++;
        }
    }
    return n ? sum / (double)n : NAN;
}

int cost_fit(const struct cost_sample *x, size_t n, struct cost_law *out, struct err *e)
{
    struct work w = {.x = x, .n = n};
    int worst, rc;
    *out = (struct cost_law){0};
    take_range(&w, out);
    if (w.fitted < LEAST) {
        return ERR_SET(e, ERR_NUMERIC, "found %zu measured times, wanted at least %d", w.fitted, LEAST);
    }
    while ((rc = solve(&w, e)) == 0 && (worst = worst_term(&w)) >= 0) {
        w.in[worst] = false;
    }
    if (rc) {
        return rc;
    }
    size_t terms = 0;
    for (int t = 0; t < N_COST_TERM; t++) {
        terms += w.in[t];
    }
    out->known = true;
    out->n = (uint32_t)w.fitted;
    memcpy(out->term_s, w.term, sizeof out->term_s);
    memcpy(out->variance, w.variance, sizeof out->variance);
    out->spread = sqrt(w.chi2 / (double)(w.fitted - terms));
    out->held_error = error_of_held(&w, out);
    return 0;
}

static double clamped(double share)
{
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

double cost_fit_serial(const double *threads, const double *ratio, size_t n)
{
    /* ratio - 1/k = s (1 - 1/k) */
    double xy = 0, xx = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = 1 - 1 / threads[i];
        xy += x * (ratio[i] - 1 / threads[i]);
        xx += x * x;
    }
    return xx > 0 ? clamped(xy / xx) : NAN;
}

double cost_fit_batch(const double *batch, const double *ratio, size_t n)
{
    /* ratio / b - 1 = c (1 / b - 1): both sides relative to what b single ones would take */
    double xy = 0, xx = 0;
    for (size_t i = 0; i < n; i++) {
        const double x = 1 / batch[i] - 1;
        xy += x * (ratio[i] / batch[i] - 1);
        xx += x * x;
    }
    return xx > 0 ? clamped(xy / xx) : NAN;
}
