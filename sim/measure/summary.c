/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/summary.h"

#include <math.h>
#include <string.h>

#include "sim/measure/analysis.h"

enum { BITS_PER_BYTE = 8 };

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

/* The metrics of the JOB kind but fairness. */
static void fill_jobs(double m[N_METRIC], const struct cohort *c)
{
    double n_job = (double)c->n_job, n_finished = (double)c->n_finished;
    uint64_t n_drop = 0;
    for (int end = TS_DROP_FULL; end <= TS_DROP_LOST; end++) {
        n_drop += c->n_end[end];
    }
    double n_missed = n_job - n_finished + (double)c->n_late;
    double n_undecided = (double)(c->n_end[TS_OPEN] - c->n_open_late);
    m[M_JOBS] = n_job;
    m[M_FINISHED_RATIO] = ratio(n_finished, n_job);
    m[M_LATENCY_MEAN] = ratio(c->latency_s, n_finished);
    m[M_LATENCY_DECIDE] = ratio(c->decide_s, n_finished);
    m[M_LATENCY_UPLOAD] = ratio(c->upload_s, n_finished);
    m[M_LATENCY_QUEUE] = ratio(c->queue_s, n_finished);
    m[M_LATENCY_COMPUTE] = ratio(c->compute_s, n_finished);
    m[M_LATENCY_DOWNLOAD] = ratio(c->download_s, n_finished);
    m[M_LATENCY_OTHER] = ratio(c->other_s, n_finished);
    m[M_MISS_RATIO] = ratio(n_missed, n_job);
    m[M_MISS_LOW] = ratio(n_missed - n_undecided, n_job);
    m[M_REJECT_RATIO] = ratio((double)c->n_end[TS_REJECTED], n_job);
    m[M_DROP_RATIO] = ratio((double)n_drop, n_job);
    m[M_DROP_FULL] = ratio((double)c->n_end[TS_DROP_FULL], n_job);
    m[M_DROP_EXPIRED] = ratio((double)c->n_end[TS_DROP_EXPIRED], n_job);
    m[M_DROP_REFUSED] = ratio((double)c->n_end[TS_DROP_REFUSED], n_job);
    m[M_OPEN_RATIO] = ratio((double)c->n_end[TS_OPEN], n_job);
    m[M_ENERGY_USEFUL] = c->useful_j;
    m[M_ENERGY_WASTE] = c->waste_j;
    m[M_ENERGY_PER_JOB] = ratio(c->useful_j + c->waste_j, n_job);
    m[M_EDP] = m[M_ENERGY_PER_JOB] * m[M_LATENCY_MEAN];
    m[M_BYTES_PER_JOB] = ratio(c->bits / BITS_PER_BYTE, n_job);
    m[M_COST_PER_JOB] = ratio(c->cost, n_job);
    m[M_EXPOSURE] = ratio((double)c->n_exposed, (double)c->n_sensitive);
    m[M_DECISIONS] = (double)c->n_decision;
    m[M_ACCURACY] = ratio(c->accuracy, (double)c->n_graded);
}

/* The mean loss of the cohort's jobs; unfinished_s: what those without a result are charged for their latency. */
static double mean_loss(const struct objective *o, const struct cohort *c, double unfinished_s)
{
    const struct objective_sums sums = {
        .latency_s = c->latency_s + unfinished_s,
        .energy_j = c->useful_j + c->waste_j,
        .cost = c->cost,
        .missed = (double)(c->n_job - c->n_finished + c->n_late),
        .exposed = (double)c->n_exposed,
    };
    return o->given ? ratio(objective_loss(o, sums), (double)c->n_job) : NAN;
}

static void fill_ends(double m[N_METRIC], const uint64_t ended[TS_N_END], double window_s)
{
    m[M_THROUGHPUT] = ratio((double)(ended[TS_DONE] + ended[TS_LATE]), window_s);
    m[M_GOODPUT] = ratio((double)ended[TS_DONE], window_s);
}

/* Quantiles of the time until the decision: of a class, or of all merged into all. */
static void fill_decide(double m[N_METRIC], const struct sketch *later, uint64_t n_finished)
{
    struct sketch s = *later;
    s.zero += n_finished - sketch_count(later); /* the others were decided at once */
    m[M_DECIDE_P50] = sketch_quantile(&s, 0.5);
    m[M_DECIDE_P99] = sketch_quantile(&s, 0.99);
}

/* (sum x)^2 / (n sum x^2) of the mean latencies of the sites that have any: 1 = all equal, 1/n = one bears all. */
static double jain_index(const struct site *site, uint32_t n_site)
{
    double n = 0, sum = 0, sum2 = 0;
    for (uint32_t i = 0; i < n_site; i++) {
        if (site[i].n > 0) {
            double mean_s = site[i].latency_s / (double)site[i].n;
            n++;
            sum += mean_s;
            sum2 += mean_s * mean_s;
        }
    }
    return ratio(sum * sum, n * sum2);
}

