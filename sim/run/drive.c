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
#include "sim/base/tally.h"
#include "sim/policy/check.h"
#include "sim/policy/infer.h"
#include "sim/policy/set.h"
#include "sim/policy/terms.h"
#include "sim/policy/text.h"
#include "sim/run/fence.h"
#include "sim/run/guard.h"

enum { FIRST_STEPS = 16, MAX_STEPS = 1 << 20, PREFIX = 24, KEY = 256 };

/* Beside what several blocks of state have saved: how many they were. */
static const char blocks_key[] = "blocks.txt";

struct drive {
    struct run *run;
    const struct ts_policy *policy; /* of the controller or block whose turn it is */
    uint32_t ctl;
    void *state;  /* of it: [policy->state_size], fenced */
    void **states; /* [n_ctl], one of each */
    uint32_t n_ctl, n_fast; /* those from n_fast on have the policy over */
    const struct ts_policy *fast, *over;
    const struct policy_spec *spec; /* of the fast one */
    struct ts_host host;
    struct ts_plan plan;
    struct ts_step *step; /* plan.step as it should be: [cap], fenced */
    uint32_t cap;
    struct guard *guard;
    const struct ts_param *clock; /* the period of the policy's clock; NULL: it has none */
    const struct blobs *in; /* what host->blob gives, and what it fills; NULL: nothing */
    struct blobs *out;
    char prefix_in[PREFIX], prefix_out[PREFIX]; /* of the keys of the block whose turn it is; "": there is one block */
    struct tallies *own; /* what it reports of itself; NULL: nobody looks */
    uint32_t n_drawn; /* uniforms of the question under way */
    char said[512];   /* what the policy gave to fail */
    const struct text_service *text; /* whom it may ask; NULL: nobody */
    const struct infer_service *infer; /* who runs its network; NULL: nobody */
    struct err world; /* what failed in a call that is not the policy's fault */
};

/* Who is called next. */
static inline void seat(struct drive *d, uint32_t ctl)
{
    d->ctl = ctl;
    d->state = d->states[ctl];
    if (__builtin_expect(d->over != NULL, 0)) {
        d->policy = ctl < d->n_fast ? d->fast : d->over;
        d->guard->policy = d->policy->name;
    }
}

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

static int host_level(void *ctx, ts_id place, uint32_t level, double *speed_flops, double *power_w)
{
    const struct drive *d = ctx;
    return run_level(d->run, place, level, speed_flops, power_w);
}

static int host_more(void *ctx, struct ts_plan *p, uint32_t cap)
{
    struct drive *d = ctx;
    if (p != &d->plan || p->step != d->step || p->cap != d->cap) {
        return -1; /* the policy's own, or changed: seen when the call is over */
    }
    if (cap <= d->cap) {
        return 0;
    }
    struct ts_step *grown = cap <= MAX_STEPS ? fence_alloc(cap * sizeof *grown) : NULL;
    if (!grown) {
        return -1;
    }
    if (d->step) {
        memcpy(grown, d->step, d->cap * sizeof *grown);
        fence_free(d->step);
    }
    d->step = p->step = grown;
    d->cap = p->cap = cap;
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
    char full[KEY];
    if (snprintf(full, sizeof full, "%s%s", put ? d->prefix_out : d->prefix_in, key) >= (int)sizeof full) {
        return host_fail(ctx, "'%s' is too long a key", key);
    }
    if (put) {
        return d->out && blobs_put(d->out, full, buf, *n) == 0 ? 0 : host_fail(ctx, "'%s' cannot be kept", key);
    }
    const struct blob *b = d->in ? blobs_find(d->in, full) : NULL;
    if (!b || (buf && *n != b->n)) {
        return host_fail(ctx, b ? "'%s' has another size" : "there is no '%s'", key);
    }
    *n = b->n;
    if (buf) {
        memcpy(buf, b->bytes, b->n);
    }
    return 0;
}

