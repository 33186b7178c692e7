/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fit_level.c - a log-AR(1) process or Markov states, with outages over them, from a level in equal steps.
 *
 * The outage is fitted first: steps below a tenth of the mean are down; mean stays up and down are runs of steps.  What is
 * left is up, and the base process is fitted to the logarithm of that, x, as a chain that goes on over neighbouring steps:
 *     log_ar1   x_k normal around m + phi (x_k-1 - m); m, variance and phi are those of the sample
 *     markov    states by k-means; x_k normal around its state's mean, states stay with probability 1 - step / stays
 * Both densities are of x, so their likelihoods compare.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/series_stats.h"
#include "sim/calibrate/describe.h"
#include "sim/calibrate/fit.h"

const char *const fit_level_name[N_FIT_LEVEL + 1] = {"log_ar1", "markov2", "markov3", "markov4", NULL};

enum { LEAST = 20, STATES = 4, SAMPLE = 50000, STEPS_MOST = 1 << 24, ROUNDS = 200 };
static const double DOWN = 0.1, log_2pi = 1.8378770664093453;

static double median_step(const struct series *s)
{
    double *step = malloc(s->n_row * sizeof *step), median = (double)NAN;
    if (step && s->n_row > 1) {
        for (size_t i = 0; i + 1 < s->n_row; i++) {
            step[i] = s->time_s[i + 1] - s->time_s[i];
        }
        qsort(step, s->n_row - 1, sizeof *step, describe_compare);
        median = step[(s->n_row - 1) / 2];
    }
    free(step);
    return median;
}

int fit_level_steps(const struct series *s, uint32_t column, double step_s, bool outages, struct arena *a,
                    struct level_steps *out, struct err *e)
{
    step_s = isnan(step_s) ? median_step(s) : step_s;
    double steps = floor(s->span_s / step_s);
    if (!(steps >= LEAST && steps <= STEPS_MOST && s->span_s < PROCESS_HORIZON_S)) {
        return ERR_SET(e, ERR_INPUT, "found %.0f steps of %g s in %g s, wanted %d to %d: choose another step", steps, step_s,
                       s->span_s, LEAST, STEPS_MOST);
    }
    *out = (struct level_steps){.x = ARENA_NEW(a, (size_t)steps, double), .n = (size_t)steps, .step_s = step_s,
                                .outages = outages};
    if (!out->x) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %zu steps", out->n);
    }
    double total = 0;
    for (size_t k = 0, row = 0; k < out->n; k++) {
        out->x[k] = series_slice_mean(s, column, (double)k * step_s, step_s, &row);
        total += out->x[k];
    }
    return total > 0 ? 0 : ERR_SET(e, ERR_INPUT, "found a level that is always 0, wanted one that varies");
}

static double floor_of(const struct level_steps *l)
{
    return l->outages ? DOWN * describe_mean(l->x, l->n) : 0;
}

static bool is_up(double x, double floor)
{
    return x > 0 && x >= floor;
}

void fit_describe_level(const struct level_steps *l, struct level_described *out)
{
    static const size_t lag[FIT_LAGS] = {1, 5, 30};
    double floor = floor_of(l), *up = malloc(l->n * sizeof *up);
    size_t n_up = 0;
    for (size_t k = 0; up && k < l->n; k++) {
        if (is_up(l->x[k], floor)) {
            up[n_up++] = log(l->x[k]);
        }
    }
    *out = (struct level_described){.mean = describe_mean(l->x, l->n),
                                    .sd_log = n_up > 0 ? describe_sd(up, n_up) : (double)NAN,
                                    .down = 1 - (double)n_up / (double)l->n};
    out->cv = describe_sd(l->x, l->n) / out->mean;
    for (int i = 0; i < FIT_LAGS; i++) {
        out->correlation[i] = describe_correlation(l->x, l->n, lag[i]);
    }
    free(up);
}

/* Mean stays from runs of steps, and what is left of the level meanwhile. */
static void fit_outage(const struct level_steps *l, struct process *p)
{
    double floor = floor_of(l), down = 0, sum = 0, starts = 0;
    for (size_t k = 0; k < l->n; k++) {
        bool up = is_up(l->x[k], floor);
        down += !up;
        sum += up ? 0 : l->x[k];
        starts += !up && (k == 0 || is_up(l->x[k - 1], floor));
    }
    if (l->outages && starts > 0) {
        p->outage_every_s = ((double)l->n - down) * l->step_s / starts;
        p->outage_lasts_s = down * l->step_s / starts;
        p->outage_value = sum / down;
    }
}

