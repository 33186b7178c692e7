/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/results.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <tiersim/tiersim.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/io/durable.h"
#include "sim/io/file.h"
#include "sim/io/results_impl.h"

static void *take(size_t n, size_t size)
{
    return calloc(n ? n : 1, size);
}

void results_free(struct results *r)
{
    for (size_t c = 0; r->table && c < r->n_cell; c++) {
        results_drop_table(r, c);
    }
    h5_close(&r->whole);
    for (unsigned p = 0; p < N_PART; p++) {
        for (unsigned f = 0; r->stage[p] && f < layout_part[p].n_field; f++) {
            free(r->stage[p][f]);
        }
        free(r->stage[p]);
    }
    for (size_t c = 0; r->sketch && c < r->n_cell; c++) {
        sketch_pack_clear(&r->sketch[c]);
    }
    for (size_t c = 0; r->own && c < r->n_cell; c++) {
        tallies_clear(&r->own[c]);
    }
    free(r->own);
    free(r->sketch);
    free(r->status);
    free(r->text);
    free(r->wall_s);
    free(r->table);
    free(r->n_row);
    free(r->block);
    free(r->pool_first_member);
    free(r->link_first_member);
    free(r->pending.word);
    results_told_clear(&r->told);
    free(r->trace_digest);
    free(r->path);
    free(r);
}

static int default_path(const struct scenario *s, char **path, struct err *e)
{
    if (mkdir("results", 0777) < 0 && errno != EEXIST) {
        return ERR_SET(e, ERR_IO, "results: cannot make the folder: %s", strerror(errno));
    }
    return asprintf(path, "results/%s.h5", s->name) < 0 ? ERR_SET(e, ERR_MEMORY, "no memory") : 0;
}

static int allocate(struct results *r, struct err *e)
{
    r->status = take(r->n_cell, sizeof *r->status);
    r->text = take(r->n_cell, sizeof *r->text);
    r->wall_s = take(r->n_cell, sizeof *r->wall_s);
    r->sketch = take(r->n_cell, sizeof *r->sketch);
    r->own = take(r->n_cell, sizeof *r->own);
    r->table = take(r->n_cell, sizeof *r->table);
    r->n_row = take(r->n_cell, sizeof *r->n_row);
    if (!r->n_row || !r->status || !r->text || !r->wall_s || !r->sketch || !r->own || !r->table) {
        return ERR_SET(e, ERR_MEMORY, "no memory for the results of %zu replications", r->n_cell);
    }
    return 0;
}

static int digest_traces(const struct scenario *s, uint64_t **digest, struct err *e)
{
    int rc = 0;
    *digest = take(s->n_trace, sizeof **digest);
    if (!*digest) {
        return ERR_SET(e, ERR_MEMORY, "no memory");
    }
    for (uint32_t i = 0; rc == 0 && i < s->n_trace; i++) {
        rc = file_digest(s->trace[i].path, &(*digest)[i], e);
    }
    return rc;
}

/*
 * What is run, for parts_claim: the same text, the same results.  The experiment stands in it to the last bit, before the
 * text of the scenario.
 */
