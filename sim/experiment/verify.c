/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/experiment/pilot.h"
#include "sim/io/file.h"
#include "sim/io/results.h"
#include "sim/io/scenario_read.h"
#include "sim/io/text/text.h"

struct verify {
    const char *path;
    const struct verify_options *o;
    struct result stored;
    struct scenario scenario;
    struct run_options run;
    bool *chosen;  /* [n_item]; NULL: all */
    char *folder;  /* of traces, with a slash */
    char *scratch; /* a folder of our own */
    struct verify_outcome *out;
};

__attribute__((format(printf, 2, 3))) static void differ(struct verify *v, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(v->out->difference, sizeof v->out->difference, fmt, ap);
    va_end(ap);
}

/* The scenario as it stands in the file. */
static int read_scenario(struct verify *v, const struct policy_set *set, struct err *e)
{
    const char *folder = v->o->folder ? v->o->folder : provenance_find(&v->stored.provenance, "folder");
    struct yaml tree = {0};
    struct errors *errors = calloc(1, sizeof *errors);
    if (!errors || asprintf(&v->folder, "%s%s", folder ? folder : "", folder && *folder ? "/" : "") < 0) {
        v->folder = NULL;
        free(errors);
        return ERR_SET(e, ERR_MEMORY, "no memory to verify %s", v->path);
    }
    const struct scenario_source from = {
        .path = v->path, .text = v->stored.text, .folder = v->folder, .policies = set};
    int rc = scenario_open(&v->scenario, &tree, &from, errors);
    yaml_clear(&tree);
    if (rc < 0) {
        const struct error_entry *first = errors->n_kept > 0 ? &errors->entry[0] : NULL;
        rc = first ? ERR_SET(e, errors->code, "%s: its scenario cannot be read again: %s:%d: %s", v->path,
                             first->input ? first->input : "", first->line, first->text)
                   : ERR_SET(e, ERR_MEMORY, "no memory to verify %s", v->path);
    }
    errors_clear(errors);
    free(errors);
    return rc;
}

static int check_traces(const struct verify *v, struct err *e)
{
    const struct result *r = &v->stored;
    for (uint32_t i = 0; i < v->scenario.n_trace; i++) {
        const struct scenario_file *file = &v->scenario.trace[i];
        uint64_t found = 0;
        uint32_t k = 0;
        while (k < r->n_trace && strcmp(r->trace[k], file->written) != 0) {
            k++;
        }
        if (k == r->n_trace) {
            continue; /* the digest of the run, or the comparison of /traces, tells */
        }
        int rc = file_digest(file->path, &found, e);
        if (rc < 0) {
            return rc;
        }
        if (found != r->trace_digest[k]) {
            return ERR_SET(e, ERR_INPUT,
                           "%s: the file %s is not the one that was run: found digest %016" PRIx64
                           ", wanted %016" PRIx64 "; --folder says where another one is",
                           v->path, file->path, found, r->trace_digest[k]);
        }
    }
    return 0;
}

/* Is what the file says to have been run what it was? */
static int check_run(struct verify *v, struct err *e)
{
    const char *program = provenance_find(&v->stored.provenance, "program");
    const char *stored = provenance_find(&v->stored.provenance, "run");
    const struct results_options o = {.rows = v->run.tasks, .tie_seed = v->stored.tie_seed};
    char run[RUN_DIGITS];
    int rc = results_run(&v->scenario, &o, program ? program : "", run, e);
    if (rc == 0 && strcmp(run, stored ? stored : "") != 0) {
        differ(v, "/scenario, with its seeds and traces: stored digest %s, recomputed %s: it is not what was run",
               stored ? stored : "none", run);
    }
    return rc;
}

/* Of the finished replications all, or as many as are wanted, in even steps. */
static int choose(struct verify *v, struct err *e)
{
    const struct result *r = &v->stored;
    uint32_t n_item = r->n_policy * r->n_replication, n_there = 0, n = 0, at = 0;
    for (uint32_t i = 0; i < n_item; i++) {
        n_there += r->record[i].status != RECORD_EMPTY;
    }
    v->out->n_item = n_item;
    v->out->n_run = v->o->sample > 0 && v->o->sample < n_there ? v->o->sample : n_there;
    if (v->out->n_run == n_item) {
        return 0;
    }
    v->chosen = calloc(n_item + 1u, sizeof *v->chosen);
    if (!v->chosen) {
        return ERR_SET(e, ERR_MEMORY, "no memory to verify %s", v->path);
    }
    for (uint32_t i = 0; i < n_item; i++) {
        if (r->record[i].status != RECORD_EMPTY) {
            v->chosen[i] = n < v->out->n_run && (uint64_t)at * v->out->n_run / n_there >= n;
            n += v->chosen[i];
            at++;
        }
    }
    return 0;
}

