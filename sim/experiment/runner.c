/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/runner.h"

#include <omp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "sim/base/err.h"
#include "sim/experiment/bounds.h"
#include "sim/experiment/services.h"
#include "sim/experiment/systems.h"
#include "sim/experiment/writer.h"
#include "sim/io/event_log.h"
#include "sim/io/provenance.h"
#include "sim/measure/measure.h"
#include "sim/run/drive.h"

struct experiment_run {
    const struct scenario *s;
    struct systems systems;
    const struct ts_policy **policy; /* [n_policy] */
    const struct ts_policy **over;   /* [n_policy] of its slow controllers, NULL: none */
    uint8_t *reference;              /* [n_policy] 1: clairvoyant */
    const struct run_options *o;
    struct runner_progress *progress;
    struct writer *writer;
    struct services services;
    struct event_log *log;
    struct err *item_err; /* [n_item] */
    struct bounds (*bounds)[2]; /* [n_replication], or NULL; [1]: for policies that race */
    struct runner_outcome *out;
    struct provenance begun, ended; /* when it began, and how it went */
    uint32_t n_item;
    int n_thread;
    omp_lock_t lock; /* of out */
};

/* What one item under way hands its transitions to. */
struct item {
    struct experiment_run *x;
    uint32_t policy, replication;
    struct measure measure;
    struct services_session services;
};

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_memory_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024; /* kB on Linux */
}

static void take_transitions(void *ctx, const struct transition *t, size_t n)
{
    struct item *item = ctx;
    measure_fold(&item->measure, t, n);
    if (item->x->log) {
        event_log_write(item->x->log, item->policy, item->replication, t, n);
    }
}

static void take_rows(void *ctx, const struct row_block *b)
{
    struct item *item = ctx;
    writer_rows(item->x->writer, item->policy, item->replication, b);
}

/* Which of the bounds hold for a policy. */
static bool policy_races(const struct experiment_run *x, uint32_t policy)
{
    return (x->policy[policy]->flags & TS_TAKES_BACK) != 0;
}

static int run_item(struct experiment_run *x, uint32_t policy, uint32_t replication, struct err *e)
{
    const struct scenario *s = systems_of(&x->systems, replication);
    const struct experiment *spec = &s->experiment;
    struct item item = {.x = x, .policy = policy, .replication = replication};
    const struct row_sink sink = {take_rows, &item};
    const struct measure_options options = {.member_max = 1000, .rows = x->o->tasks ? &sink : NULL};
    struct record record = {.policy = policy, .replication = replication};
    struct run_spec run = {.scenario = s, .spec = &spec->policy[policy], .policy = x->policy[policy], .over = x->over[policy],
                           .replication = replication, .seed = spec->seed,
                           .tie_seed = x->o->has_tie_seed ? x->o->tie_seed : 0, .full = take_transitions, .ctx = &item,
                           .own = &record.own, .call_limit_s = x->o->call_limit_s, .saved = writer_saved(x->writer),
                           .progress = &x->progress->n_job};
    double from_s = wall_s();
    struct run_counts counts;
    services_begin(&item.services, &x->services, &run);
    int rc = measure_init(&item.measure, s, &options, e);
    if (rc || (rc = drive(&run, x->s->file, NULL, &counts, e))) {
        goto out;
    }
    record.status = counts.verdict == RUN_SATURATED ? RECORD_SATURATED : RECORD_EMPTY;
    record.n_event = counts.n_event;
    record.n_event_dead = counts.n_event_dead;
    record.n_question = counts.n_question;
    record.wall_s = wall_s() - from_s;
    if ((rc = measure_finish(&item.measure, &record, e)) || (rc = services_end(&item.services, &record, e))) {
        goto out;
    }
    if (x->bounds && (rc = bounds_fill(&x->bounds[replication][policy_races(x, policy)], &record, e))) {
        goto out;
    }
    omp_set_lock(&x->lock);
    x->out->n_saturated += record.status == RECORD_SATURATED;
    if (record.status == RECORD_BROKEN && x->out->n_broken++ == 0) {
        snprintf(x->out->broken, sizeof x->out->broken, "policy %s, replication %u: %s", spec->policy[policy].label,
                 replication, record.text);
    }
    omp_unset_lock(&x->lock);
    writer_record(x->writer, &record);
out:
    services_end(&item.services, NULL, e);
    measure_clear(&item.measure);
    record_clear(&record);
    return rc;
}