double summary_trend_z(const double *y, uint32_t n)
{
    if (n < 3) {
        return 0;
    }
    double middle = (n - 1) / 2.0, mean = 0, sxx = 0, sxy = 0, residual2 = 0, lagged = 0, last = 0;
    for (uint32_t i = 0; i < n; i++) {
        mean += y[i] / n;
    }
    for (uint32_t i = 0; i < n; i++) {
        sxx += (i - middle) * (i - middle);
        sxy += (i - middle) * (y[i] - mean);
    }
    double slope = sxy / sxx;
    for (uint32_t i = 0; i < n; i++) {
        double residual = y[i] - mean - slope * (i - middle);
        residual2 += residual * residual;
        lagged += i > 0 ? residual * last : 0;
        last = residual;
    }
    if (!(residual2 > 0)) {
        return slope == 0 ? 0 : copysign(INFINITY, slope);
    }
    double correlation = lagged > 0 ? lagged / residual2 : 0;
    return slope / sqrt(residual2 / (n - 2) / sxx * (1 + correlation) / (1 - correlation));
}

/* SEMANTICS 7.8. */
static bool is_unstable(const struct record *out, const struct cohort *all, const struct window *w)
{
    double in_system[N_SEGMENT];
    uint32_t n = 0;
    for (uint32_t i = 0; i < N_SEGMENT; i++) {
        uint64_t n_job = 0;
        double sum = 0;
        for (uint32_t c = 0; c < out->n_class; c++) {
            n_job += out->cohort[i * out->n_class + c].n_job;
            sum += out->cohort[i * out->n_class + c].in_system;
        }
        if (n_job > 0) {
            in_system[n++] = sum / (double)n_job;
        }
    }
    return (double)all->n_end[TS_OPEN] > 1e-3 * (double)all->n_job ||
           (w->in_system_to > w->in_system_from && summary_trend_z(in_system, n) > 3);
}

/* Copies usage into the record and sums energy by group, tier and links; the window lasts window_s. */
static void fill_usage(struct record *out, const struct resources *r, const struct usage_mark *usage, double window_s)
{
    const struct scenario *s = r->s;
    memcpy(out->pool, usage->kind, out->n_pool * sizeof *out->pool);
    memcpy(out->channel, usage->kind + out->n_pool, N_DIRECTION * (size_t)out->n_link * sizeof *out->channel);
    memcpy(out->place_member, usage->member, out->n_place_member * sizeof *out->place_member);
    memcpy(out->channel_member, usage->member + out->n_place_member,
           out->n_channel_member * sizeof *out->channel_member);
    for (uint32_t p = 0; p < s->n_pool; p++) {
        out->group_energy[s->pool[p].group].dynamic_j += usage->kind[p].dynamic_j;
    }
    for (uint32_t g = 0; g < s->n_group; g++) {
        struct energy *tier = &out->tier_energy[s->group[g].tier];
        out->group_energy[g].idle_j = s->group[g].idle_w * s->group[g].count * window_s;
        tier->dynamic_j += out->group_energy[g].dynamic_j;
        tier->idle_j += out->group_energy[g].idle_j;
    }
    for (uint32_t k = s->n_pool; k < r->n_kind; k++) {
        out->tier_energy[s->n_tier].dynamic_j += usage->kind[k].dynamic_j;
        out->tier_energy[s->n_tier].idle_j += usage->kind[k].idle_j;
    }
}

/* The metrics of the RATE kind but throughput and goodput. */
static void fill_rates(double m[N_METRIC], const struct record *out, const struct resources *r,
                       const struct usage_mark *usage, double window_s, const struct control_sums *control)
{
    static const enum metric unused[] = {M_ENERGY_SLEEP,   M_ENERGY_TRANSITION, M_ENERGY_LOAD,
                                         M_ENERGY_COOLING, M_ENERGY_LOSS};
    const struct scenario *s = r->s;
    double busy_s = 0, units = 0, bits = 0, dynamic_j = 0, idle_j = 0, cost = 0;
    for (uint32_t p = 0; p < s->n_pool; p++) {
        busy_s += usage->kind[p].busy_s;
        units += (double)s->pool[p].units * r->kind[p].count;
    }
    for (uint32_t g = 0; g < s->n_group; g++) {
        cost += s->group[g].price_per_s * s->group[g].count * window_s;
    }
    for (uint32_t k = s->n_pool; k < r->n_kind; k++) {
        bits += usage->kind[k].bits;
        cost += usage->kind[k].bits * r->kind[k].price_per_bit;
    }
    for (uint32_t t = 0; t <= s->n_tier; t++) {
        dynamic_j += out->tier_energy[t].dynamic_j;
        idle_j += out->tier_energy[t].idle_j;
    }
    for (size_t i = 0; i < sizeof unused / sizeof *unused; i++) {
        m[unused[i]] = 0;
    }
    m[M_IN_SYSTEM] = ratio(usage->in_system_s, window_s);
    m[M_UTILISATION] = ratio(busy_s, units * window_s);
    m[M_BYTES] = bits / BITS_PER_BYTE;
    m[M_ENERGY_DYNAMIC] = dynamic_j - control->link_j;
    m[M_ENERGY_IDLE] = idle_j;
    m[M_ENERGY_CONTROL] = control->link_j + control->report_j + control->thought_j;
    m[M_ENERGY_TOTAL] = dynamic_j + idle_j + control->report_j + control->thought_j;
    m[M_ENERGY_LINK] = out->tier_energy[s->n_tier].dynamic_j - control->link_j;
    m[M_SETTINGS] = control->n_set;
    m[M_SET_DELAY] = control->n_set > 0 ? control->set_delay_s / control->n_set : NAN;
    m[M_STALE_ORDERS] = control->n_stale;
    m[M_CONTROL_BYTES] = (control->link_bits + control->report_bits) / BITS_PER_BYTE;
    m[M_COST] = cost;
}

