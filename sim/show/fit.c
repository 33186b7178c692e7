/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/fit.h"
#include "sim/calibrate/fit_write.h"

struct fit_page {
    FILE *out;
    const struct fit_request *r;
    struct arena arena;
    unsigned indent; /* of what comes next */
};

static bool is_among(const char *const *name, const char *text)
{
    for (; *name; name++) {
        if (strcmp(*name, text) == 0) {
            return true;
        }
    }
    return false;
}

/* Row of the chosen model among these names, or -1 if none was chosen. */
static int chosen(const struct fit_request *r, const char *const *name)
{
    for (uint32_t i = 0; i < r->n_choice; i++) {
        for (int k = 0; name[k]; k++) {
            if (strcmp(name[k], r->choice[i]) == 0) {
                return k;
            }
        }
    }
    return -1;
}

static int check_choices(const struct fit_request *r, struct err *e)
{
    for (uint32_t i = 0; i < r->n_choice; i++) {
        bool known = r->points ? is_among(fit_arrivals_name, r->choice[i]) || is_among(fit_size_name, r->choice[i])
                               : is_among(fit_level_name, r->choice[i]);
        if (!known) {
            return ERR_SET(e, ERR_INPUT, "--as: found %s, wanted one of %s", r->choice[i],
                           r->points ? "poisson, renewal, onoff, mmpp; lognormal, mixture2, mixture3, quantiles"
                                     : "log_ar1, markov2, markov3, markov4");
        }
    }
    return 0;
}

static int check_columns(const struct fit_request *r, const struct series *s, struct err *e)
{
    for (uint32_t i = 0; i < r->n_size; i++) {
        if (series_column(s, r->size[i].column) < 0) {
            return ERR_SET(e, ERR_INPUT, "--%s: found the column %s, wanted one of the trace, such as %s", r->size[i].key,
                           r->size[i].column, s->n_column > 0 ? s->name[0] : "none, as it has no sizes");
        }
    }
    return 0;
}

static void put_comment(struct fit_page *p)
{
    fprintf(p->out, "%*s# ", (int)p->indent, "");
}

static void put_number(struct fit_page *p, double x)
{
    if (isnan(x)) {
        fprintf(p->out, "%10s", "-");
    } else {
        fprintf(p->out, "%10.4g", x);
    }
}

/* mark: this one is written. */
static void put_quality(struct fit_page *p, const char *name, bool mark, const struct fit_quality *q)
{
    put_comment(p);
    fprintf(p->out, "%-10s%c", name, mark ? '*' : ' ');
    if (q && !isnan(q->log_likelihood)) {
        fprintf(p->out, "%14.1f%14.1f", q->log_likelihood, q->bic);
    } else {
        fprintf(p->out, "%14s%14s", "-", "-");
    }
    put_number(p, q ? q->distance : (double)NAN);
}

/* The keys over the fragment, one a line. */
static void put_under(struct fit_page *p)
{
    char path[512], *rest = NULL;
    snprintf(path, sizeof path, "%s", p->r->under ? p->r->under : "");
    for (char *key = strtok_r(path, ".", &rest); key; key = strtok_r(NULL, ".", &rest)) {
        fprintf(p->out, "%*s%s:\n", (int)p->indent, "", key);
        p->indent += 2;
    }
}

static void put_described(struct fit_page *p, const struct arrivals_described *d)
{
    put_number(p, d->rate);
    put_number(p, d->cv);
    put_number(p, d->correlation);
    for (int w = 0; w < FIT_WINDOWS; w++) {
        put_number(p, d->dispersion[w]);
    }
    fputc('\n', p->out);
}

/*
 * The model of least BIC, unless another is twice as near in what queues feel, and the former off by more than a third
 * there: a gamma of many very short gaps is likely, but knows nothing of bursts.
 */
static int best_arrivals(const struct arrivals_fit fit[N_FIT_ARRIVALS], const struct arrivals_described *trace)
{
    int likely = 0, near = 0;
    for (int m = 1; m < N_FIT_ARRIVALS; m++) {
        likely = fit[m].quality.bic < fit[likely].quality.bic ? m : likely;
        near = fit_misses(&fit[m].sample, trace) < fit_misses(&fit[near].sample, trace) ? m : near;
    }
    double misses = fit_misses(&fit[likely].sample, trace);
    return misses > log(4.0 / 3) && fit_misses(&fit[near].sample, trace) < misses / 2 ? near : likely;
}

