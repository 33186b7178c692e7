/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/show/estimate.h"
#include "sim/show/leaderboard.h"
#include "sim/show/language_models.h"
#include "sim/show/loops.h"
#include "sim/show/number.h"
#include "sim/show/regret.h"

enum { CELL = 64 };

static const char *const tick = "–";

/* Estimates of one figure over all policies, and the unit that fits them. */
struct column {
    struct stats_interval *x; /* [n_policy] */
    struct scale scale;
};

static struct scale fit(const struct stats_interval *x, uint32_t n, enum scale_of what)
{
    double *value = calloc((size_t)n + 1, sizeof *value);
    for (uint32_t p = 0; value && p < n; p++) {
        value[p] = x[p].estimate;
    }
    struct scale s = scale_for(what, value, value ? n : 0);
    free(value);
    return s;
}

static struct stats_interval *take_column(const struct result *r, struct arena *a)
{
    return ARENA_NEW(a, (size_t)r->n_policy + 1, struct stats_interval);
}

static struct column metric_column(const struct result *r, uint32_t class, enum metric m, enum scale_of what,
                                   struct arena *a)
{
    struct column c = {.x = take_column(r, a)};
    for (uint32_t p = 0; c.x && p < r->n_policy; p++) {
        c.x[p] = analysis_mean(replications_of(r, p), class, m, LEVEL);
    }
    c.scale = fit(c.x, c.x ? r->n_policy : 0, what);
    return c;
}

/* With a mark before (then there is no interval) or after it. */
static void add_marked(struct table *t, const struct column *c, uint32_t policy, bool with_half, const char *before,
                       const char *after)
{
    char value[CELL], half[CELL];
    if (!c->x) {
        table_add(t, "%s", tick);
    } else {
        number_text(c->x[policy], c->scale, value, half, sizeof value);
        table_add(t, "%s%s%s", isinf(c->x[policy].estimate) ? "" : before, value, after);
    }
    if (with_half) {
        table_add(t, "%s", c->x && !before[0] ? half : "");
    }
}

static void add_value(struct table *t, const struct column *c, uint32_t policy, bool with_half, const char *before)
{
    add_marked(t, c, policy, with_half, before, "");
}

/* Jobs still open may end in time: the miss ratio lies from low to c, as "2.1 to 2.4" where that is to be seen. */
static void add_missed(struct table *t, const struct column *low, const struct column *c, uint32_t policy)
{
    char least[CELL], most[CELL], half[CELL];
    if (low->x && c->x) {
        number_text((struct stats_interval){low->x[policy].estimate, c->x[policy].half_width, 0}, c->scale, least, half,
                    sizeof least);
        number_text(c->x[policy], c->scale, most, half, sizeof most);
        if (strcmp(least, most) != 0) {
            table_add(t, "%s to %s", least, most);
            table_add(t, "%s", half);
            return;
        }
    }
    add_value(t, c, policy, true, "");
}

/* Zero or unknown for all policies. */
static bool is_nought(const struct column *c, uint32_t n_policy)
{
    bool nought = true;
    for (uint32_t p = 0; c->x && p < n_policy; p++) {
        nought = nought && !(c->x[p].estimate != 0 && !isnan(c->x[p].estimate));
    }
    return nought;
}

static bool is_known(const struct column *c, uint32_t n_policy)
{
    bool known = false;
    for (uint32_t p = 0; c->x && p < n_policy; p++) {
        known |= !isnan(c->x[p].estimate);
    }
    return known;
}

/* A share that is 100 % only if nothing is missing: rounded down. */
static void add_finished(struct table *t, const struct column *c, uint32_t policy)
{
    double percent = c->x ? 100 * c->x[policy].estimate : NAN;
    if (isnan(percent)) {
        table_add(t, "%s", tick);
    } else {
        table_add(t, "%.*f", percent < 100 ? 2 : 0, floor(percent * 100) / 100);
    }
}

static const char *heading(struct arena *a, const char *name, struct scale s)
{
    const char *text = s.unit[0] ? arena_format(a, "%s, %s", name, s.unit) : name;
    return text ? text : name;
}

