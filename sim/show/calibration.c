/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/calibration.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/export.h"
#include "sim/show/gnuplot.h"
#include "sim/show/plot_figures.h"
#include "sim/show/table.h"

static const char *const script[] = {
#include "plots/calibration.inc"
    NULL,
};

/* --- table --- */

static const char *percent(double share, char *buf, size_t n)
{
    if (isfinite(share)) {
        snprintf(buf, n, "%.1f", 100 * share);
    } else {
        snprintf(buf, n, "–");
    }
    return buf;
}

/* The other way round than a law has it: per second, in giga; "–": the term was left out. */
static const char *per_second(double per, char *buf, size_t n)
{
    if (per > 0) {
        snprintf(buf, n, "%.3g", 1e-9 / per);
    } else {
        snprintf(buf, n, "–");
    }
    return buf;
}

static void add_law(struct table *t, const char *name, const struct cost_law *l, double serial, double fixed)
{
    char f[32], b[32], spread[32], held[32], s[32], c[32];
    table_add(t, "%s", name);
    table_add(t, "%u", l->n);
    table_add(t, "%.4g", 1e6 * l->term_s[COST_ONCE]);
    table_add(t, "%s", per_second(l->term_s[COST_FLOP], f, sizeof f));
    table_add(t, "%s", per_second(l->term_s[COST_BYTE], b, sizeof b));
    table_add(t, "%s", percent(l->spread, spread, sizeof spread));
    table_add(t, "%s", percent(l->held_error, held, sizeof held));
    table_add(t, "%s", percent(serial, s, sizeof s));
    table_add(t, "%s", percent(fixed, c, sizeof c));
}

static void print_laws(const struct profile_file *f, FILE *out)
{
    struct table t = {0};
    const struct table_column columns[] = {{"", "operator", true, false},      {"", "shapes", false, false},
                                           {"", "once, us", false, false},     {"", "GFLOP/s", false, false},
                                           {"", "GB/s", false, false},         {"", "spread, %", false, false},
                                           {"", "held back, %", false, false}, {"", "serial, %", false, false},
                                           {"", "batch-free, %", false, false}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        table_add_column(&t, columns[i]);
    }
    for (int k = 0; k < N_KERNEL; k++) {
        if (f->profile.law[k].known) {
            add_law(&t, kernel_name[k], &f->profile.law[k], f->profile.serial[k], f->profile.batch_fixed[k]);
        }
    }
    if (f->profile.load.known) {
        add_law(&t, "load", &f->profile.load, NAN, NAN);
    }
    table_print(&t, out, paper_of(out));
    table_clear(&t);
}

static void print_models(const struct profile_file *f, FILE *out)
{
    struct table t = {0};
    table_add_column(&t, (struct table_column){"", "model", true, false});
    table_add_column(&t, (struct table_column){"", "measured, ms", false, false});
    table_add_column(&t, (struct table_column){"", "by the laws, ms", false, false});
    table_add_column(&t, (struct table_column){"", "off, %", false, false});
    table_add_column(&t, (struct table_column){"", "nodes, ms", false, false});
    for (size_t i = 0; i < f->n_model; i++) {
        const struct profile_model *m = &f->model[i];
        table_add(&t, "%s", m->name);
        table_add(&t, "%.4g", 1e3 * m->measured_s);
        if (isfinite(m->law_s)) {
            table_add(&t, "%.4g", 1e3 * m->law_s);
            table_add(&t, "%+.1f", 100 * (m->law_s / m->measured_s - 1));
        } else { /* it has operators of a kind without a law */
            table_add(&t, "–");
            table_add(&t, "–");
        }
        table_add(&t, "%.4g", 1e3 * m->nodes_s);
    }
    fputc('\n', out);
    table_print(&t, out, paper_of(out));
    table_clear(&t);
}

void calibration_print(const struct profile_file *f, FILE *out)
{
    fprintf(out, "%s: %s\n%s; load of the machine %.2f before, %.2f after\n\n", f->profile.name, f->machine, f->runtime,
            f->load_before, f->load_after);
    print_laws(f, out);
    fprintf(out, "\na model costs %.3g us beyond its operators", 1e6 * f->profile.run_s);
    if (isfinite(f->profile.memory_factor)) {
        fprintf(out, "; it takes %.2f B of memory per byte of its file", f->profile.memory_factor);
    }
    fputc('\n', out);
    if (f->n_model) {
        print_models(f, out);
    }
}

/* --- figure --- */

enum { PANELS = N_KERNEL + 3 }; /* and threads, batches, whole models */

struct panel {
    double low, high;
    int n;
};

static void put_point(struct panel *p, FILE *data, double law_s, double s, int held)
{
    if (law_s > 0 && s > 0 && isfinite(law_s) && isfinite(s)) {
        fprintf(data, "%.6g %.6g %d\n", law_s, s, held);
        p->low = fmin(p->low, fmin(law_s, s));
        p->high = fmax(p->high, fmax(law_s, s));
        p->n++;
    }
}