static char *run_text(const struct scenario *s, const struct results_options *o, const char *program,
                      const uint64_t *trace_digest)
{
    const struct experiment *x = &s->experiment;
    char *text = NULL;
    size_t n = 0;
    FILE *f = open_memstream(&text, &n);
    if (!f) {
        return NULL;
    }
    fprintf(f, "%s\nrows: %s\ntie seed: %" PRIu64 "\n", program, o->rows ? "yes" : "no", o->tie_seed);
    fprintf(f, "seed: %" PRIu64 "\nreplications: %" PRIu32 "\n", x->seed, x->replications);
    fprintf(f, "warm-up: %a\nduration: %a\njobs: %" PRIu64 "\ndrain: %a\n", x->warm_up_s, x->duration_s, x->jobs,
            x->drain_s);
    for (uint32_t i = 0; i < x->n_policy; i++) {
        const struct policy_spec *p = &x->policy[i];
        fprintf(f, "policy %s: %s edges=%d run_in=%" PRIx64, p->label, p->policy, (int)p->edges, p->run_in);
        fputs(p->frozen ? " frozen" : "", f);
        fputs(p->state == STATE_SITE ? " of each site" : p->state == STATE_DEVICE ? " of each device" : "", f);
        for (uint32_t k = 0; k < p->n_param; k++) {
            fprintf(f, " %s=%s", p->param[k].key, p->param[k].text);
        }
        fputc('\n', f);
    }
    for (uint32_t i = 0; i < s->n_trace; i++) {
        fprintf(f, "trace %s: digest %016" PRIx64 "\n", s->trace[i].written, trace_digest[i]);
    }
    fprintf(f, "%s\n", s->text ? s->text : "");
    bool failed = ferror(f) != 0;
    if (fclose(f) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

int results_run(const struct scenario *s, const struct results_options *o, const char *program, char run[RUN_DIGITS],
                struct err *e)
{
    uint64_t *digest = NULL;
    int rc = digest_traces(s, &digest, e);
    char *text = rc == 0 ? run_text(s, o, program, digest) : NULL;
    if (rc == 0 && !text) {
        rc = ERR_SET(e, ERR_MEMORY, "no memory");
    }
    if (rc == 0) {
        snprintf(run, RUN_DIGITS, "%016" PRIx64, digest_bytes(text, strlen(text)));
    }
    free(text);
    free(digest);
    return rc;
}

/* Is the run finished already?  Then the file at path is it, or it is no run that can be resumed. */
static int look_for_whole(struct results *r, struct err *e)
{
    char want[RUN_DIGITS], found[RUN_DIGITS];
    bool whole = false;
    if (access(r->path, F_OK) != 0) {
        return 0;
    }
    snprintf(want, sizeof want, "%016" PRIx64, r->parts.identity);
    int rc = result_identity(r->path, found, &whole, e);
    if (rc == 0 && strcmp(want, found) != 0) {
        rc = ERR_SET(e, ERR_INPUT,
                     "%s: cannot be resumed: it is of another scenario, experiment or version of the program; without "
                     "--resume it is begun anew",
                     r->path);
    }
    if (rc == 0 && whole) {
        r->finished = true;
        r->n_done = r->n_cell;
    }
    return rc;
}

static int claim(struct results *r, const struct results_options *o, struct err *e)
{
    bool kept = false;
    int rc = digest_traces(r->scenario, &r->trace_digest, e);
    if (rc < 0) {
        return rc;
    }
    char *run = run_text(r->scenario, o, provenance_program(), r->trace_digest);
    rc = run ? parts_claim(&r->parts, run, o->resume, &kept, e) : ERR_SET(e, ERR_MEMORY, "no memory for results");
    free(run);
    r->fresh = !kept;
    if (rc == 0 && kept) {
        rc = parts_each(&r->parts, results_unpack, r, e);
        r->index_old = r->n_done > 0;
    } else if (rc == 0 && o->resume) {
        rc = look_for_whole(r, e);
    }
    return rc;
}

int results_begin(struct results **out, const char *path, const struct scenario *s, const struct results_options *o,
                  struct err *e)
{
    static const struct results_options none = {0};
    *out = NULL;
    struct results *r = calloc(1, sizeof *r);
    if (!r) {
        return ERR_SET(e, ERR_MEMORY, "no memory");
    }
    const struct experiment *x = &s->experiment;
    o = o ? o : &none;
    r->whole = (struct h5){.file = -1, .e = e};
    r->parts.lock = -1;
    r->straight = SIZE_MAX;
    r->scenario = s;
    r->provenance = o->provenance;
    r->tie_seed = o->tie_seed;
    r->reference = o->reference;
    r->n_cell = (size_t)x->n_policy * x->replications;
    r->length[AXIS_POLICY] = x->n_policy;
    r->length[AXIS_REPLICATION] = x->replications;
    r->length[AXIS_CLASS] = s->n_workload;
    r->length[AXIS_SEGMENT] = N_SEGMENT;
    r->length[AXIS_POOL] = s->n_pool;
    r->length[AXIS_LINK] = s->n_link;
    r->length[AXIS_DIRECTION] = N_DIRECTION;
    r->length[AXIS_GROUP] = s->n_group;
    r->length[AXIS_TIER] = s->n_tier + 1;
    r->length[AXIS_QUANTILE] = N_QUANTILE;
    r->length[AXIS_TRACE] = s->n_trace;

    int rc = allocate(r, e);
    if (rc == 0) {
        rc = path ? ((r->path = strdup(path)) ? 0 : ERR_SET(e, ERR_MEMORY, "no memory")) : default_path(s, &r->path, e);
    }
    rc = rc ? rc : durable_target(r->path, "a result file", e);
    rc = rc ? rc : parts_open(&r->parts, r->path, e);
    if (rc == 0) {
        r->whole.path = r->path;
        r->whole_file = parts_file(&r->parts, "whole.tmp");
        rc = r->whole_file ? claim(r, o, e) : ERR_SET(e, ERR_MEMORY, "no memory");
    }
    if (rc < 0) {
        parts_close(&r->parts, r->fresh);
        results_free(r);
        return rc;
    }
    *out = r;
    return 0;
}

const char *results_path(const struct results *r)
{
    return r->path;
}

static size_t cell_of(const struct results *r, uint32_t policy, uint32_t replication)
{
    CHECK(policy < r->length[AXIS_POLICY] && replication < r->length[AXIS_REPLICATION]);
    return (size_t)policy * r->length[AXIS_REPLICATION] + replication;
}

const struct text_entry *results_told(const struct results *r, size_t *n)
{
    *n = r->told.n;
    return r->told.entry;
}

enum record_status results_kept(const struct results *r, uint32_t policy, uint32_t replication, const char **text)
{
    size_t cell = cell_of(r, policy, replication);
    *text = r->text[cell];
    return r->finished ? RECORD_OK : (enum record_status)r->status[cell];
}

int results_rows(struct results *r, uint32_t policy, uint32_t replication, const struct row_block *b, struct err *e)
{
    return results_append(r, cell_of(r, policy, replication), b, e);
}

int results_stage_part(struct results *r, unsigned part, struct err *e)
{
    const struct layout_part *p = &layout_part[part];
    size_t n = r->n_cell * layout_rows(p, r->length);
    double none = NAN;
    r->stage[part] = take(p->n_field, sizeof *r->stage[part]);
    for (unsigned f = 0; r->stage[part] && f < p->n_field; f++) {
        r->stage[part][f] = take(n, sizeof(uint64_t));
        for (size_t i = 0; r->stage[part][f] && !p->field[f].whole && i < n; i++) {
            memcpy(&r->stage[part][f][i], &none, sizeof none);
        }
        if (!r->stage[part][f]) {
            return ERR_SET(e, ERR_MEMORY, "no memory for the results of %zu replications", r->n_cell);
        }
    }
    return r->stage[part] ? 0 : ERR_SET(e, ERR_MEMORY, "no memory for results");
}

static int stage_own(struct results *r, const struct record *rec, size_t cell, struct err *e)
{
    for (uint32_t i = 0; i < rec->own.n; i++) {
        if (tallies_put(&r->own[cell], &rec->own.row[i]) < 0) {
            return ERR_SET(e, ERR_MEMORY, "no memory for what policies report of themselves");
        }
    }
    return 0;
}

static int stage_record(struct results *r, const struct record *rec, size_t cell, struct err *e)
{
    for (unsigned part = 0; part < N_PART; part++) {
        const struct layout_part *p = &layout_part[part];
        const char *row = p->rows(rec);
        size_t n = layout_rows(p, r->length);
        if (!row || n == 0) {
            continue;
        }
        int rc = r->stage[part] ? 0 : results_stage_part(r, part, e);
        if (rc < 0) {
            return rc;
        }
        for (size_t i = 0; i < n; i++, row += p->row_bytes) {
            for (unsigned f = 0; f < p->n_field; f++) {
                memcpy(&r->stage[part][f][cell * n + i], row + p->field[f].offset, sizeof(uint64_t));
            }
        }
    }
    return 0;
}

/* Which members are kept is the same in all records; the first one says it. */
static int stage_members(struct results *r, const struct record *rec, struct err *e)
{
    if (r->pool_first_member || !rec->pool_first_member || !rec->link_first_member) {
        return 0;
    }
    r->length[AXIS_PLACE] = rec->n_place_member;
    r->length[AXIS_CHANNEL] = rec->n_channel_member;
    r->pool_first_member = take(rec->n_pool, sizeof(uint32_t));
    r->link_first_member = take(rec->n_link, sizeof(uint32_t));
    if (!r->pool_first_member || !r->link_first_member) {
        return ERR_SET(e, ERR_MEMORY, "no memory for results");
    }
    memcpy(r->pool_first_member, rec->pool_first_member, rec->n_pool * sizeof(uint32_t));
    memcpy(r->link_first_member, rec->link_first_member, rec->n_link * sizeof(uint32_t));
    return 0;
}

int results_record(struct results *r, const struct record *rec, struct err *e)
{
    size_t cell = cell_of(r, rec->policy, rec->replication);
    CHECK(r->status[cell] == RECORD_EMPTY);
    int rc = results_close_table(r, cell, e);
    rc = rc ? rc : stage_members(r, rec, e);
    rc = rc ? rc : stage_record(r, rec, cell, e);
    rc = rc ? rc : stage_own(r, rec, cell, e);
    rc = rc == 0 && rec->latency ? sketch_pack_record(&r->sketch[cell], rec, e) : rc;
    if (rc < 0) {
        return rc;
    }
    r->status[cell] = (uint8_t)rec->status;
    memcpy(r->text[cell], rec->text, TEXT_MAX);
    r->text[cell][TEXT_MAX - 1] = 0;
    r->wall_s[cell] = rec->wall_s;
    r->n_done++;
    for (size_t i = 0; rc == 0 && i < rec->n_told; i++) {
        rc = results_told_add(&r->told, rec->told[i], e);
    }
    r->taking = rec;
    rc = rc || r->straight == cell ? rc : results_pack(r, cell, e);
    r->taking = NULL;
    return rc;
}