static int print_arrivals(struct fit_page *p, const struct series *s, struct err *e)
{
    struct arrivals_fit fit[N_FIT_ARRIVALS];
    struct arrivals_described trace;
    int want = chosen(p->r, fit_arrivals_name);
    for (int m = 0; m < N_FIT_ARRIVALS; m++) {
        int rc = fit_arrivals((enum fit_arrivals)m, s->time_s, s->n_row, &p->arena, &fit[m], e);
        if (rc < 0) {
            return rc;
        }
    }
    double gap_s = s->time_s[s->n_row - 1] / (double)(s->n_row - 1);
    fit_describe_arrivals(s->time_s, s->n_row, gap_s, &trace);
    int best = want >= 0 ? want : best_arrivals(fit, &trace);
    put_comment(p);
    fprintf(p->out, "Gaps: coefficient of variation, correlation from one to the next; dispersion of counts in %.3g, %.3g, "
                    "%.3g s.\n", 10 * gap_s, 100 * gap_s, 1000 * gap_s);
    put_comment(p);
    fprintf(p->out, "%-11s%14s%14s%10s%10s%10s%10s%10s%10s%10s\n", "model", "log L", "BIC", "KS", "rate /s", "cv", "corr",
            "disp", "disp", "disp");
    put_quality(p, "trace", false, NULL);
    put_described(p, &trace);
    for (int m = 0; m < N_FIT_ARRIVALS; m++) {
        put_quality(p, fit_arrivals_name[m], m == best, &fit[m].quality);
        put_described(p, &fit[m].sample);
    }
    fprintf(p->out, "%*sarrivals: ", (int)p->indent, "");
    fit_write_arrivals(p->out, &fit[best].model);
    fputc('\n', p->out);
    return 0;
}

/* The lognormals of least BIC; quantiles if even that is off by a twentieth, or there is none. */
static int best_size(const struct size_fit fit[N_FIT_SIZE], const bool fits[N_FIT_SIZE])
{
    int best = FIT_QUANTILES;
    for (int m = 0; m < FIT_QUANTILES; m++) {
        if (fits[m] && (best == FIT_QUANTILES || fit[m].quality.bic < fit[best].quality.bic)) {
            best = m;
        }
    }
    return fit[best].quality.distance > 0.05 ? FIT_QUANTILES : best;
}

static int print_size(struct fit_page *p, const struct series *s, const struct fit_size_wanted *w, struct err *e)
{
    struct size_fit fit[N_FIT_SIZE];
    bool fits[N_FIT_SIZE];
    int column = series_column(s, w->column), want = chosen(p->r, fit_size_name);
    for (int m = 0; m < N_FIT_SIZE; m++) {
        struct err why = {0};
        fits[m] = fit_size((enum fit_size)m, s->value[column], s->n_row, &p->arena, &fit[m], &why) == 0;
        if (fits[m]) {
            continue;
        }
        if (why.code != ERR_INPUT || m == FIT_QUANTILES || m == want) {
            *e = why;
            return -(int)why.code;
        }
    }
    int best = want >= 0 ? want : best_size(fit, fits);
    put_comment(p);
    fprintf(p->out, "%s: %s each of %s\n", w->key, w->text, w->column);
    put_comment(p);
    fprintf(p->out, "%-11s%14s%14s%10s%10s\n", "model", "log L", "BIC", "KS", "mean");
    put_quality(p, "trace", false, NULL);
    put_number(p, s->mean[column]);
    fputc('\n', p->out);
    for (int m = 0; m < N_FIT_SIZE; m++) {
        if (fits[m]) {
            put_quality(p, fit_size_name[m], m == best, &fit[m].quality);
            put_number(p, dist_mean(&fit[m].model));
            fputc('\n', p->out);
        }
    }
    fprintf(p->out, "%*s%s: ", (int)p->indent, "", w->key);
    fit_write_size(p->out, &fit[best].model, w->per, strcmp(w->key, "work") == 0);
    fputc('\n', p->out);
    return 0;
}