static void end_panel(const struct panel *p, FILE *data, FILE *head, int n, const char *title, const char *note)
{
    char name[32];
    fputs("\n\n", data);
    snprintf(name, sizeof name, "panel[%d]", n);
    plot_text(head, name, title);
    snprintf(name, sizeof name, "note[%d]", n);
    plot_text(head, name, note);
    fprintf(head, "low[%d] = %.6g\nhigh[%d] = %.6g\n", n, p->low / 1.5, n, p->high * 1.5);
}

/* What several threads, or a batch, take of a kind: its measured time alone, by the share that they do not change. */
static double scaled_s(const struct cost_profile *c, const struct profile_sample *s, double alone_s)
{
    const double serial = c->serial[s->kernel], fixed = c->batch_fixed[s->kernel];
    return alone_s * (s->use == PROFILE_THREADS ? serial + (1 - serial) / s->threads : fixed + (1 - fixed) * s->batch);
}

/* All kinds in one panel.  Rows of a kind begin with the one that is alone. */
static struct panel put_scaling(const struct profile_file *f, enum profile_use use, FILE *data)
{
    struct panel p = {.low = INFINITY};
    double alone_s[N_KERNEL] = {0};
    for (size_t i = 0; i < f->n_sample; i++) {
        const struct profile_sample *s = &f->sample[i];
        if (s->use == use && (use == PROFILE_THREADS ? s->threads : s->batch) == 1) {
            alone_s[s->kernel] = s->s;
        } else if (s->use == use) {
            put_point(&p, data, scaled_s(&f->profile, s, alone_s[s->kernel]), s->s, 0);
        }
    }
    return p;
}

static int put_panels(const struct profile_file *f, FILE *data, FILE *head)
{
    int n = 0;
    char note[96], error[32];
    fprintf(head, "array panel[%d]\narray note[%d]\narray low[%d]\narray high[%d]\n", PANELS, PANELS, PANELS, PANELS);
    for (int k = 0; k < N_KERNEL; k++) {
        struct panel p = {.low = INFINITY};
        for (size_t i = 0; i < f->n_sample; i++) {
            const struct profile_sample *s = &f->sample[i];
            if ((int)s->kernel == k && s->use == PROFILE_LAW) {
                put_point(&p, data, s->law_s, s->s, s->held);
            }
        }
        if (p.n) {
            snprintf(note, sizeof note, "held back: off by %s %%", percent(f->profile.law[k].held_error, error, sizeof error));
            end_panel(&p, data, head, ++n, kernel_name[k], note);
        }
    }
    struct panel p = put_scaling(f, PROFILE_THREADS, data);
    if (p.n) {
        end_panel(&p, data, head, ++n, "threads", "by the serial share");
    }
    p = put_scaling(f, PROFILE_BATCH, data);
    if (p.n) {
        end_panel(&p, data, head, ++n, "batches", "by the batch-free share");
    }
    p = (struct panel){.low = INFINITY};
    for (size_t i = 0; i < f->n_model; i++) {
        put_point(&p, data, f->model[i].law_s, f->model[i].measured_s, 1);
    }
    if (p.n) {
        end_panel(&p, data, head, ++n, "whole models", "sums of the laws");
    }
    fprintf(head, "panels = %d\n", n);
    return n;
}

static int write_files(const struct profile_file *f, const char *stem, const char *base, struct err *e)
{
    struct gnuplot_files to;
    int rc = gnuplot_open(&to, stem, e);
    if (rc) {
        return rc;
    }
    gnuplot_begin(to.script, base);
    plot_text(to.script, "heading", f->profile.name);
    plot_text(to.script, "subheading", f->machine);
    if (put_panels(f, to.data, to.script) == 0) {
        rc = ERR_SET(e, ERR_INPUT, "%s: found no measurements in it, wanted what tiersim calibrate wrote", f->profile.name);
    }
    gnuplot_lines(to.script, script);
    return gnuplot_close(&to, rc, e);
}

int calibration_draw(const char *path, const char *folder, char *stem, size_t n, struct err *e)
{
    char name[NAME_MAX + 1], base[NAME_MAX + 32], script_name[NAME_MAX + 40];
    struct arena a = {0};
    struct profile_file f;
    int rc = profile_file_read(&f, path, &a, e);
    if (rc == 0) {
        snprintf(base, sizeof base, "%s_calibration", export_stem(path, name, sizeof name));
        snprintf(script_name, sizeof script_name, "%s.gp", base);
        snprintf(stem, n, "%s/%s", folder, base);
        rc = write_files(&f, stem, base, e);
    }
    arena_clear(&a);
    return rc < 0 ? rc : gnuplot_run(folder, script_name, e);
}
