/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/plot_figures.h"

#include <math.h>
#include <stdlib.h>

#include "sim/show/estimate.h"
#include "sim/show/number.h"

static void put_quoted(FILE *f, const char *s)
{
    fputc('\'', f);
    for (; *s; s++) {
        fputs(*s == '\'' ? "''" : (char[]){(unsigned char)*s < ' ' ? ' ' : *s, 0}, f);
    }
    fputc('\'', f);
}

void plot_text(FILE *head, const char *name, const char *value)
{
    fprintf(head, "%s = ", name);
    put_quoted(head, value);
    fputc('\n', head);
}

static void put_texts(FILE *head, const char *name, const char *const *value, size_t n)
{
    fprintf(head, "array %s[%zu] = [", name, n);
    for (size_t i = 0; i < n; i++) {
        fputs(i ? ", " : "", head);
        put_quoted(head, value[i]);
    }
    fputs("]\n", head);
}

static void put_numbers(FILE *head, const char *name, const double *value, size_t n)
{
    fprintf(head, "array %s[%zu] = [", name, n);
    for (size_t i = 0; i < n; i++) {
        fprintf(head, "%s%.6g", i ? ", " : "", value[i]);
    }
    fputs("]\n", head);
}

/* What every figure says of the experiment. */
static void put_headings(FILE *head, const struct result *r, const char *what)
{
    char text[512], time[64];
    snprintf(text, sizeof text, "%s: %s", r->name, what);
    plot_text(head, "heading", text);
    int used = snprintf(text, sizeof text, "%s%s%u replication%s", r->about, r->about[0] ? "; " : "", r->n_replication,
                        r->n_replication == 1 ? "" : "s");
    if (r->jobs == 0 && isfinite(r->duration_s) && used > 0 && (size_t)used < sizeof text) {
        snprintf(text + used, sizeof text - (size_t)used, " of %s",
                 number_given(r->duration_s, SCALE_TIME, time, sizeof time));
    }
    plot_text(head, "subheading", text);
    put_texts(head, "policy", r->policy, r->n_policy);
}

/* All latencies of a workload under a policy, over replications and segments. */
static int pool(const struct result *r, uint32_t policy, uint32_t class, struct sketch *s)
{
    int rc = 0;
    *s = (struct sketch){0};
    for (uint32_t k = 0; k < r->n_replication && rc == 0; k++) {
        const struct record *rec = &r->record[(size_t)policy * r->n_replication + k];
        if (rec->status == RECORD_OK || rec->status == RECORD_SATURATED) {
            rc = analysis_pool(rec, class, s);
        }
    }
    return rc;
}

/* Range of a panel, and how far down its lines go. */
struct extent {
    double low, high;
    uint64_t n;
};

/* One line: latency and the share of jobs that take longer, in steps. */
static int put_line(const struct result *r, uint32_t policy, uint32_t class, FILE *data, struct extent *x)
{
    struct sketch s;
    int rc = pool(r, policy, class, &s);
    uint64_t n = sketch_count(&s), above = n;
    struct sketch_pair *pair = calloc(SKETCH_INFINITE + 1, sizeof *pair);
    size_t n_pair = pair ? sketch_pairs(&s, pair, SKETCH_INFINITE + 1) : 0;
    fprintf(data, "# workload %s, policy %s, %llu jobs\n", r->class_name[class], r->policy[policy],
            (unsigned long long)n);
    /* Left of where 1 in 20 is done the lines lie on the border, however far down a few jobs reach. */
    double last = NAN, start = sketch_quantile(&s, 0.05);
    start = isfinite(start) ? start : 0;
    for (size_t i = 0; i < n_pair && pair[i].bucket != SKETCH_INFINITE; i++) {
        double value = sketch_bucket_value(pair[i].bucket), before = (double)above / (double)n;
        above -= pair[i].count;
        if (value > 0) {
            fprintf(data, "%.6g %.6g\n", value, before);
            last = value;
            x->low = fmin(x->low, fmax(value, start));
            x->high = value > x->high ? value : x->high;
        }
    }
    if (last > 0 && above > 0) { /* jobs that never finish: level to the right */
        fprintf(data, "%.6g %.6g\n%.6g %.6g\n", last, (double)above / (double)n, 1e9, (double)above / (double)n);
    } else if (n_pair == 0 || !(last > 0)) {
        fprintf(data, "%.6g %.6g\n", 1e-9, n > 0 ? (double)above / (double)n : NAN);
    }
    fputs("\n\n", data);
    x->n = n > x->n ? n : x->n;
    free(pair);
    sketch_clear(&s);
    return pair ? rc : -ERR_MEMORY;
}

