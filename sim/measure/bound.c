/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/measure/bound.h"

#include <math.h>
#include <stdlib.h>

#include "sim/measure/bound_loop.h"
#include "sim/measure/relax.h"
#include "tiersim/policy.h"

#define LATEST_S 0x1p25 /* SEMANTICS 3.1 */

/* What is kept of a job: the best of its choices in each respect. */
struct kept {
    uint32_t class, access;
    double released_s, allowed_s; /* after the release; INFINITY */
    double latency_s;             /* least over places; INFINITY: it can be done nowhere */
    double energy_j, floor_j;
    double loss;      /* least, with its latency and miss */
    double rest_loss; /* least, without them */
    double in_s, out_s; /* least of each */
    double work_flop, access_bits, access_s;
    uint32_t source;
    bool loop;
};

struct bound_jobs {
    const struct scenario *s;
    struct bound_span span;
    double end_s;
    bool loops; /* some jobs are of closed loops */
    double speed_flops; /* of all places */
    struct kept *job;
    size_t n, room;
};

double bound_batch_units(const struct pool *pool)
{
    return pool->batch_max / (1 + (1 - pool->batch_parallel) * (pool->batch_max - 1.0));
}

/* Of all places at their fastest; a full batch counts as its members would one by one. */
static double total_speed(const struct scenario *s)
{
    double sum = 0;
    for (uint32_t p = 0; p < s->n_pool; p++) {
        const struct pool *pool = &s->pool[p];
        double units = pool->units;
        if (pool->discipline == DISCIPLINE_BATCH) {
            units = bound_batch_units(pool);
        }
        double speed_flops = pool->speed_flops;
        for (uint32_t l = 0; l < pool->n_level; l++) {
            speed_flops = fmax(speed_flops, pool->level[l].speed_flops);
        }
        sum += units * speed_flops * s->group[pool->group].count;
    }
    return sum;
}

int bound_jobs_start(struct bound_jobs **out, const struct scenario *s, struct err *e)
{
    struct bound_jobs *b = *out = calloc(1, sizeof *b);
    if (!b) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for bounds");
    }
    b->s = s;
    b->speed_flops = total_speed(s);
    return 0;
}

void bound_jobs_free(struct bound_jobs *b)
{
    if (b) {
        free(b->job);
        free(b);
    }
}

void bounds_clear(struct bounds *b)
{
    for (uint32_t c = 0; b->class && c < b->n_class; c++) {
        bound_loop_free(b->class[c].loop);
    }
    free(b->class);
    *b = (struct bounds){0};
}

/* What the clock can lose of a latency: a few roundings of the instants it lies between. */
static double rounding_s(double released_s, double latency_s)
{
    return 0x1p-48 * (released_s + latency_s);
}

static struct kept keep(const struct scenario *s, const struct bound_job *j)
{
    const struct objective *o = &s->objective;
    struct kept k = {.class = j->class, .access = j->access, .released_s = j->released_s,
                     .allowed_s = s->workload[j->class].deadline_s, .latency_s = INFINITY, .energy_j = INFINITY,
                     .loss = INFINITY, .rest_loss = INFINITY, .in_s = INFINITY, .out_s = INFINITY,
                     .work_flop = j->work_flop, .access_bits = j->access_bits, .access_s = j->access_s,
                     .source = j->source, .loop = j->loop};
    for (uint32_t i = 0; i < j->n_choice; i++) {
        const struct bound_choice *c = &j->choice[i];
        double latency_s = fmax(0, c->latency_s - rounding_s(j->loop ? LATEST_S : j->released_s, c->latency_s));
        struct objective_sums x = {.energy_j = c->energy_j, .cost = c->cost, .exposed = c->exposed};
        k.rest_loss = fmin(k.rest_loss, objective_loss(o, x));
        x.latency_s = latency_s;
        x.missed = j->released_s + latency_s > j->deadline_s;
        k.loss = fmin(k.loss, objective_loss(o, x));
        k.latency_s = fmin(k.latency_s, latency_s);
        k.energy_j = fmin(k.energy_j, c->energy_j);
        k.floor_j = fmin(k.floor_j, c->floor_j);
        k.in_s = fmin(k.in_s, c->in_s);
        k.out_s = fmin(k.out_s, c->out_s);
    }
    return k;
}

