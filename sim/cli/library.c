/* SPDX-License-Identifier: GPL-3.0-or-later */
/* library.c - <tiersim/tiersim.h> over the parts: a thin coat, no logic of its own. */
#include <tiersim/tiersim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/builtin.h"
#include "sim/base/err.h"
#include "sim/experiment/services.h"
#include "sim/io/scenario_read.h"
#include "sim/io/scenario_sample.h"
#include "sim/measure/measure.h"
#include "sim/policy/set.h"
#include "sim/run/drive.h"

struct ts_scenario {
    struct scenario s;
    struct services services;
};

struct ts_run {
    const struct ts_scenario *scenario;
    struct scenario drawn; /* if what is not known exactly is sampled */
    struct run_spec spec;
    struct run *run;
    struct measure measure;
    struct record record;
    bool ended;
    int what; /* the last thing that was given: enum ts_next */
    struct err err;
};

static const struct policy_set builtin = {builtin_policy, N_BUILTIN_POLICY};

static int code_of(const struct err *e)
{
    switch (e->code) {
    case ERR_NONE:
        return 0;
    case ERR_POLICY:
        return TS_E_POLICY;
    case ERR_MEMORY:
        return TS_E_MEMORY;
    case ERR_IO:
        return TS_E_IO;
    case ERR_NUMERIC:
        return TS_E_NUMERIC;
    default:
        return TS_E_INPUT;
    }
}

static int say(const struct err *e, char *message, size_t n)
{
    if (message && n) {
        err_text(e, message, n);
    }
    return code_of(e);
}

const char *ts_version(void)
{
    return TS_VERSION;
}

int ts_scenario_open(struct ts_scenario **out, const char *path, const char *const *set, size_t n_set, char *message,
                     size_t n)
{
    struct err e = {0};
    *out = NULL;
    struct ts_scenario *s = calloc(1, sizeof *s);
    struct errors *errors = calloc(1, sizeof *errors);
    if (!s || !errors) {
        free(s);
        free(errors);
        ERR_SET(&e, ERR_MEMORY, "out of memory for a scenario");
        return say(&e, message, n);
    }
    int rc = scenario_read(&s->s, path, set, n_set, errors);
    if (rc) {
        FILE *text = message && n ? fmemopen(message, n, "w") : NULL;
        if (text) {
            errors_print(errors, text);
            fclose(text);
        }
        e.code = errors->code;
        free(s);
    } else if (services_open(&s->services, &s->s, NULL, &e)) {
        ts_scenario_close(s);
        say(&e, message, n);
    } else {
        *out = s;
    }
    errors_clear(errors);
    free(errors);
    return code_of(&e);
}

void ts_scenario_close(struct ts_scenario *s)
{
    if (s) {
        services_close(&s->services);
        scenario_free(&s->s);
        free(s);
    }
}

const char *ts_scenario_name(const struct ts_scenario *s)
{
    return s->s.name;
}

const char *ts_scenario_policy(const struct ts_scenario *s, uint32_t i)
{
    return i < s->s.experiment.n_policy ? s->s.experiment.policy[i].label : NULL;
}

const struct ts_policy *ts_policy_find(const char *name)
{
    return policy_set_find(&builtin, name, NULL, 0, 0, NULL);
}

static void take(void *ctx, const struct transition *t, size_t n)
{
    struct ts_run *r = ctx;
    measure_fold(&r->measure, t, n);
}

static int find_policy(struct ts_run *r, const struct ts_run_options *o)
{
    const struct experiment *x = &r->scenario->s.experiment;
    for (uint32_t p = 0; p < x->n_policy && !r->spec.spec; p++) {
        if (!o->policy || strcmp(o->policy, x->policy[p].label) == 0) {
            r->spec.spec = &x->policy[p];
        }
    }
    if (!r->spec.spec) {
        return ERR_SET(&r->err, ERR_INPUT, "policy: found %s, wanted a label of the scenario's list", o->policy);
    }
    r->spec.policy = o->table ? o->table
                              : policy_set_find(&builtin, r->spec.spec->policy, r->scenario->s.file, r->spec.spec->line,
                                                r->spec.spec->column, &r->err);
    if (r->spec.policy && policy_set_find_over(&builtin, r->spec.spec, r->scenario->s.file, &r->spec.over, &r->err) < 0) {
        return -(int)r->err.code;
    }
    return r->spec.policy ? policy_check_table(r->spec.policy, &r->err) : -(int)r->err.code;
}

