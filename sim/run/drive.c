/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/run/drive.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/blobs.h"
#include "sim/base/err.h"
#include "sim/base/fpmode.h"
#include "sim/policy/check.h"
#include "sim/policy/set.h"

enum { FIRST_STEPS = 16, MAX_STEPS = 1 << 20 };

struct drive {
    struct run *run;
    struct ts_host host;
    struct ts_plan plan;
    const double *period_s; /* of the policy's clock, in its state; NULL: it has none */
    const struct blobs *in; /* what host->blob gives, and what it fills; NULL: nothing */
    struct blobs *out;
    uint32_t n_drawn; /* uniforms of the question under way */
    char said[512];   /* what the policy gave to fail */
};

static double host_uniform(void *ctx)
{
    struct drive *d = ctx;
    return run_policy_uniform(d->run, d->n_drawn++);
}

static int host_path(void *ctx, ts_id from, ts_id to, double *rate_bps, double *delay_s)
{
    struct drive *d = ctx;
    return run_path(d->run, from, to, rate_bps, delay_s);
}

static int host_more(void *ctx, struct ts_plan *p, uint32_t cap)
{
    struct drive *d = ctx;
    if (cap <= p->cap) {
        return 0;
    }
    struct ts_step *grown = cap <= MAX_STEPS ? realloc(d->plan.step, cap * sizeof *grown) : NULL;
    if (!grown) {
        return -1;
    }
    memset(grown + d->plan.cap, 0, (cap - d->plan.cap) * sizeof *grown);
    d->plan.step = p->step = grown;
    d->plan.cap = p->cap = cap;
    return 0;
}

__attribute__((format(printf, 2, 3)))
static int host_fail(void *ctx, const char *fmt, ...)
{
    struct drive *d = ctx;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(d->said, sizeof d->said, fmt, ap);
    va_end(ap);
    return -1;
}

static int host_blob(void *ctx, int put, const char *key, void *buf, uint64_t *n)
{
    struct drive *d = ctx;
    if (put) {
        return d->out && blobs_put(d->out, key, buf, *n) == 0 ? 0 : host_fail(ctx, "'%s' cannot be kept", key);
    }
    const struct blob *b = d->in ? blobs_find(d->in, key) : NULL;
    if (!b || (buf && *n != b->n)) {
        return host_fail(ctx, b ? "'%s' has another size" : "there is no '%s'", key);
    }
    *n = b->n;
    if (buf) {
        memcpy(buf, b->bytes, b->n);
    }
    return 0;
}

/* Services that no controller of this process offers. */
static int host_infer(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m)
{
    (void)in, (void)n, (void)out, (void)m;
    return host_fail(ctx, "no model can be run here, so not '%s'", model);
}
static int host_text(void *ctx, const char *prompt, char *answer, uint32_t cap)
{
    (void)prompt, (void)answer, (void)cap;
    return host_fail(ctx, "no language model can be asked here");
}
static int host_metric(void *ctx, const char *name, double value)
{
    (void)value;
    return host_fail(ctx, "metrics of a policy's own are not kept, so not '%s'", name);
}

static int ask(struct drive *d, const struct ts_policy *policy, void *state, const struct ts_view *v,
               const struct ts_ask *a, const struct drive_watch *watch, struct err *e)
{
    for (uint32_t i = 0; i < d->plan.n; i++) {
        memset(&d->plan.step[i], 0, sizeof d->plan.step[i]);
    }
    d->plan.n = 0;
    d->plan.think_s = d->plan.tokens = NAN;
    d->n_drawn = 0;
    if (a->n_task > d->plan.cap && host_more(d, &d->plan, a->n_task)) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a plan of %u steps", a->n_task);
    }
    int rc = policy->decide(state, &d->host, v, a, &d->plan);
    if (__builtin_expect(rc != 0, 0)) {
        return plan_check_return(policy, "decide", rc, d->said, e);
    }
    if (watch && watch->asked) {
        watch->asked(watch->ctx, v, a, &d->plan);
    }
    return run_answer(d->run, &d->plan, e);
}

static int loop(struct drive *d, const struct ts_policy *policy, void *state, const struct drive_watch *watch,
                struct err *e)
{
    for (;;) {
        const struct ts_view *v = NULL;
        const struct ts_ask *a = NULL;
        const struct ts_outcome *o = NULL;
        int rc = run_next(d->run, &v, &a, &o, e);
        if (rc == RUN_QUESTION) {
            rc = ask(d, policy, state, v, a, watch, e);
            if (d->period_s && a->why == TS_TICK) {
                run_set_clock(d->run, *d->period_s);
            }
        } else if (rc == RUN_OUTCOME) {
            rc = plan_check_return(policy, "ended", policy->ended(state, &d->host, v, o), d->said, e);
            if (watch && watch->told) {
                watch->told(watch->ctx, o);
            }
        } else {
            return rc;
        }
        if (rc) {
            return rc;
        }
    }
}