int bound_jobs_add(struct bound_jobs *b, const struct bound_job *j, struct err *e)
{
    if (b->n == b->room) {
        size_t room = b->room ? 2 * b->room : 1024;
        struct kept *grown = realloc(b->job, room * sizeof *grown);
        if (!grown) {
            return ERR_SET(e, ERR_MEMORY, "out of memory for bounds on %zu jobs", b->n);
        }
        b->job = grown;
        b->room = room;
    }
    b->job[b->n++] = keep(b->s, j);
    b->loops |= j->loop;
    return 0;
}

/* What a job that ends without a result counts. */
static struct objective_sums unfinished(const struct bound_jobs *b, const struct kept *k, double lived_s)
{
    return (struct objective_sums){.latency_s = objective_charged_s(&b->s->objective, k->allowed_s, lived_s),
                                   .energy_j = k->floor_j, .missed = 1};
}

static bool is_hopeless(const struct kept *k)
{
    return k->latency_s > k->allowed_s;
}

/* Each job by itself: sums over those of the class, or of all (class = n_class). */
static void bound_alone(const struct bound_jobs *b, uint32_t class, struct bound_class *out)
{
    const struct objective *o = &b->s->objective;
    for (size_t i = 0; i < b->n; i++) {
        const struct kept *k = &b->job[i];
        if (k->class != class && class < b->s->n_workload) {
            continue;
        }
        struct objective_sums open = unfinished(b, k, b->end_s - k->released_s), gone = unfinished(b, k, 0);
        out->n_job++;
        out->all.latency_s += fmin(k->latency_s, open.latency_s);
        out->any.latency_s += fmin(k->latency_s, gone.latency_s);
        out->all.loss += fmin(k->loss, objective_loss(o, open));
        out->any.loss += fmin(k->loss, objective_loss(o, gone));
        out->all.miss += is_hopeless(k);
        out->any.miss += is_hopeless(k);
    }
}

static int rising(const void *va, const void *vb)
{
    const double *a = va, *b = vb;
    return (*a > *b) - (*a < *b);
}

static int bound_energy(const struct bound_jobs *b, uint32_t class, struct bound_class *out, struct err *e)
{
    double *energy_j = malloc((b->n + 1) * sizeof *energy_j), sum_j = 0, floor_j = 0;
    size_t n = 0, at = 0;
    if (!energy_j) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for bounds on %zu jobs", b->n);
    }
    for (size_t i = 0; i < b->n; i++) {
        energy_j[n] = b->job[i].energy_j;
        n += b->job[i].class == class || class == b->s->n_workload;
        floor_j += b->job[i].floor_j; /* 0 but where a service takes power away */
    }
    qsort(energy_j, n, sizeof *energy_j, rising);
    for (size_t i = 0; i <= BOUND_STEPS; i++) {
        for (; at < n * i / BOUND_STEPS; at++) {
            sum_j += energy_j[at];
        }
        out->energy_j[i] = floor_j + (sum_j > 0 ? sum_j * (1 - 1e-9) : sum_j * (1 + 1e-9));
    }
    free(energy_j);
    return 0;
}

/* A machine and jobs that need it: their latencies, from the release to the result, and those that it cannot make in time. */
struct machine {
    struct relax_job *job; /* [n], as they are added */
    size_t n;
    double around_sum_s; /* of the ways to the machine and from there to the result */
    double longest_rest_s, last_s, alone_sum_s;
    size_t hopeless;
};

static void machine_add(struct machine *m, const struct kept *k, double ready_s, double work_s, double rest_s)
{
    m->longest_rest_s = fmax(m->longest_rest_s, rest_s);
    m->last_s = fmax(m->last_s, ready_s);
    m->around_sum_s += ready_s - k->released_s + rest_s;
    m->hopeless += is_hopeless(k);
    m->job[m->n++] = (struct relax_job){
        .ready_s = ready_s, .work_s = work_s,
        .due_s = is_hopeless(k) ? INFINITY : k->released_s + k->allowed_s - rest_s};
}

/* Adds to the sums, and takes the jobs off the machine. */
static int machine_settle(struct machine *m, double end_s, double *latency_sum_s, size_t *missed)
{
    double stay_s = relax_stay_sum(m->job, m->n, end_s - m->longest_rest_s);
    size_t late = relax_missed(m->job, m->n);
    if (isnan(stay_s) || late == SIZE_MAX) {
        return -ERR_MEMORY;
    }
    double sum_s = stay_s + m->around_sum_s - (double)m->n * rounding_s(m->last_s, 0);
    *latency_sum_s += fmax(sum_s, m->alone_sum_s);
    *missed += m->hopeless + late;
    *m = (struct machine){.job = m->job};
    return 0;
}