static int host_metric(void *ctx, const char *name, double value)
{
    struct drive *d = ctx;
    if (!tally_is_name(name) || strcmp(name, "policy") == 0 || strcmp(name, "replication") == 0 ||
        strncmp(name, TALLY_LOOP, sizeof TALLY_LOOP - 1) == 0) {
        return host_fail(ctx, "a metric called '%s', wanted at most %d letters of [a-z0-9_], not policy, replication or %s..", name,
                         TALLY_NAME_MAX - 1, TALLY_LOOP);
    }
    if (!isfinite(value)) {
        return host_fail(ctx, "metric '%s' is %g, wanted a finite number", name, value);
    }
    if (!d->own || *run_clock(d->run) < run_counts(d->run).window_from_s) {
        return 0;
    }
    const bool full = d->own->n == TALLIES_OF_POLICY && !tallies_find(d->own, name);
    return !full && tallies_add(d->own, name, value) == 0
               ? 0 : host_fail(ctx, "no room for metric '%s', wanted at most %d of them", name, TALLIES_OF_POLICY);
}

/* Who is asked, or NULL after host_fail. */
static const struct text_service *language_model(struct drive *d)
{
    if (!(d->policy->flags & TS_IMPURE)) {
        host_fail(d, "it asks a language model, wanted TS_IMPURE among its flags");
        return NULL;
    }
    if (!d->text) {
        host_fail(d, "no language model can be asked here");
    }
    return d->text;
}

/* The world is asked outside of the policy's call: what goes wrong there is not the policy's fault. */
static const char *go_out(struct drive *d)
{
    const char *call = d->guard->call;
    d->guard->call = NULL;
    return call;
}

/* Libraries may leave another mode of rounding behind. */
static int come_back(struct drive *d, const char *call, int rc)
{
    d->guard->call = call;
    fpmode_set(FPMODE_STANDARD);
    return rc ? host_fail(d, "%s", d->world.text) : 0;
}

static int host_infer(void *ctx, const char *model, const float *in, uint32_t n, float *out, uint32_t m)
{
    struct drive *d = ctx;
    if (!(d->policy->flags & TS_IMPURE)) {
        return host_fail(d, "it runs a network, wanted TS_IMPURE among its flags");
    }
    if (!d->infer) {
        return host_fail(d, "no network can be run here");
    }
    const char *call = go_out(d);
    return come_back(d, call, d->infer->infer(d->infer->ctx, model, in, n, out, m, &d->world));
}

static int host_consult(void *ctx, const struct ts_prompt *q, double *value, struct ts_said *said)
{
    struct drive *d = ctx;
    const struct text_service *text = language_model(d);
    if (!text) {
        return -1;
    }
    const char *call = go_out(d);
    return come_back(d, call, text->consult(text->ctx, q, value, said, &d->world));
}

static int host_text(void *ctx, const char *prompt, char *answer, uint32_t cap)
{
    struct drive *d = ctx;
    struct ts_said said = {.status = TS_S_FINE};
    const struct text_service *text = language_model(d);
    if (!text) {
        return -1;
    }
    const char *call = go_out(d);
    int rc = come_back(d, call, text->text(text->ctx, prompt, answer, cap, &said, &d->world));
    if (rc == 0) { /* the policy is not told what it took, so it is charged here */
        d->plan.think_s = (isnan(d->plan.think_s) ? 0 : d->plan.think_s) + said.think_s;
        d->plan.tokens = (isnan(d->plan.tokens) ? 0 : d->plan.tokens) + said.tokens_in + said.tokens_out;
    }
    return rc ? rc : (int)said.status;
}

static int host_below(void *ctx, uint32_t k, ts_id *ctl, ts_id *node)
{
    const struct drive *d = ctx;
    return run_below(d->run, d->ctl, k, ctl, node);
}