/* A column and the one of its half widths. */
static void add_columns(struct table *t, const char *over, const char *name, bool with_half)
{
    table_add_column(t, (struct table_column){.over = over, .name = name});
    if (with_half) {
        table_add_column(t, (struct table_column){.name = "", .joined = true});
    }
}

/* Row of r->q that holds this quantile, or -1. */
static int quantile_row(const struct result *r, double q)
{
    for (uint32_t i = 0; i < r->n_q; i++) {
        if (r->q[i] == q) {
            return (int)i;
        }
    }
    return -1;
}

/* Latency, misses and cost of each policy, of a workload or of all; true if a quantile has too few samples. */
static bool print_overview(const struct result *r, uint32_t class, FILE *out, struct paper paper)
{
    bool few = false;
    static const double q[3] = {0.5, 0.95, 0.99};
    struct table t = {0};
    struct arena a = {0};
    struct column mean = metric_column(r, class, M_LATENCY_MEAN, SCALE_TIME, &a);
    struct column missed = metric_column(r, class, M_MISS_RATIO, SCALE_SHARE, &a);
    struct column missed_low = metric_column(r, class, M_MISS_LOW, SCALE_SHARE, &a);
    struct column finished = metric_column(r, class, M_FINISHED_RATIO, SCALE_SHARE, &a);
    struct column accuracy = metric_column(r, class, M_ACCURACY, SCALE_SHARE, &a);
    struct column energy = metric_column(r, class, M_ENERGY_PER_JOB, SCALE_ENERGY, &a);
    struct column rate = metric_column(r, class, M_THROUGHPUT, SCALE_PLAIN, &a);
    struct column quantile[3];
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    add_columns(&t, heading(&a, "latency", mean.scale), "mean", true);
    for (int i = 0; i < 3; i++) {
        int row = quantile_row(r, q[i]);
        quantile[i] = (struct column){.x = row < 0 ? NULL : take_column(r, &a), .scale = mean.scale};
        for (uint32_t p = 0; quantile[i].x && p < r->n_policy; p++) {
            quantile[i].x[p] = estimate_quantile(r, p, class, (uint32_t)row);
        }
        add_columns(&t, NULL, i == 0 ? "p50" : i == 1 ? "p95" : "p99", i == 2);
    }
    add_columns(&t, "jobs, %", "missed", true);
    add_columns(&t, NULL, "finished", false);
    const bool any_accuracy = is_known(&accuracy, r->n_policy), any_energy = !is_nought(&energy, r->n_policy);
    if (any_accuracy) {
        add_columns(&t, "results, %", "right", true);
    }
    if (any_energy) {
        add_columns(&t, "energy", heading(&a, "per job", energy.scale), true);
    }
    if (class == ALL_CLASSES) {
        add_columns(&t, "throughput", "jobs/s", true);
    }
    for (uint32_t p = 0; p < r->n_policy; p++) {
        bool steady = !standing_is_unsteady(analysis_standing(replications_of(r, p)));
        table_add(&t, "%s", r->policy[p]);
        add_value(&t, &mean, p, true, steady ? "" : "≥");
        for (int i = 0; i < 3; i++) {
            int row = quantile_row(r, q[i]);
            bool enough = row < 0 || estimate_is_enough(r, p, class, (uint32_t)row);
            add_marked(&t, &quantile[i], p, i == 2, steady ? "" : "≥", enough ? "" : "*");
            few = few || !enough;
        }
        add_missed(&t, &missed_low, &missed, p);
        add_finished(&t, &finished, p);
        if (any_accuracy) {
            add_value(&t, &accuracy, p, true, "");
        }
        if (any_energy) {
            add_value(&t, &energy, p, true, "");
        }
        if (class == ALL_CLASSES) {
            add_value(&t, &rate, p, true, "");
        }
    }
    table_print(&t, out, paper);
    table_clear(&t);
    arena_clear(&a);
    return few;
}

static bool is_given(const struct result *r)
{
    return r->given_arrivals[0] || r->given_links[0];
}

static void print_title(const struct result *r, FILE *out, struct paper paper, const char *title)
{
    fprintf(out, "\n%s%s%s%s\n\n", paper.colour ? "\033[1m" : "", title, is_given(r) ? ", given this trace" : "",
            paper.colour ? "\033[0m" : "");
}

