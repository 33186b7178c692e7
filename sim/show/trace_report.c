/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/trace_report.h"

#include <math.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/series_stats.h"

enum { N_WINDOW = 6, WINDOWS_SHOWN = 3, N_QUANTILE = 7 };

static const double window_s[N_WINDOW] = {1, 10, 60, 600, 3600, 86400};
static const char *const window_text[N_WINDOW] = {"1 s", "10 s", "1 min", "10 min", "1 h", "1 day"};
static const double quantile[N_QUANTILE] = {0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};
static const char *const quantile_text[N_QUANTILE] = {"least", "5 %", "25 %", "50 %", "75 %", "95 %", "most"};

struct scale trace_scale(const char *unit, double x)
{
    static const struct {
        const char *si;
        struct scale scale;
    } scales[] = {
        {"bit/s", {1, "bit/s"}},
        {"bit/s", {1e3, "kbit/s"}},
        {"bit/s", {1e6, "Mbit/s"}},
        {"bit/s", {1e9, "Gbit/s"}},
        {"byte", {1, "byte"}},
        {"byte", {1e3, "kB"}},
        {"byte", {1e6, "MB"}},
        {"byte", {1e9, "GB"}},
        {"s", {1e-3, "ms"}},
        {"s", {1, "s"}},
        {"kg/J", {1 / 3.6e9, "g/kWh"}},
    };
    struct scale best = {1, unit};
    bool first = true;
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        if (strcmp(scales[i].si, unit) == 0 && (first || x >= scales[i].scale.per)) {
            best = scales[i].scale;
            first = false;
        }
    }
    return best;
}

const char *trace_span_text(double s, char *buf, size_t n)
{
    static const struct scale scales[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;
    while (i < 3 && s < 2 * scales[i].per) {
        i++;
    }
    snprintf(buf, n, "%.3g %s", s / scales[i].per, scales[i].unit);
    return buf;
}

static size_t first_window(const struct series *s)
{
    size_t first = 0;
    while (first + WINDOWS_SHOWN < N_WINDOW && window_s[first] < s->span_s / (double)s->n_row) {
        first++;
    }
    return first;
}

double trace_slice_s(const struct series *s)
{
    if (s->points) {
        return window_s[first_window(s)];
    }
    double row_s = s->span_s / (double)s->n_row;
    return row_s <= 10 ? 1 : row_s;
}

static void print_rows(const struct flow *f, FILE *out)
{
    fprintf(out, "rows    %llu read, %llu kept, %llu dropped\n", (unsigned long long)f->n_read,
            (unsigned long long)f->n_kept, (unsigned long long)(f->n_read - f->n_kept));
    for (uint32_t i = 0; i < f->n_drop; i++) {
        fprintf(out, "        %llu %s", (unsigned long long)f->drop[i].n, f->drop[i].why);
        if (f->drop[i].line > 0) {
            fprintf(out, ", the first in line %d", f->drop[i].line);
        }
        fputc('\n', out);
    }
}

static void print_points(const struct series *s, FILE *out)
{
    char span[32];
    double empty = 0, first_empty = 0;
    size_t from = first_window(s);
    fprintf(out, "span    %s, %.4g arrivals per second\n", trace_span_text(s->span_s, span, sizeof span),
            (double)s->n_row / s->span_s);
    fprintf(out, "gaps    CV %.3g; index of dispersion", series_gap_cv(s));
    for (size_t w = from; w < from + WINDOWS_SHOWN; w++) {
        fprintf(out, "%s %.3g in %s", w == from ? "" : ",", series_dispersion(s, window_s[w], &empty), window_text[w]);
        first_empty = w == from ? empty : first_empty;
    }
    fprintf(out, "; %.3g %% of slices of %s are empty\n", 100 * first_empty, window_text[from]);
}

static void print_levels(const struct series *s, FILE *out)
{
    char span[32], slice[32];
    double slice_s = trace_slice_s(s);
    fprintf(out, "span    %s, %.4g s a row\n", trace_span_text(s->span_s, span, sizeof span),
            s->span_s / (double)s->n_row);
    trace_span_text(slice_s, slice, sizeof slice);
    for (size_t c = 0; c < s->n_column; c++) {
        const struct level_stats l = series_level_stats(s, c, slice_s);
        const struct scale scale = trace_scale(s->unit[c], l.mean);
        fprintf(out, "%s: mean over time %.4g %s, CV %.3g\n", s->name[c], l.mean / scale.per, scale.unit, l.cv);
        if (l.cv < 1e-9) {
            continue;
        }
        fprintf(out, "        in slices of %s: sd of the logarithm %.3g, lag-1 autocorrelation %.3g\n", slice, l.log_sd,
                l.lag1);
        fprintf(out, "        below a tenth of the mean: %.3g %% of them, %.3g times a second for %.3g s\n",
                100 * l.outage_share, l.outage_rate, l.outage_s);
    }
}

/* Four digits, more only before the point, and no power of ten. */
static void add_number(struct table *t, double x)
{
    int decimals = x > 0 && x != floor(x) ? 3 - (int)floor(log10(x)) : 0;
    table_add(t, "%.*f", decimals < 0 ? 0 : decimals > 6 ? 6 : decimals, x);
}

static int print_columns(const struct series *s, FILE *out, struct paper paper, struct err *e)
{
    struct table t = {0};
    double x[N_QUANTILE];
    table_add_column(&t, (struct table_column){.name = s->n_column > 0 ? "over rows" : "", .text = true});
    for (int i = 0; i < N_QUANTILE; i++) {
        table_add_column(&t, (struct table_column){.name = quantile_text[i]});
    }
    table_add_column(&t, (struct table_column){.name = "mean"});
    table_add_column(&t, (struct table_column){.name = "CV"});
    int rc = 0;
    for (size_t c = 0; c < s->n_column && rc == 0; c++) {
        if (series_quantiles(s->value[c], s->n_row, quantile, N_QUANTILE, x) != 0) {
            rc = ERR_SET(e, ERR_MEMORY, "no memory for the quantiles of a trace");
            break;
        }
        const struct row_stats r = series_row_stats(s->value[c], s->n_row);
        const struct scale scale = trace_scale(s->unit[c], x[3] > 0 ? x[3] : r.mean);
        table_add(&t, "%s%s%s%s", s->name[c], scale.unit[0] ? " [" : "", scale.unit, scale.unit[0] ? "]" : "");
        for (int i = 0; i < N_QUANTILE; i++) {
            add_number(&t, x[i] / scale.per);
        }
        add_number(&t, r.mean / scale.per);
        table_add(&t, "%.3g", r.cv);
    }
    if (rc == 0 && s->n_column > 0) {
        table_print(&t, out, paper);
    }
    table_clear(&t);
    return rc;
}

int trace_report_print(const struct flow *f, const struct series *s, FILE *out, struct paper paper, struct err *e)
{
    print_rows(f, out);
    if (s->points) {
        print_points(s, out);
    } else {
        print_levels(s, out);
    }
    return print_columns(s, out, paper, e);
}
