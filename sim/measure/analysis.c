/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/analysis.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_usable(const struct record *r)
{
    return r->status == RECORD_OK || r->status == RECORD_SATURATED;
}

struct standing analysis_standing(struct replications p)
{
    struct standing s = {.n = (uint32_t)p.n, .unsteady = p.unsteady};
    for (size_t i = 0; i < p.n; i++) {
        const struct record *r = &p.record[i];
        s.n_broken += r->status == RECORD_BROKEN;
        s.n_failed += r->status == RECORD_FAILED;
        s.n_empty += r->status == RECORD_EMPTY;
        s.n_saturated += r->status == RECORD_SATURATED;
        s.n_unstable += r->status == RECORD_OK && r->metric[M_UNSTABLE] > 0;
    }
    return s;
}

bool standing_is_unsteady(struct standing s)
{
    return s.unsteady || s.n_unstable + s.n_saturated > 0;
}

const char *standing_text(struct standing s, char *buf, size_t n)
{
    const struct {
        uint32_t n;
        const char *what;
    } part[] = {{s.n_unstable, "unstable"}, {s.n_saturated, "saturated"}, {s.n_broken, "broken"}, {s.n_failed, "failed"},
                {s.n_empty, "not run"}};
    size_t used = 0;
    uint32_t counted = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < sizeof part / sizeof *part; i++) {
        if (part[i].n > 0 && used < n) {
            used += (size_t)snprintf(buf + used, n - used, "%s%u %s", counted ? ", " : "", part[i].n, part[i].what);
            counted++;
        }
    }
    if (counted && used < n) {
        snprintf(buf + used, n - used, " of %u replications", s.n);
    }
    return buf;
}

double analysis_value(const struct record *r, uint32_t class, enum metric m)
{
    return class == ALL_CLASSES ? r->metric[m] : class < r->n_class ? r->class_metric[class][m] : NAN;
}

struct stats_interval analysis_mean(struct replications p, uint32_t class, enum metric m, double level)
{
    struct stats_interval none = {.estimate = NAN, .half_width = NAN};
    double *x = malloc((p.n + 1) * sizeof *x);
    size_t n = 0;
    if (!x) {
        return none;
    }
    for (size_t i = 0; i < p.n; i++) {
        double value = is_usable(&p.record[i]) ? analysis_value(&p.record[i], class, m) : NAN;
        if (!isnan(value)) {
            x[n++] = value;
        }
    }
    struct stats_interval mean = n > 0 ? stats_t_interval(x, n, level) : none;
    free(x);
    if (standing_is_unsteady(analysis_standing(p))) {
        mean.half_width = NAN;
    }
    return mean;
}

/* Values of ma in one and of mb in the other, in the replications that they share, into a[] and b[]; how many. */
static size_t pair(struct replications pa, enum metric ma, struct replications pb, enum metric mb, uint32_t class,
                   double *a, double *b)
{
    size_t n = 0;
    for (size_t i = 0, k = 0; i < pa.n && k < pb.n;) {
        const struct record *ra = &pa.record[i], *rb = &pb.record[k];
        if (ra->replication != rb->replication) {
            *(ra->replication < rb->replication ? &i : &k) += 1;
            continue;
        }
        if (is_usable(ra) && is_usable(rb)) {
            a[n] = analysis_value(ra, class, ma);
            b[n] = analysis_value(rb, class, mb);
            n += !isnan(a[n]) && !isnan(b[n]);
        }
        i++;
        k++;
    }
    return n;
}

static struct stats_interval paired(struct replications a, enum metric ma, struct replications b, enum metric mb,
                                    uint32_t class, double level)
{
    size_t room = a.n < b.n ? a.n : b.n;
    struct stats_interval of = {.estimate = NAN, .half_width = NAN};
    double *x = malloc((2 * room + 1) * sizeof *x);
    if (x) {
        size_t n = pair(a, ma, b, mb, class, x, x + room);
        of = n > 0 ? stats_paired_interval(x, x + room, n, level) : of;
        free(x);
    }
    return of;
}

static enum call call_of(struct stats_interval of)
{
    if (isnan(of.half_width) || isnan(of.estimate)) {
        return CALL_FEW;
    }
    if (fabs(of.estimate) <= of.half_width) {
        return CALL_NONE;
    }
    return of.estimate < 0 ? CALL_LOWER : CALL_HIGHER;
}

bool metric_is_of_finished(enum metric m)
{
    return (m >= M_LATENCY_MEAN && m <= M_LATENCY_OTHER) || m == M_EDP || m == M_FAIRNESS;
}