static void put_level(struct fit_page *p, const struct level_described *d, bool latency)
{
    put_number(p, latency ? d->mean * 1e3 : d->mean / 1e6);
    put_number(p, d->cv);
    put_number(p, d->sd_log);
    put_number(p, d->down);
    for (int i = 0; i < FIT_LAGS; i++) {
        put_number(p, d->correlation[i]);
    }
    fputc('\n', p->out);
}

static int print_level(struct fit_page *p, const struct series *s, uint32_t column, struct err *e)
{
    bool latency = strcmp(s->name[column], "latency") == 0;
    struct level_steps steps;
    struct level_fit fit[N_FIT_LEVEL];
    struct level_described trace;
    int best = 0, want = chosen(p->r, fit_level_name);
    int rc = fit_level_steps(s, column, p->r->step_s, !latency, &p->arena, &steps, e);
    for (int m = 0; m < N_FIT_LEVEL && rc == 0; m++) {
        rc = fit_level((enum fit_level)m, &steps, &p->arena, &fit[m], e);
        best = rc == 0 && fit[m].quality.bic < fit[best].quality.bic ? m : best;
    }
    if (rc < 0) {
        return rc;
    }
    best = want >= 0 ? want : best;
    fit_describe_level(&steps, &trace);
    put_comment(p);
    fprintf(p->out, "%s in %zu steps of %.4g s: mean, %s; cv; sd of the logarithm; share of time in outages;\n",
            s->name[column], steps.n, steps.step_s, latency ? "ms" : "Mbit/s");
    put_comment(p);
    fprintf(p->out, "correlation 1, 5 and 30 steps apart.\n");
    put_comment(p);
    fprintf(p->out, "%-11s%14s%14s%10s%10s%10s%10s%10s%10s%10s%10s\n", "model", "log L", "BIC", "KS", "mean", "cv", "sd log",
            "down", "corr 1", "corr 5", "corr 30");
    put_quality(p, "trace", false, NULL);
    put_level(p, &trace, latency);
    for (int m = 0; m < N_FIT_LEVEL; m++) {
        put_quality(p, fit_level_name[m], m == best, &fit[m].quality);
        put_level(p, &fit[m].sample, latency);
    }
    fprintf(p->out, "%*s%s: ", (int)p->indent, "", s->name[column]);
    fit_write_level(p->out, &fit[best].model, latency);
    fputc('\n', p->out);
    return 0;
}

/* A level that never changes is written as it is. */
static int print_column(struct fit_page *p, const struct series *s, uint32_t column, struct err *e)
{
    bool latency = strcmp(s->name[column], "latency") == 0;
    for (size_t i = 1; i < s->n_row; i++) {
        if (s->value[column][i] != s->value[column][0]) {
            return print_level(p, s, column, e);
        }
    }
    fprintf(p->out, "%*s%s: %.6g %s\n", (int)p->indent, "", s->name[column],
            s->value[column][0] * (latency ? 1e3 : 1e-6), latency ? "ms" : "Mbit/s");
    return 0;
}

int fit_print(FILE *out, const struct series *s, const struct fit_request *r, struct err *e)
{
    struct fit_page p = {.out = out, .r = r};
    int rc = check_choices(r, e);
    rc = rc ? rc : check_columns(r, s, e);
    if (rc < 0) {
        return rc;
    }
    fprintf(out, "# tiersim fit %s %s: %zu rows in %.6g s\n", r->kind, r->path, s->n_row, s->span_s);
    put_under(&p);
    if (r->points) {
        rc = print_arrivals(&p, s, e);
        for (uint32_t i = 0; i < r->n_size && rc == 0; i++) {
            rc = print_size(&p, s, &r->size[i], e);
        }
    }
    bool any = r->points;
    for (uint32_t c = 0; !r->points && c < s->n_column && rc == 0; c++) {
        if (strcmp(s->name[c], "capacity") == 0 || strcmp(s->name[c], "latency") == 0) {
            any = true;
            rc = print_column(&p, s, c, e);
        }
    }
    if (rc == 0 && !any) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found levels of %s, wanted the capacity or latency of a link", r->path, s->name[0]);
    }
    arena_clear(&p.arena);
    return rc;
}