static int check_mode(const struct ts_policy *policy, int rc, struct err *e)
{
    uint32_t mode = fpmode_get();
    return rc || mode == FPMODE_STANDARD
               ? rc
               : ERR_SET(e, ERR_POLICY, "policy %s changed how the processor rounds or takes tiny numbers for zero (mode %#x), "
                         "wanted it left alone: it, or a library it uses, may be built with -ffast-math", policy->name, mode);
}

/* Let the policy take in what was learned before: save, load and merge see what d->in and d->out are. */
static int load(struct drive *d, const struct ts_policy *policy, void *state, struct err *e)
{
    if (!d->in) {
        return 0;
    }
    if (!policy->load) {
        return ERR_SET(e, ERR_INPUT, "policy %s keeps nothing between runs, so it takes no table", policy->name);
    }
    return plan_check_return(policy, "load", policy->load(state, &d->host), d->said, e);
}

static int save(struct drive *d, const struct ts_policy *policy, void *state, struct err *e)
{
    return d->out && policy->save ? plan_check_return(policy, "save", policy->save(state, &d->host), d->said, e) : 0;
}

/* The state block, with the parameters, initialised, and what was learned before taken in; also after an error, to be ended. */
static int begin(struct drive *d, struct run *r, const struct run_spec *spec, const char *file, void **state,
                 struct err *e)
{
    const struct ts_policy *policy = spec->policy;
    *d = (struct drive){.run = r,
                        .host = {.size = sizeof d->host, .abi = TS_ABI, .ctx = d, .uniform = host_uniform,
                                 .path = host_path, .more = host_more, .blob = host_blob, .infer = host_infer,
                                 .text = host_text, .metric = host_metric, .fail = host_fail,
                                 .frozen = spec->spec->frozen},
                        .in = spec->state_in ? spec->state_in : spec->spec->learned,
                        .out = spec->state_out,
                        .plan = {.size = sizeof d->plan, .cap = FIRST_STEPS}};
    *state = calloc(1, policy->state_size ? policy->state_size : 1);
    d->plan.step = calloc(FIRST_STEPS, sizeof *d->plan.step);
    err_bug_context(run_clock(r), policy->name);
    if (!*state || !d->plan.step) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the state of policy %s", policy->name);
    }
    int rc = policy_set_params(policy, file, spec->spec, *state, e);
    if (!rc && policy->init) {
        rc = plan_check_return(policy, "init", policy->init(*state, &d->host, run_view(r)), d->said, e);
    }
    return rc ? rc : load(d, policy, *state, e);
}

static void start_clock(struct drive *d, const struct ts_policy *policy, void *state)
{
    const struct ts_param *clock = policy_clock(policy);
    if (clock) {
        d->period_s = (const double *)(const void *)((const char *)state + clock->offset);
        run_set_clock(d->run, *d->period_s);
    }
}

static void end(struct drive *d, const struct ts_policy *policy, void *state)
{
    if (state && policy->clear) {
        policy->clear(state);
    }
    err_bug_context(NULL, NULL);
    free(d->plan.step);
    free(state);
}

int drive_run(struct run *r, const struct run_spec *spec, const char *file, const struct drive_watch *watch,
              struct err *e)
{
    const struct ts_policy *policy = spec->policy;
    const uint32_t mode = fpmode_get();
    struct drive d;
    void *state;
    fpmode_set(FPMODE_STANDARD);
    int rc = begin(&d, r, spec, file, &state, e);
    if (!rc) {
        start_clock(&d, policy, state);
        rc = loop(&d, policy, state, watch, e);
    }
    rc = rc ? rc : save(&d, policy, state, e);
    rc = check_mode(policy, rc, e);
    end(&d, policy, state);
    fpmode_set(mode);
    return rc;
}

bool drive_can_merge(const struct ts_policy *policy)
{
    return policy->size >= offsetof(struct ts_policy, merge) + sizeof policy->merge && policy->merge && policy->save &&
           policy->load;
}

int drive_merge(const struct run_spec *spec, const char *file, const struct blobs *learned, uint32_t n, struct err *e)
{
    const struct ts_policy *policy = spec->policy;
    const uint32_t mode = fpmode_get();
    struct run *r;
    struct drive d;
    void *state;
    fpmode_set(FPMODE_STANDARD);
    int rc = run_create(&r, spec, e);
    if (!rc) {
        rc = begin(&d, r, spec, file, &state, e);
        for (uint32_t k = 0; k < n && !rc; k++) {
            d.in = &learned[k];
            rc = plan_check_return(policy, "merge", policy->merge(state, &d.host, k, n), d.said, e);
        }
        rc = rc ? rc : save(&d, policy, state, e);
        rc = check_mode(policy, rc, e);
        end(&d, policy, state);
        run_free(r);
    }
    fpmode_set(mode);
    return rc;
}

int drive(const struct run_spec *spec, const char *file, const struct drive_watch *watch, struct run_counts *out,
          struct err *e)
{
    struct run *r;
    const uint32_t mode = fpmode_get();
    fpmode_set(FPMODE_STANDARD);
    int rc = run_create(&r, spec, e);
    if (!rc) {
        rc = drive_run(r, spec, file, watch, e);
        *out = run_counts(r);
        run_free(r);
    }
    fpmode_set(mode);
    return rc;
}