/* Is the item there already, from the process whose run goes on here? */
static bool is_kept(struct experiment_run *x, uint32_t policy, uint32_t replication)
{
    const char *text;
    enum record_status status = writer_kept(x->writer, policy, replication, &text);
    omp_set_lock(&x->lock);
    x->out->n_kept += status != RECORD_EMPTY;
    x->out->n_saturated += status == RECORD_SATURATED;
    if (status == RECORD_BROKEN && x->out->n_broken++ == 0) {
        snprintf(x->out->broken, sizeof x->out->broken, "policy %s, replication %u: %s",
                 x->s->experiment.policy[policy].label, replication, text);
    }
    omp_unset_lock(&x->lock);
    return status != RECORD_EMPTY;
}

static void run_list(struct experiment_run *x)
{
    const uint32_t n_replication = x->s->experiment.replications;
    int failed = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(x->n_thread)
    for (uint32_t i = 0; i < x->n_item; i++) {
        int skip;
        if (is_kept(x, i / n_replication, i % n_replication)) {
            atomic_fetch_add(&x->progress->n_done, 1);
            continue;
        }
#pragma omp atomic read
        skip = failed;
        if (skip || (x->o->chosen && !x->o->chosen[i]) || atomic_load(&x->progress->stop)) {
#pragma omp atomic update
            x->out->n_missing++;
            continue;
        }
        if (run_item(x, i / n_replication, i % n_replication, &x->item_err[i])) {
#pragma omp atomic write
            failed = 1;
        }
        atomic_fetch_add(&x->progress->n_done, 1);
    }
}

/* Those of all replications, before any policy is run. */
static int find_bounds(struct experiment_run *x, struct err *e)
{
    const uint32_t n = x->s->experiment.replications;
    int rc = 0;
    if (!x->s->experiment.bounds) {
        return 0;
    }
    if (!(x->bounds = calloc(n + 1u, sizeof *x->bounds))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the bounds of %u replications", n);
    }
    bool wanted[2] = {false, false};
    for (uint32_t p = 0; p < x->s->experiment.n_policy; p++) {
        wanted[policy_races(x, p)] = true;
    }
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#pragma omp parallel for schedule(dynamic, 1) num_threads(x->n_thread)
    for (uint32_t i = 0; i < n; i++) {
        struct err own = {0};
        if (bounds_find(x->bounds[i], systems_of(&x->systems, i), i, x->o->has_tie_seed ? x->o->tie_seed : 0, wanted, &own)) {
            pthread_mutex_lock(&lock);
            rc = -(int)own.code;
            *e = own;
            pthread_mutex_unlock(&lock);
        }
    }
    return rc;
}

/* Find the policies and try their parameters, so that a wrong one ends the program before anything is run. */
static int find_policies(struct experiment_run *x, const struct policy_set *set, struct err *e)
{
    const struct experiment *spec = &x->s->experiment;
    for (uint32_t p = 0; p < spec->n_policy; p++) {
        const struct policy_spec *policy = &spec->policy[p];
        x->policy[p] = policy_set_find(set, policy->policy, x->s->file, policy->line, policy->column, e);
        if (!x->policy[p]) {
            return -(int)e->code;
        }
        x->reference[p] = (x->policy[p]->flags & TS_CLAIRVOYANT) != 0;
        void *state = calloc(1, x->policy[p]->state_size + 1);
        int rc = state ? policy_set_params(x->policy[p], x->s->file, policy, state, e)
                       : ERR_SET(e, ERR_MEMORY, "out of memory for policy %s", policy->label);
        free(state);
        rc = rc ? rc : policy_set_find_over(set, policy, x->s->file, &x->over[p], e);
        rc = rc || !policy_asks(x->policy[p], x->over[p]) ? rc : text_prepare(x->services.text, policy, e);
        rc = rc ? rc : networks_try(x->services.networks, policy, e);
        if (rc) {
            return rc;
        }
    }
    return 0;
}

/* Where results come from: now, here, where the scenario's relative paths begin, how many threads. */
static void note_run(const struct experiment_run *x, struct provenance *p)
{
    char *path = x->s->file ? realpath(x->s->file, NULL) : NULL, *slash = path ? strrchr(path, '/') : NULL;
    provenance_now(p, x->o->command_line);
    if (slash) {
        *slash = 0;
        provenance_add(p, "folder", "%s", path);
    }
    free(path);
    provenance_add(p, "threads", "%d", x->n_thread);
}

static int check_noted(const struct provenance *p, struct err *e)
{
    return p->arena.failed ? ERR_SET(e, ERR_MEMORY, "out of memory to say where the results come from") : 0;
}

