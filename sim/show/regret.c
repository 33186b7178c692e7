/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/regret.h"

#include <math.h>

#include "sim/show/estimate.h"
#include "sim/show/number.h"

enum { CELL = 64, N_BOUNDED = 4 };

static const struct bounded {
    enum metric metric, bound;
    enum scale_of what;
    const char *name;
} bounded[N_BOUNDED] = {
    {M_OBJECTIVE, M_BOUND_OBJECTIVE, SCALE_PLAIN, "objective"},
    {M_LATENCY_CHARGED, M_BOUND_LATENCY, SCALE_TIME, "latency"},
    {M_MISS_RATIO, M_BOUND_MISS, SCALE_SHARE, "missed"},
    {M_ENERGY_PER_JOB, M_BOUND_ENERGY, SCALE_ENERGY, "energy per job"},
};

/* Of one metric over the policies. */
struct column {
    struct stats_interval *bound, *above;
    struct scale scale;
    bool shown;
};

static struct column take(const struct result *r, const struct bounded *b, struct arena *a)
{
    struct column c = {.bound = ARENA_NEW(a, (size_t)r->n_policy + 1, struct stats_interval),
                       .above = ARENA_NEW(a, (size_t)r->n_policy + 1, struct stats_interval)};
    double *value = ARENA_NEW(a, (size_t)r->n_policy + 1, double);
    for (uint32_t p = 0; !a->failed && p < r->n_policy; p++) {
        struct replications of = replications_of(r, p);
        value[p] = analysis_mean(of, ALL_CLASSES, b->metric, LEVEL).estimate;
        c.bound[p] = analysis_mean(of, ALL_CLASSES, b->bound, LEVEL);
        c.bound[p].half_width = NAN;
        c.above[p] = analysis_above(of, ALL_CLASSES, b->metric, b->bound, LEVEL);
        c.shown = c.shown || (isfinite(c.bound[p].estimate) && value[p] != 0);
    }
    c.scale = scale_for(b->what, value, a->failed ? 0 : r->n_policy);
    return c;
}

static void add(struct table *t, struct stats_interval x, struct scale s, bool with_half)
{
    char value[CELL], half[CELL];
    number_text(x, s, value, half, sizeof value);
    table_add(t, "%s", value);
    if (with_half) {
        table_add(t, "%s", half);
    }
}

void regret_print(const struct result *r, FILE *out, struct paper paper)
{
    struct arena a = {0};
    struct table t = {0};
    struct column of[N_BOUNDED];
    bool any = false;
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    for (int i = 0; i < N_BOUNDED; i++) {
        of[i] = take(r, &bounded[i], &a);
        any = any || of[i].shown;
        const char *unit = of[i].scale.unit;
        const char *over = unit[0] ? arena_format(&a, "%s, %s", bounded[i].name, unit) : bounded[i].name;
        if (of[i].shown) {
            table_add_column(&t, (struct table_column){.over = over ? over : "", .name = "bound"});
            table_add_column(&t, (struct table_column){.name = "above it"});
            table_add_column(&t, (struct table_column){.name = "", .joined = true});
        }
    }
    for (uint32_t p = 0; any && !a.failed && p < r->n_policy; p++) {
        table_add(&t, "%s", r->policy[p]);
        for (int i = 0; i < N_BOUNDED; i++) {
            if (of[i].shown) {
                add(&t, of[i].bound[p], of[i].scale, false);
                add(&t, of[i].above[p], of[i].scale, true);
            }
        }
    }
    if (any) {
        fprintf(out, "\n%sRegret: how far each is above what no policy can beat%s\n\n", paper.colour ? "\033[1m" : "",
                paper.colour ? "\033[0m" : "");
        table_print(&t, out, paper);
        fprintf(out, "Latency: of the whole cohort, jobs without a result charged.  Bounds hold for all policies that carry "
                     "out all\njobs, or for all, where one loses some; energy for as many jobs as are finished.\n");
    }
    struct stats_interval best = analysis_mean(replications_of(r, 0), ALL_CLASSES, M_OPTIMUM, LEVEL);
    if (any && isfinite(best.estimate) && best.n == r->n_replication) { /* else it is of others than the bounds */
        const bool objective = r->objective[0];
        char text[CELL];
        number_with_unit(best, objective ? (struct scale){1, ""} : scale_for(SCALE_TIME, &best.estimate, 1), text, sizeof text);
        fprintf(out, "The best of all placements at release, found by trying them: %s %s.\n",
                objective ? "objective" : "latency", text);
    }
    table_clear(&t);
    arena_clear(&a);
}