static void tell_param(const struct drive *d, const struct ts_param *found, struct ts_param *out)
{
    memcpy(out, found, offsetof(struct ts_param, word));
    out->word = policy_param_words(d->fast, found);
}

static int host_param(void *ctx, const char *key, struct ts_param *out)
{
    const struct drive *d = ctx;
    const struct ts_param *found;
    for (size_t i = 0; d->ctl >= d->n_fast && (found = policy_param_at(d->fast, i)); i++) {
        if (policy_param_can_be_set(d->fast, found) && strcmp(found->key, key) == 0) {
            if (out) {
                tell_param(d, found, out);
            }
            return (int)i;
        }
    }
    return -1;
}

static int host_param_at(void *ctx, uint32_t k, struct ts_param *out, double *value)
{
    const struct drive *d = ctx;
    const struct ts_param *found;
    for (size_t i = 0; d->ctl >= d->n_fast && (found = policy_param_at(d->fast, i)); i++) {
        if (policy_param_can_be_set(d->fast, found) && k-- == 0) {
            tell_param(d, found, out);
            *value = policy_param_written(d->fast, d->spec, found);
            return (int)i;
        }
    }
    return -1;
}

/* What a call must have left alone is not as it was. */
__attribute__((cold, noinline, format(printf, 5, 6)))
static int lie(const struct drive *d, const char *call, const struct ts_ask *a, struct err *e, const char *fmt, ...)
{
    char text[256], when[96] = "";
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (a) {
        snprintf(when, sizeof when, ", question %llu (%s, t = %.9g s)", (unsigned long long)a->id, name_of_why(a->why),
                 *run_clock(d->run));
    }
    return ERR_SET(e, ERR_POLICY, "policy %s%s: %s %s", d->policy->name, when, call, text);
}

/* What every call must leave alone, and what it returned. */
static inline int check_call(const struct drive *d, const char *call, int rc, const struct ts_ask *a, struct err *e)
{
    if (__builtin_expect(!fence_is_near_whole(d->state, d->policy->state_size), 0)) {
        return lie(d, call, a, e, "wrote outside its state of %llu bytes", (unsigned long long)d->policy->state_size);
    }
    if (__builtin_expect(rc != 0, 0)) {
        if (d->world.code == ERR_NONE) {
            return plan_check_return(d->policy, call, rc, d->said, e);
        }
        *e = d->world;
        return -(int)e->code;
    }
    return 0;
}

/* And decide: the plan is where it was, and nothing stands behind its steps. */
static inline int check_plan_memory(const struct drive *d, const struct ts_ask *a, struct err *e)
{
    const struct ts_plan *p = &d->plan;
    if (__builtin_expect(p->step != d->step || p->cap != d->cap, 0)) {
        return lie(d, "decide", a, e, "changed where its plan lies or the room that it has, wanted host->more for that");
    }
    if (__builtin_expect(!fence_is_near_whole(d->step, d->cap * sizeof *d->step), 0)) {
        return lie(d, "decide", a, e, "wrote behind the %u steps that there is room for", d->cap);
    }
    if (__builtin_expect(p->n < d->cap && p->step[p->n].verb != 0, 0)) {
        return lie(d, "decide", a, e, "filled in step %u and counted %u steps", p->n, p->n);
    }
    return 0;
}