static bool has_jobs(const struct result *r, uint32_t class)
{
    for (size_t i = 0; i < (size_t)r->n_policy * r->n_replication; i++) {
        if (r->record[i].class_metric[class][M_JOBS] > 0) {
            return true;
        }
    }
    return false;
}

static bool print_workloads(const struct result *r, FILE *out, struct paper paper)
{
    bool few = false;
    for (uint32_t c = 0; r->n_class > 1 && c < r->n_class; c++) {
        char title[256], number[CELL];
        if (isfinite(r->deadline_s[c])) {
            snprintf(title, sizeof title, "Workload %s, deadline %s", r->class_name[c],
                     number_given(r->deadline_s[c], SCALE_TIME, number, sizeof number));
        } else {
            snprintf(title, sizeof title, "Workload %s", r->class_name[c]);
        }
        print_title(r, out, paper, title);
        if (has_jobs(r, c)) {
            few |= print_overview(r, c, out, paper);
        } else {
            fprintf(out, "No job of it was measured.\n");
        }
    }
    return few;
}

/* Where the time of finished jobs goes; parts that are nowhere are left out. */
static void print_breakdown(const struct result *r, FILE *out, struct paper paper)
{
    static const struct {
        enum metric metric;
        const char *name;
    } part[] = {{M_LATENCY_DECIDE, "decide"},   {M_LATENCY_UPLOAD, "upload"},     {M_LATENCY_QUEUE, "queue"},
                {M_LATENCY_COMPUTE, "compute"}, {M_LATENCY_DOWNLOAD, "download"}, {M_LATENCY_OTHER, "other"}};
    enum { N_PART_SHOWN = sizeof part / sizeof part[0] };
    struct table t = {0};
    struct arena a = {0};
    struct column mean = metric_column(r, ALL_CLASSES, M_LATENCY_MEAN, SCALE_TIME, &a), of[N_PART_SHOWN];
    bool shown[N_PART_SHOWN] = {false};
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    for (int i = 0; i < N_PART_SHOWN; i++) {
        of[i] = metric_column(r, ALL_CLASSES, part[i].metric, SCALE_TIME, &a);
        of[i].scale = mean.scale;
        for (uint32_t p = 0; of[i].x && p < r->n_policy; p++) {
            shown[i] = shown[i] || of[i].x[p].estimate != 0;
        }
        if (shown[i]) {
            add_columns(&t, "", part[i].name, true);
        }
    }
    add_columns(&t, "", "sum", true);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        table_add(&t, "%s", r->policy[p]);
        for (int i = 0; i < N_PART_SHOWN; i++) {
            if (shown[i]) {
                add_value(&t, &of[i], p, true, "");
            }
        }
        add_value(&t, &mean, p, true, "");
    }
    print_title(r, out, paper, heading(&a, "Where the latency of finished jobs goes: means", mean.scale));
    table_print(&t, out, paper);
    table_clear(&t);
    arena_clear(&a);
}

static struct column tier_column(const struct result *r, uint32_t tier, bool busy, struct arena *a)
{
    struct column c = {.x = take_column(r, a)};
    for (uint32_t p = 0; c.x && p < r->n_policy; p++) {
        c.x[p] = estimate_tier(r, p, tier, busy);
    }
    return c;
}

static void print_energy(const struct result *r, FILE *out, struct paper paper)
{
    struct table t = {0};
    struct arena a = {0};
    struct column total = metric_column(r, ALL_CLASSES, M_ENERGY_TOTAL, SCALE_ENERGY, &a);
    if (is_nought(&total, r->n_policy)) {
        arena_clear(&a);
        return; /* a scenario without power */
    }
    struct column *of = ARENA_NEW(&a, 2 * ((size_t)r->n_tier + 1), struct column);
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    for (uint32_t i = 0; of && i < 2 * (r->n_tier + 1); i++) {
        of[i] = tier_column(r, i / 2, i % 2 == 0, &a);
        of[i].scale = total.scale;
        add_columns(&t, i % 2 == 0 ? r->tier[i / 2] : NULL, i % 2 == 0 ? "busy" : "idle", false);
    }
    add_columns(&t, "", "total", true);
    for (uint32_t p = 0; of && p < r->n_policy; p++) {
        table_add(&t, "%s", r->policy[p]);
        for (uint32_t i = 0; i < 2 * (r->n_tier + 1); i++) {
            add_value(&t, &of[i], p, false, "");
        }
        add_value(&t, &total, p, true, "");
    }
    print_title(r, out, paper, heading(&a, "Energy of the window by tier", total.scale));
    table_print(&t, out, paper);
    table_clear(&t);
    arena_clear(&a);
}