static int by_access(const void *va, const void *vb)
{
    const struct kept *a = va, *b = vb;
    return a->access != b->access ? (a->access > b->access) - (a->access < b->access)
                                  : (a->released_s > b->released_s) - (a->released_s < b->released_s);
}

static double alone_s(const struct bound_jobs *b, const struct kept *k)
{
    return fmin(k->latency_s, unfinished(b, k, b->end_s - k->released_s).latency_s);
}

/* All places as one machine. */
static int bound_work(const struct bound_jobs *b, struct machine *m, double *latency_sum_s, size_t *missed)
{
    for (size_t i = 0; i < b->n; i++) {
        const struct kept *k = &b->job[i];
        m->alone_sum_s += alone_s(b, k);
        machine_add(m, k, k->released_s + k->in_s, k->work_flop / b->speed_flops, k->out_s);
    }
    return machine_settle(m, b->end_s, latency_sum_s, missed);
}

/* Links one by one, with the jobs that have to use them; the rest by themselves. */
static int bound_access(const struct bound_jobs *b, struct machine *m, double *latency_sum_s, size_t *missed)
{
    int rc = 0;
    for (size_t i = 0; i < b->n && rc == 0; i++) {
        const struct kept *k = &b->job[i];
        if (k->access == ROW_NONE) {
            *latency_sum_s += alone_s(b, k);
            *missed += is_hopeless(k);
            continue;
        }
        uint32_t instance, direction, l = scenario_link_of_channel(b->s, k->access, &instance, &direction);
        double work_s = k->access_bits / b->s->link[l].direction[direction].capacity.value;
        m->alone_sum_s += alone_s(b, k);
        machine_add(m, k, k->released_s + k->access_s, work_s, fmax(0, k->latency_s - k->access_s - work_s));
        if (i + 1 == b->n || b->job[i + 1].access != k->access) {
            rc = machine_settle(m, b->end_s, latency_sum_s, missed);
        }
    }
    return rc;
}

static bool can_all_be_done(const struct bound_jobs *b)
{
    bool can = b->speed_flops > 0 && !b->loops;
    for (size_t i = 0; i < b->n; i++) {
        can = can && isfinite(b->job[i].latency_s);
    }
    return can;
}

/* The best of what holds for all classes together. */
static int bound_together(struct bound_jobs *b, struct bound_class *out, struct err *e)
{
    struct machine m = {.job = malloc((b->n + 1) * sizeof *m.job)};
    double work_s = 0, access_s = 0, rest_loss = 0;
    size_t work_missed = 0, access_missed = 0;
    int rc = m.job ? 0 : -ERR_MEMORY;
    if (rc == 0 && can_all_be_done(b)) {
        rc = bound_work(b, &m, &work_s, &work_missed);
        qsort(b->job, b->n, sizeof *b->job, by_access);
        rc = rc ? rc : bound_access(b, &m, &access_s, &access_missed);
        for (size_t i = 0; i < b->n; i++) {
            rest_loss += b->job[i].rest_loss;
        }
        size_t missed = work_missed > access_missed ? work_missed : access_missed;
        const struct objective *o = &b->s->objective;
        out->any.miss = fmax(out->any.miss, (double)missed);
        out->all.miss = out->any.miss;
        out->all.latency_s = fmax(out->all.latency_s, fmax(work_s, access_s));
        if (isinf(b->end_s)) { /* else a job may be open, and have used nothing yet */
            double loss = rest_loss + objective_loss(o, (struct objective_sums){.latency_s = out->all.latency_s,
                                                                                .missed = out->all.miss});
            out->all.loss = fmax(out->all.loss, loss);
        } else {
            double loss = objective_loss(o, (struct objective_sums){.latency_s = out->all.latency_s,
                                                                    .missed = out->all.miss});
            out->all.loss = fmax(out->all.loss, loss);
        }
    }
    free(m.job);
    return rc ? ERR_SET(e, ERR_MEMORY, "out of memory for bounds on %zu jobs", b->n) : 0;
}