void summary_fill(struct record *out, const struct resources *r, const struct window *w, const struct jobs_fold *jobs,
                  const struct control_sums *control)
{
    double window_s = w->to_s - w->from_s;
    const struct objective *objective = &r->s->objective;
    struct cohort all = {0};
    uint64_t ended[TS_N_END] = {0};
    double unfinished_s = 0;
    for (uint32_t c = 0; c < out->n_class; c++) {
        struct cohort own = {0};
        for (uint32_t i = 0; i < N_SEGMENT; i++) {
            cohort_add(&own, &out->cohort[i * out->n_class + c]);
        }
        cohort_add(&all, &own);
        for (int end = 0; end < TS_N_END; end++) {
            ended[end] += jobs->ended[c][end];
        }
        for (int m = 0; m < N_METRIC; m++) {
            out->class_metric[c][m] = NAN;
        }
        fill_jobs(out->class_metric[c], &own);
        out->class_metric[c][M_OBJECTIVE] = mean_loss(objective, &own, jobs->unfinished_s[c]);
        out->class_metric[c][M_LATENCY_CHARGED] = ratio(own.latency_s + jobs->unfinished_s[c], (double)own.n_job);
        unfinished_s += jobs->unfinished_s[c];
        fill_ends(out->class_metric[c], jobs->ended[c], window_s);
    }
    fill_usage(out, r, w->usage, window_s);
    fill_jobs(out->metric, &all);
    out->metric[M_LATENCY_CHARGED] = ratio(all.latency_s + unfinished_s, (double)all.n_job);
    out->metric[M_OBJECTIVE] = mean_loss(objective, &all, unfinished_s);
    fill_ends(out->metric, ended, window_s);
    fill_rates(out->metric, out, r, w->usage, window_s, control);
    for (int m = M_BOUND_LATENCY; m <= M_OPTIMUM; m++) {
        out->metric[m] = NAN;
    }
    out->metric[M_FAIRNESS] = jain_index(jobs->site, jobs->n_site);
    out->metric[M_SATURATED] = out->status == RECORD_SATURATED;
    out->metric[M_UNSTABLE] = is_unstable(out, &all, w);
}

int summary_decide(struct record *out, const struct jobs_fold *jobs)
{
    struct sketch all = {0};
    uint64_t n_all = 0;
    int rc = 0;
    for (uint32_t c = 0; c < out->n_class && rc == 0; c++) {
        uint64_t n = 0;
        for (uint32_t i = 0; i < N_SEGMENT; i++) {
            n += out->cohort[i * out->n_class + c].n_finished;
        }
        fill_decide(out->class_metric[c], &jobs->decide[c], n);
        rc = sketch_merge(&all, &jobs->decide[c]);
        n_all += n;
    }
    fill_decide(out->metric, &all, n_all);
    sketch_clear(&all);
    return rc;
}

/* Above the quantiles of a class, its excursions; above those of all together (class = n_class), those of each. */
int summary_excursions(struct record *out, const struct jobs_fold *jobs)
{
    int rc = 0;
    for (uint32_t class = 0; class <= out->n_class && rc == 0; class++) {
        bool all = class == out->n_class;
        struct excursions *n = all ? &out->all_excursions : &out->excursions[class];
        struct sketch s = {0};
        rc = analysis_pool(out, all ? ALL_CLASSES : class, &s);
        for (unsigned q = 0; q < N_QUANTILE && rc == 0 && sketch_count(&s) > 0; q++) {
            double latency_s = sketch_quantile(&s, record_quantile[q]);
            for (uint32_t c = all ? 0 : class; c < (all ? out->n_class : class + 1); c++) {
                n->n[q] += excursion_count(&jobs->excursion[c], latency_s);
            }
        }
        sketch_clear(&s);
    }
    return rc;
}