static int make_scratch(struct verify *v, struct err *e)
{
    const char *base = getenv("TMPDIR");
    if (asprintf(&v->scratch, "%s/tiersim-verify-XXXXXX", base && *base ? base : "/tmp") < 0) {
        v->scratch = NULL;
        return ERR_SET(e, ERR_MEMORY, "no memory to verify %s", v->path);
    }
    if (!mkdtemp(v->scratch)) {
        int rc = ERR_SET(e, ERR_IO, "cannot make the folder %s: %s", v->scratch, strerror(errno));
        free(v->scratch);
        v->scratch = NULL;
        return rc;
    }
    return 0;
}

/* Run it into the scratch folder, and compare. */
static int run_again(struct verify *v, const struct policy_set *set, struct runner_progress *progress, struct err *e)
{
    struct runner_outcome ran;
    struct results_compared compared = {0};
    char again[4200];
    int rc = make_scratch(v, e);
    if (rc < 0) {
        return rc;
    }
    snprintf(again, sizeof again, "%s/again.h5", v->scratch);
    v->run.output = again;
    rc = experiment_run(&v->scenario, set, &v->run, progress, &ran, e);
    if (rc == 0 && ran.n_missing > v->out->n_item - v->out->n_run) {
        rc = ERR_SET(e, ERR_IO, "%s: stopped before all was run again", v->path);
    }
    if (rc == 0) {
        rc = results_compare(v->path, again, v->chosen, v->stored.n_policy, v->stored.n_replication, &compared, e);
    }
    if (compared.difference[0]) {
        differ(v, "%s", compared.difference);
    }
    v->out->n_number = compared.n_number;
    results_remove(again);
    rmdir(v->scratch);
    return rc;
}

static int verify(struct verify *v, const struct policy_set *set, struct runner_progress *progress, struct err *e)
{
    int rc = result_read(&v->stored, v->path, e);
    rc = rc ? rc : read_scenario(v, set, e);
    if (rc < 0) {
        return rc;
    }
    const struct experiment *x = &v->scenario.experiment;
    const char *program = provenance_find(&v->stored.provenance, "program");
    if (program && strcmp(program, provenance_program()) != 0) {
        snprintf(v->out->program, sizeof v->out->program, "%s", program);
    }
    v->run = RUN_OPTIONS_DEFAULT;
    v->run.quiet = true;
    v->run.threads = v->o->threads;
    v->run.tasks = v->stored.has_rows;
    v->run.has_tie_seed = v->stored.tie_seed != 0;
    v->run.tie_seed = v->stored.tie_seed;
    rc = check_traces(v, e);
    rc = rc ? rc : run_options_apply(&v->run, &v->scenario, e);
    rc = rc ? rc : pilot_find_warm_up(&v->scenario, set, &v->run, progress, e);
    rc = rc ? rc : check_run(v, e);
    rc = rc ? rc : choose(v, e);
    if (rc == 0 && (x->n_policy != v->stored.n_policy || x->replications != v->stored.n_replication)) {
        differ(v, "/scenario: stored with %u policies and %u replications, the file has %u and %u", x->n_policy,
               x->replications, v->stored.n_policy, v->stored.n_replication);
    }
    if (rc < 0 || v->out->difference[0]) {
        return rc;
    }
    const struct text_replay told = {v->stored.told, (size_t)v->stored.n_told, v->path};
    v->run.chosen = v->chosen;
    v->run.told = &told;
    v->out->n_replayed = told.n;
    rc = run_again(v, set, progress, e);
    if (rc == -ERR_AUDIT) { /* an answer is missing, or is another one */
        differ(v, "/recording: %s", e->text);
        rc = 0;
    }
    return rc;
}

int verify_file(const char *path, const struct policy_set *set, const struct verify_options *o,
                struct runner_progress *progress, struct verify_outcome *out, struct err *e)
{
    struct verify v = {.path = path, .o = o, .out = out};
    *out = (struct verify_outcome){0};
    int rc = verify(&v, set, progress, e);
    result_free(&v.stored);
    scenario_free(&v.scenario);
    free(v.chosen);
    free(v.folder);
    free(v.scratch);
    return rc;
}
