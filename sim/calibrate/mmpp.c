/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/mmpp.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdlib.h>

#include "sim/base/err.h"

/*
 * The simplex sees stretches, evenly over the trace, of at most so many gaps together: few while a start is looked for, more
 * when the best is followed to its end.
 */
enum { GAPS_START = 6000, GAPS_END = 60000, BLOCKS = 6, PARAMETERS = 4, STARTS = 3, ROUNDS = 200 };

struct problem {
    const double *x; /* gaps over their mean */
    size_t n, most;
    bool silent;
};

/* Continues a row of state weights through x[n]; adds to *log_p. */
static void forward(const struct mmpp *m, const double *x, size_t n, double v[2], double *log_p)
{
    double a = m->rate[0] + m->leaves[0], b = m->rate[1] + m->leaves[1], middle = -(a + b) / 2;
    double half = (a - b) / 2, root = sqrt(half * half + m->leaves[0] * m->leaves[1]), product = 1;
    for (size_t i = 0; i < n; i++) {
        /* e^(D x) = even I + odd (D - middle I) */
        double slow = exp((middle + root) * x[i]), fast = exp((middle - root) * x[i]);
        double even = (slow + fast) / 2, odd = root > 0 ? (slow - fast) / (2 * root) : x[i] * slow;
        double w0 = v[0] * (even - odd * half) + v[1] * odd * m->leaves[1];
        double w1 = v[1] * (even + odd * half) + v[0] * odd * m->leaves[0];
        w0 *= m->rate[0];
        w1 *= m->rate[1];
        double sum = w0 + w1;
        if (!(sum > 0)) {
            *log_p = -(double)INFINITY;
            return;
        }
        v[0] = w0 / sum;
        v[1] = w1 / sum;
        product *= sum;
        if (product < 1e-150 || product > 1e150) {
            *log_p += log(product);
            product = 1;
        }
    }
    *log_p += log(product);
}

static void at_arrival(const struct mmpp *m, double v[2])
{
    double v0 = m->leaves[1] * m->rate[0], v1 = m->leaves[0] * m->rate[1];
    v[0] = v0 / (v0 + v1);
    v[1] = v1 / (v0 + v1);
}

double mmpp_log_likelihood(const struct mmpp *m, const double *x, size_t n)
{
    double v[2], log_p = 0;
    at_arrival(m, v);
    forward(m, x, n, v, &log_p);
    return log_p;
}

double mmpp_dispersion(const struct mmpp *m, double t_s)
{
    double change = m->leaves[0] + m->leaves[1], apart = m->rate[0] - m->rate[1];
    double limit = 2 * apart * apart * m->leaves[0] * m->leaves[1] /
                   (change * change * (m->rate[0] * m->leaves[1] + m->rate[1] * m->leaves[0]));
    return 1 + limit * (1 + expm1(-change * t_s) / (change * t_s));
}

static struct mmpp mmpp_at(const gsl_vector *v, bool silent)
{
    double p[PARAMETERS] = {0};
    for (size_t i = 0; i < v->size; i++) {
        p[i] = exp(fmax(-30, fmin(30, gsl_vector_get(v, i))));
    }
    return (struct mmpp){{p[0], silent ? 0 : p[3]}, {p[1], p[2]}};
}

static double cost(const gsl_vector *v, void *ctx)
{
    const struct problem *p = ctx;
    struct mmpp m = mmpp_at(v, p->silent);
    double log_p = 0;
    size_t n_block = p->n > p->most ? BLOCKS : 1, each = p->n > p->most ? p->most / BLOCKS : p->n;
    for (size_t k = 0; k < n_block; k++) {
        double state[2];
        at_arrival(&m, state);
        forward(&m, p->x + k * (p->n / n_block), each, state, &log_p);
    }
    return isfinite(log_p) ? -log_p : GSL_DBL_MAX;
}

