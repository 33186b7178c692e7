/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/calibrate/calibrate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/calibrate/cost_fit.h"
#include "sim/calibrate/describe.h"
#include "sim/calibrate/nodes.h"
#include "sim/calibrate/operators.h"
#include "sim/calibrate/stopwatch.h"
#include "sim/io/file.h"
#include "sim/io/ort/ort.h"

enum { EMPTY_SHORT = 4, EMPTY_LONG = 36, PROFILED_RUNS = 10, SCALED_SHAPES = 3, MAX_BATCH = 16 };
enum { MODEL_BYTES_MAX = 1 << 30 };
static const double noise_floor_s = 1e-8; /* a time below is not told from that of an empty model */

struct work {
    const struct calibrate_plan *plan;
    struct ort *o;
    struct profile_file *out;
    struct profile_sample *sample;
    struct operator_case *of; /* [n_sample] */
    size_t n, room;
    struct profile_model *model;
    struct node_time **node; /* [n_model] */
    uint32_t done, steps;
};

static void tell(struct work *w, const char *what)
{
    w->done++;
    if (w->plan->progress) {
        w->plan->progress(w->plan->ctx, w->done, w->steps, what);
    }
}

static void want(struct work *w, const struct operator_case *c, enum profile_use use, uint32_t threads, bool held)
{
    if (w->n < w->room) {
        w->of[w->n] = *c;
        w->sample[w->n++] = (struct profile_sample){
            .kernel = c->kernel, .use = use, .size = {c->size[0], c->size[1], c->size[2]}, .batch = c->batch,
            .threads = threads, .flop = c->flop, .bytes = c->bytes, .s = INFINITY, .law_s = NAN, .sd_s = NAN,
            .load_s = INFINITY, .resident_bytes = NAN, .held = held};
    }
}

/* The shapes that scale best are the largest: those show what threads and batches do. */
static void want_scaled(struct work *w, const struct operator_case *c, uint32_t n)
{
    for (uint32_t k = 0; k < SCALED_SHAPES; k++) {
        const struct operator_case *largest = NULL;
        for (uint32_t i = k; i < n; i += SCALED_SHAPES) {
            largest = !largest || c[i].bytes + c[i].flop > largest->bytes + largest->flop ? &c[i] : largest;
        }
        for (uint32_t t = 1; largest && w->plan->threads > 1 && t <= w->plan->threads; t++) {
            want(w, largest, PROFILE_THREADS, t, true);
        }
        for (uint32_t b = 1; largest && b <= MAX_BATCH; b *= 2) {
            const struct operator_case batched = operator_batched(&c[k], b);
            want(w, &batched, PROFILE_BATCH, 1, true);
        }
    }
}

static int list(struct work *w, struct arena *a, struct err *e)
{
    const uint32_t n = w->plan->shapes, each = n + SCALED_SHAPES * (w->plan->threads + 5);
    struct operator_case *c = ARENA_NEW(a, n, struct operator_case);
    w->room = (size_t)N_KERNEL * each;
    w->sample = ARENA_NEW(a, w->room, struct profile_sample);
    w->of = ARENA_NEW(a, w->room, struct operator_case);
    w->model = ARENA_NEW(a, w->plan->n_model + 1, struct profile_model);
    w->node = ARENA_NEW(a, w->plan->n_model + 1, struct node_time *);
    if (a->failed) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u shapes", n);
    }
    for (int k = 0; k < N_KERNEL; k++) {
        if (w->plan->only[k]) {
            operator_cases((enum kernel)k, n, c);
            for (uint32_t i = 0; i < n; i++) {
                want(w, &c[i], PROFILE_LAW, 1, c[i].held);
            }
            want_scaled(w, c, n);
        }
    }
    return 0;
}

/* --- measuring --- */

static int measure_sample(struct work *w, size_t i, struct err *e)
{
    struct profile_sample *s = &w->sample[i];
    const struct operator_case *c = &w->of[i];
    struct stopwatch_time t;
    char name[96];
    void *model = NULL;
    size_t n = 0;
    snprintf(name, sizeof name, "%s (%s) %u %u %u", kernel_name[c->kernel], operator_size_name(c->kernel), c->size[0], c->size[1],
             c->size[2]);
    int rc = operator_model(c, &model, &n, e);
    rc = rc || w->plan->pinned < 0 ? rc : stopwatch_pin(s->threads == 1 ? w->plan->pinned : -1, e);
    rc = rc ? rc : stopwatch_model(w->o, model, n, name, s->threads, s->use == PROFILE_THREADS, w->plan->each_s,
                                 &t, e);
    if (!rc) {
        const double of_one = (t.run_s - w->out->profile.run_s) / c->chain;
        s->s = fmin(s->s, fmax(of_one, noise_floor_s));
        s->load_s = fmin(s->load_s, t.load_s);
        s->model_bytes = (double)n;
        s->resident_bytes = isnan(s->resident_bytes) ? t.resident_bytes : s->resident_bytes;
    }
    free(model);
    tell(w, name);
    return rc;
}