/* Where decisions take time or messages: how long they take, and what deciding costs. */
static void print_deciding(const struct result *r, FILE *out, struct paper paper)
{
    struct table t = {0};
    struct arena a = {0};
    struct column late = metric_column(r, ALL_CLASSES, M_DECIDE_P99, SCALE_TIME, &a);
    struct column half = metric_column(r, ALL_CLASSES, M_DECIDE_P50, SCALE_TIME, &a);
    struct column bytes = metric_column(r, ALL_CLASSES, M_CONTROL_BYTES, SCALE_PLAIN, &a);
    struct column energy = metric_column(r, ALL_CLASSES, M_ENERGY_CONTROL, SCALE_ENERGY, &a);
    struct column settings = metric_column(r, ALL_CLASSES, M_SETTINGS, SCALE_PLAIN, &a);
    struct column delay = metric_column(r, ALL_CLASSES, M_SET_DELAY, SCALE_TIME, &a);
    struct column stale = metric_column(r, ALL_CLASSES, M_STALE_ORDERS, SCALE_PLAIN, &a);
    const bool slow = !is_nought(&settings, r->n_policy), orders = !is_nought(&stale, r->n_policy);
    half.scale = late.scale;
    if (!is_nought(&late, r->n_policy) || !is_nought(&bytes, r->n_policy)) {
        table_add_column(&t, (struct table_column){.name = "policy", .text = true});
        add_columns(&t, heading(&a, "decided after", late.scale), "p50", true);
        add_columns(&t, NULL, "p99", true);
        add_columns(&t, "messages", "bytes", true);
        add_columns(&t, "energy", energy.scale.unit, true);
        if (slow) {
            add_columns(&t, heading(&a, "settings", delay.scale), "number", true);
            add_columns(&t, NULL, "held after", true);
        }
        if (orders) {
            add_columns(&t, "orders", "stale", true);
        }
        for (uint32_t p = 0; p < r->n_policy; p++) {
            table_add(&t, "%s", r->policy[p]);
            add_value(&t, &half, p, true, "");
            add_value(&t, &late, p, true, "");
            add_value(&t, &bytes, p, true, "");
            add_value(&t, &energy, p, true, "");
            if (slow) {
                add_value(&t, &settings, p, true, "");
                add_value(&t, &delay, p, true, "");
            }
            if (orders) {
                add_value(&t, &stale, p, true, "");
            }
        }
        print_title(r, out, paper, "Deciding: of the window, bytes over all hops");
        table_print(&t, out, paper);
    }
    table_clear(&t);
    arena_clear(&a);
}

/* What policies report of themselves: a line for each of its names, in whatever unit it is. */
static void print_own(const struct result *r, FILE *out, struct paper paper)
{
    struct table t = {0};
    char value[CELL], half[CELL];
    bool any = false;
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    table_add_column(&t, (struct table_column){.over = "", .name = "of itself", .text = true});
    add_columns(&t, "", "mean", true);
    for (uint32_t p = 0; p < r->n_policy; p++) {
        for (uint32_t i = 0; i < r->n_own; i++) {
            struct stats_interval x = estimate_own(r, p, r->own[i]);
            if (!isnan(x.estimate) && !loops_own(r->own[i])) {
                any = true;
                number_text(x, scale_for(SCALE_PLAIN, &x.estimate, 1), value, half, sizeof value);
                table_add(&t, "%s", r->policy[p]);
                table_add(&t, "%s", r->own[i]);
                table_add(&t, "%s", value);
                table_add(&t, "%s", half);
            }
        }
    }
    if (any) {
        print_title(r, out, paper, "What policies report of themselves");
        table_print(&t, out, paper);
    }
    table_clear(&t);
}

