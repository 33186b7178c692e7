/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/trace_plot.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/show/gnuplot.h"
#include "sim/show/plot_figures.h"
#include "sim/show/trace_report.h"

static const char *const script[] = {
#include "plots/trace.inc"
    NULL,
};

/* Slices over time, rows of which the distribution is drawn, its points, and panels. */
enum { SLICES = 400, SAMPLE = 100000, POINTS = 200, PANELS = 3 };

/* What is drawn below: gaps of points, or a column. */
struct panel {
    char label[128];
    double least, most;
    bool logarithmic;
};

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Mean of the first column, or rows per second, of each slice; times in units of clock_s. */
static void write_over_time(const struct series *s, FILE *data, double clock_s, struct scale scale)
{
    const double slice_s = s->span_s / SLICES;
    double last = 0;
    size_t row = 0;
    for (int i = 0; i < SLICES; i++) {
        double sum = 0, at_s = i * slice_s, to_s = (i + 1) * slice_s;
        if (s->points) {
            for (; row < s->n_row && s->time_s[row] < to_s; row++) {
                sum += 1;
            }
        }
        while (!s->points && at_s < to_s) {
            while (row + 1 < s->n_row && s->time_s[row + 1] <= at_s) {
                row++;
            }
            double until_s = fmin(to_s, row + 1 < s->n_row ? s->time_s[row + 1] : to_s);
            sum += s->value[0][row] * (until_s - at_s);
            at_s = until_s;
        }
        last = sum / slice_s / scale.per;
        fprintf(data, "%.6g %.6g\n", i * slice_s / clock_s, last);
    }
    fprintf(data, "%.6g %.6g\n\n\n", s->span_s / clock_s, last);
}

/* Of values x[0..n-1], sorted here: the share up to each of POINTS of them; and the range that is drawn. */
static void write_distribution(double *x, size_t n, double per, struct panel *p, FILE *data)
{
    qsort(x, n, sizeof *x, by_size);
    size_t positive = 0;
    while (positive < n && x[positive] == 0) {
        positive++;
    }
    double low = x[n / 100 > positive ? n / 100 : positive < n ? positive : 0] / per, high = x[n - 1] / per;
    p->logarithmic = low > 0 && positive < n / 10 + 1 && high > 20 * low;
    p->least = p->logarithmic ? low : 0;
    p->most = high > p->least ? high : p->least + 1;
    fprintf(data, "%.6g 0\n", p->logarithmic ? fmin(low, fmax(x[0] / per, low)) : 0);
    for (int i = 0; i <= POINTS; i++) {
        size_t k = (size_t)((double)i / POINTS * (double)(n - 1));
        if (!p->logarithmic || x[k] > 0) {
            fprintf(data, "%.6g %.6g\n", x[k] / per, (double)(k + 1) / (double)n);
        }
    }
    fputs("\n\n", data);
}

/* Panel k: rows are taken evenly if there are too many. */
static int write_panel(const struct series *s, size_t k, struct panel *p, FILE *data, struct err *e)
{
    const bool gaps = s->points && k == 0;
    const double *value = gaps ? NULL : s->value[k - s->points];
    const size_t all = s->n_row - gaps, n = all < SAMPLE ? all : SAMPLE;
    double *x = malloc(n * sizeof *x);
    if (!x) {
        return ERR_SET(e, ERR_MEMORY, "no memory to draw a trace");
    }
    for (size_t i = 0; i < n; i++) {
        size_t row = (size_t)((double)i / (double)n * (double)all);
        x[i] = gaps ? s->time_s[row + 1] - s->time_s[row] : value[row];
    }
    const struct scale scale = gaps ? trace_scale("s", s->span_s / (double)s->n_row)
                                    : trace_scale(s->unit[k - s->points], s->mean[k - s->points]);
    snprintf(p->label, sizeof p->label, "%s%s%s", gaps ? "time between arrivals" : s->name[k - s->points],
             scale.unit[0] ? ", " : "", scale.unit);
    write_distribution(x, n, scale.per, p, data);
    free(x);
    return 0;
}

static void write_panels(FILE *head, const struct panel *p, size_t n)
{
    fprintf(head, "array panel[%zu]\narray least[%zu]\narray most[%zu]\narray logarithmic[%zu]\n", n, n, n, n);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof name, "panel[%zu]", i + 1);
        plot_text(head, name, p[i].label);
        fprintf(head, "least[%zu] = %.6g\nmost[%zu] = %.6g\nlogarithmic[%zu] = %d\n", i + 1, p[i].least, i + 1,
                p[i].most, i + 1, p[i].logarithmic);
    }
}

static int write_figure(const struct series *s, const char *base, FILE *data, FILE *head, struct err *e)
{
    static const struct scale clocks[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    struct panel panel[PANELS];
    size_t n = s->n_column + s->points, i = 0;
    int rc = 0;
    while (i < 3 && s->span_s < 2 * clocks[i].per) {
        i++;
    }
    const struct scale scale =
        s->points ? (struct scale){1, "arrivals per second"} : trace_scale(s->unit[0], s->mean[0]);
    char over[128];
    snprintf(over, sizeof over, "%s%s%s", s->points ? "" : s->name[0], s->points ? "" : ", ", scale.unit);
    gnuplot_begin(head, base);
    plot_text(head, "heading", base);
    plot_text(head, "over", over);
    plot_text(head, "clock", clocks[i].unit);
    write_over_time(s, data, clocks[i].per, scale);
    n = n < PANELS ? n : PANELS;
    for (size_t k = 0; k < n && rc == 0; k++) {
        rc = write_panel(s, k, &panel[k], data, e);
    }
    if (rc == 0) {
        write_panels(head, panel, n);
    }
    gnuplot_lines(head, script);
    return rc;
}

int trace_plot(const struct series *s, const char *path, char *stem, size_t n, struct err *e)
{
    struct gnuplot_files to;
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    snprintf(stem, n < PATH_MAX ? n : PATH_MAX, "%.*s", dot ? (int)(dot - path) : (int)strlen(path), path);
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    const char *base = slash ? stem + (slash - path) + 1 : stem;
    int rc = gnuplot_open(&to, stem, e);
    rc = rc ? rc : gnuplot_close(&to, write_figure(s, base, to.data, to.script, e), e);
    return rc < 0 ? rc
                  : gnuplot_run(folder, strrchr(to.script_path, '/') ? strrchr(to.script_path, '/') + 1 : to.script_path, e);
}