/* What a model costs beyond its operators: two chains of the least operator, and the difference. */
static int measure_empty(struct work *w, struct err *e)
{
    double least[2] = {INFINITY, INFINITY};
    const uint32_t length[2] = {EMPTY_SHORT, EMPTY_LONG};
    int rc = 0;
    for (uint32_t i = 0; i < 2 * w->plan->passes && !rc; i++) {
        struct stopwatch_time t;
        void *model = NULL;
        size_t n = 0;
        rc = operator_empty_model(length[i % 2], &model, &n, e);
        rc = rc ? rc : stopwatch_model(w->o, model, n, "empty model", 1, false, w->plan->each_s, &t, e);
        least[i % 2] = rc ? 0 : fmin(least[i % 2], t.run_s);
        free(model);
    }
    const double each = (least[1] - least[0]) / (EMPTY_LONG - EMPTY_SHORT);
    w->out->profile.run_s = fmax(least[0] - EMPTY_SHORT * fmax(each, 0), 0);
    return rc;
}

static int measure_model(struct work *w, uint32_t m, struct err *e)
{
    struct profile_model *model = &w->model[m];
    struct stopwatch_time t;
    int rc = 0;
    char *bytes = NULL;
    size_t n = 0;
    rc = file_read_bytes(w->plan->model[m], MODEL_BYTES_MAX, &bytes, &n, e);
    rc = rc || w->plan->pinned < 0 ? rc : stopwatch_pin(w->plan->pinned, e);
    rc = rc ? rc : stopwatch_model(w->o, bytes, n, w->plan->model[m], 1, false, w->plan->each_s, &t, e);
    if (!rc) {
        model->measured_s = fmin(model->measured_s, t.run_s);
    }
    if (!rc && !w->node[m]) {
        rc = nodes_profile(w->o, bytes, n, w->plan->model[m], PROFILED_RUNS, &w->node[m], &model->n_node, e);
    }
    free(bytes);
    tell(w, w->plan->model[m]);
    return rc;
}

static int measure(struct work *w, struct arena *a, struct err *e)
{
    int rc = measure_empty(w, e);
    for (uint32_t m = 0; m < w->plan->n_model; m++) {
        const char *slash = strrchr(w->plan->model[m], '/');
        w->model[m] = (struct profile_model){.name = arena_copy(a, slash ? slash + 1 : w->plan->model[m]),
                                             .measured_s = INFINITY, .nodes_s = NAN};
    }
    w->steps = w->plan->passes * ((uint32_t)w->n + w->plan->n_model);
    for (uint32_t pass = 0; pass < w->plan->passes && !rc; pass++) {
        for (size_t i = 0; i < w->n && !rc; i++) {
            rc = measure_sample(w, i, e);
        }
        for (uint32_t m = 0; m < w->plan->n_model && !rc; m++) {
            rc = measure_model(w, m, e);
        }
    }
    struct err unheard = {0};
    if (w->plan->pinned >= 0) {
        stopwatch_pin(-1, &unheard);
    }
    return rc;
}

/* --- fitting --- */

static void fit_laws(struct work *w, struct cost_sample *x)
{
    for (int k = 0; k < N_KERNEL; k++) {
        size_t n = 0;
        for (size_t i = 0; i < w->n; i++) {
            const struct profile_sample *s = &w->sample[i];
            if ((int)s->kernel == k && s->use == PROFILE_LAW) {
                x[n++] = (struct cost_sample){s->flop, s->bytes, s->s, s->held};
            }
        }
        cost_fit(x, n, &w->out->profile.law[k], NULL);
    }
    for (size_t i = 0; i < w->n; i++) {
        struct profile_sample *s = &w->sample[i];
        const struct cost_law *l = &w->out->profile.law[s->kernel];
        if (l->known) {
            s->law_s = cost_law_s(l, s->flop, s->bytes);
            s->sd_s = cost_law_sd_s(l, s->flop, s->bytes);
        }
    }
}