int ts_run_open(struct ts_run **out, const struct ts_scenario *s, const struct ts_run_options *o, char *message,
                size_t n)
{
    struct err e = {0};
    struct ts_run *r = calloc(1, sizeof *r);
    *out = NULL;
    if (!r) {
        ERR_SET(&e, ERR_MEMORY, "out of memory for a run");
        return say(&e, message, n);
    }
    r->scenario = s;
    r->spec = (struct run_spec){.replication = o->replication, .tie_seed = o->tie_seed, .full = take,
                                .seed = o->has_seed ? o->seed : s->s.experiment.seed, .ctx = r};
    if (o->size < sizeof *o || r->spec.seed > UINT32_MAX) {
        ERR_SET(&r->err, ERR_INPUT, "options: found size %u and seed %llu, wanted %zu bytes and a seed below 2^32", o->size,
                (unsigned long long)r->spec.seed, sizeof *o);
    } else if (s->s.experiment.warm_up_auto) {
        ERR_SET(&r->err, ERR_INPUT, "experiment.warm_up: found auto, wanted a time: a single run cannot find it");
    } else if (!find_policy(r, o) &&
               !scenario_of_replication(&r->spec.scenario, &r->drawn, &s->s, r->spec.seed, r->spec.replication, &r->err) &&
               !measure_init(&r->measure, r->spec.scenario, NULL, &r->err)) {
        r->spec.spec = &r->spec.scenario->experiment.policy[r->spec.spec - s->s.experiment.policy];
        run_create(&r->run, &r->spec, &r->err);
    }
    e = r->err;
    if (e.code != ERR_NONE) {
        ts_run_close(r);
    } else {
        *out = r;
    }
    return say(&e, message, n);
}

static int end(struct ts_run *r)
{
    struct run_counts counts = run_counts(r->run);
    r->record.status = counts.verdict == RUN_SATURATED ? RECORD_SATURATED : RECORD_EMPTY;
    r->ended = measure_finish(&r->measure, &r->record, &r->err) == 0;
    return r->ended ? TS_ENDED : code_of(&r->err);
}

int ts_run_next(struct ts_run *r, const struct ts_view **v, const struct ts_ask **a, const struct ts_outcome **o)
{
    if (r->ended) {
        return TS_ENDED;
    }
    r->what = run_next(r->run, v, a, o, &r->err);
    return r->what < 0 ? code_of(&r->err) : r->what == RUN_ENDED ? end(r) : r->what;
}

uint32_t ts_run_fast(const struct ts_run *r)
{
    return run_fast(r->run);
}

int ts_run_below(const struct ts_run *r, ts_id ctl, uint32_t k, ts_id *below, ts_id *node)
{
    return run_below(r->run, ctl, k, below, node);
}

int ts_run_setting(const struct ts_run *r, ts_id *ctl, uint32_t *param, double *value)
{
    if (r->what != RUN_SETTING) {
        return TS_E_INPUT;
    }
    const struct run_setting s = run_setting(r->run);
    *ctl = s.ctl;
    *param = s.param;
    *value = s.value;
    return 0;
}

void ts_run_clock(struct ts_run *r, double period_s)
{
    for (uint32_t k = 0; k < run_clocks(r->run); k++) {
        run_set_clock(r->run, k, period_s);
    }
}

int ts_run_answer(struct ts_run *r, const struct ts_plan *p)
{
    return run_answer(r->run, p, &r->err) ? code_of(&r->err) : 0;
}

int ts_run_drive(struct ts_run *r, const struct ts_policy *policy)
{
    struct run_spec spec = r->spec;
    struct services_session session;
    spec.policy = policy;
    services_begin(&session, &r->scenario->services, &spec);
    int rc = policy_asks(policy, spec.over) ? text_prepare(r->scenario->services.text, spec.spec, &r->err) : 0;
    rc = rc ? rc : drive_run(r->run, &spec, r->scenario->s.file, NULL, &r->err);
    services_end(&session, NULL, NULL);
    return rc ? code_of(&r->err) : end(r);
}

const char *ts_run_message(const struct ts_run *r)
{
    return r->err.code == ERR_NONE ? "" : r->err.text;
}

double ts_run_uniform(struct ts_run *r, uint32_t j)
{
    return run_policy_uniform(r->run, j);
}

int ts_run_metric(const struct ts_run *r, const char *name, double *value)
{
    int m = metric_find(name);
    if (m < 0 || !r->ended) {
        return TS_E_INPUT;
    }
    *value = r->record.metric[m];
    return 0;
}

uint64_t ts_run_digest(const struct ts_run *r)
{
    return r->record.digest;
}

void ts_run_close(struct ts_run *r)
{
    if (r) {
        run_free(r->run);
        measure_clear(&r->measure);
        record_clear(&r->record);
        scenario_free(&r->drawn);
        free(r);
    }
}