/* The logarithm of the steps that are up; first[k]: the one before it is not among them. */
struct chain {
    double *x;
    uint8_t *first, *state;
    size_t n;
};

static int make_chain(const struct level_steps *l, struct chain *c)
{
    double floor = floor_of(l);
    *c = (struct chain){malloc(l->n * sizeof *c->x), malloc(l->n), calloc(l->n, 1), 0};
    if (!c->x || !c->first || !c->state) {
        return -ERR_MEMORY;
    }
    for (size_t k = 0; k < l->n; k++) {
        if (is_up(l->x[k], floor)) {
            c->first[c->n] = k == 0 || !is_up(l->x[k - 1], floor);
            c->x[c->n++] = log(l->x[k]);
        }
    }
    return 0;
}

static void clear_chain(struct chain *c)
{
    free(c->x);
    free(c->first);
    free(c->state);
}

static double mean_up(const struct chain *c)
{
    double sum = 0;
    for (size_t k = 0; k < c->n; k++) {
        sum += exp(c->x[k]);
    }
    return sum / (double)c->n;
}

static double log_density(double off, double variance)
{
    return -0.5 * (off * off / variance + log_2pi + log(variance));
}

static void fit_log_ar1(const struct chain *c, double step_s, struct level_fit *out)
{
    double mean = describe_mean(c->x, c->n), sd = fmax(describe_sd(c->x, c->n), 1e-6), product = 0, square = 0;
    for (size_t k = 1; k < c->n; k++) {
        if (!c->first[k]) {
            product += (c->x[k] - mean) * (c->x[k - 1] - mean);
            square += ((c->x[k] - mean) * (c->x[k] - mean) + (c->x[k - 1] - mean) * (c->x[k - 1] - mean)) / 2;
        }
    }
    double phi = square > 0 ? fmin(fmax(product / square, 0), PROCESS_CORRELATION_MAX) : 0, variance = sd * sd;
    out->model.kind = PROCESS_LOG_AR1;
    out->model.mean = mean_up(c);
    out->model.sd_log = sd;
    out->model.correlation = phi;
    out->model.step_s = step_s;
    out->quality.n_parameter = 3;
    for (size_t k = 0; k < c->n; k++) {
        double before = k > 0 ? c->x[k - 1] - mean : 0;
        out->quality.log_likelihood += c->first[k] ? log_density(c->x[k] - mean, variance)
                                                   : log_density(c->x[k] - mean - phi * before, variance * (1 - phi * phi));
    }
}

/* Lloyd's k-means of values on a line, from their quantiles; centre[] rises. */
static void find_states(struct chain *c, size_t n_state, double centre[STATES])
{
    double *sorted = malloc(c->n * sizeof *sorted);
    for (size_t s = 0; s < n_state; s++) {
        centre[s] = 0;
    }
    if (!sorted) {
        return;
    }
    memcpy(sorted, c->x, c->n * sizeof *sorted);
    qsort(sorted, c->n, sizeof *sorted, describe_compare);
    for (size_t s = 0; s < n_state; s++) {
        centre[s] = sorted[(2 * s + 1) * c->n / (2 * n_state)];
    }
    free(sorted);
    for (int round = 0; round < ROUNDS; round++) {
        double sum[STATES] = {0}, count[STATES] = {0};
        bool changed = false;
        for (size_t k = 0; k < c->n; k++) {
            size_t best = 0;
            for (size_t s = 1; s < n_state; s++) {
                best = fabs(c->x[k] - centre[s]) < fabs(c->x[k] - centre[best]) ? s : best;
            }
            changed = changed || c->state[k] != best;
            c->state[k] = (uint8_t)best;
            sum[best] += c->x[k];
            count[best]++;
        }
        for (size_t s = 0; s < n_state; s++) {
            centre[s] = count[s] > 0 ? sum[s] / count[s] : centre[s];
        }
        if (!changed && round > 0) {
            return;
        }
    }
}

struct state_sums {
    double n, sum, variance, leaves; /* steps, of the level, of x about the centre, changes into others */
    double stay;                     /* probability of one more step */
};