/* Of the samples of one use: ratios to the first of each row of like ones. */
static double fit_scaling(const struct work *w, enum kernel k, enum profile_use use, double *x, double *ratio)
{
    size_t n = 0;
    double first = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct profile_sample *s = &w->sample[i];
        if (s->kernel == k && s->use == use) {
            const uint32_t by = use == PROFILE_THREADS ? s->threads : s->batch;
            first = by == 1 ? s->s : first;
            x[n] = by;
            ratio[n++] = s->s / first;
        }
    }
    return use == PROFILE_THREADS ? cost_fit_serial(x, ratio, n) : cost_fit_batch(x, ratio, n);
}

/* Memory per byte of a model, of those large enough to be seen; the median. */
static double fit_memory(const struct work *w, double *x)
{
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++) {
        const struct profile_sample *s = &w->sample[i];
        if (s->model_bytes > 4e6 && s->resident_bytes > 0) {
            x[n++] = s->resident_bytes / s->model_bytes;
        }
    }
    qsort(x, n, sizeof *x, describe_compare);
    return n ? x[n / 2] : NAN;
}

static void fit_load(struct work *w, struct cost_sample *x)
{
    for (size_t i = 0; i < w->n; i++) {
        x[i] = (struct cost_sample){.bytes = w->sample[i].model_bytes, .s = w->sample[i].load_s,
                                    .held = w->of[i].held};
    }
    cost_fit(x, w->n, &w->out->profile.load, NULL);
}

static void sum_models(struct work *w)
{
    for (uint32_t m = 0; m < w->plan->n_model; m++) {
        struct profile_model *model = &w->model[m];
        double sum = w->out->profile.run_s, variance = 0, nodes = 0;
        for (uint32_t i = 0; i < model->n_node; i++) {
            const struct operator_cost *c = &w->node[m][i].counted;
            const struct cost_law *l = &w->out->profile.law[c->kernel];
            sum += l->known ? cost_law_s(l, c->flop, c->bytes) : NAN;
            variance += l->known ? pow(cost_law_sd_s(l, c->flop, c->bytes), 2) : NAN;
            nodes += w->node[m][i].s;
        }
        model->law_s = sum;
        model->sd_s = sqrt(variance);
        model->nodes_s = nodes;
    }
}

static int fit(struct work *w, struct err *e)
{
    struct cost_sample *x = calloc(w->n + 1, sizeof *x);
    double *value = calloc(2 * w->n + 1, sizeof *value);
    struct cost_profile *p = &w->out->profile;
    int rc = x && value ? 0 : ERR_SET(e, ERR_MEMORY, "out of memory to fit %zu times", w->n);
    if (!rc) {
        fit_laws(w, x);
        fit_load(w, x);
        for (int k = 0; k < N_KERNEL; k++) {
            p->serial[k] = fit_scaling(w, (enum kernel)k, PROFILE_THREADS, value, value + w->n);
            p->batch_fixed[k] = fit_scaling(w, (enum kernel)k, PROFILE_BATCH, value, value + w->n);
        }
        p->memory_factor = fit_memory(w, value);
        sum_models(w);
    }
    free(value);
    free(x);
    return rc;
}

int calibrate(const struct calibrate_plan *plan, struct ort *o, struct arena *a, struct profile_file *out, struct err *e)
{
    struct work w = {.plan = plan, .o = o, .out = out};
    char machine[512], runtime[128];
    stopwatch_machine(machine, sizeof machine);
    snprintf(runtime, sizeof runtime, "ONNX Runtime %s, CPU", ort_version(o));
    *out = (struct profile_file){.profile = {.name = plan->name, .source = "measured by tiersim calibrate"},
                                 .machine = arena_copy(a, machine), .runtime = arena_copy(a, runtime), .pinned = plan->pinned,
                                 .passes = plan->passes, .load_before = stopwatch_machine_load()};
    int rc = list(&w, a, e);
    rc = rc ? rc : measure(&w, a, e);
    rc = rc ? rc : fit(&w, e);
    out->load_after = stopwatch_machine_load();
    out->sample = w.sample;
    out->n_sample = w.n;
    out->model = w.model;
    out->n_model = plan->n_model;
    for (uint32_t m = 0; w.node && m < plan->n_model; m++) {
        free(w.node[m]);
    }
    return rc;
}