/* The file of results, begun or gone on with, and what an earlier process of the same run was told. */
static int start_file(struct experiment_run *x, struct err *e)
{
    const struct results_options file = {.provenance = &x->begun, .rows = x->o->tasks, .resume = x->o->resume,
                                         .reference = x->reference, .tie_seed = x->o->has_tie_seed ? x->o->tie_seed : 0};
    int rc = writer_start(&x->writer, x->o->output, x->s, &file, 2 * (uint32_t)x->n_thread, e);
    if (rc) {
        return rc;
    }
    size_t n_told;
    const struct text_entry *told = writer_told(x->writer, &n_told);
    return text_remember(x->services.text, told, n_told, e);
}

/* All that can be wrong before anything is run. */
static int prepare(struct experiment_run *x, const struct policy_set *set, struct err *e)
{
    const uint32_t n_policy = x->s->experiment.n_policy;
    x->policy = calloc(n_policy + 1u, sizeof *x->policy);
    x->over = calloc(n_policy + 1u, sizeof *x->over);
    x->reference = calloc(n_policy + 1u, sizeof *x->reference);
    x->item_err = calloc(x->n_item + 1u, sizeof *x->item_err);
    if (!x->policy || !x->over || !x->reference || !x->item_err) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for %u replications", x->n_item);
    }
    note_run(x, &x->begun);
    int rc = check_noted(&x->begun, e);
    rc = rc ? rc : services_open(&x->services, x->s, x->o->told, e);
    rc = rc ? rc : find_policies(x, set, e);
    rc = rc ? rc : systems_find(&x->systems, x->s, x->n_thread, e);
    rc = rc ? rc : find_bounds(x, e);
    rc = rc || !x->o->log ? rc : event_log_open(&x->log, x->o->log, x->s, e);
    return rc ? rc : start_file(x, e);
}

/* After the list: its first error, else what there is to say of it. */
static int report(struct experiment_run *x, double from_s, struct err *e)
{
    struct runner_outcome *out = x->out;
    int rc = 0;
    out->wall_s = wall_s() - from_s;
    out->n_job = atomic_load(&x->progress->n_job);
    for (uint32_t i = 0; i < x->n_item && !rc; i++) {
        if (x->item_err[i].code != ERR_NONE) {
            *e = x->item_err[i];
            rc = -(int)e->code;
        }
    }
    if (!rc && x->log) {
        rc = event_log_close(x->log, e);
        x->log = NULL;
    }
    note_run(x, &x->ended);
    networks_note(x->services.networks, &x->ended);
    if (out->n_kept > 0) {
        provenance_add(&x->ended, "resumed", "%u of %u replications were there", out->n_kept, x->n_item);
    }
    provenance_add(&x->ended, "wall_s", "%.3f", out->wall_s);
    provenance_add(&x->ended, "peak_memory_mib", "%.1f", peak_memory_mib());
    return rc ? rc : check_noted(&x->ended, e);
}

/* The file is whole if all went well; else what is there is kept to be resumed. */
static int finish_file(struct experiment_run *x, bool well, struct err *e)
{
    const bool whole = well && x->out->n_missing == 0;
    return x->writer ? writer_finish(x->writer, whole ? &x->ended : NULL, x->out->path, sizeof x->out->path, e) : 0;
}

static void release(struct experiment_run *x)
{
    if (x->log) {
        event_log_close(x->log, NULL);
    }
    services_close(&x->services);
    provenance_clear(&x->begun);
    provenance_clear(&x->ended);
    omp_destroy_lock(&x->lock);
    for (uint32_t i = 0; x->bounds && i < x->s->experiment.replications; i++) {
        bounds_clear(&x->bounds[i][0]);
        bounds_clear(&x->bounds[i][1]);
    }
    systems_clear(&x->systems);
    free(x->bounds);
    free(x->item_err);
    free(x->policy);
    free(x->over);
    free(x->reference);
}

int experiment_run(const struct scenario *s, const struct policy_set *set, const struct run_options *o,
                   struct runner_progress *progress, struct runner_outcome *out, struct err *e)
{
    struct runner_progress unseen = {0};
    struct experiment_run x = {.s = s, .o = o, .progress = progress ? progress : &unseen, .out = out,
                               .n_item = s->experiment.n_policy * s->experiment.replications,
                               .n_thread = o->log ? 1 : o->threads ? (int)o->threads : omp_get_num_procs()};
    const double from_s = wall_s();
    *out = (struct runner_outcome){0};
    omp_init_lock(&x.lock);
    int rc = prepare(&x, set, e);
    if (rc == 0) {
        atomic_store(&x.progress->n_item, x.n_item);
        run_list(&x);
        rc = report(&x, from_s, e);
    }
    int wrote = finish_file(&x, rc == 0, e);
    release(&x);
    return rc ? rc : wrote;
}
