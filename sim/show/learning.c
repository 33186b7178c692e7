/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/learning.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/stats.h"
#include "sim/io/export.h"
#include "sim/io/table_file.h"
#include "sim/show/gnuplot.h"
#include "sim/show/plot_figures.h"

static const char *const script[] = {
#include "plots/learning.inc"
    NULL,
};

/* The points of a panel: episodes, mean, low and high; its range.  False: none is finite, or all are 0. */
static bool put_points(const struct table_file *t, int c, FILE *data, double *low, double *high)
{
    bool something = false;
    *low = INFINITY, *high = -INFINITY;
    for (uint32_t i = 0; i < t->n_point; i++) {
        const struct stats_interval x =
            stats_t_interval(t->curve[c] + (size_t)i * t->n_replication, t->n_replication, 0.95);
        double half = isfinite(x.half_width) ? x.half_width : 0;
        if (isfinite(x.estimate)) {
            fprintf(data, "%.6g %.6g %.6g %.6g\n", t->episode[i], x.estimate, x.estimate - half, x.estimate + half);
            something |= x.estimate != 0;
            *low = fmin(*low, x.estimate - half);
            *high = fmax(*high, x.estimate + half);
        }
    }
    fputs("\n\n", data);
    return something;
}

static void put_panels(const struct table_file *t, FILE *data, FILE *head)
{
    int n = 0;
    char name[64], label[128];
    fprintf(head, "array panel[%d]\narray low[%d]\narray high[%d]\n", N_CURVE, N_CURVE, N_CURVE);
    for (int c = 0; c < N_CURVE; c++) {
        double low, high;
        const struct curve_info *info = &curve_info[c];
        long at = ftell(data);
        if (!put_points(t, c, data, &low, &high)) {
            fseek(data, at, SEEK_SET); /* the next one is written over it */
            continue;
        }
        double room = high > low ? 0.05 * (high - low) : 0.05 * fabs(high);
        snprintf(name, sizeof name, "panel[%d]", ++n);
        snprintf(label, sizeof label, "%s%s%s", info->about, strcmp(info->unit, "1") ? ", " : "",
                 strcmp(info->unit, "1") ? info->unit : "");
        plot_text(head, name, label);
        fprintf(head, "low[%d] = %.6g\nhigh[%d] = %.6g\n", n, low - room, n, high + room);
    }
    fprintf(head, "panels = %d\n", n);
}

static int write_files(const struct table_file *t, const char *stem, const char *base, struct err *e)
{
    struct gnuplot_files to;
    char text[256];
    int rc = gnuplot_open(&to, stem, e);
    if (rc) {
        return rc;
    }
    gnuplot_begin(to.script, base);
    snprintf(text, sizeof text, "%s: what it learned", t->policy);
    plot_text(to.script, "heading", text);
    snprintf(text, sizeof text, "mean of a job on draws held back, %u replications, 95 %% intervals", t->n_replication);
    plot_text(to.script, "subheading", text);
    put_panels(t, to.data, to.script);
    gnuplot_lines(to.script, script);
    return gnuplot_close(&to, 0, e);
}

int learning_draw(const char *path, const char *folder, char *stem, size_t n, struct err *e)
{
    char name[NAME_MAX + 1], base[NAME_MAX + 32], script_name[NAME_MAX + 40];
    struct arena a = {0};
    struct table_file t;
    int rc = table_file_read(&t, path, &a, e);
    if (rc == 0 && t.n_point < 2) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found %u points of a learning curve, wanted 2 or more", path, t.n_point);
    }
    if (rc == 0) {
        snprintf(base, sizeof base, "%s_learning", export_stem(path, name, sizeof name));
        snprintf(script_name, sizeof script_name, "%s.gp", base);
        snprintf(stem, n, "%s/%s", folder, base);
        rc = write_files(&t, stem, base, e);
    }
    arena_clear(&a);
    return rc < 0 ? rc : gnuplot_run(folder, script_name, e);
}