static int fit_markov(struct chain *c, size_t n_state, double step_s, struct arena *a, struct level_fit *out)
{
    static const char *const name[STATES] = {"s1", "s2", "s3", "s4"};
    double centre[STATES];
    struct state_sums of[STATES] = {{0}};
    struct process_state *state = ARENA_NEW(a, n_state, struct process_state);
    if (!state) {
        return -ERR_MEMORY;
    }
    find_states(c, n_state, centre);
    for (size_t k = 0; k < c->n; k++) {
        struct state_sums *s = &of[c->state[k]];
        s->n++;
        s->sum += exp(c->x[k]);
        s->variance += (c->x[k] - centre[c->state[k]]) * (c->x[k] - centre[c->state[k]]);
        if (k > 0 && !c->first[k]) {
            of[c->state[k - 1]].leaves += c->state[k] != c->state[k - 1];
        }
    }
    double changes = 0;
    for (size_t i = 0; i < n_state; i++) {
        changes += of[i].leaves;
    }
    for (size_t i = 0; i < n_state; i++) {
        /* As the next state is uniform over the others, all are visited equally often: this keeps the shares of time. */
        double stays_s = fmax(of[i].n, 1) * step_s * (double)n_state / fmax(changes, 1);
        state[i] = (struct process_state){name[i], of[i].n > 0 ? of[i].sum / of[i].n : exp(centre[i]),
                                          fmax(1e-6, fmin(stays_s, 0x1p25))};
        of[i].stay = fmin(fmax(1 - step_s / stays_s, 1e-12), 1 - 1e-12);
        of[i].variance = fmax(of[i].n > 0 ? of[i].variance / of[i].n : 0, 1e-8);
    }
    out->model.kind = PROCESS_MARKOV;
    out->model.n_state = (uint32_t)n_state;
    out->model.state = state;
    out->quality.n_parameter = (uint32_t)(3 * n_state);
    for (size_t k = 0; k < c->n; k++) {
        uint8_t now = c->state[k], before = k > 0 ? c->state[k - 1] : now;
        out->quality.log_likelihood += log_density(c->x[k] - centre[now], of[now].variance);
        if (c->first[k]) {
            out->quality.log_likelihood += log(of[now].n / (double)c->n);
        } else {
            out->quality.log_likelihood +=
                log(now == before ? of[before].stay : (1 - of[before].stay) / (double)(n_state - 1));
        }
    }
    return 0;
}

/* The model in the same steps, as far as the trace goes or farther. */
static int draw_sample(const struct process *p, const struct level_steps *like, struct level_steps *out)
{
    double most = floor(PROCESS_HORIZON_S / like->step_s) - 1, wanted = like->n > SAMPLE ? (double)like->n : SAMPLE;
    size_t n = (size_t)fmin(most, wanted);
    struct process_at at;
    *out = (struct level_steps){.x = malloc(n * sizeof *out->x), .n = n, .step_s = like->step_s, .outages = like->outages};
    if (!out->x) {
        return -ERR_MEMORY;
    }
    process_start(p, &at, (struct stream_key){1, 0}, stream_entity("fit"), 0);
    for (size_t k = 0; k < n; k++) {
        double from_s = (double)k * like->step_s, to_s = (double)(k + 1) * like->step_s;
        out->x[k] = process_integral(p, &at, from_s, to_s) / like->step_s;
    }
    return 0;
}

int fit_level(enum fit_level model, const struct level_steps *l, struct arena *a, struct level_fit *out, struct err *e)
{
    struct chain c;
    struct level_steps sample = {0};
    double *x = malloc(l->n * sizeof *x);
    *out = (struct level_fit){0};
    int rc = make_chain(l, &c);
    rc = rc == 0 && !x ? -ERR_MEMORY : rc;
    if (rc == 0 && c.n < LEAST) {
        rc = ERR_SET(e, ERR_INPUT, "found %zu steps outside outages, wanted %d or more", c.n, LEAST);
        goto out;
    }
    if (rc == 0 && model == FIT_LOG_AR1) {
        fit_log_ar1(&c, l->step_s, out);
    } else if (rc == 0) {
        rc = fit_markov(&c, (size_t)model - FIT_MARKOV2 + 2, l->step_s, a, out);
    }
    if (rc == 0) {
        fit_outage(l, &out->model);
        out->quality.bic = out->quality.n_parameter * log((double)c.n) - 2 * out->quality.log_likelihood;
        rc = draw_sample(&out->model, l, &sample);
    }
    if (rc == 0) {
        fit_describe_level(&sample, &out->sample);
        memcpy(x, l->x, l->n * sizeof *x);
        qsort(x, l->n, sizeof *x, describe_compare);
        qsort(sample.x, sample.n, sizeof *sample.x, describe_compare);
        out->quality.distance = describe_distance(x, l->n, sample.x, sample.n);
    } else {
        rc = ERR_SET(e, ERR_MEMORY, "out of memory to fit %zu steps", l->n);
    }
out:
    clear_chain(&c);
    free(sample.x);
    free(x);
    return rc;
}