static struct bound_values mean_of(struct bound_values sum, uint64_t n)
{
    double per = n > 0 ? (1 - 1e-9) / (double)n : NAN; /* what adding up may lose */
    return (struct bound_values){sum.latency_s * per, sum.miss * per, sum.loss * per};
}

/* As bound_alone, of a job that may be released at any time until the window closes. */
static struct loop_job loop_job_of(const struct bound_jobs *b, const struct kept *k)
{
    const struct objective *o = &b->s->objective;
    const double lived_s = b->span.end_s - b->span.to_s; /* of one that is open, at least */
    struct loop_job j = {.source = k->source, .released_s = k->released_s, .latency_s = k->latency_s, .energy_j = k->energy_j,
                         .floor_j = k->floor_j, .work_s = b->speed_flops > 0 ? k->work_flop / b->speed_flops : 0,
                         .hopeless = is_hopeless(k)};
    for (int all = 0; all < 2; all++) {
        const struct objective_sums x = unfinished(b, k, all ? lived_s : 0);
        j.charged_s[all] = fmin(k->latency_s, x.latency_s);
        j.loss[all] = fmin(k->loss, objective_loss(o, x));
    }
    return j;
}

static uint64_t n_users(const struct scenario *s)
{
    uint64_t n = 0;
    for (uint32_t w = 0; w < s->n_workload; w++) {
        n += s->workload[w].arrivals.kind == ARRIVAL_CLOSED ? s->workload[w].n_source : 0;
    }
    return n;
}

/* Closed loops, each by itself; and all, if there is nothing else and no warm-up of which more is not known. */
static int bound_loops(struct bound_jobs *b, struct bounds *out, struct err *e)
{
    struct loop_job *job = malloc((b->n + 1) * sizeof *job);
    size_t n = 0, from = 0;
    bool fine = job != NULL, only = b->span.from_s == 0;
    for (uint32_t c = 0; fine && c < out->n_class; c++) {
        for (size_t i = 0; i < b->n; i++) {
            if (b->job[i].class == c && b->job[i].loop) {
                job[n++] = loop_job_of(b, &b->job[i]);
            }
        }
        const bool loop = b->s->workload[c].arrivals.kind == ARRIVAL_CLOSED;
        fine = !loop || (out->class[c].loop = bound_loop_new(job + from, n - from));
        only = only && loop;
        from = n;
    }
    if (fine && only && n > 0) {
        out->loops_latency_s = bound_loops_latency_s(job, n, n_users(b->s), b->span.to_s);
        fine = !isnan(out->loops_latency_s);
    }
    free(job);
    return fine ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for bounds on %zu jobs", b->n);
}

int bound_jobs_finish(struct bound_jobs *b, struct bound_span span, struct bounds *out, struct err *e)
{
    const double end_s = span.end_s;
    b->span = span;
    b->end_s = end_s;
    out->n_class = b->s->n_workload;
    out->end_s = end_s;
    out->optimum = NAN;
    out->class = calloc((size_t)out->n_class + 1, sizeof *out->class);
    int rc = out->class ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory for bounds");
    for (uint32_t c = 0; rc == 0 && c <= out->n_class; c++) {
        bound_alone(b, c, &out->class[c]);
        rc = bound_energy(b, c, &out->class[c], e);
    }
    rc = rc ? rc : bound_together(b, &out->class[out->n_class], e);
    rc = rc || !b->loops ? rc : bound_loops(b, out, e);
    if (rc == 0 && out->n_class == 1) {
        out->class[0].all = out->class[1].all;
        out->class[0].any = out->class[1].any;
    }
    for (uint32_t c = 0; rc == 0 && c <= out->n_class; c++) {
        out->class[c].all = mean_of(out->class[c].all, out->class[c].n_job);
        out->class[c].any = mean_of(out->class[c].any, out->class[c].n_job);
    }
    return rc;
}

static void raise_to(struct bound_values *v, struct bound_values other)
{
    v->latency_s = fmax(v->latency_s, other.latency_s);
    v->miss = fmax(v->miss, other.miss);
    v->loss = fmax(v->loss, other.loss);
}

void bounds_raise(struct bounds *b, struct bound_values all, struct bound_values any)
{
    for (uint32_t c = b->n_class == 1 ? 0 : b->n_class; c <= b->n_class; c++) {
        raise_to(&b->class[c].all, mean_of(all, b->class[c].n_job));
        raise_to(&b->class[c].any, mean_of(any, b->class[c].n_job));
    }
}