/* States told apart by whether a window of so many mean gaps has more arrivals than the mean. */
static void guess(const struct problem *p, double window, gsl_vector *start)
{
    double t = 0, in[2] = {0, 0}, windows[2] = {0, 0}, changes = 1, count = 0, border = window;
    int last = 0;
    for (size_t i = 0; i < p->n; i++) {
        t += p->x[i];
        while (t >= border) {
            int state = count <= window;
            in[state] += count;
            windows[state]++;
            changes += state != last;
            last = state;
            count = 0;
            border += window;
        }
        count++;
    }
    for (int s = 0; s < 2; s++) {
        double rate = (in[s] + 0.1) / ((windows[s] + 1) * window);
        double stays = 2 * (windows[s] + 1) * window / changes;
        gsl_vector_set(start, (size_t)(1 + s), -log(stays));
        if (s == 0 || !p->silent) {
            gsl_vector_set(start, s == 0 ? 0 : 3, log(rate));
        }
    }
}

/* From `best` on, by a simplex of this size and until it is this small; returns the cost. */
static double descend(struct problem *p, gsl_multimin_fminimizer *s, double size, double small, gsl_vector *best,
                      gsl_vector *step)
{
    gsl_multimin_function goal = {.f = cost, .n = best->size, .params = p};
    double least = cost(best, p);
    gsl_vector_set_all(step, size);
    if (gsl_multimin_fminimizer_set(s, &goal, best, step) != GSL_SUCCESS) {
        return least;
    }
    for (int i = 0; i < ROUNDS; i++) {
        if (gsl_multimin_fminimizer_iterate(s) != GSL_SUCCESS ||
            gsl_multimin_test_size(gsl_multimin_fminimizer_size(s), small) == GSL_SUCCESS) {
            break;
        }
    }
    if (gsl_multimin_fminimizer_minimum(s) < least) {
        least = gsl_multimin_fminimizer_minimum(s);
        gsl_vector_memcpy(best, gsl_multimin_fminimizer_x(s));
    }
    return least;
}

int mmpp_fit(const double *x, size_t n, bool silent, struct mmpp *out, struct err *e)
{
    static const double window[STARTS] = {3, 30, 300};
    size_t n_parameter = silent ? PARAMETERS - 1 : PARAMETERS;
    double mean = 0, least = (double)INFINITY;
    gsl_error_handler_t *handler = gsl_set_error_handler_off();
    double *unit = malloc(n * sizeof *unit);
    gsl_vector *at = gsl_vector_calloc(n_parameter), *step = gsl_vector_alloc(n_parameter),
               *best = gsl_vector_calloc(n_parameter);
    gsl_multimin_fminimizer *s = gsl_multimin_fminimizer_alloc(gsl_multimin_fminimizer_nmsimplex2, n_parameter);
    int rc = unit && at && step && best && s ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to fit %zu gaps", n);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        mean += x[i] / (double)n;
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        unit[i] = x[i] / mean;
    }
    struct problem p = {unit, n, GAPS_START, silent};
    for (int k = 0; k < STARTS && rc == 0; k++) {
        guess(&p, window[k], at);
        double found = descend(&p, s, 0.7, 3e-2, at, step);
        if (found < least) {
            least = found;
            gsl_vector_memcpy(best, at);
        }
    }
    if (rc == 0) {
        p.most = GAPS_END;
        least = descend(&p, s, 0.2, 1e-3, best, step);
        *out = mmpp_at(best, silent);
    }
    if (rc == 0 && !(least < GSL_DBL_MAX)) {
        rc = ERR_SET(e, ERR_NUMERIC, "no process of two states was found for %zu gaps", n);
    }
    if (rc == 0) {
        int swap = out->rate[1] > out->rate[0];
        struct mmpp found = *out;
        for (int i = 0; i < 2; i++) {
            out->rate[i] = found.rate[i ^ swap] / mean;
            out->leaves[i] = found.leaves[i ^ swap] / mean;
        }
    }
    if (s) {
        gsl_multimin_fminimizer_free(s);
    }
    gsl_vector_free(at);
    gsl_vector_free(step);
    gsl_vector_free(best);
    free(unit);
    gsl_set_error_handler(handler);
    return rc;
}