static int ask(struct drive *d, const struct ts_view *v, const struct ts_ask *a, const struct drive_watch *watch,
               struct err *e)
{
    d->plan.step[0] = (struct ts_step){0};
    for (uint32_t i = 1; i < d->plan.n; i++) {
        d->plan.step[i] = (struct ts_step){0};
    }
    d->plan.n = 0;
    d->plan.think_s = d->plan.tokens = NAN;
    d->n_drawn = 0;
    if (a->n_task > d->cap && host_more(d, &d->plan, a->n_task)) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for a plan of %u steps", a->n_task);
    }
    seat(d, v->ctl);
    const bool sealed = seal_is_due(a->id);
    const uint64_t seal = sealed ? seal_of(v, a) : 0;
    const bool timed = watch && watch->took && v->ctl < d->n_fast;
    const double from_s = timed ? watch->clock_s() : 0;
    guard_enter(d->guard, "decide", a);
    int rc = d->policy->decide(d->state, &d->host, v, a, &d->plan);
    guard_leave(d->guard);
    if (timed) {
        watch->took(watch->ctx, watch->clock_s() - from_s);
    }
    if (sealed && seal_of(v, a) != seal) {
        return lie(d, "decide", a, e, "changed the view or the question, wanted both left alone");
    }
    if ((rc = check_call(d, "decide", rc, a, e)) || (rc = check_plan_memory(d, a, e))) {
        return rc;
    }
    if (watch && watch->asked) {
        watch->asked(watch->ctx, v, a, &d->plan);
    }
    return run_answer(d->run, &d->plan, e);
}

static int tell(struct drive *d, const struct ts_view *v, const struct ts_outcome *o, struct err *e)
{
    seat(d, v->ctl);
    guard_enter(d->guard, "ended", NULL);
    int rc = d->policy->ended(d->state, &d->host, v, o);
    guard_leave(d->guard);
    return check_call(d, "ended", rc, NULL, e);
}

/* As the state of the controller or block says; controllers share the clock of the first. */
static void set_clock(struct drive *d, uint32_t ctl)
{
    const uint32_t k = ctl < run_clocks(d->run) ? ctl : 0;
    run_set_clock(d->run, k, *(const double *)(const void *)((const char *)d->states[k] + d->clock->offset));
}

/* A parameter of one of the fast controllers has another value. */
static void set_param(struct drive *d)
{
    const struct run_setting s = run_setting(d->run);
    memcpy((char *)d->states[s.ctl] + policy_param_at(d->fast, s.param)->offset, &s.value, sizeof s.value);
}

