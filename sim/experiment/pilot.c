/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/pilot.h"

#include <omp.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/experiment/services.h"
#include "sim/experiment/systems.h"
#include "sim/measure/measure.h"
#include "sim/measure/warm_up.h"
#include "sim/run/drive.h"

struct pilot {
    const struct scenario *s;
    const struct policy_set *set;
    const struct run_options *o;
    struct runner_progress *progress;
    struct services services;
    struct systems systems;
    struct record *record; /* [n_policy][n_replication], of which only the cohort sums are kept */
    struct err *item_err;
};

static void take_transitions(void *ctx, const struct transition *t, size_t n)
{
    measure_fold(ctx, t, n);
}

/* Only the cohort sums of a record, so that thousands of them fit. */
static struct record cohort_of(struct record *whole)
{
    struct record r = {.policy = whole->policy,
                       .replication = whole->replication,
                       .status = whole->status,
                       .n_class = whole->n_class,
                       .cohort = whole->cohort};
    whole->cohort = NULL;
    record_clear(whole);
    return r;
}

static int run_item(const struct pilot *p, uint32_t policy, uint32_t replication, struct record *out, struct err *e)
{
    const struct experiment *x = &p->s->experiment;
    const struct policy_spec *spec = &x->policy[policy];
    struct measure measure = {NULL};
    struct services_session services;
    struct run_counts counts;
    struct record record = {.policy = policy, .replication = replication};
    struct run_spec run = {
        .scenario = systems_of(&p->systems, replication),
        .spec = spec,
        .policy = policy_set_find(p->set, spec->policy, p->s->file, spec->line, spec->column, e),
        .replication = replication,
        .seed = x->seed,
        .tie_seed = p->o->has_tie_seed ? p->o->tie_seed : 0,
        .full = take_transitions,
        .ctx = &measure,
        .progress = &p->progress->n_job};
    services_begin(&services, &p->services, &run);
    int rc = run.policy ? policy_set_find_over(p->set, spec, p->s->file, &run.over, e) : -(int)e->code;
    rc = rc ? rc : measure_init(&measure, run.scenario, NULL, e);
    if (!rc && !(rc = drive(&run, p->s->file, NULL, &counts, e))) {
        record.status = counts.verdict == RUN_SATURATED ? RECORD_SATURATED : RECORD_EMPTY;
        if (!(rc = measure_finish(&measure, &record, e))) {
            *out = cohort_of(&record);
        }
    }
    services_end(&services, NULL, e);
    measure_clear(&measure);
    return rc;
}

static int run_list(const struct pilot *p, uint32_t n_item, int n_thread, struct err *e)
{
    const uint32_t n_replication = p->s->experiment.replications;
    (void)n_thread;
    atomic_store(&p->progress->n_item, n_item);
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_thread)
    for (uint32_t i = 0; i < n_item; i++) {
        if (!atomic_load(&p->progress->stop)) {
            run_item(p, i / n_replication, i % n_replication, &p->record[i], &p->item_err[i]);
        }
        atomic_fetch_add(&p->progress->n_done, 1);
    }
    atomic_store(&p->progress->n_done, 0);
    for (uint32_t i = 0; i < n_item; i++) {
        if (p->item_err[i].code != ERR_NONE) {
            *e = p->item_err[i];
            return -(int)e->code;
        }
    }
    return 0;
}

int pilot_find_warm_up(struct scenario *s, const struct policy_set *set, const struct run_options *o,
                       struct runner_progress *progress, struct err *e)
{
    struct experiment *x = &s->experiment;
    struct runner_progress unseen = {0};
    const uint32_t n_item = x->n_policy * x->replications;
    int n_thread = o->threads ? (int)o->threads : omp_get_num_procs();
    struct pilot p = {.s = s, .set = set, .o = o, .progress = progress ? progress : &unseen};
    if (!x->warm_up_auto) {
        return 0;
    }
    for (uint32_t i = 0; i < x->n_policy; i++) {
        const struct policy_spec *spec = &x->policy[i];
        const struct ts_policy *policy = policy_set_find(set, spec->policy, s->file, spec->line, spec->column, e);
        const struct ts_policy *over = NULL;
        if (!policy || policy_set_find_over(set, spec, s->file, &over, e) < 0) {
            return -(int)e->code;
        }
        if (policy_asks(policy, over) && text_is_outside(s, spec)) {
            return ERR_SET(e, ERR_INPUT,
                           "experiment.warm_up: found auto with policy %s, which asks outside, wanted a time: the round that "
                           "finds it would ask, and pay, twice",
                           spec->label);
        }
    }
    x->warm_up_s = 0;
    p.record = calloc(n_item + 1u, sizeof *p.record);
    p.item_err = calloc(n_item + 1u, sizeof *p.item_err);
    int rc = p.record && p.item_err ? services_open(&p.services, s, o->told, e)
                                    : ERR_SET(e, ERR_MEMORY, "out of memory for %u replications", n_item);
    rc = rc ? rc : systems_find(&p.systems, s, n_thread, e);
    rc = rc ? rc : run_list(&p, n_item, n_thread, e);
    if (!rc) {
        struct warm_up found;
        warm_up_find(p.record, x->n_policy, x->replications, &found);
        x->warm_up_s = found.n_segment * (x->duration_s / N_SEGMENT);
        x->unsteady = found.unsteady;
    }
    for (uint32_t i = 0; p.record && i < n_item; i++) {
        record_clear(&p.record[i]);
    }
    systems_clear(&p.systems);
    services_close(&p.services);
    free(p.record);
    free(p.item_err);
    return rc;
}