/* All jobs of a cohort were carried out, as far as there was time. */
static bool is_whole(const struct cohort *c, double end_s)
{
    uint64_t n = c->n_finished + (isfinite(end_s) ? c->n_end[TS_OPEN] : 0);
    return n == c->n_job;
}

static void fill(const struct bound_class *b, double end_s, const struct cohort *c, bool objective, double m[N_METRIC])
{
    const struct bound_values *v = is_whole(c, end_s) ? &b->all : &b->any;
    if (b->n_job != c->n_job || c->n_job == 0) {
        return;
    }
    uint64_t step = c->n_finished * BOUND_STEPS / c->n_job;
    m[M_BOUND_LATENCY] = v->latency_s;
    m[M_BOUND_MISS] = v->miss;
    m[M_BOUND_ENERGY] = b->energy_j[step] / (double)b->n_job;
    m[M_BOUND_OBJECTIVE] = objective ? v->loss : NAN;
}

/* The same of a closed loop: of as many jobs as there were, those that take least. */
static void fill_loop(const struct bound_loop *l, double end_s, const struct cohort *c, bool objective, double m[N_METRIC])
{
    const uint64_t n = c->n_job, fine = l->n_could - l->n_hopeless;
    const bool whole = is_whole(c, end_s);
    if (n == 0 || n > l->n_could) {
        return;
    }
    const double per = (1 - 1e-9) / (double)n;
    m[M_BOUND_LATENCY] = l->latency_s[whole][n] * per;
    m[M_BOUND_MISS] = n > fine ? (double)(n - fine) * per : 0;
    m[M_BOUND_ENERGY] = l->energy_j ? l->energy_j[c->n_finished] * per : NAN;
    m[M_BOUND_OBJECTIVE] = objective ? l->loss[whole][n] * per : NAN;
}

/* Of all classes together what holds of each, by its jobs; NAN if of one that has jobs nothing is known. */
static void fill_sum(const struct bounds *b, const struct record *r, const struct cohort *own, const struct cohort *all,
                     double m[N_METRIC])
{
    static const enum metric of[] = {M_BOUND_LATENCY, M_BOUND_MISS, M_BOUND_ENERGY, M_BOUND_OBJECTIVE};
    for (size_t i = 0; i < sizeof of / sizeof *of && all->n_job > 0; i++) {
        double sum = 0;
        for (uint32_t c = 0; c < b->n_class; c++) {
            sum += own[c].n_job ? (double)own[c].n_job * r->class_metric[c][of[i]] : 0;
        }
        m[of[i]] = sum / (double)all->n_job * (1 - 1e-12);
    }
    if (is_whole(all, b->end_s)) {
        m[M_BOUND_LATENCY] = fmax(m[M_BOUND_LATENCY], b->loops_latency_s);
    }
}

int bounds_fill(const struct bounds *b, struct record *r, struct err *e)
{
    struct cohort all = {0}, *own = calloc(b->n_class + 1u, sizeof *own);
    bool loops = false;
    if (!own) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for bounds");
    }
    for (uint32_t c = 0; c < b->n_class && r->status == RECORD_OK; c++) {
        const bool objective = !isnan(r->class_metric[c][M_OBJECTIVE]);
        for (uint32_t i = 0; i < N_SEGMENT; i++) {
            cohort_add(&own[c], &r->cohort[i * r->n_class + c]);
        }
        cohort_add(&all, &own[c]);
        if (b->class[c].loop) {
            fill_loop(b->class[c].loop, b->end_s, &own[c], objective, r->class_metric[c]);
        } else {
            fill(&b->class[c], b->end_s, &own[c], objective, r->class_metric[c]);
        }
        loops |= b->class[c].loop != NULL;
    }
    if (r->status == RECORD_OK && loops) {
        fill_sum(b, r, own, &all, r->metric);
        if (b->n_class == 1) {
            r->class_metric[0][M_BOUND_LATENCY] = r->metric[M_BOUND_LATENCY];
        }
    } else if (r->status == RECORD_OK) {
        fill(&b->class[b->n_class], b->end_s, &all, !isnan(r->metric[M_OBJECTIVE]), r->metric);
        r->metric[M_OPTIMUM] = all.n_job > 0 ? b->optimum : NAN;
    }
    free(own);
    return 0;
}