/* The three figures that are compared, each with the word for less and for more of it. */
static const struct compared {
    enum metric metric;
    enum scale_of what;
    const char *name, *less, *more;
} compared[] = {
    {M_LATENCY_MEAN, SCALE_TIME, "mean latency", "faster", "slower"},
    {M_MISS_RATIO, SCALE_SHARE, "missed", "fewer misses", "more misses"},
    {M_ENERGY_PER_JOB, SCALE_ENERGY, "energy per job", "less energy", "more energy"},
};
enum { N_COMPARED = sizeof compared / sizeof compared[0] };

/* One compared figure of all policies. */
struct differences {
    struct difference *x; /* [n_policy] */
    struct column column;
};

static struct differences take_differences(const struct result *r, const struct compared *what, struct arena *a)
{
    struct differences d = {.x = ARENA_NEW(a, (size_t)r->n_policy + 1, struct difference),
                            .column = {.x = take_column(r, a)}};
    for (uint32_t p = 0; d.x && d.column.x && p < r->n_policy; p++) {
        d.x[p] = analysis_difference(replications_of(r, p), replications_of(r, r->compare_to), ALL_CLASSES,
                                     what->metric, LEVEL);
        d.column.x[p] = d.x[p].of;
    }
    d.column.scale = fit(d.column.x, d.column.x ? r->n_policy : 0, what->what);
    return d;
}

/* What the intervals of a policy show, in words. */
static void add_verdict(struct table *t, const struct differences d[N_COMPARED], uint32_t p)
{
    char text[200] = "";
    for (int i = 0; i < N_COMPARED; i++) {
        enum call call = d[i].x[p].call;
        const char *word = call == CALL_LOWER     ? compared[i].less
                           : call == CALL_HIGHER  ? compared[i].more
                           : call == CALL_UNEQUAL ? "†"
                                                  : NULL;
        if (call == CALL_UNSTEADY || call == CALL_FEW || call == CALL_GIVEN) {
            snprintf(text, sizeof text, "%s", call_text(call));
            break;
        }
        if (word) {
            size_t used = strlen(text);
            snprintf(text + used, sizeof text - used, "%s%s", used ? ", " : "", word);
        }
    }
    table_add(t, "%s", text[0] ? text : "no difference");
}

static void print_differences(const struct result *r, FILE *out, struct paper paper)
{
    struct table t = {0};
    struct arena a = {0};
    struct differences d[N_COMPARED];
    bool any_unequal = false;
    if (r->compare_to == ROW_NONE || r->n_policy < 2 || r->n_replication < 2) {
        return;
    }
    table_add_column(&t, (struct table_column){.name = "policy", .text = true});
    for (int i = 0; i < N_COMPARED; i++) {
        d[i] = take_differences(r, &compared[i], &a);
        bool share = compared[i].what == SCALE_SHARE; /* a difference of percentages is in points */
        add_columns(&t, "", share ? "missed, points" : heading(&a, compared[i].name, d[i].column.scale), true);
    }
    table_add_column(&t, (struct table_column){.over = "", .name = "shown", .text = true});
    for (uint32_t p = 0; p < r->n_policy && !a.failed; p++) {
        if (p == r->compare_to) {
            continue;
        }
        table_add(&t, "%s", r->policy[p]);
        for (int i = 0; i < N_COMPARED; i++) {
            if (d[i].x[p].call == CALL_UNSTEADY) {
                table_add(&t, "%s", tick);
                table_add(&t, "%s", "");
            } else {
                add_value(&t, &d[i].column, p, true, "");
            }
            any_unequal = any_unequal || d[i].x[p].call == CALL_UNEQUAL;
        }
        add_verdict(&t, d, p);
    }
    char title[256];
    snprintf(title, sizeof title, "Paired differences to %s (each at 95 %%, not corrected for their number)",
             r->policy[r->compare_to]);
    print_title(r, out, paper, title);
    table_print(&t, out, paper);
    if (any_unequal) {
        fprintf(out,
                "†: the share of finished jobs differs, so the means of their latency do not say which is better.\n");
    }
    table_clear(&t);
    arena_clear(&a);
}

