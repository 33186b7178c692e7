/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/plot.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sim/io/export.h"
#include "sim/show/gnuplot.h"
#include "sim/show/plot_figures.h"

static const char *const latency_script[] = {
#include "plots/latency.inc"
    NULL,
};
static const char *const bars_script[] = {
#include "plots/bars.inc"
    NULL,
};
static const char *const energy_script[] = {
#include "plots/energy.inc"
    NULL,
};

const struct figure figure_table[N_FIGURE] = {
    {"latency", "share of jobs that take longer, by workload and policy", latency_script, plot_latency},
    {"miss", "jobs that miss their deadline, by workload and policy", bars_script, plot_miss},
    {"objective", "what the scenario's objective weighs, by workload and policy", bars_script, plot_objective},
    {"energy", "energy by tier and policy", energy_script, plot_energy},
};

const struct figure *figure_find(const char *name)
{
    for (int i = 0; i < N_FIGURE; i++) {
        if (strcmp(figure_table[i].name, name) == 0) {
            return &figure_table[i];
        }
    }
    return NULL;
}

/* base is the stem without its folder. */
static int write_files(const struct figure *f, const struct result *r, const char *stem, const char *base,
                       struct err *e)
{
    struct gnuplot_files to;
    int rc = gnuplot_open(&to, stem, e);
    if (rc) {
        return rc;
    }
    gnuplot_begin(to.script, base);
    rc = f->write(r, to.data, to.script, e);
    fputc('\n', to.script);
    gnuplot_lines(to.script, f->script);
    return gnuplot_close(&to, rc, e);
}

int figure_draw(const struct figure *f, const struct result *r, const char *folder, char *stem, size_t n, struct err *e)
{
    char name[NAME_MAX + 1], base[NAME_MAX + 32], script[NAME_MAX + 40];
    snprintf(base, sizeof base, "%s_%s", export_stem(r->path, name, sizeof name), f->name);
    snprintf(script, sizeof script, "%s.gp", base);
    snprintf(stem, n, "%s/%s", folder, base);
    int rc = write_files(f, r, stem, base, e);
    return rc < 0 ? rc : gnuplot_run(folder, script, e);
}