static int loop(struct drive *d, const struct drive_watch *watch, struct err *e)
{
    for (;;) {
        const struct ts_view *v = NULL;
        const struct ts_ask *a = NULL;
        const struct ts_outcome *o = NULL;
        int rc = run_next(d->run, &v, &a, &o, e);
        if (rc == RUN_QUESTION) {
            rc = ask(d, v, a, watch, e);
            if (d->clock && a->why == TS_TICK && v->ctl < d->n_fast) {
                set_clock(d, v->ctl);
            }
        } else if (rc == RUN_OUTCOME) {
            rc = tell(d, v, o, e);
        } else if (rc == RUN_SETTING) {
            set_param(d);
            rc = 0;
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

/*
 * It is the turn of block k: how its keys begin in what was saved.  What one block learned is taken in by all of several; what
 * several learned, by as many.
 */
static int turn_to(struct drive *d, uint32_t k, struct err *e)
{
    const struct blob *written = d->in ? blobs_find(d->in, blocks_key) : NULL;
    const uint32_t n = d->n_fast;
    seat(d, k);
    d->prefix_in[0] = d->prefix_out[0] = '\0';
    if (n > 1) {
        snprintf(d->prefix_out, sizeof d->prefix_out, "block%u.", k);
    }
    if (!written) {
        return 0;
    }
    char text[PREFIX] = "", here[PREFIX];
    memcpy(text, written->bytes, written->n < sizeof text ? written->n : sizeof text - 1);
    snprintf(here, sizeof here, "%u", n);
    if (strcmp(text, here) != 0) {
        return ERR_SET(e, ERR_INPUT, "what policy %s has learned is of %s blocks of state, wanted %s as here, or one",
                       d->policy->name, text, here);
    }
    memcpy(d->prefix_in, d->prefix_out, sizeof d->prefix_in);
    return 0;
}

/* Let the policy take in what was learned before: save, load and merge see what d->in and d->out are. */
static int load(struct drive *d, uint32_t k, struct err *e)
{
    if (!d->in) {
        return 0;
    }
    if (!d->policy->load) {
        return ERR_SET(e, ERR_INPUT, "policy %s keeps nothing between runs, so it takes no table", d->policy->name);
    }
    int rc = turn_to(d, k, e);
    if (rc) {
        return rc;
    }
    guard_enter(d->guard, "load", NULL);
    rc = d->policy->load(d->state, &d->host);
    guard_leave(d->guard);
    return check_call(d, "load", rc, NULL, e);
}

static int save(struct drive *d, struct err *e)
{
    int rc = 0;
    if (!d->out || !d->fast->save) {
        return 0;
    }
    d->in = NULL;
    for (uint32_t k = 0; rc == 0 && k < d->n_fast; k++) {
        rc = turn_to(d, k, e);
        guard_enter(d->guard, "save", NULL);
        rc = d->policy->save(d->state, &d->host);
        guard_leave(d->guard);
        rc = check_call(d, "save", rc, NULL, e);
    }
    char n[PREFIX];
    snprintf(n, sizeof n, "%u", d->n_fast);
    if (rc == 0 && d->n_fast > 1 && d->out->n > 0 && blobs_put(d->out, blocks_key, n, strlen(n) + 1) < 0) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for what policy %s has learned", d->policy->name);
    }
    return rc;
}

static int init(struct drive *d, uint32_t ctl, struct err *e)
{
    const struct ts_view *v = run_view(d->run, ctl);
    if (!d->policy->init) {
        return 0;
    }
    const bool sealed = seal_is_due(ctl);
    const uint64_t seal = sealed ? seal_of(v, NULL) : 0;
    guard_enter(d->guard, "init", NULL);
    int rc = d->policy->init(d->state, &d->host, v);
    guard_leave(d->guard);
    if (sealed && seal_of(v, NULL) != seal) {
        return lie(d, "init", NULL, e, "changed the view, wanted it left alone");
    }
    return check_call(d, "init", rc, NULL, e);
}

/* The state block, with the parameters, initialised, and what was learned before taken in; also after an error, to be ended. */
static int begin(struct drive *d, struct run *r, const struct run_spec *spec, const char *file, struct guard *guard,
                 struct err *e)
{
    const struct ts_policy *policy = spec->policy;
    *d = (struct drive){.run = r,
                        .policy = policy,
                        .fast = policy,
                        .over = spec->over,
                        .spec = spec->spec,
                        .n_fast = run_fast(r),
                        .host = {.size = sizeof d->host, .abi = TS_ABI, .ctx = d, .uniform = host_uniform,
                                 .path = host_path, .more = host_more, .blob = host_blob, .infer = host_infer,
                                 .text = host_text, .metric = host_metric, .fail = host_fail, .level = host_level,
                                 .consult = host_consult, .below = host_below, .param = host_param,
                                 .param_at = host_param_at,
                                 .frozen = spec->spec->frozen},
                        .in = spec->state_in ? spec->state_in : spec->spec->learned,
                        .out = spec->state_out,
                        .own = spec->own,
                        .text = spec->text,
                        .infer = spec->infer,
                        .guard = guard,
                        .plan = {.size = sizeof d->plan}};
    guard->policy = policy->name;
    guard->now_s = run_clock(r);
    guard->replication = spec->replication;
    guard->limit_s = spec->call_limit_s;
    guard->saved = spec->saved;
    guard_begin(guard);
    err_bug_context(run_clock(r), policy->name);
    const uint32_t n_ctl = run_controllers(r);
    d->states = calloc(n_ctl, sizeof *d->states);
    int rc = 0;
    for (uint32_t k = 0; !rc && k < n_ctl; k++) {
        const bool fast = k < d->n_fast;
        const struct ts_policy *its = fast ? policy : spec->over;
        void *state = d->states ? fence_alloc(its->state_size) : NULL;
        if (!state || host_more(d, &d->plan, FIRST_STEPS)) {
            fence_free(state);
            return ERR_SET(e, ERR_MEMORY, "out of memory for the state of policy %s", its->name);
        }
        d->states[k] = state;
        d->n_ctl = k + 1;
        seat(d, k);
        rc = policy_set_params(its, file, fast ? spec->spec : spec->spec->control.over, state, e);
        rc = rc ? rc : init(d, k, e);
        rc = rc || !fast ? rc : load(d, k, e);
    }
    return rc;
}

static void start_clocks(struct drive *d)
{
    d->clock = policy_clock(d->fast);
    for (uint32_t k = 0; d->clock && k < run_clocks(d->run); k++) {
        set_clock(d, k);
    }
}

static int end(struct drive *d, int rc, struct err *e)
{
    rc = check_mode(d->policy, rc, e);
    for (uint32_t k = 0; rc == 0 && k < d->n_ctl; k++) {
        seat(d, k);
        if (!fence_is_whole(d->states[k], d->policy->state_size)) {
            rc = lie(d, "a call", NULL, e, "wrote outside its state of %llu bytes", (unsigned long long)d->policy->state_size);
        }
    }
    if (rc == 0 && !fence_is_whole(d->step, d->cap * sizeof *d->step)) {
        rc = lie(d, "decide", NULL, e, "wrote outside the %u steps of its plan", d->cap);
    }
    for (uint32_t k = 0; k < d->n_ctl; k++) {
        seat(d, k);
        if (d->policy->clear) {
            guard_enter(d->guard, "clear", NULL);
            d->policy->clear(d->states[k]);
            guard_leave(d->guard);
        }
        fence_free(d->states[k]);
    }
    guard_end(d->guard);
    err_bug_context(NULL, NULL);
    fence_free(d->step);
    free(d->states);
    return rc;
}

int drive_run(struct run *r, const struct run_spec *spec, const char *file, const struct drive_watch *watch,
              struct err *e)
{
    const uint32_t mode = fpmode_get();
    struct guard guard;
    struct drive d;
    fpmode_set(FPMODE_STANDARD);
    int rc = begin(&d, r, spec, file, &guard, e);
    if (!rc) {
        start_clocks(&d);
        rc = loop(&d, watch, e);
    }
    rc = rc ? rc : save(&d, e);
    rc = end(&d, rc, e);
    fpmode_set(mode);
    return rc;
}

bool drive_can_merge(const struct ts_policy *policy)
{
    return policy->size >= offsetof(struct ts_policy, merge) + sizeof policy->merge && policy->merge && policy->save &&
           policy->load;
}

static int merge(struct drive *d, const struct blobs *learned, uint32_t k, uint32_t n, struct err *e)
{
    int rc = 0;
    d->in = &learned[k];
    for (uint32_t b = 0; rc == 0 && b < d->n_fast; b++) {
        rc = turn_to(d, b, e);
        if (rc == 0) {
            guard_enter(d->guard, "merge", NULL);
            rc = d->policy->merge(d->state, &d->host, k, n);
            guard_leave(d->guard);
            rc = check_call(d, "merge", rc, NULL, e);
        }
    }
    return rc;
}

int drive_merge(const struct run_spec *spec, const char *file, const struct blobs *learned, uint32_t n, struct err *e)
{
    const uint32_t mode = fpmode_get();
    struct guard guard;
    struct run *r;
    struct drive d;
    fpmode_set(FPMODE_STANDARD);
    int rc = run_create(&r, spec, e);
    if (!rc) {
        rc = begin(&d, r, spec, file, &guard, e);
        for (uint32_t k = 0; k < n && !rc; k++) {
            rc = merge(&d, learned, k, n, e);
        }
        rc = rc ? rc : save(&d, e);
        rc = end(&d, rc, e);
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