static void print_notes(const struct result *r, FILE *out, bool few)
{
    fprintf(out, "\n");
    if (r->n_replication > 1) {
        fprintf(out, "±: half of a 95 %% interval over %u replications.\n", r->n_replication);
    } else {
        fprintf(out, "One replication: no intervals.\n");
    }
    fprintf(out, "Latency: means of finished jobs; p50 to p99 of all jobs, those without a result at inf.\n"
                 "Missed: late or not finished.  Energy per job: above idle.\n");
    if (few) {
        fprintf(out, "*: a replication went above it and back less than 10 times, which is too few to rely on it.\n");
    }
    if (is_given(r)) {
        fprintf(out, "Given this trace: %s%s%s replay%s the same recording in every replication, so nothing here is about\n"
                     "other recordings; `start: random` varies them.\n",
                r->given_arrivals, r->given_arrivals[0] && r->given_links[0] ? ", " : "", r->given_links,
                strchr(r->given_arrivals, ',') || strchr(r->given_links, ',') ||
                        (r->given_arrivals[0] && r->given_links[0])
                    ? ""
                    : "s");
    }
    if (r->extrapolated[0]) {
        fprintf(out, "Extrapolated: what operators take on %s is scaled from another device's profile, or beyond what was\n"
                     "measured.\n", r->extrapolated);
    }
    if (r->unsteady[0]) {
        fprintf(out, "No steady state: %s still drifted in the second half of the time in which the warm-up was looked for.\n",
                r->unsteady);
    }
    for (uint32_t p = 0; p < r->n_policy; p++) {
        if (replications_of(r, p).reference) {
            fprintf(out, "%s: a reference, which knows the true demands, and no rival.\n", r->policy[p]);
        }
    }
    bool unsteady = false;
    for (uint32_t p = 0; p < r->n_policy; p++) {
        char text[256];
        struct standing standing = analysis_standing(replications_of(r, p));
        unsteady = unsteady || standing_is_unsteady(standing);
        if (standing_text(standing, text, sizeof text)[0]) {
            fprintf(out, "%s: %s.\n", r->policy[p], text);
        }
    }
    if (unsteady) {
        fprintf(out, "≥: where the backlog still grew, values are lower bounds and have no interval.\n");
    }
    for (size_t c = 0; c < (size_t)r->n_policy * r->n_replication; c++) {
        const struct record *rec = &r->record[c];
        if (rec->text[0] && (rec->status == RECORD_BROKEN || rec->status == RECORD_FAILED)) {
            fprintf(out, "%s, replication %u: %s\n", r->policy[rec->policy], rec->replication, rec->text);
        }
    }
}

void summary_print(const struct result *r, FILE *out, struct paper paper)
{
    char warm[CELL], window[CELL];
    fprintf(out, "%s%s%s%s%s\n", paper.colour ? "\033[1m" : "", r->name, paper.colour ? "\033[0m" : "",
            r->about[0] ? ": " : "", r->about);
    fprintf(out, "%u polic%s, %u replication%s", r->n_policy, r->n_policy == 1 ? "y" : "ies", r->n_replication,
            r->n_replication == 1 ? "" : "s");
    if (r->jobs > 0) {
        fprintf(out, " of %llu jobs", (unsigned long long)r->jobs);
    } else if (isfinite(r->duration_s)) {
        fprintf(out, " of %s", number_given(r->duration_s, SCALE_TIME, window, sizeof window));
    }
    if (r->warm_up_s > 0) {
        fprintf(out, " after %s of warm-up%s", number_given(r->warm_up_s, SCALE_TIME, warm, sizeof warm),
                r->warm_up_found ? " (found)" : "");
    } else if (r->warm_up_found) {
        fprintf(out, ", no warm-up found to be needed");
    }
    fprintf(out, ", seed %llu%s\n\n", (unsigned long long)r->seed, is_given(r) ? ", given this trace" : "");
    bool few = print_overview(r, ALL_CLASSES, out, paper);
    leaderboard_print(r, out, paper);
    few |= print_workloads(r, out, paper);
    print_breakdown(r, out, paper);
    print_energy(r, out, paper);
    print_deciding(r, out, paper);
    loops_print(r, out, paper);
    print_own(r, out, paper);
    regret_print(r, out, paper);
    print_differences(r, out, paper);
    language_models_print(r, out, paper);
    print_notes(r, out, few);
}