int plot_latency(const struct result *r, FILE *data, FILE *head, struct err *e)
{
    double *low = calloc((size_t)r->n_class + 1, sizeof *low), *high = calloc((size_t)r->n_class + 1, sizeof *high);
    double *deadline = calloc((size_t)r->n_class + 1, sizeof *deadline),
           *jobs = calloc((size_t)r->n_class + 1, sizeof *jobs);
    uint64_t n = 0;
    int rc = low && high && deadline && jobs ? 0 : -ERR_MEMORY;
    fprintf(data, "# latency (s), share of the jobs that take longer; jobs without a result take for ever\n");
    for (uint32_t c = 0; c < r->n_class && rc == 0; c++) {
        struct extent x = {.low = INFINITY};
        for (uint32_t p = 0; p < r->n_policy && rc == 0; p++) {
            rc = put_line(r, p, c, data, &x);
        }
        deadline[c] = isfinite(r->deadline_s[c]) ? r->deadline_s[c] : 0;
        low[c] = 0.8 * (deadline[c] > 0 && deadline[c] < x.low ? deadline[c] : x.low);
        high[c] = 1.25 * (deadline[c] > x.high ? deadline[c] : x.high);
        jobs[c] = (double)x.n;
        n = x.n > n ? x.n : n;
        if (rc == 0 && !(x.high > 0 && isfinite(x.low))) {
            low[c] = deadline[c] > 0 ? 1e-2 * deadline[c] : 1e-3;
            high[c] = deadline[c] > 0 ? 1.25 * deadline[c] : 1;
        }
    }
    if (rc == 0 && n == 0) {
        rc = ERR_SET(e, ERR_INPUT, "%s: no job was measured, there is nothing to draw", r->path);
    } else if (rc == 0) {
        put_headings(head, r, "how long jobs take");
        put_texts(head, "workload", r->class_name, r->n_class);
        fprintf(head, "# most of any policy; then s, deadline 0 = none\n");
        put_numbers(head, "jobs", jobs, r->n_class);
        put_numbers(head, "deadline", deadline, r->n_class);
        put_numbers(head, "low", low, r->n_class);
        put_numbers(head, "high", high, r->n_class);
        fprintf(head, "least = %g\n", n >= 1000000 ? 1e-4 : n >= 1000 ? 1e-3 : 1e-2);
    } else {
        ERR_SET(e, ERR_MEMORY, "no memory for the figure");
    }
    free(low);
    free(high);
    free(deadline);
    free(jobs);
    return rc;
}