/* The worst that can come of the open jobs of the one that misses less, and the best of the other, still says so. */
static bool misses_less(struct replications less, struct replications more, uint32_t class, double level)
{
    return call_of(paired(less, M_MISS_RATIO, more, M_MISS_LOW, class, level)) == CALL_LOWER;
}

struct difference analysis_difference(struct replications a, struct replications b, uint32_t class, enum metric m,
                                      double level)
{
    struct difference d = {.of = paired(a, m, b, m, class, level)};
    d.call = call_of(d.of);
    bool winner = d.call == CALL_LOWER || d.call == CALL_HIGHER;
    if (standing_is_unsteady(analysis_standing(a)) || standing_is_unsteady(analysis_standing(b))) {
        d.of.half_width = NAN;
        d.call = CALL_UNSTEADY;
    } else if (winner && (a.given || b.given)) {
        d.call = CALL_GIVEN;
    } else if (winner && metric_is_of_finished(m)) {
        enum call share = call_of(paired(a, M_FINISHED_RATIO, b, M_FINISHED_RATIO, class, level));
        d.call = share == CALL_LOWER || share == CALL_HIGHER ? CALL_UNEQUAL : d.call;
    } else if (winner && m == M_MISS_RATIO &&
               !(d.call == CALL_LOWER ? misses_less(a, b, class, level) : misses_less(b, a, class, level))) {
        d.call = CALL_NONE;
    }
    return d;
}

struct stats_interval analysis_above(struct replications p, uint32_t class, enum metric m, enum metric bound, double level)
{
    struct stats_interval above = paired(p, m, p, bound, class, level);
    if (standing_is_unsteady(analysis_standing(p))) {
        above.half_width = NAN;
    }
    return above;
}

const char *call_text(enum call c)
{
    switch (c) {
    case CALL_NONE:
        return "no difference seen";
    case CALL_FEW:
        return "too few common replications";
    case CALL_UNSTEADY:
        return "no steady state";
    case CALL_UNEQUAL:
        return "finished shares differ";
    case CALL_GIVEN:
        return "given this trace";
    default:
        return "";
    }
}

int analysis_pool(const struct record *r, uint32_t class, struct sketch *s)
{
    for (uint32_t i = 0; i < N_SEGMENT; i++) {
        for (uint32_t c = 0; c < r->n_class; c++) {
            if ((class == ALL_CLASSES || class == c) && sketch_merge(s, &r->latency[(size_t)i * r->n_class + c]) < 0) {
                return -ERR_MEMORY;
            }
        }
    }
    return 0;
}

/* Quantiles of all replications into whole[q], and without the i-th into without[q][n]: n replications of own[i]. */
static int delete_one(const struct sketch *own, size_t n, const double *q, size_t n_q, double *whole, double *without)
{
    struct sketch all = {0};
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = sketch_merge(&all, &own[i]);
    }
    for (size_t k = 0; k < n_q && rc == 0; k++) {
        whole[k] = sketch_quantile(&all, q[k]);
    }
    for (size_t i = 0; i < n && rc == 0; i++) {
        sketch_unmerge(&all, &own[i]);
        for (size_t k = 0; k < n_q; k++) {
            without[k * n + i] = sketch_quantile(&all, q[k]);
        }
        rc = sketch_merge(&all, &own[i]);
    }
    sketch_clear(&all);
    return rc;
}

int analysis_quantiles(const struct sketch *own, size_t n, const double *q, size_t n_q, double level,
                       struct stats_interval *value)
{
    double *whole = calloc((n + 1) * (n_q + 1), sizeof *whole), *without = whole + n_q;
    int rc = whole ? delete_one(own, n, q, n_q, whole, without) : -ERR_MEMORY;
    for (size_t k = 0; k < n_q && rc == 0; k++) {
        value[k] = n > 0 ? stats_jackknife(whole[k], without + k * n, n, level)
                         : (struct stats_interval){.estimate = NAN, .half_width = NAN};
        double resolution = whole[k] * 0.5 / SKETCH_PER_OCTAVE;
        if (isfinite(value[k].half_width) && value[k].half_width < resolution) {
            value[k].half_width = resolution; /* the sketch knows no better */
        }
    }
    free(whole);
    return rc;
}

bool analysis_is_enough(struct replications p, uint32_t class, uint32_t q)
{
    enum { ENOUGH = 10 };
    bool enough = true;
    for (size_t i = 0; i < p.n; i++) {
        const struct record *r = &p.record[i];
        const struct excursions *x = class == ALL_CLASSES ? &r->all_excursions : &r->excursions[class];
        enough = enough && (!is_usable(r) || x->n[q] >= ENOUGH);
    }
    return enough;
}