/* A panel per workload, and one of all together in front where asked for; a bar per policy, `times` the metric. */
static int put_bars(const struct result *r, enum metric m, double times, bool all, FILE *data, FILE *head, struct err *e)
{
    const uint32_t n_all = all ? 1 : 0, n = r->n_class + n_all;
    double *most = calloc((size_t)n + 1, sizeof *most);
    const char **name = calloc((size_t)n + 1, sizeof *name);
    for (uint32_t i = 0; most && name && i < n; i++) {
        name[i] = i < n_all ? "all workloads" : r->class_name[i - n_all];
        fprintf(data, "# %s%s\n", i < n_all ? "" : "workload ", name[i]);
        for (uint32_t p = 0; p < r->n_policy; p++) {
            struct stats_interval x = analysis_mean(replications_of(r, p), i < n_all ? ALL_CLASSES : i - n_all, m, LEVEL);
            double half = isfinite(x.half_width) ? x.half_width : 0, end = times * (x.estimate + half);
            fprintf(data, "%u %.6g %.6g\n", p + 1, times * x.estimate, times * half);
            most[i] = end > most[i] ? end : most[i];
        }
        fputs("\n\n", data);
        most[i] = most[i] > 0 ? 1.06 * most[i] : 1;
        most[i] = m == M_MISS_RATIO ? fmin(most[i], 104) : most[i];
    }
    int rc = most && name ? 0 : ERR_SET(e, ERR_MEMORY, "no memory for the figure");
    if (rc == 0) {
        put_texts(head, "workload", name, n);
        put_numbers(head, "most", most, n);
    }
    free(most);
    free(name);
    return rc;
}

int plot_miss(const struct result *r, FILE *data, FILE *head, struct err *e)
{
    fprintf(data, "# row of the policy, missed (%%), half of its 95 %% interval\n");
    put_headings(head, r, "jobs that miss their deadline or never finish");
    plot_text(head, "axis", "missed, %");
    return put_bars(r, M_MISS_RATIO, 100, false, data, head, e);
}

int plot_objective(const struct result *r, FILE *data, FILE *head, struct err *e)
{
    if (!r->objective[0]) {
        return ERR_SET(e, ERR_INPUT, "%s: the scenario has no `objective`, there is nothing to draw", r->path);
    }
    fprintf(data, "# row of the policy, objective, half of its 95 %% interval\n");
    put_headings(head, r, "objective, lower is better");
    plot_text(head, "subheading", r->objective);
    plot_text(head, "axis", "per job");
    return put_bars(r, M_OBJECTIVE, 1, r->n_class > 1, data, head, e);
}

int plot_energy(const struct result *r, FILE *data, FILE *head, struct err *e)
{
    double most[2] = {0, 0};
    double *total = calloc((size_t)r->n_policy + 1, sizeof *total);
    if (!total) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the figure");
    }
    for (uint32_t p = 0; p < r->n_policy; p++) {
        total[p] = analysis_mean(replications_of(r, p), ALL_CLASSES, M_ENERGY_TOTAL, LEVEL).estimate;
    }
    struct scale s = scale_for(SCALE_ENERGY, total, r->n_policy);
    fprintf(data,
            "# row of the policy; for each tier and the links, from and to of its part above idle, %s; then of idle\n",
            s.unit);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        double at = 0;
        fprintf(data, "%u", p + 1);
        for (uint32_t i = 0; i < 2 * (r->n_tier + 1); i++) {
            bool busy = i <= r->n_tier;
            double x = estimate_tier(r, p, busy ? i : i - r->n_tier - 1, busy).estimate / s.per,
                   to = at + (isfinite(x) ? x : 0);
            fprintf(data, " %.6g %.6g", at, to);
            at = to;
            most[busy ? 0 : 1] = at > most[busy ? 0 : 1] ? at : most[busy ? 0 : 1];
        }
        fputc('\n', data);
    }
    free(total);
    if (!(most[1] > 0)) {
        return ERR_SET(e, ERR_INPUT, "%s: no energy was used, there is nothing to draw: the scenario gives no power",
                       r->path);
    }
    most[0] = most[0] > 0 ? 1.04 * most[0] : 1;
    most[1] *= 1.04;
    put_headings(head, r, "energy of the measured window by tier");
    put_texts(head, "tier", r->tier, (size_t)r->n_tier + 1);
    put_numbers(head, "most", most, 2);
    plot_text(head, "unit", s.unit);
    return 0;
}
